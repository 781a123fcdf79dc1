package pages

import (
	"context"
	"errors"
	"slices"
	"strings"

	"greenroom/widgets"
)

// mostOptions is up to how many rows a foreign key is a list to choose from; beyond, typing finds them.
const mostOptions = 50

// mostFound is how many rows a lookup offers.
const mostFound = 10

// options finds out how each foreign key is entered, and what the rows are called that it points to.
func (m *Model) options(ctx context.Context, u *widgets.User, fields []field) error {
	for i := range fields {
		f := &fields[i]
		if f.column.Ref == nil {
			continue
		}
		if !f.fixed {
			if err := m.choose(ctx, u, f); err != nil {
				return err
			}
		}
		if err := m.nameRef(ctx, u, f); err != nil {
			return err
		}
	}
	return nil
}

// choose lists the rows of the other table if they are few.
func (m *Model) choose(ctx context.Context, u *widgets.User, f *field) error {
	other, d := m.refModel(ctx, u, f.column)
	if other == nil {
		return nil // entered as its value
	}
	rows, err := other.find(ctx, d, "", f.column.Ref.To[0], mostOptions+1)
	if err != nil {
		return err
	}
	if len(rows) > mostOptions {
		f.ref = refLookup
		return nil
	}
	f.ref, f.options = refSelect, rows
	return nil
}

// find lists rows by name, as options whose values are those of the column to.
func (m *Model) find(ctx context.Context, d widgets.Decision, search, to string, limit int) ([]selectOption, error) {
	g := &grid{Model: m, scope: d.Rows, hide: d.Hide}
	q := widgets.Query{Search: search, In: g.searched(), Filter: d.Rows.And(m.live()), Limit: limit, Select: m.titleSelect(d.Hide, to)}
	if q.In != nil && len(q.In) == 0 {
		q.In, q.Search = nil, ""
	}
	for _, name := range m.table().TitleColumns[:min(1, len(m.table().TitleColumns))] {
		if c := m.table().Column(name); search == "" && c != nil && c.Indexed && !slices.Contains(d.Hide, name) {
			q.Order = []widgets.Order{{Column: name}} // by name, where that costs nothing
		}
	}
	rows, err := m.Source.List(ctx, q)
	if err != nil {
		return nil, err
	}
	at := slices.Index(rows.Columns, to)
	var found []selectOption
	for _, row := range rows.Rows {
		if at >= 0 && !row.Values[at].IsNull() {
			found = append(found, selectOption{Value: row.Values[at].String(), Label: m.titleOf(rows.Columns, row, d.Hide)})
		}
	}
	return found, nil
}

// nameRef finds what the row is called that the field points to.
func (m *Model) nameRef(ctx context.Context, u *widgets.User, f *field) error {
	f.name = named{}
	if f.column.Ref == nil || f.typed == "" {
		return nil
	}
	names, err := m.refNames(ctx, u, f.column, []string{f.typed})
	if _, said := errors.AsType[widgets.UserError](err); said {
		return nil // not even a value of the column: checking it says so
	}
	if err != nil {
		return err
	}
	f.name = names[f.typed]
	return nil
}

// resolve names the row that a foreign key points to. Where somebody typed its name instead of its key and left it at that, the key is put in.
func (m *Model) resolve(ctx context.Context, u *widgets.User, f *field) error {
	if f.column.Ref == nil || f.typed == "" || f.name.Text != "" {
		return nil
	}
	if err := m.nameRef(ctx, u, f); err != nil || f.name.Text != "" || f.ref != refLookup {
		return err
	}
	other, d := m.refModel(ctx, u, f.column)
	if other == nil {
		return nil
	}
	found, err := other.find(ctx, d, f.typed, f.column.Ref.To[0], mostFound)
	if _, said := errors.AsType[widgets.UserError](err); err != nil && !said {
		return err
	}
	for _, o := range found {
		if len(found) == 1 || strings.EqualFold(o.Label, f.typed) {
			f.typed = o.Value
			return m.nameRef(ctx, u, f)
		}
	}
	f.options = found
	return nil
}

// lookup offers rows while a foreign key is typed.
func (m *Model) lookup(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	next := s.copied()
	f, of, _ := next.entry(m, e.Payload.Get("field"))
	if f == nil || f.ref != refLookup || f.fixed {
		return nil, widgets.ErrBadPayload
	}
	other, d := of.refModel(ctx, e.In.User, f.column)
	if other == nil {
		return nil, widgets.ErrDenied
	}
	f.enter(e.Payload.Get("value"))
	f.options = nil
	if f.typed != "" {
		found, err := other.find(ctx, d, f.typed, f.column.Ref.To[0], mostFound)
		if err != nil {
			return nil, err
		}
		f.options = found
	}
	next.draw(ctx, e.In, m)
	return next, nil
}

// reachable checks that a foreign key which was changed points to a row that the person may see: the database knows of existence only.
func (m *Model) reachable(ctx context.Context, u *widgets.User, f *field, v widgets.Value) (string, error) {
	other, d := m.refModel(ctx, u, f.column)
	if other == nil || v.IsNull() {
		return "", nil
	}
	rows, err := other.Source.List(ctx, widgets.Query{
		Filter: widgets.Where(f.column.Ref.To[0], widgets.OpEq, v.String()).And(d.Rows).And(other.live()), Limit: 1, Select: []string{f.column.Ref.To[0]},
	})
	if said, ok := errors.AsType[widgets.UserError](err); ok {
		return string(said), nil
	}
	if err != nil {
		return "", err
	}
	if len(rows.Rows) == 0 {
		return "There is no " + lower(other.label()) + " “" + cut(v.String(), 40) + "”.", nil
	}
	return "", nil
}
