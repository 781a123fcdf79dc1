package pages

import (
	"slices"

	"greenroom/widgets"
)

// mostOrders is by how many columns a list may be sorted.
const mostOrders = 4

// orderOf is the order that an address shows: the one asked for, else the list's own.
func (g *grid) orderOf(at address) []widgets.Order {
	if at.order != nil {
		return at.order
	}
	return g.defaultOrder()
}

func arrow(o widgets.Order) string {
	if o.Desc {
		return "↓"
	}
	return "↑"
}

// sortView is the menu in which a list is sorted by several columns; a phone, which has no headings, sorts by it too.
type sortView struct {
	By []sortLine
	// Then are the columns that could come next, Reset leads back to the list's own order.
	Then  []sortLine
	Reset linkView
}

// sortLine is a column of the menu: Turn sorts the other way round, Off no longer, Add by it too.
type sortLine struct {
	Column, Label, Arrow, Title string
	Turn, Off, Add              linkView
}

func (g *grid) sortView(path string, at address) sortView {
	order := g.orderOf(at)
	to := func(next []widgets.Order) linkView {
		place := at.firstPage()
		if place.order = next; slices.Equal(next, g.defaultOrder()) {
			place.order = nil
		}
		return g.link(path, place)
	}
	var v sortView
	for n, o := range order {
		c := g.table().Column(o.Column)
		if c == nil || !g.orderable(o.Column) {
			continue
		}
		turned, without := slices.Clone(order), slices.Delete(slices.Clone(order), n, n+1)
		turned[n].Desc = !o.Desc
		line := sortLine{Column: o.Column, Label: g.l.T(c.Label), Arrow: arrow(o), Title: g.l.T("ascending"), Turn: to(turned)}
		if o.Desc {
			line.Title = g.l.T("descending")
		}
		if len(without) > 0 {
			line.Off = to(without)
		}
		v.By = append(v.By, line)
	}
	for _, c := range g.choosable {
		if len(order) >= mostOrders || !g.sortable(c.Name) || slices.ContainsFunc(order, func(o widgets.Order) bool { return o.Column == c.Name }) {
			continue
		}
		v.Then = append(v.Then, sortLine{Column: c.Name, Label: g.l.T(c.Label), Add: to(append(slices.Clone(order), widgets.Order{Column: c.Name}))})
	}
	if at.order != nil {
		v.Reset = to(nil)
	}
	return v
}
