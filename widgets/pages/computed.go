package pages

import (
	"context"
	"fmt"
	"html/template"
	"slices"

	"greenroom/widgets"
)

// Computed is a column of lists and forms that is worked out from others of the row and is nowhere stored. A list shows those that List.Columns names, all
// of them where it names none; a form those that Form.Fields or a Fieldset names, read-only.
type Computed struct {
	// Name stands for it in List.Columns, Form.Fields and addresses; no column may have it. Label is what people read, Help the heading's tooltip and the
	// text below the field. An empty Label is made from Name.
	Name, Label, Help string
	// Of are the columns that it is made of; nil means all. Who may not see one of them does not see the result either.
	Of []string
	// Sort is the column that a click on the heading sorts by, "" for none.
	Sort string
	// Number aligns it at the right.
	Number bool
	// Empty is shown for nil and for an empty text. Empty means "–".
	Empty string
	// Value works it out. Text, numbers, booleans (Yes and No), a Pill and template.HTML will do; on a form a Pill is its text, and markup is left out.
	Value func(row Fields) any
	// Bind makes Value, and Of, for a table when the admin starts; greenroom.Col sets it. An error is a fault of the declaration.
	Bind func(t *widgets.Table) (of []string, value func(row Fields) any, err error)
}

// Fields are values of a row by column.
type Fields struct {
	columns []string
	values  []widgets.Value
	// Key is the row's, nil for a row that is yet to be.
	Key widgets.Key
}

// FieldsOf puts together columns and their values, in the same order.
func FieldsOf(key widgets.Key, columns []string, values []widgets.Value) Fields {
	return Fields{columns, values, key}
}

// Get is the value of a column; NULL when it was not read.
func (f Fields) Get(column string) widgets.Value {
	if at := slices.Index(f.columns, column); at >= 0 && at < len(f.values) {
		return f.values[at]
	}
	return widgets.Null()
}

// Text is the value of a column as text, "" for NULL.
func (f Fields) Text(column string) string { return f.Get(column).String() }

// Has tells whether the column was read.
func (f Fields) Has(column string) bool { return slices.Contains(f.columns, column) }

// computed is a Computed as it is served: column stands for it wherever columns of the table do.
type computed struct {
	Computed
	column *widgets.Column
}

// computeds checks the computed columns of a model.
func (p *preparation) computeds(m *Model) {
	t := m.table()
	m.computed = map[string]*computed{}
	for _, c := range m.Computed {
		place := t.ID() + ": Computed"
		switch {
		case c.Name == "" || unfit.MatchString(c.Name):
			p.fault("%s: a computed column is named %q; use letters, digits, '-' and '_'", place, c.Name)
			continue
		case t.Column(c.Name) != nil || m.computed[c.Name] != nil:
			p.fault("%s: %q is the name of a column already", place, c.Name)
			continue
		}
		if c.Bind != nil {
			of, value, err := c.Bind(t)
			if err != nil {
				p.fault("%s %q: %v", place, c.Name, err)
				continue
			}
			c.Of, c.Value = of, value
		}
		if c.Value == nil {
			p.fault("%s: %q has no Value; say how it is worked out", place, c.Name)
			continue
		}
		if c.Of == nil {
			c.Of = columnNames(t)
		}
		from := p.columns(m, "Computed "+c.Name+": Of", c.Of)
		if c.Sort != "" {
			p.column(m, "Computed "+c.Name+": Sort", c.Sort)
		}
		c.Label, c.Empty = firstOf(c.Label, words(c.Name)), firstOf(c.Empty, none)
		made := &computed{c, &widgets.Column{Name: c.Name, Label: c.Label, Help: c.Help, Generated: true, Nullable: true, MaxLen: 1}}
		if slices.ContainsFunc(from, long) {
			made.column.MaxLen = 0 // an export has to read those whole
		}
		m.computed[c.Name] = made
	}
}

// shown finds columns and computed columns by name.
func (p *preparation) shown(m *Model, where string, names []string) []*widgets.Column {
	var found []*widgets.Column
	seen := map[string]bool{}
	for _, name := range names {
		c := (*widgets.Column)(nil)
		if own := m.computed[name]; own != nil {
			c = own.column
		} else if c = p.column(m, where, name); c == nil {
			continue
		}
		p.check(!seen[name], "%s: %s names %q twice", m.table().ID(), where, name)
		seen[name] = true
		found = append(found, c)
	}
	return found
}

// hiddenBy tells whether a column, or one that it is worked out from, is among those hidden.
func (m *Model) hiddenBy(c *widgets.Column, hide []string) bool {
	if own := m.computed[c.Name]; own != nil && own.column == c {
		return slices.Contains(hide, c.Name) || slices.ContainsFunc(own.Of, func(name string) bool { return slices.Contains(hide, name) })
	}
	return slices.Contains(hide, c.Name)
}

// computedOf is what a column stands for, nil for one of the table.
func (m *Model) computedOf(c *widgets.Column) *computed {
	if own := m.computed[c.Name]; own != nil && own.column == c {
		return own
	}
	return nil
}

// sortColumn is the column of the table that a heading sorts by, "" for none.
func (g *grid) sortColumn(c *widgets.Column) string {
	name := c.Name
	if own := g.computedOf(c); own != nil {
		name = own.Sort
	}
	if name == "" || !g.orderable(name) {
		return ""
	}
	return name
}

// orderable tells whether a column of the table may be sorted by: it could be shown itself, or a computed column that is shown says so.
func (g *grid) orderable(name string) bool {
	if g.sortable(name) {
		return true
	}
	c := g.table().Column(name)
	return c != nil && !slices.Contains(g.hide, name) && slices.ContainsFunc(g.choosable, func(o *widgets.Column) bool {
		own := g.computedOf(o)
		return own != nil && own.Sort == name
	})
}

// drawComputed makes the cell of a computed column.
func (m *Model) drawComputed(own *computed, row Fields) cell {
	out := cell{Column: own.Name, Label: own.Label}
	if own.Number {
		out.Class = "gr-num"
	}
	switch v := own.Value(row).(type) {
	case nil:
	case Pill:
		out.Pill, out.Text = pill(v.Level), v.Text
	case template.HTML:
		out.Raw, out.HTML = v != "", v
	case bool:
		out.Text, out.Pill = yesNo(nil, v), pill("mute")
		if v {
			out.Pill = pill("ok")
		}
	case widgets.Value:
		out.Text = cut(oneLine(v.String()), 120)
	default:
		full := oneLine(fmt.Sprint(v))
		if out.Text = cut(full, 120); out.Text != full {
			out.Title = cut(full, 500)
		}
	}
	if out.Text == "" && !out.Raw {
		out.Text, out.Pill, out.Class = own.Empty, "", "gr-muted"
	}
	return out
}

// computedText is the value of a computed column as a form and a file show it.
func (m *Model) computedText(own *computed, row Fields) widgets.Value {
	text := ""
	switch v := own.Value(row).(type) {
	case nil, template.HTML:
	case Pill:
		text = v.Text
	case bool:
		text = yesNo(nil, v)
	case widgets.Value:
		return v
	default:
		text = fmt.Sprint(v)
	}
	if text == "" {
		return widgets.Null()
	}
	return widgets.Text(text)
}

// valueIn is the value of a column, or of a computed one, in a whole row.
func (m *Model) valueIn(row widgets.Row, c *widgets.Column) widgets.Value {
	if own := m.computedOf(c); own != nil {
		return m.computedText(own, FieldsOf(row.Key, columnNames(m.table()), row.Values))
	}
	return valueOf(m.table(), row, c.Name)
}

// shownIn is valueIn for a form, where nothing is shown as such.
func (m *Model) shownIn(row widgets.Row, c *widgets.Column) widgets.Value {
	v := m.valueIn(row, c)
	if own := m.computedOf(c); own != nil && v.IsNull() {
		return widgets.Text(own.Empty)
	}
	return v
}

// judge asks Form.Validate about a row as it would be stored.
func (m *Model) judge(ctx context.Context, in widgets.In, row Fields) error {
	if m.Form.Validate == nil {
		return nil
	}
	wrong := m.Form.Validate(ctx, in, row)
	if len(wrong) == 0 {
		return nil
	}
	return &widgets.Invalid{Fields: wrong}
}

// judgeLine asks Form.Validate about an inline row, of which only the columns that stand there are known.
func (m *Model) judgeLine(ctx context.Context, in widgets.In, l *line) (wrong bool) {
	if m.Form.Validate == nil {
		return false
	}
	in.Table, in.Key = m.table(), l.key
	row := (&formState{add: l.key == nil, key: l.key, fields: l.fields}).row()
	for name, text := range m.Form.Validate(ctx, in, row) {
		wrong = true
		at := slices.IndexFunc(l.fields, func(f field) bool { return f.column.Name == name })
		if at < 0 {
			l.whole = append(l.whole, text)
			continue
		}
		l.fields[at].error = text
	}
	return wrong
}

// judged is judge for values by column.
func (m *Model) judged(ctx context.Context, in widgets.In, key widgets.Key, values map[string]widgets.Value) error {
	if m.Form.Validate == nil {
		return nil
	}
	row := Fields{Key: key}
	for _, name := range sortedKeys(values) {
		row.columns, row.values = append(row.columns, name), append(row.values, values[name])
	}
	return m.judge(ctx, in, row)
}
