package pages

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/widgets"
)

// Inline shows rows of another table on the form of the row that they refer to, where they are added, changed and removed. All of it is saved in one
// transaction with the row. A person sees and does there what the other table's own rights allow.
type Inline struct {
	// Table is the other table's name as stored. It has a foreign key to this one, and a Model of its own (which every table has without Config.Only).
	Table string
	// Column is the foreign key's (first) column; empty where there is only one.
	Column string
	// Label is the heading; empty means the other Model's plural.
	Label string
	// Fields are shown in this order; nil means those of the other Model's form, without the foreign key, numbered keys and binary columns.
	Fields []string
	// ReadOnly are shown but not editable here, besides those of the other Model's form.
	ReadOnly []string
	// Sort is the order, "-column" for descending; nil means the key.
	Sort []string
	// PerPage is how many rows are shown at once, 100 at most; zero means 10. However many rows there are, no more are read.
	PerPage int
}

// What an inline's inputs are called: i.<inline> lists the rows that a form posts, i.<inline>.<row>.<column> are their fields, and drop. before a row's
// prefix says that it is to be removed. A row is its key, a new one "+" and a number.
const (
	prefixInline = "i."
	prefixDrop   = "drop."
	inlineAdd    = "_inline-add"
	inlineDrop   = "_inline-drop"
	inlineGo     = "_inline-go"
)

const (
	mostLines    = 100 // on a page of an inline
	mostNewLines = 50  // unsaved
	countLines   = 100 * time.Millisecond
)

// inlineClass is a checked Inline.
type inlineClass struct {
	Inline
	n      int
	of     *Model // whose rows they are
	ref    widgets.Ref
	fields []*widgets.Column
	order  []widgets.Order
}

func (c *inlineClass) label() string { return firstOf(c.Label, c.of.plural()) }

// inline is an Inline as one form has it.
type inline struct {
	class *inlineClass
	// mine holds for the rows of this parent, scope for those of them that the person may see; on an add page there are none.
	// sight is scope with those in the trash.
	mine, scope, sight widgets.Filter
	hide               []string
	columns            []*widgets.Column
	// kinds is how each foreign key is entered, found out once. It is not changed afterwards.
	kinds      map[string]field
	mayAdd     bool
	place      turned
	next, prev string
	count      widgets.Count
	rows       []line
	fault      string
}

// turned is a page of an inline.
type turned struct {
	after, before string
	last          bool
}

// line is a row of an inline: a stored one, or with no key one that is to be added.
type line struct {
	key             widgets.Key
	id              string // among the inline's rows: the key's text, or "+" and a number
	name            string // of the row
	fields          []field
	mayEdit         bool
	mayDrop, drop   bool
	gone, elsewhere bool // deleted by somebody else; edited, and then another page was turned to
	whole           []string
}

// mountInlines reads the first page of each inline.
func (m *Model) mountInlines(ctx context.Context, in widgets.In, s *formState, parent widgets.Row) error {
	for _, c := range m.inlines {
		il, shown, err := c.open(ctx, in, s, m, parent)
		if err != nil {
			return err
		}
		if shown {
			s.inlines = append(s.inlines, il)
		}
	}
	return nil
}

// open asks what the person may see of the inline and reads its first page.
func (c *inlineClass) open(ctx context.Context, in widgets.In, s *formState, m *Model, parent widgets.Row) (il inline, shown bool, err error) {
	d := c.of.may(ctx, in.User, widgets.View, nil)
	if !d.Allow || hidesAny(d.Hide, c.ref.Columns) {
		return il, false, nil
	}
	g := &grid{Model: c.of, hide: d.Hide}
	il = inline{class: c, hide: d.Hide, columns: g.visible(c.fields), kinds: map[string]field{}}
	il.mayAdd = c.of.table().ReadOnly == "" && c.of.may(ctx, in.User, widgets.Add, nil).Allow
	for _, column := range il.columns {
		if column.Ref == nil {
			continue
		}
		f := field{column: column}
		if err := c.of.choose(ctx, in.User, &f); err != nil {
			return il, false, err
		}
		il.kinds[column.Name] = f
	}
	if s.add {
		return il, il.mayAdd, nil
	}
	for i, column := range c.ref.Columns {
		v := valueOf(m.table(), parent, c.ref.To[i])
		if v.IsNull() { // nothing can refer to it
			il.mine, il.mayAdd = widgets.Nothing(), false
			break
		}
		il.mine = il.mine.And(widgets.Where(column, widgets.OpEq, v.String()))
	}
	il.sight = il.mine.And(d.Rows)
	il.scope = il.sight.And(c.of.live())
	return il, true, il.turn(ctx, in, s, turned{})
}

// turn reads a page. Rows with edits stay, above it: nothing that was typed goes out of sight before it is saved.
func (il *inline) turn(ctx context.Context, in widgets.In, s *formState, to turned) error {
	fresh, err := il.read(ctx, in, s, to)
	if err != nil {
		return err
	}
	var kept, added []line
	for _, row := range il.rows {
		switch {
		case row.key == nil:
			added = append(added, row)
		case row.edited():
			if at := slices.IndexFunc(fresh, func(f line) bool { return f.id == row.id }); at >= 0 {
				row.elsewhere = false
				fresh[at] = row
			} else {
				row.elsewhere = true
				kept = append(kept, row)
			}
		}
	}
	il.place, il.rows = to, slices.Concat(kept, fresh, added)
	return nil
}

// read reads the rows of a page, whole, and counts all where there are more.
func (il *inline) read(ctx context.Context, in widgets.In, s *formState, at turned) ([]line, error) {
	c := il.class
	q := widgets.Query{
		Filter: il.scope, Order: c.order, After: at.after, Before: at.before, Last: at.last, Limit: c.PerPage, Select: c.of.table().Key,
	}
	page, err := c.of.Source.List(ctx, q)
	if err != nil {
		return nil, err
	}
	keys := make([]widgets.Key, len(page.Rows))
	for i, row := range page.Rows {
		keys[i] = row.Key
	}
	il.next, il.prev, il.count = page.Next, page.Prev, widgets.Count{N: int64(len(keys))}
	if il.next != "" || il.prev != "" {
		il.count = counting(ctx, c.of.Source, q)(countLines)
	}
	return il.fetch(ctx, in, s, keys)
}

// fetch reads whole rows; a list's may be shortened.
func (il *inline) fetch(ctx context.Context, in widgets.In, s *formState, keys []widgets.Key) ([]line, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	c := il.class
	stored, err := c.of.Source.Fetch(ctx, keys, il.scope)
	if err != nil {
		return nil, err
	}
	rows := make([]line, len(stored))
	for i, row := range stored {
		rows[i] = il.line(ctx, in, s, &row)
	}
	return rows, il.furnish(ctx, in.User, rows)
}

// line makes a line of a stored row, or a blank one.
func (il *inline) line(ctx context.Context, in widgets.In, s *formState, row *widgets.Row) line {
	c, t := il.class, il.class.of.table()
	s.serial++
	l := line{id: "+" + strconv.Itoa(s.serial)}
	if row != nil {
		l.key, l.id = row.Key, row.Key.String()
		l.name = c.of.titleOf(columnNames(t), *row, il.hide)
		l.mayDrop = t.ReadOnly == "" && c.of.may(ctx, in.User, widgets.Delete, row.Key).Allow
	}
	var fixed []string
	fixed, l.mayEdit = c.fixed(ctx, in, l.key)
	for n, column := range il.columns {
		f := field{
			n: n, column: column, fixed: !l.mayEdit || slices.Contains(fixed, column.Name), prefix: il.prefix(l.id), at: fmt.Sprintf("%d-%d-", c.n, s.serial),
		}
		kind := il.kinds[column.Name]
		if !f.fixed {
			f.ref, f.options = kind.ref, kind.options
		}
		switch {
		case row != nil:
			f.load(valueOf(t, *row, column.Name))
		case column.Auto:
			f.fixed = true
		default:
			f.blank()
		}
		l.fields = append(l.fields, f)
	}
	return l
}

// fixed are the columns that the person may not set in a row, a new one without a key; may tells whether he may save it at all.
func (c *inlineClass) fixed(ctx context.Context, in widgets.In, key widgets.Key) (columns []string, may bool) {
	columns, may = c.of.fixed(ctx, widgets.In{User: in.User, Key: key}, key == nil)
	return union(columns, c.ReadOnly), may
}

func (il *inline) prefix(id string) string {
	return prefixInline + strconv.Itoa(il.class.n) + "." + id + "."
}

// furnish finds what the rows are called that foreign keys point to, one query a column.
func (il *inline) furnish(ctx context.Context, u *widgets.User, rows []line) error {
	for n, column := range il.columns {
		if column.Ref == nil {
			continue
		}
		var values []string
		for _, row := range rows {
			if v := row.fields[n].base; !v.IsNull() {
				values = append(values, v.String())
			}
		}
		names, err := il.class.of.refNames(ctx, u, column, values)
		if err != nil {
			return err
		}
		for i := range rows {
			rows[i].fields[n].name = names[rows[i].fields[n].base.String()]
		}
	}
	return nil
}

// edited tells whether saving would do anything with the row.
func (l *line) edited() bool {
	return l.drop || slices.ContainsFunc(l.fields, func(f field) bool { return !f.fixed && l.differs(&f) })
}

// differs tells whether a field was edited; in a new row, whether it is not blank any more.
func (l *line) differs(f *field) bool {
	if l.key != nil {
		return f.changed()
	}
	blank := *f
	blank.typed, blank.null = "", false
	blank.blank()
	return f.typed != blank.typed || f.null != blank.null
}

// lines are the rows of all inlines that are drawn.
func (s *formState) lines() []*line {
	var all []*line
	for i := range s.inlines {
		for j := range s.inlines[i].rows {
			all = append(all, &s.inlines[i].rows[j])
		}
	}
	return all
}

// entry finds a field by its word, with the model whose column it is; add tells whether its row is a new one.
func (s *formState) entry(m *Model, word string) (f *field, of *Model, add bool) {
	if f := s.field(word); f != nil {
		return f, m, s.add
	}
	for i := range s.links {
		if l := &s.links[i]; l.mayAdd && l.picker.word() == word {
			return &l.picker, l.class.of, true
		}
	}
	if !strings.HasPrefix(word, prefixInline) {
		return nil, m, false
	}
	for i := range s.inlines {
		for j := range s.inlines[i].rows {
			row := &s.inlines[i].rows[j]
			for k := range row.fields {
				if row.fields[k].word() == word {
					return &row.fields[k], s.inlines[i].class.of, row.key == nil
				}
			}
		}
	}
	return nil, m, false
}

// mayInline tells whether anything of the inlines could be saved.
func (s *formState) mayInline() bool {
	return slices.ContainsFunc(s.inlines, func(il inline) bool {
		return il.mayAdd || slices.ContainsFunc(il.rows, func(l line) bool { return l.mayEdit || l.mayDrop })
	})
}

// mayBelow tells whether anything besides the row's own fields could be saved.
func (s *formState) mayBelow() bool {
	return s.mayInline() || slices.ContainsFunc(s.links, func(l linked) bool { return l.mayAdd || l.mayDrop })
}

func (s *formState) linksFail() bool {
	return slices.ContainsFunc(s.links, func(l linked) bool { return l.fault != "" })
}

func copiedInlines(all []inline) []inline {
	all = slices.Clone(all)
	for i := range all {
		all[i].rows = slices.Clone(all[i].rows)
		all[i].fault = ""
		for j := range all[i].rows {
			row := &all[i].rows[j]
			row.fields, row.whole = slices.Clone(row.fields), nil
		}
	}
	return all
}
