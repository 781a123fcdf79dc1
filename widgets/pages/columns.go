package pages

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"greenroom/widgets"
)

// The heights of rows, as an address says them.
const (
	rowsCompact = "compact"
	rowsRoomy   = "comfortable"
)

// maxColumns bounds what an address or a form may ask to be shown.
const maxColumns = 200

// parseLook reads which columns an address shows and how high its rows are.
func (g *grid) parseLook(a *address, values url.Values) (faults []string) {
	var unknown []string
	for _, word := range values[wordCols] {
		names := []string{word}
		if g.choice(word) == nil {
			names = strings.Split(word, ",")
		}
		for _, name := range names {
			switch {
			case name == "" || slices.Contains(a.cols, name) || len(a.cols) >= maxColumns:
			case g.choice(name) == nil:
				unknown = append(unknown, name)
			default:
				a.cols = append(a.cols, name)
			}
		}
	}
	if len(unknown) > 0 {
		faults = append(faults, "This list has no column “"+cut(unknown[0], 40)+"”.")
	}
	if rows := values.Get(wordRows); rows == rowsCompact || rows == rowsRoomy {
		a.rows = rows
	}
	if view := values.Get(wordView); len(view) <= 64 {
		a.view = view
	}
	return faults
}

// choice finds a column that may be shown, nil if there is none of that name, or it is hidden.
func (g *grid) choice(name string) *widgets.Column {
	at := slices.IndexFunc(g.choosable, func(c *widgets.Column) bool { return c.Name == name })
	if at < 0 {
		return nil
	}
	return g.choosable[at]
}

// dress puts on the columns that the address asks for, else those that the person chose, else the list's own.
func (g *grid) dress(at address, look widgets.Look) {
	names := at.cols
	if names == nil {
		names = look.Columns
	}
	var columns []*widgets.Column
	for _, name := range names {
		if c := g.choice(name); c != nil {
			columns = append(columns, c)
		}
	}
	if g.columns = columns; columns == nil {
		g.columns = g.own
	}
}

func roomy(at address, look widgets.Look) bool {
	return at.rows == rowsRoomy || at.rows == "" && look.Roomy
}

// remembered is what the person chose earlier. A list without it is better than none: what cannot be read is logged.
func (m *Model) remembered(ctx context.Context, u *widgets.User) (look widgets.Look, views []widgets.SavedView) {
	if m.site.Memory == nil || u == nil {
		return look, nil
	}
	look, err := m.site.Memory.Look(ctx, u.ID, m.table().ID())
	if err == nil {
		views, err = m.site.Memory.Views(ctx, u.ID, m.table().ID())
	}
	if err != nil && ctx.Err() == nil {
		m.site.incident("memory of the list not read", m, err)
	}
	return look, views
}

// columnsView is the menu of columns and row height. Those shown come first, in their order.
type columnsView struct {
	Columns []columnLine
	Roomy   bool
	// Chosen says that something other than the list's own is shown, so that a button leads back.
	Chosen bool
}

type columnLine struct {
	Name, Label string
	Shown       bool
}

func (g *grid) columnsView(s *listState) columnsView {
	v := columnsView{Roomy: roomy(s.at, s.look), Chosen: !slices.Equal(g.columns, g.own)}
	for _, c := range g.columns {
		v.Columns = append(v.Columns, columnLine{c.Name, g.l.T(c.Label), true})
	}
	for _, c := range g.choosable {
		if !slices.Contains(g.columns, c) {
			v.Columns = append(v.Columns, columnLine{c.Name, g.l.T(c.Label), false})
		}
	}
	return v
}

// chooseColumns is the menu's form. The choice is kept for the person; where nothing can be kept, the address has it.
func (m *Model) chooseColumns(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	g, err := m.see(ctx, e.In)
	if err != nil {
		return nil, err
	}
	asked := url.Values{}
	if e.Payload.Get("reset") == "" {
		asked = url.Values{wordCols: e.Payload[wordCols], wordRows: e.Payload[wordRows]}
		if len(e.Payload[wordCols]) == 0 {
			return nil, widgets.UserError("A list shows at least one column.")
		}
	}
	var a address
	if faults := g.parseLook(&a, asked); len(faults) > 0 {
		return nil, widgets.UserError(faults[0])
	}
	g.dress(a, widgets.Look{})
	if slices.Equal(g.columns, g.own) {
		a.cols = nil
	}
	next := *s
	next.look = widgets.Look{Columns: a.cols, Roomy: a.rows == rowsRoomy}
	at := s.at
	if at.cols, at.rows = nil, ""; m.site.Memory == nil {
		at.cols, at.rows = a.cols, a.rows
	} else if err := m.site.Memory.KeepLook(ctx, e.In.User.ID, m.table().ID(), next.look); err != nil {
		return nil, err
	}
	return m.move(ctx, &next, e.In, e, at.values())
}
