package pages

import (
	"context"
	"slices"
	"time"

	"greenroom/widgets"
)

// facets are the values of the filter that was opened last, most frequent first, with the number of rows that have them.
type facets struct {
	column string
	list   []widgets.Facet
	names  map[string]named
	// failed says why there are none.
	failed string
}

// mostFacets is how many values of a column are offered; others are found by typing them or by the search.
const mostFacets = 20

// facetBudget is how long counting a column's values may take.
const facetBudget = 4 * time.Second

// openFilter counts the values of a column among the rows that the rest of the search matches. It is done when a person opens the filter and not
// before: it may read the whole table.
func (m *Model) openFilter(ctx context.Context, s *listState, e widgets.Event[widgets.Form]) (*listState, error) {
	g, err := m.see(ctx, e.In)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(g.filters, func(c *widgets.Column) bool { return c.Name == e.Payload.Get("column") })
	if at < 0 {
		return nil, widgets.ErrBadPayload
	}
	c := g.filters[at]
	next := *s
	next.facets = facets{column: c.Name}
	if !ranged(c) && g.ownOf(c) == nil {
		// Without the column's own filter: what is chosen must not hide what else could be.
		q := g.query(s.at.with(choice{column: c}))
		q.Order, q.Select, q.Limit = nil, nil, 0
		list, err := beside(ctx, func(ctx context.Context) ([]widgets.Facet, error) { return g.Source.Facets(ctx, q, c.Name, mostFacets) })(facetBudget)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			next.facets.failed = "The values could not be counted in time."
		default:
			next.facets.list = list
			next.facets.names, _ = g.refNames(ctx, e.In.User, c, facetValues(list)) // without names the keys are shown
		}
	}
	next.draw(ctx, e.In, g)
	return &next, nil
}

func facetValues(list []widgets.Facet) []string {
	var values []string
	for _, f := range list {
		if !f.Value.IsNull() {
			values = append(values, f.Value.String())
		}
	}
	return values
}

// filterView is one filter's menu.
type filterView struct {
	Column, Label string
	Options       []optionView
	Note          string
	// Form is a field to type in: a range, or one value. Keep is the rest of the address.
	Range, Exact         bool
	From, To, Type, Mode string
	Keep                 []hidden
}

type optionView struct {
	Key, Label, Count, Current string
	Link                       linkView
}

func (g *grid) filterView(path string, s *listState, c *widgets.Column) filterView {
	chosen := s.at.of(c)
	l := g.l
	v := filterView{Column: c.Name, Label: l.T(c.Label)}
	option := func(key, label, count string, on bool, to choice) {
		current := "false"
		if on {
			current = "true"
		}
		v.Options = append(v.Options, optionView{key, label, count, current, g.link(path, s.at.with(to))})
	}
	if !chosen.empty() {
		option("-", l.T("All"), "", false, choice{column: c})
	}
	counts := map[string]string{}
	if s.facets.column == c.Name {
		v.Note = l.T(s.facets.failed)
		for _, f := range s.facets.list {
			if f.N >= 0 { // less means that the value is there, and that counting it took too long
				counts[facetKey(c, f.Value)] = l.Number(f.N)
			}
		}
	}
	for _, value := range g.offeredValues(s, c, chosen) {
		label := valueLabel(l, c, value, firstOf(s.facets.nameOf(c, value), g.labelOfChoice(s, c, value)))
		option("="+value, label, counts["="+value], slices.Contains(chosen.values, value), chosen.toggled(value))
	}
	if c.Nullable {
		option("null", l.T("Empty"), counts["null"], chosen.null, choice{column: c, values: chosen.values, null: !chosen.null})
		if ranged(c) || filterKind(c) == byRef {
			option("filled", l.T("Not empty"), "", chosen.filled, choice{column: c, filled: !chosen.filled})
		}
	}
	switch filterKind(c) {
	case byDate, byNumber:
		v.Range, v.From, v.To, v.Type, v.Mode = true, chosen.from, chosen.to, "text", "decimal"
		if filterKind(c) == byDate {
			v.Mode = "text"
			if len(chosen.from)%10 == 0 && len(chosen.to)%10 == 0 {
				v.Type = "date"
			}
		}
	case byText, byRef:
		v.Exact = true
	}
	if v.Range || v.Exact {
		v.Keep = keep(s.at.with(choice{column: c}))
	}
	return v
}

// offeredValues are the values that a filter lists: all that are allowed, or the most frequent ones once they were counted, and what is chosen.
func (g *grid) offeredValues(s *listState, c *widgets.Column, chosen choice) []string {
	var values []string
	switch filterKind(c) {
	case byTruth:
		return []string{"true", "false"}
	case byChoice:
		values = slices.Clone(c.Choices)
	case byText, byRef:
		if s.facets.column == c.Name {
			values = facetValues(s.facets.list)
		}
	}
	for _, v := range chosen.values {
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

func (f facets) nameOf(c *widgets.Column, value string) string {
	if f.column != c.Name {
		return ""
	}
	return f.names[value].Text
}

// labelOfChoice finds the name of a foreign key's value among the rows that are shown anyway.
func (g *grid) labelOfChoice(s *listState, c *widgets.Column, value string) string {
	if own := g.ownOf(c); own != nil {
		return own.label(value)
	}
	return s.names[c.Name][value].Text
}

// facetKey is what an option and its count are matched by.
func facetKey(c *widgets.Column, v widgets.Value) string {
	if v.IsNull() {
		return "null"
	}
	if c.Kind == widgets.KindBool {
		if yes, ok := truth(v.String()); ok {
			return map[bool]string{true: "=true", false: "=false"}[yes]
		}
	}
	return "=" + v.String()
}

// toggled is the filter with a value added or taken away. Yes and no exclude each other.
func (c choice) toggled(value string) choice {
	next := choice{column: c.column, null: c.null}
	on := slices.Contains(c.values, value)
	switch {
	case filterKind(c.column) == byTruth && !on:
		next.values = []string{value}
	case on:
		next.values = slices.DeleteFunc(slices.Clone(c.values), func(v string) bool { return v == value })
	default:
		next.values = append(slices.Clone(c.values), value)
	}
	return next
}
