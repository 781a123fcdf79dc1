package pages

import (
	"context"
	"reflect"
	"slices"

	"greenroom/widgets"
)

// filterBy is how a column is offered as a filter.
type filterBy uint8

const (
	byText   filterBy = iota // the most frequent values
	byChoice                 // the values allowed
	byTruth                  // yes or no
	byRef                    // the most frequent rows that it points to, by name
	byDate                   // a range
	byNumber                 // a range
)

func filterKind(c *widgets.Column) filterBy {
	switch {
	case c.Ref != nil && len(c.Ref.To) == 1:
		return byRef
	case c.Kind == widgets.KindBool:
		return byTruth
	case len(c.Choices) > 0:
		return byChoice
	case c.Kind == widgets.KindDate, c.Kind == widgets.KindDateTime:
		return byDate
	case c.Kind.Numeric():
		return byNumber
	}
	return byText
}

// ranged tells whether a column's filter may be a range.
func ranged(c *widgets.Column) bool {
	by := filterKind(c)
	return by == byDate || by == byNumber
}

// see asks what the user may see of the model: again at each load, so that a right that was taken away is gone from open pages too.
func (m *Model) see(ctx context.Context, in widgets.In) (*grid, error) {
	d := m.may(ctx, in.User, widgets.View, nil)
	if !d.Allow {
		return nil, widgets.ErrDenied
	}
	g := &grid{Model: m, scope: both(in.Scope, d.Rows), hide: union(in.Hide, d.Hide), l: in.Language}
	if m.SoftDelete != "" && in.Key == nil {
		if g.trash = rawQuery(in.Raw).Get(wordTrash) == "1"; g.trash {
			remove := m.may(ctx, in.User, widgets.Delete, nil)
			if !remove.Allow {
				return nil, widgets.ErrDenied
			}
			g.scope = both(g.scope, remove.Rows).And(m.binned())
		} else {
			g.scope = g.scope.And(m.live())
		}
	}
	g.own, g.choosable = g.visible(m.columns), g.visible(m.choosable)
	if c := m.table().Column(m.SoftDelete); g.trash && !slices.Contains(g.own, c) && !slices.Contains(g.hide, c.Name) {
		g.own = append(slices.Clone(g.own), c) // since when
	}
	g.columns = g.own
	g.filters = g.visible(m.filters)
	return g, nil
}

func (g *grid) visible(columns []*widgets.Column) []*widgets.Column {
	if len(g.hide) == 0 {
		return columns
	}
	return slices.DeleteFunc(slices.Clone(columns), func(c *widgets.Column) bool {
		if own := g.ownOf(c); own != nil {
			return slices.ContainsFunc(own.of, func(name string) bool { return slices.Contains(g.hide, name) })
		}
		return g.hiddenBy(c, g.hide)
	})
}

// filterable are the columns that an address may filter by: those offered, that of List.DateBy, and foreign keys, since other pages link to "the orders of
// this customer".
func (g *grid) filterable() []*widgets.Column {
	columns := slices.Clone(g.filters)
	for _, c := range g.visible(everyColumn(g.table())) {
		if (filterKind(c) == byRef || c.Name == g.List.DateBy) && !slices.ContainsFunc(columns, func(o *widgets.Column) bool { return o.Name == c.Name }) {
			columns = append(columns, c)
		}
	}
	return columns
}

// sortable tells whether the list may be sorted by a column: it could be shown, and has an order that means something.
func (g *grid) sortable(name string) bool {
	return slices.ContainsFunc(g.choosable, func(c *widgets.Column) bool {
		return c.Name == name && g.computedOf(c) == nil && c.Kind != widgets.KindBytes && c.Kind != widgets.KindJSON && c.Kind != widgets.KindLongText
	})
}

// defaultOrder is the list's own order, without hidden columns: an order tells about values.
func (g *grid) defaultOrder() []widgets.Order {
	if len(g.hide) == 0 {
		return g.order
	}
	return slices.DeleteFunc(slices.Clone(g.order), func(o widgets.Order) bool { return slices.Contains(g.hide, o.Column) })
}

// searched are the columns to search in; nil leaves them to the source, an empty slice means that there are none.
func (g *grid) searched() []string {
	columns := g.List.Search
	if columns == nil {
		if len(g.hide) == 0 {
			return nil
		}
		columns = g.textColumns()
	}
	return slices.DeleteFunc(slices.Clone(columns), func(name string) bool { return slices.Contains(g.hide, name) })
}

func (g *grid) textColumns() []string {
	columns := []string{}
	for _, c := range g.visible(everyColumn(g.table())) {
		switch c.Kind {
		case widgets.KindText, widgets.KindLongText, widgets.KindEnum:
			columns = append(columns, c.Name)
		}
	}
	return columns
}

// selected are the columns to read: those shown, and those that computed ones are made of. The key comes with each row.
func (g *grid) selected() []string {
	if len(g.computed) == 0 {
		return columnsOf(g.columns)
	}
	var names []string
	for _, c := range g.columns {
		if own := g.computedOf(c); own != nil {
			names = union(names, own.Of)
		} else {
			names = union(names, []string{c.Name})
		}
	}
	return names
}

func columnsOf(columns []*widgets.Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

// both joins two filters of which one may repeat the other.
func both(f, g widgets.Filter) widgets.Filter {
	if reflect.DeepEqual(f, g) {
		return f
	}
	return f.And(g)
}

func union(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	out := slices.Clone(a)
	for _, name := range b {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
