package sql

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"greenroom/widgets"
)

// shape is a table as the catalogue had it when it was last read. It is immutable; a Reload makes new ones.
type shape struct {
	d       dialect
	info    *widgets.Table
	ident   ident // "orders"
	from    ident // "orders" AS t
	columns []column
	// tail makes any sort total: the key, and the rowid where the key may be NULL or is missing. Empty for views and virtual tables.
	tail []*column
	// uniques are the column lists of UNIQUE constraints and the key, to find the field that an error is about.
	uniques []unique
	rules   []rule
	// children are the foreign keys of other tables (and this one) that point here.
	children []child
	hash     string
}

// unique is a UNIQUE constraint or the key.
type unique struct {
	name    string
	columns []string
}

// column is a widgets.Column with what statements need of it.
type column struct {
	*widgets.Column
	place    int    // in shape.columns
	ident    ident  // "total"
	at       ident  // t."total"
	order    string // what it is compared and sorted by: at, if its type has an order
	native   *native
	affinity affinity
	// size and scale are the digits that a decimal type declares, 0 for none.
	size, scale int
	// alias says that the column is the rowid itself.
	alias bool
	// holes says that a part of the key may be NULL.
	holes bool
}

// child is a foreign key that points at a table.
type child struct {
	shape    *shape
	ref      *widgets.Ref
	onUpdate string
}

// find looks a column up by a name that may come from a request.
func (s *shape) find(name string) (*column, error) {
	for i := range s.columns {
		if s.columns[i].Name == name {
			return &s.columns[i], nil
		}
	}
	return nil, widgets.UserError(fmt.Sprintf("%s has no column %q.", s.info.Plural, name))
}

// finds looks several up; nil means every column.
func (s *shape) finds(names []string) ([]*column, error) {
	if names == nil {
		out := make([]*column, len(s.columns))
		for i := range s.columns {
			out[i] = &s.columns[i]
		}
		return out, nil
	}
	out := make([]*column, len(names))
	for i, name := range names {
		c, err := s.find(name)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

// key is the primary key's columns.
func (s *shape) key() []*column {
	out := make([]*column, len(s.info.Key))
	for i := range s.columns {
		if p := s.columns[i].KeyPart; p > 0 {
			out[p-1] = &s.columns[i]
		}
	}
	return out
}

// shapes resolves a catalogue: kinds, labels, foreign keys, titles. It is what an engine's queries and our rules meet in. App names the schema
// of a table.
func shapes(d dialect, cat *catalogue, app func(schema string) string) []*shape {
	out := make([]*shape, 0, len(cat.tables))
	byName := map[tableName]*shape{}
	id := func(schema, name string) tableName {
		if d.facts().foldNames {
			name = strings.ToLower(name)
		}
		return tableName{schema, name}
	}
	for _, raw := range cat.tables {
		if cat.skipped[raw.name] != "" {
			continue
		}
		s, err := newShape(d, raw, app(raw.schema))
		if err != nil {
			cat.skipped[raw.name] = err.Error()
			continue
		}
		out = append(out, s)
		byName[id(raw.schema, raw.name)] = s
	}
	slices.SortFunc(out, func(a, b *shape) int {
		return cmp.Or(cmp.Compare(a.info.App, b.info.App), cmp.Compare(a.info.Name, b.info.Name))
	})
	for _, raw := range cat.tables {
		if s := byName[id(raw.schema, raw.name)]; s != nil {
			s.resolve(raw, func(schema, name string) *shape { return byName[id(schema, name)] })
		}
	}
	for _, s := range out {
		s.info.TitleColumns = titleColumns(s)
		s.hash = s.digest()
	}
	return out
}

// tableName is a table's schema and name.
type tableName struct{ schema, name string }

// newShape makes everything of a table that needs no other table.
func newShape(d dialect, raw *rawTable, app string) (*shape, error) {
	name, err := quoted(d, raw.name)
	if err != nil {
		return nil, err
	}
	if raw.schema != "" {
		schema, err := quoted(d, raw.schema)
		if err != nil {
			return nil, err
		}
		name = schema + "." + name
	}
	info := &widgets.Table{App: app, Name: raw.name, Plural: humanised(raw.name), View: raw.view, Help: raw.comment}
	info.Label = singular(info.Plural)
	s := &shape{d: d, info: info, ident: name, from: name + " AS t", rules: append(rules(raw.ddl), raw.rules...)}
	for _, rc := range raw.columns {
		if rc.hidden {
			continue
		}
		id, err := quoted(d, rc.name)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", rc.name, err)
		}
		c := widgets.Column{
			Name: rc.name, Label: humanised(rc.name), Type: rc.declared, Nullable: !rc.notNull && rc.keyPart == 0,
			Generated: rc.generated, HasDefault: rc.fallback != nil, KeyPart: rc.keyPart,
		}
		if rc.fallback != nil {
			c.Default = *rc.fallback
		}
		col := column{
			ident: id, at: "t." + id, affinity: affinityOf(rc.declared, raw.strict), holes: rc.keyPart > 0 && !rc.notNull && !raw.noRowid,
			native: rc.native,
		}
		if n := rc.native; n != nil {
			c.Kind, c.MaxLen, c.Choices, c.Auto, c.Help = n.kind, n.maxLen, n.choices, n.auto, n.comment
			col.affinity, col.size, col.scale = n.affinity(), n.size, n.scale
			if c.Kind == widgets.KindText && !n.solid && longNamed(rc.name) && (n.maxLen == 0 || n.maxLen > 255) {
				c.Kind = widgets.KindLongText
			}
		} else {
			c.Kind, c.MaxLen, col.size, col.scale = kindOf(rc.name, rc.declared)
		}
		info.Columns = append(info.Columns, c)
		s.columns = append(s.columns, col)
	}
	if len(s.columns) == 0 {
		return nil, fmt.Errorf("sql: %q has no columns", raw.name)
	}
	for i := range s.columns {
		c := &s.columns[i]
		c.Column, c.place = &info.Columns[i], i
		c.order = d.sortable(c)
	}
	s.hints()
	s.keys(raw)
	s.indexes(raw)
	return s, nil
}

func (s *shape) hints() {
	for i := range s.rules {
		if h := s.rules[i].hint; h != nil {
			for j := range s.columns {
				if strings.EqualFold(s.columns[j].Name, h.column) {
					hinted(s.columns[j].Column, h)
				}
			}
		}
	}
}

// keys sets the primary key, the tail, and why a table is read-only.
func (s *shape) keys(raw *rawTable) {
	var parts []*column
	for i := range s.columns {
		if s.columns[i].KeyPart > 0 {
			parts = append(parts, &s.columns[i])
		}
	}
	slices.SortFunc(parts, func(a, b *column) int { return a.KeyPart - b.KeyPart })
	hasPrimaryIndex := slices.ContainsFunc(raw.indexes, func(x rawIndex) bool { return x.primary })
	holes := false
	for _, c := range parts {
		s.info.Key = append(s.info.Key, c.Name)
		// PRIMARY KEY DESC makes no alias, for historical reasons, and an index of its own instead.
		if len(parts) == 1 && !raw.noRowid && !hasPrimaryIndex && strings.EqualFold(c.Type, "INTEGER") {
			c.alias, c.Auto, c.Indexed, c.Unique, c.holes = true, true, true, true, false
		}
		holes = holes || c.holes
	}
	s.tail = parts
	if s.d.facts().clustered && len(parts) > 0 {
		parts[0].alias = true
	}
	switch {
	case raw.readOnly != "":
		s.info.ReadOnly = raw.readOnly
	case raw.view:
		s.info.ReadOnly = "a view: its rows are made from other tables"
	case raw.virtual:
		s.info.ReadOnly = "a virtual table: its rows belong to an extension"
	case len(parts) == 0:
		s.info.ReadOnly = "no primary key: rows cannot be told apart"
		fallthrough
	case holes:
		if !raw.noRowid {
			s.tail = append(slices.Clone(parts), s.rowid()...)
		}
	}
}

// rowid is the hidden column that numbers the rows, under whichever of its names no column has taken.
func (s *shape) rowid() []*column {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		taken := slices.ContainsFunc(s.columns, func(c column) bool { return strings.EqualFold(c.Name, name) })
		if !taken {
			return []*column{{
				Column: &widgets.Column{Name: name, Kind: widgets.KindInteger, Indexed: true}, place: -1, ident: ident(name),
				at: ident("t." + name), order: "t." + name, affinity: affinityInteger, alias: true,
			}}
		}
	}
	return nil
}

func (s *shape) indexes(raw *rawTable) {
	if len(s.info.Key) > 0 {
		s.uniques = append(s.uniques, unique{"", s.info.Key})
		first := s.key()[0]
		first.Indexed = true
		first.Unique = first.Unique || len(s.info.Key) == 1
	}
	for _, x := range raw.indexes {
		if x.unique && !x.partial {
			s.uniques = append(s.uniques, unique{x.name, x.columns})
		}
		if c, err := s.find(x.columns[0]); err == nil && !x.partial {
			c.Indexed = true
			c.Unique = c.Unique || x.unique && len(x.columns) == 1
		}
	}
}

// resolve sets the foreign keys, once all tables are known.
func (s *shape) resolve(raw *rawTable, find func(schema, name string) *shape) {
	var parents []child
	for _, r := range raw.refs {
		parent := find(r.App, r.Table)
		if parent == nil {
			continue
		}
		ref := widgets.Ref{App: parent.info.App, Table: parent.info.Name, OnDelete: r.OnDelete}
		for _, name := range r.Columns {
			ref.Columns = append(ref.Columns, s.spelled(name))
		}
		for _, name := range r.To {
			ref.To = append(ref.To, parent.spelled(name))
		}
		if len(ref.To) == 0 {
			ref.To = parent.info.Key
		}
		if len(ref.To) != len(ref.Columns) {
			continue
		}
		s.info.Refs = append(s.info.Refs, ref)
		parents = append(parents, child{parent, nil, r.onUpdate})
	}
	for i := range s.info.Refs {
		ref := &s.info.Refs[i]
		parent := parents[i].shape
		parent.children = append(parent.children, child{s, ref, parents[i].onUpdate})
		if len(ref.Columns) != 1 {
			continue
		}
		if c, err := s.find(ref.Columns[0]); err == nil && c.Ref == nil {
			c.Ref = ref
			c.Label = withoutID(c.Name)
		}
	}
}

// spelled is a column's name as its table spells it; definitions may spell it otherwise.
func (s *shape) spelled(name string) string {
	for i := range s.columns {
		if strings.EqualFold(s.columns[i].Name, name) {
			return s.columns[i].Name
		}
	}
	return name
}

// titleColumns are the columns that name a row (design.md 10).
func titleColumns(s *shape) []string {
	texts := func(c *column) bool {
		return (c.Kind == widgets.KindText || c.Kind == widgets.KindLongText) && c.affinity != affinityNone && c.Ref == nil
	}
	for i := range s.columns {
		if c := &s.columns[i]; c.Unique && c.KeyPart == 0 && c.Kind == widgets.KindText && texts(c) {
			return []string{c.Name}
		}
	}
	named := func(want string) *column {
		for i := range s.columns {
			if c := &s.columns[i]; texts(c) && strings.EqualFold(strings.Join(words(c.Name), ""), want) {
				return c
			}
		}
		return nil
	}
	if c := named("name"); c != nil {
		return []string{c.Name}
	}
	// People before their job title or address: an employee is not called "Sales Manager".
	if first, last := named("firstname"), named("lastname"); first != nil && last != nil {
		return []string{first.Name, last.Name}
	}
	for _, want := range []string{"title", "label", "email"} {
		if c := named(want); c != nil {
			return []string{c.Name}
		}
	}
	for i := range s.columns {
		if c := &s.columns[i]; texts(c) && c.KeyPart == 0 {
			return []string{c.Name}
		}
	}
	if len(s.info.Key) > 0 {
		return s.info.Key
	}
	return []string{s.columns[0].Name}
}

// digest changes whenever a cursor that was made before could mean something else now.
func (s *shape) digest() string {
	h := fnv.New32a()
	for i := range s.columns {
		fmt.Fprintf(h, "%s\x00%s\x00%d\x00", s.columns[i].Name, s.columns[i].Type, s.columns[i].KeyPart)
	}
	return fmt.Sprintf("%08x", h.Sum32())
}
