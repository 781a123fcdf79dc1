package pages

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"greenroom/widgets"
)

// Many-to-many: a link table is one whose key is two foreign keys of a column each, and that needs no other column. On the form of a row on one side stand
// the rows of the other side that it is linked with, as chips, and a picker for more. Only what was added and removed travels, as the form's inputs
// m.<n>.add and m.<n>.drop, and is saved in one transaction with the row. What a person may do is said by the link table's own rights.
const (
	prefixLink = "m."
	linkDrop   = "_link-drop"
	mostChips  = 100 // drawn
	mostPicked = 200 // added and removed at once
)

// linkClass is a link table seen from one side.
type linkClass struct {
	n          int
	of, target *Model
	own, other *widgets.Column // of the link table: to this side, and to the other
	label      string
}

// linked is a linkClass as one form has it.
type linked struct {
	class           *linkClass
	mine, scope     widgets.Filter
	stored          []chip // sorted by name; hidden where the person may not see the other row
	count           widgets.Count
	added           []chip
	dropped         []string // values of the other side
	picker          field
	mayAdd, mayDrop bool
	fault           string
}

// chip is a row of the other side.
type chip struct {
	value string
	name  named
}

// links finds the link tables whose rows refer to m. Form.Links narrows them.
func (p *preparation) links(m *Model) {
	t := m.table()
	for _, name := range m.Form.Links {
		p.check(slices.ContainsFunc(p.site.Models, func(of *Model) bool { return of != nil && of.table().Name == name && isLink(of.table()) }),
			"%s: Form.Links names %q, which is no link table: its key must be two foreign keys of one column each, and no other column may be needed", t.ID(), name)
	}
	if _, ok := m.Source.(widgets.Together); !ok {
		return
	}
	var seen []*Model
	for _, r := range m.referring {
		of := r.of
		if r.column.KeyPart == 0 || slices.Contains(seen, of) {
			continue
		}
		seen = append(seen, of)
		if !isLink(of.table()) || of.SoftDelete != "" || m.Form.Links != nil && !slices.Contains(m.Form.Links, of.table().Name) {
			continue
		}
		if slices.ContainsFunc(m.inlines, func(c *inlineClass) bool { return c.of == of }) {
			continue
		}
		key := of.table().Key
		for i := range key {
			own, other := of.table().Column(key[i]), of.table().Column(key[1-i])
			target := p.site.models[other.Ref.App+"."+other.Ref.Table]
			if own.Ref.App != t.App || own.Ref.Table != t.Name || target == nil || t.Column(own.Ref.To[0]) == nil {
				continue
			}
			c := &linkClass{n: len(m.links), of: of, target: target, own: own, other: other, label: target.plural()}
			if slices.ContainsFunc(m.links, func(l *linkClass) bool { return l.target == target }) || own.Ref.Table == other.Ref.Table {
				c.label += " (" + lower(of.label()) + ", " + lower(other.Label) + ")"
			}
			m.links = append(m.links, c)
		}
	}
}

// isLink tells whether a table does nothing but link two others.
func isLink(t *widgets.Table) bool {
	if len(t.Key) != 2 || t.ReadOnly != "" {
		return false
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		switch {
		case c.KeyPart > 0:
			if c.Ref == nil || len(c.Ref.To) != 1 {
				return false
			}
		case !c.Nullable && !c.HasDefault && !c.Auto && !c.Generated:
			return false
		}
	}
	return true
}

// key is the link's between this side's value and the other's.
func (c *linkClass) key(own, other string) widgets.Key {
	if c.own.KeyPart == 1 {
		return widgets.Key{own, other}
	}
	return widgets.Key{other, own}
}

// mountLinks reads what the row is linked with.
func (m *Model) mountLinks(ctx context.Context, in widgets.In, s *formState, row widgets.Row) error {
	for _, c := range m.links {
		d := c.of.may(ctx, in.User, widgets.View, nil)
		target, _ := c.of.refModel(ctx, in.User, c.other)
		if !d.Allow || target == nil || hidesAny(d.Hide, []string{c.own.Name, c.other.Name}) {
			continue
		}
		l := linked{class: c, mayAdd: c.of.may(ctx, in.User, widgets.Add, nil).Allow, mayDrop: c.of.may(ctx, in.User, widgets.Delete, nil).Allow}
		l.picker = field{column: c.other, prefix: prefixLink + strconv.Itoa(c.n) + "."}
		if l.mayAdd {
			if err := c.of.choose(ctx, in.User, &l.picker); err != nil {
				return err
			}
		}
		l.renew(s, false)
		if !s.add {
			v := valueOf(m.table(), row, c.own.Ref.To[0])
			if v.IsNull() {
				continue
			}
			l.mine = widgets.Where(c.own.Name, widgets.OpEq, v.String())
			l.scope = l.mine.And(d.Rows)
			if err := l.read(ctx, in); err != nil {
				return err
			}
		} else if !l.mayAdd {
			continue
		}
		s.links = append(s.links, l)
	}
	return nil
}

// renew puts an empty picker in the place of the one that was used: another input, since what somebody has in hand is not emptied.
func (l *linked) renew(s *formState, focus bool) {
	s.serial++
	l.picker.at, l.picker.focus = "m"+strconv.Itoa(s.serial)+"-", focus
	l.picker.typed, l.picker.error, l.picker.name = "", "", named{}
	if l.picker.ref != refSelect {
		l.picker.options = nil
	}
}

// read reads the first chips, and counts where there are more.
func (l *linked) read(ctx context.Context, in widgets.In) error {
	c := l.class
	q := widgets.Query{Filter: l.scope, Order: []widgets.Order{{Column: c.other.Name}}, Limit: mostChips, Select: []string{c.other.Name}}
	rows, err := c.of.Source.List(ctx, q)
	if err != nil {
		return err
	}
	var values []string
	for _, row := range rows.Rows {
		values = append(values, row.Values[0].String())
	}
	l.count = widgets.Count{N: int64(len(values))}
	if rows.Next != "" {
		l.count = counting(ctx, c.of.Source, q)(countLines)
	}
	l.stored, err = l.named(ctx, in.User, values)
	return err
}

// named finds what the rows are called; those that the person may not see are left out.
func (l *linked) named(ctx context.Context, u *widgets.User, values []string) ([]chip, error) {
	names, err := l.class.of.refNames(ctx, u, l.class.other, slices.Clone(values))
	if err != nil {
		return nil, err
	}
	var chips []chip
	for _, v := range values {
		if name, known := names[v]; known {
			chips = append(chips, chip{v, name})
		}
	}
	slices.SortStableFunc(chips, func(a, b chip) int { return strings.Compare(lower(a.name.Text), lower(b.name.Text)) })
	return chips, nil
}

func has1(chips []chip, value string) bool {
	return slices.ContainsFunc(chips, func(c chip) bool { return c.value == value })
}

// linkOf is the link whose picker a field is, nil if it is none's.
func (s *formState) linkOf(f *field) *linked {
	for i := range s.links {
		if &s.links[i].picker == f {
			return &s.links[i]
		}
	}
	return nil
}

// pick adds the row that the picker names. One that is linked already is only kept.
func (l *linked) pick(ctx context.Context, s *formState) error {
	f := &l.picker
	v := f.typed
	switch {
	case v == "":
		return nil
	case f.name.Text == "":
		f.error = "There is no " + lower(l.class.target.label()) + " “" + cut(v, 40) + "”."
		if len(f.options) > 1 {
			f.error = "Several fit; choose one of the list."
		}
		return nil
	case !l.mayAdd:
		return widgets.ErrDenied
	case len(l.added)+len(l.dropped) >= mostPicked:
		f.error = "Save what was chosen before you add more."
		return nil
	}
	if at := slices.Index(l.dropped, v); at >= 0 {
		l.dropped = slices.Delete(l.dropped, at, at+1)
	} else if !has1(l.added, v) && !has1(l.stored, v) {
		there, err := l.there(ctx, v)
		if err != nil {
			return err
		}
		if !there {
			l.added = append(l.added, chip{v, f.name})
		}
	}
	l.renew(s, true)
	return nil
}

// there looks whether a link that is not among the chips is stored.
func (l *linked) there(ctx context.Context, value string) (bool, error) {
	if l.mine.Empty() {
		return false, nil
	}
	rows, err := l.class.of.Source.List(ctx, widgets.Query{
		Filter: l.mine.And(widgets.Where(l.class.other.Name, widgets.OpEq, value)), Limit: 1, Select: []string{l.class.other.Name},
	})
	return len(rows.Rows) > 0, err
}

// toggle removes a chip, or keeps one that was to be removed.
func (l *linked) toggle(value string) bool {
	if at := slices.IndexFunc(l.added, func(c chip) bool { return c.value == value }); at >= 0 {
		l.added = slices.Delete(l.added, at, at+1)
		return true
	}
	if at := slices.Index(l.dropped, value); at >= 0 {
		l.dropped = slices.Delete(l.dropped, at, at+1)
		return true
	}
	if !l.mayDrop || !has1(l.stored, value) || len(l.dropped) >= mostPicked {
		return false
	}
	l.dropped = append(l.dropped, value)
	return true
}

// dropLink is the event of a chip's button.
func (m *Model) dropLink(ctx context.Context, s *formState, e widgets.Event[widgets.Form]) (*formState, error) {
	next := s.copied()
	if e.Payload.Has("checked") {
		n, value, _ := strings.Cut(e.Payload.Get("chip"), ".")
		for _, l := range s.links {
			if strconv.Itoa(l.class.n) == n && slices.Contains(l.dropped, value) == ticked(e.Payload.Get("checked")) {
				return s, nil // it is so already
			}
		}
	}
	if !next.dropLink(e.Payload.Get("chip")) {
		return nil, widgets.ErrBadPayload
	}
	return m.redrawForm(ctx, next, e.In)
}

func (s *formState) dropLink(word string) bool {
	n, value, _ := strings.Cut(word, ".")
	for i := range s.links {
		if strconv.Itoa(s.links[i].class.n) == n {
			return s.links[i].toggle(value)
		}
	}
	return false
}

func copiedLinks(all []linked) []linked {
	all = slices.Clone(all)
	for i := range all {
		all[i].added, all[i].dropped, all[i].fault = slices.Clone(all[i].added), slices.Clone(all[i].dropped), ""
	}
	return all
}
