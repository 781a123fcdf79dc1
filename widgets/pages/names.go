package pages

import (
	"context"
	"slices"
	"strings"

	"greenroom/widgets"
)

// named is what a row is called and where it is changed; URL is "" where it cannot be.
type named struct{ Text, URL string }

// refModel is the model that a column points to, with what the user may see of it; nil when it is not shown or not allowed.
func (m *Model) refModel(ctx context.Context, u *widgets.User, c *widgets.Column) (*Model, widgets.Decision) {
	if c.Ref == nil || len(c.Ref.To) != 1 {
		return nil, widgets.Decision{}
	}
	other := m.site.Model(c.Ref.App, c.Ref.Table)
	if other == nil {
		return nil, widgets.Decision{}
	}
	d := other.may(ctx, u, widgets.View, nil)
	if !d.Allow || slices.Contains(d.Hide, c.Ref.To[0]) {
		return nil, widgets.Decision{}
	}
	return other, d
}

// refNames finds what the rows are called that values of a foreign key point to. One query, whatever the number of values; rows that the user may not
// see are missing.
func (m *Model) refNames(ctx context.Context, u *widgets.User, c *widgets.Column, values []string) (map[string]named, error) {
	other, d := m.refModel(ctx, u, c)
	if other == nil || len(values) == 0 {
		return nil, nil
	}
	slices.Sort(values)
	values = slices.Compact(values)
	to := c.Ref.To
	if d.Rows.Empty() && other.title == nil && !hidesAny(d.Hide, other.table().TitleColumns) {
		keys := make([]widgets.Key, len(values))
		for i, v := range values {
			keys[i] = widgets.Key{v}
		}
		texts, err := other.Source.Names(ctx, to, keys)
		if err != nil {
			return nil, err
		}
		found := make(map[string]named, len(texts))
		for i, v := range values {
			if text, ok := texts[keys[i].String()]; ok {
				n := named{Text: text}
				if slices.Equal(to, other.table().Key) {
					n.URL = other.changeURL(keys[i])
				}
				found[v] = n
			}
		}
		return found, nil
	}
	rows, err := other.Source.List(ctx, widgets.Query{
		Filter: widgets.Where(to[0], widgets.OpIn, values...).And(d.Rows), Limit: len(values), Select: other.titleSelect(d.Hide, to...),
	})
	if err != nil {
		return nil, err
	}
	found := make(map[string]named, len(rows.Rows))
	for _, row := range rows.Rows {
		n := named{Text: other.titleOf(rows.Columns, row, d.Hide)}
		if len(row.Key) > 0 {
			n.URL = other.changeURL(row.Key)
		}
		if at := slices.Index(rows.Columns, to[0]); at >= 0 {
			found[row.Values[at].String()] = n
		}
	}
	return found, nil
}

// titleSelect are the columns that make up a row's name, and more.
func (m *Model) titleSelect(hide []string, more ...string) []string {
	columns := slices.Clone(more)
	add := func(name string) {
		if name != "" && !slices.Contains(columns, name) && !slices.Contains(hide, name) {
			columns = append(columns, name)
		}
	}
	for _, p := range m.title {
		add(p.column)
	}
	if m.title == nil {
		for _, name := range m.table().TitleColumns {
			add(name)
		}
	}
	for _, name := range m.table().Key {
		add(name)
	}
	return columns
}

// titleOf names a row of which the columns were read; a hidden column counts as empty.
func (m *Model) titleOf(columns []string, row widgets.Row, hide []string) string {
	value := func(name string) string {
		if at := slices.Index(columns, name); at >= 0 && !slices.Contains(hide, name) && !row.Values[at].IsBlob() {
			return row.Values[at].String()
		}
		return ""
	}
	var b strings.Builder
	if m.title != nil {
		for _, p := range m.title {
			if p.column == "" {
				b.WriteString(p.text)
			} else {
				b.WriteString(value(p.column))
			}
		}
	} else {
		for _, name := range m.table().TitleColumns {
			if v := value(name); v != "" {
				if b.Len() > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(v)
			}
		}
	}
	if title := strings.TrimSpace(b.String()); title != "" {
		return cut(oneLine(title), 80)
	}
	if len(row.Key) > 0 {
		return upper(m.label()) + " " + strings.Join(row.Key, ", ")
	}
	return upper(m.label())
}

func hidesAny(hide, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(hide, name) })
}
