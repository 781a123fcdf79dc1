package pages

import (
	"net/url"
	"strconv"
	"strings"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// inlineView is an inline as inline.html draws it.
type inlineView struct {
	N, Table, Label, Count string
	URL                    string // of its rows as a list
	Heads                  []inlineHead
	Rows                   []rowOfInline
	Wide                   bool
	None, Fault, Said      string
	Add                    string // the button's text, "" where nothing may be added
	Turns                  []turnView
}

type inlineHead struct {
	Label, Class, Help string
	Required           bool
}

// rowOfInline is a row of it. ListName and DropName are hidden inputs that say which rows a form has, and which of them are to go.
type rowOfInline struct {
	ID, Prefix, Class, Title, URL, Note string
	Cells                               []inputView
	ListName, DropName                  string
	// MayDrop is a stored row's box to tick, Forget the button of one that is not stored.
	MayDrop, Dropped, Forget bool
	DropLabel                string
}

type turnView struct {
	Label, To string
	Off       bool
}

// drawInlines draws the inlines, and lists their faults after those of the form's own fields.
func (s *formState) drawInlines(v *formView, l *lang.Language) {
	for i := range s.inlines {
		il := &s.inlines[i]
		drawn := il.view(s.add, l)
		v.Inlines = append(v.Inlines, drawn)
		v.Contested = true
		for n, row := range drawn.Rows {
			for _, cell := range row.Cells {
				if cell.Error != "" {
					v.Faults = append(v.Faults, faultView{cell.ID, drawn.Label + ", " + strconv.Itoa(n+1) + ": " + cell.Label, cell.Error})
				}
			}
			if row.Note != "" && len(il.rows[n].whole) > 0 {
				v.Faults = append(v.Faults, faultView{Text: drawn.Label + ", " + strconv.Itoa(n+1) + ": " + row.Note})
			}
		}
	}
}

func (il *inline) view(add bool, l *lang.Language) inlineView {
	c := il.class
	v := inlineView{
		N: strconv.Itoa(c.n), Table: c.of.table().Name, Label: l.T(c.label()), Count: countText(l, il.count), Fault: l.Late(il.fault), Wide: len(il.columns) > 6,
		None: l.T("No %s yet.", l.Inside(l.T(c.label()))),
	}
	if il.mayAdd {
		v.Add = l.T("Add %s", c.of.one(l))
	}
	if !add && len(c.ref.Columns) == 1 && len(il.mine.Values) == 1 {
		v.URL = c.of.url() + "?" + url.Values{wordFilter + c.ref.Columns[0]: il.mine.Values}.Encode()
	}
	for _, column := range il.columns {
		f := field{column: column, fixed: column.Generated}
		v.Heads = append(v.Heads, inlineHead{Label: l.T(column.Label), Class: inlineWidth(column), Help: l.T(c.of.help(column)), Required: f.required() && il.mayAdd})
	}
	for i := range il.rows {
		v.Rows = append(v.Rows, il.drawLine(&il.rows[i], l))
	}
	if il.next != "" || il.prev != "" || il.place != (turned{}) {
		at := v.N + "."
		v.Turns = []turnView{
			{l.T("First"), at, il.prev == ""},
			{l.T("Previous"), at + wordBefore + "." + il.prev, il.prev == ""},
			{l.T("Next"), at + wordAfter + "." + il.next, il.next == ""},
			{l.T("Last"), at + wordLast, il.next == ""},
		}
		v.Said = l.T("%d at a time, %s in all", c.PerPage, countText(l, il.count))
		if il.count.Unknown {
			v.Said = l.T("%d at a time", c.PerPage)
		}
	}
	if add {
		v.Count = ""
	}
	return v
}

// inlineWidth is the class of a column's width: inputs of short values are no wider than they need.
func inlineWidth(c *widgets.Column) string {
	switch {
	case c.Ref != nil:
		return ""
	case c.Kind.Numeric(), c.Kind == widgets.KindBool, c.Kind == widgets.KindDate, c.Kind == widgets.KindTime, len(c.Choices) > 0:
		return "gr-w-m"
	case c.Kind == widgets.KindDateTime:
		return "gr-w-l"
	}
	return ""
}

func (il *inline) drawLine(row *line, l *lang.Language) rowOfInline {
	of := il.class.of
	prefix := il.prefix(row.id)
	v := rowOfInline{
		ID: row.id, Prefix: prefix, Title: row.name, ListName: strings.TrimSuffix(il.prefix(""), ".."), DropName: prefixDrop + prefix,
		MayDrop: row.mayDrop && !row.gone, Dropped: row.drop, Forget: row.key == nil || row.gone, DropLabel: l.T("Remove %s", firstOf(row.name, l.T("this new row"))),
	}
	notes := row.whole
	switch {
	case row.gone:
		notes = append([]string{"Somebody else deleted this."}, notes...)
		v.Class = "gr-lines-kept"
	case row.drop:
		v.Class = "gr-lines-off"
	case row.key == nil:
		v.Class = "gr-lines-new"
	case row.elsewhere:
		v.Class = "gr-lines-kept"
	}
	v.Note = strings.Join(late(l, notes), " ")
	if row.key != nil && !row.gone {
		v.URL = of.changeURL(row.key)
	}
	for i := range row.fields {
		cell := row.fields[i].view(of, row.key == nil)
		cell.Help = "" // it is the heading's tooltip
		v.Cells = append(v.Cells, cell.finish().in(l))
	}
	return v
}

// relatedView leads to rows of another table that refer to this one.
type relatedView struct{ Label, URL, Count string }

// reference is a foreign key of one column, of another model to this one.
type reference struct {
	of     *Model
	column *widgets.Column
	to     string
}
