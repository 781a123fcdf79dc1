package pages

import (
	"slices"

	"greenroom/widgets"
)

// OwnFilter is a filter of a list that is no column's: a choice of conditions, such as "Overdue" or "From the EU".
type OwnFilter struct {
	// Name stands for it in addresses; no column may have it. Label is what people read. Empty means made from Name.
	Name, Label string
	// Options are chosen from. Several at once are joined by or.
	Options []FilterOption
}

// FilterOption is a choice of an OwnFilter.
type FilterOption struct {
	// Value stands for it in addresses, Label is what people read. Empty means made from Value.
	Value, Label string
	// Where is the condition. It is asked each time the list is read, so that it may depend on the clock. Who may not see one of its columns is not offered
	// the filter.
	Where func() widgets.Filter
}

// ownFilter is an OwnFilter as it is served: column stands for it wherever filters are drawn.
type ownFilter struct {
	OwnFilter
	column *widgets.Column
	of     []string // the columns that its conditions look at
}

// ownFilters checks a model's own filters.
func (p *preparation) ownFilters(m *Model) {
	t := m.table()
	m.own = map[string]*ownFilter{}
	for _, f := range m.List.Own {
		place := t.ID() + ": List.Own"
		switch {
		case f.Name == "" || unfit.MatchString(f.Name):
			p.fault("%s: a filter is named %q; use letters, digits, '-' and '_'", place, f.Name)
			continue
		case t.Column(f.Name) != nil || m.own[f.Name] != nil:
			p.fault("%s: %q is the name of a column or filter already", place, f.Name)
			continue
		case len(f.Options) == 0:
			p.fault("%s: %q has no Options; there is nothing to choose", place, f.Name)
			continue
		}
		f.Label = firstOf(f.Label, words(f.Name))
		f.Options = slices.Clone(f.Options)
		made := &ownFilter{OwnFilter: f, column: &widgets.Column{Name: f.Name, Label: f.Label}}
		for n, o := range f.Options {
			if o.Value == "" || o.Where == nil || slices.Contains(made.column.Choices, o.Value) {
				p.fault("%s: %q: option %d needs a Value of its own and a Where", place, f.Name, n+1)
				continue
			}
			f.Options[n].Label = firstOf(o.Label, words(o.Value))
			made.column.Choices = append(made.column.Choices, o.Value)
			for _, name := range columnsIn(o.Where()) {
				if p.column(m, "List.Own "+f.Name, name) != nil && !slices.Contains(made.of, name) {
					made.of = append(made.of, name)
				}
			}
		}
		m.own[f.Name] = made
		m.filters = append(slices.Clone(m.filters), made.column)
	}
}

// columnsIn are the columns that a filter looks at.
func columnsIn(f widgets.Filter) []string {
	var names []string
	if f.Column != "" {
		names = append(names, f.Column)
	}
	for _, inner := range slices.Concat(f.All, f.Any) {
		names = append(names, columnsIn(inner)...)
	}
	return names
}

// ownOf is the filter that a column stands for, nil for one of the table.
func (m *Model) ownOf(c *widgets.Column) *ownFilter {
	if own := m.own[c.Name]; own != nil && own.column == c {
		return own
	}
	return nil
}

// label is what an option is called, "" for none of them.
func (f *ownFilter) label(value string) string {
	for _, o := range f.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return ""
}

// filter is the condition of the options chosen.
func (f *ownFilter) filter(values []string) widgets.Filter {
	var any []widgets.Filter
	for _, o := range f.Options {
		if slices.Contains(values, o.Value) {
			any = append(any, o.Where())
		}
	}
	switch len(any) {
	case 0:
		return widgets.Filter{}
	case 1:
		return any[0]
	}
	return widgets.Filter{Any: any}
}
