package pages

import (
	"fmt"
	"html/template"

	"greenroom/widgets"
)

// cell is a value as the list draws it. Exactly one of Pill, HTML, Time and plain text is drawn, inside a link where Href says so.
type cell struct {
	Column, Label, Class string
	Text, Title          string
	Pill                 string // the pill's class
	Href, Link           string // Link is the link's class
	HTML                 template.HTML
	Raw, Time            bool
	// Edit says that the cell can be edited in place, Editing that it is. Focus is "1" for the cell that the keyboard is to be in.
	Edit, Editing bool
	Focus         string
}

var pillClass = map[string]string{"ok": "gr-pill gr-ok", "warn": "gr-pill gr-warn", "danger": "gr-pill gr-danger", "info": "gr-pill gr-info"}

func pill(level string) string { return firstOf(pillClass[level], "gr-pill gr-mute") }

// cellClass is how a column's cells and its heading are set.
func cellClass(c *widgets.Column) string {
	switch {
	case c.Ref != nil:
		return ""
	case c.Kind.Numeric():
		return "gr-num"
	case c.Kind == widgets.KindUUID || c.Kind == widgets.KindJSON:
		return "gr-mono"
	case c.Kind == widgets.KindDate || c.Kind == widgets.KindDateTime || c.Kind == widgets.KindTime:
		return "gr-muted"
	}
	return ""
}

// headClass adds the column's width, where its values have a usual one.
func headClass(c *widgets.Column) string {
	class := cellClass(c)
	if class != "" {
		class += " "
	}
	switch {
	case c.Ref != nil, c.Kind == widgets.KindJSON:
	case c.Kind == widgets.KindBool, c.Kind == widgets.KindInteger && c.KeyPart > 0:
		return class + "gr-w-s"
	case c.Kind.Numeric(), c.Kind == widgets.KindDate, c.Kind == widgets.KindTime, len(c.Choices) > 0:
		return class + "gr-w-m"
	case c.Kind == widgets.KindDateTime:
		return class + "gr-w-l"
	}
	return cellClass(c)
}

// draw makes the cell of a value; names are those of the rows that the column points to.
func (g *grid) draw(c *widgets.Column, v widgets.Value, names map[string]named) cell {
	out := cell{Column: c.Name, Label: g.l.T(c.Label), Class: cellClass(c)}
	if own := g.List.Cells[c.Name]; own != nil {
		switch drawn := own(v).(type) {
		case Pill:
			out.Pill, out.Text = pill(drawn.Level), drawn.Text
		case template.HTML:
			out.Raw, out.HTML = true, drawn
		case string:
			out.Text = drawn
		default:
			out.Text = fmt.Sprint(drawn)
		}
		return out
	}
	if _, name, ok := refOf(v); ok && g.file(c.Name) != nil {
		out.Text, out.Title = cut(name, 120), name
		return out
	}
	switch {
	case v.IsNull():
		out.Text, out.Class = firstOf(g.Empty, none), "gr-muted"
	case v.IsBlob() || c.Kind == widgets.KindBytes:
		out.Text, out.Class = g.l.T("binary"), "gr-muted" // a list may hold the first bytes only: no size is told
	case c.Ref != nil:
		out.Text = oneLine(v.String())
		if n, ok := names[v.String()]; ok {
			out.Text, out.Href, out.Title = n.Text, n.URL, v.String()
		}
	case c.Kind == widgets.KindBool:
		yes, ok := truth(v.String())
		if !ok {
			out.Text = oneLine(v.String())
			break
		}
		out.Text, out.Pill = yesNo(g.l, yes), pill("mute")
		if yes {
			out.Pill = pill("ok")
		}
	case c.Kind == widgets.KindDateTime:
		out.Text, out.Time = minutes(g.l, v.String()), true
		if out.Text != v.String() {
			out.Title = v.String()
		}
	case c.Kind == widgets.KindDate:
		out.Text, out.Time = day(g.l, v.String()), true
	case len(c.Choices) > 0:
		out.Text, out.Pill = oneLine(v.String()), pill("mute")
	default:
		full := oneLine(v.String())
		if out.Text = cut(full, 120); out.Text != full {
			out.Title = cut(full, 500)
		}
	}
	return out
}
