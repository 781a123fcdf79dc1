package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"greenroom/widgets"
)

// Tx runs f in a transaction of the database that may change rows of this table, and commits when it returns nil. Pages are told that the table has
// changed, not which rows. On SQLite nobody else writes meanwhile, and f must not use the Table's own methods, which would wait for it.
func (t *Table) Tx(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	return t.db.changing(ctx, t.db.noting(ctx), []string{t.Table().ID()}, func(tx *sql.Tx) (*widgets.Change, error) { return nil, f(ctx, tx) })
}

// ignored is for triggers that RAISE(IGNORE).
const ignored = "The database took no notice of this: one of its triggers decided so."

// Insert implements widgets.Writer.
func (t *Table) Insert(ctx context.Context, given map[string]widgets.Value) (widgets.Key, error) {
	s := t.now.Load()
	if err := s.editable(); err != nil {
		return nil, err
	}
	final := map[string]any{}
	var key widgets.Key
	n := t.db.noting(ctx)
	if t.hooked().Before == nil { // else it has its say first
		if _, err := t.newRow(s, given); err != nil {
			return nil, err
		}
	}
	err := t.db.changing(ctx, n, nil, func(tx *sql.Tx) (*widgets.Change, error) {
		given, err := t.before(ctx, tx, "insert", nil, given)
		if err != nil {
			return nil, err
		}
		set, err := t.newRow(s, given)
		if err != nil {
			return nil, err
		}
		change, err := t.insertIn(ctx, tx, n, s, set, final)
		if err == nil {
			key = change.Keys[0]
		}
		return change, err
	})
	if t.db.dialect.fault(err).kind == faultReference { // a deferred one, found at the commit
		err = t.dangling(ctx, t.db.read, s, final)
	}
	return key, t.failed("insert into", s, err)
}

// insertIn inserts a row in a transaction. final is filled with what was given, for the text of an error that the commit brings.
func (t *Table) insertIn(ctx context.Context, tx *sql.Tx, n *notes, s *shape, set []assignment, final map[string]any) (*widgets.Change, error) {
	columns := s.key()
	returning := make([]string, len(columns))
	for i, c := range columns {
		bare := *c
		bare.at = c.ident // RETURNING knows no alias
		returning[i] = t.db.dialect.raw(&bare)
	}
	query, args, err := inserting(s, set, returning)
	if err != nil {
		return nil, err
	}
	for _, a := range set {
		final[a.column.Name] = a.value
	}
	stored, err := t.insert1(ctx, tx, query, args, columns, final)
	if err != nil {
		return nil, t.refused(ctx, t.afterwards(tx), s, err, final)
	}
	key := keyOf(t.db.dialect, columns, stored)
	if !t.db.dialect.facts().returning { // it is what was given so far
		if key, _, err = t.itself(ctx, tx, s, key, nil); err != nil {
			return nil, err
		}
	}
	if err := t.noteInsert(ctx, tx, n, s, key); err != nil {
		return nil, err
	}
	return &widgets.Change{Table: s.info.ID(), Op: "insert", Keys: []widgets.Key{key}}, t.after(ctx, tx, "insert", key, set)
}

// insert1 runs an INSERT and returns the stored key. Where the engine does not return it, it is what was given, but for the number that the
// engine has drawn.
func (t *Table) insert1(ctx context.Context, tx *sql.Tx, query string, args []any, key []*column, given map[string]any) ([]any, error) {
	if !t.db.dialect.facts().returning {
		result, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return nil, interrupted(ctx, err)
		}
		stored := make([]any, len(key))
		for i, c := range key {
			if stored[i] = given[c.Name]; stored[i] != nil || !c.Auto {
				continue
			}
			n, err := result.LastInsertId()
			if err != nil {
				return nil, err
			}
			stored[i] = t.db.dialect.argument(c, written(n))
		}
		return stored, nil
	}
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, interrupted(ctx, err)
	}
	defer rows.Close() //nolint:errcheck // Err tells what Close would
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	var out []any
	for rows.Next() {
		out = make([]any, len(key))
		into := make([]any, len(key))
		for i := range out {
			into[i] = &out[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		t.db.dialect.scanned(types, out)
	}
	if err := rows.Err(); err != nil {
		return nil, interrupted(ctx, err)
	}
	if out == nil {
		return nil, invalid("", ignored)
	}
	return out, nil
}

// newRow checks the values of a row to be.
func (t *Table) newRow(s *shape, given map[string]widgets.Value) ([]assignment, error) {
	bad := map[string]string{}
	var set []assignment
	for _, name := range slices.Sorted(maps.Keys(given)) {
		c, err := s.find(name)
		if err != nil {
			return nil, err
		}
		v := given[name]
		if empty := v.IsNull() || !v.IsBlob() && v.String() == "" && neverEmpty(c); empty && c.HasDefault && !c.Nullable {
			continue // an input left empty gets the default
		}
		arg, problem := checked(t.db.dialect, c, v, nil)
		switch {
		case problem != "":
			bad[name] = problem
		case arg == nil && c.Auto:
		default:
			set = append(set, assignment{c, arg})
		}
	}
	for i := range s.columns {
		c := &s.columns[i]
		if _, ok := given[c.Name]; !ok && !c.Nullable && !c.HasDefault && !c.Auto && !c.Generated {
			bad[c.Name] = required
		}
	}
	if len(bad) > 0 {
		return nil, &widgets.Invalid{Fields: bad}
	}
	return set, nil
}

// Update implements widgets.Writer. The comparison with base is made here and not in SQL, where floats, JSON and padded texts compare in ways
// of their own. Changes that leave a column as it is are dropped; when none is left nothing is written and nothing published.
func (t *Table) Update(ctx context.Context, key widgets.Key, base, changes map[string]widgets.Value) error {
	s := t.now.Load()
	if err := s.editable(); err != nil {
		return err
	}
	final := map[string]any{}
	n := t.db.noting(ctx)
	err := t.db.changing(ctx, n, nil, func(tx *sql.Tx) (*widgets.Change, error) {
		return t.updateIn(ctx, tx, n, s, key, base, changes, final)
	})
	if t.db.dialect.fault(err).kind == faultReference {
		err = t.dangling(ctx, t.db.read, s, final)
	}
	return t.failed("update", s, err)
}

// updateIn updates a row in a transaction; the change is nil where nothing is to be done. final is filled with the row as it is then.
func (t *Table) updateIn(
	ctx context.Context, tx *sql.Tx, n *notes, s *shape, key widgets.Key, base, changes map[string]widgets.Value, final map[string]any,
) (*widgets.Change, error) {
	at, err := addressed(t.db.dialect, s, key)
	if err != nil {
		return nil, err
	}
	if len(changes) > 0 { // else it is only looked whether the row is there
		if changes, err = t.before(ctx, tx, "update", key, changes); err != nil {
			return nil, err
		}
	}
	columns, err := s.finds(union(base, changes))
	if err != nil {
		return nil, err
	}
	key, stored, err := t.itself(ctx, tx, s, key, columns)
	if err != nil {
		return nil, err
	}
	set, err := t.changed(columns, stored, base, changes)
	if err != nil || len(set) == 0 {
		return nil, err
	}
	query, args, err := updating(s, set, at)
	if err != nil {
		return nil, err
	}
	change := &widgets.Change{Table: s.info.ID(), Op: "update", Keys: []widgets.Key{key}}
	moved := slices.Clone(key)
	for _, a := range set {
		if a.column.KeyPart > 0 {
			moved[a.column.KeyPart-1] = t.db.dialect.part(a.column, a.value)
		}
	}
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		after := t.afterwards(tx)
		t.overlay(ctx, after, s, key, set, final)
		return nil, t.refused(ctx, after, s, interrupted(ctx, err), final)
	}
	if rows, err := result.RowsAffected(); err != nil || rows == 0 {
		return nil, errors.Join(err, invalid("", ignored))
	}
	if !slices.Equal(moved, key) {
		if moved, _, err = t.itself(ctx, tx, s, moved, nil); err != nil {
			return nil, err
		}
		change.Keys = append(change.Keys, moved)
	}
	if err := n.update(ctx, s, key, columns, stored, set); err != nil {
		return nil, err
	}
	t.overlay(ctx, tx, s, moved, nil, final)
	return change, t.after(ctx, tx, "update", moved, set)
}

// overlay fills final with the row as stored and set on top, for the text of a foreign key error; if it cannot be read the text is a general one.
func (t *Table) overlay(ctx context.Context, q querier, s *shape, key widgets.Key, set []assignment, final map[string]any) {
	if len(s.info.Refs) == 0 {
		return
	}
	at, err := addressed(t.db.dialect, s, key)
	if err != nil {
		return
	}
	columns, _ := s.finds(nil)
	found, err := t.rows(ctx, q, where(selecting(s, raws(t.db.dialect, columns)...), at).Limit(1), len(columns))
	if err != nil || len(found) == 0 {
		return
	}
	stored := found[0]
	for i, c := range columns {
		final[c.Name] = stored[i]
	}
	for _, a := range set {
		final[a.column.Name] = a.value
	}
}

func union(base, changes map[string]widgets.Value) []string {
	names := slices.Collect(maps.Keys(changes))
	for name := range base {
		if _, ok := changes[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return append([]string{}, names...)
}

// changed checks the changes against what is stored, then base: *Invalid goes before *Conflict, since it would still be there after a reload.
func (t *Table) changed(columns []*column, stored []any, base, changes map[string]widgets.Value) ([]assignment, error) {
	bad, theirs := map[string]string{}, map[string]widgets.Value{}
	var set []assignment
	for i, c := range columns {
		now := value(stored[i])
		if seen, ok := base[c.Name]; ok && seen != now {
			theirs[c.Name] = now
		}
		next, ok := changes[c.Name]
		if !ok || next == now {
			continue
		}
		arg, problem := checked(t.db.dialect, c, next, stored[i])
		switch {
		case problem == "" && (value(arg) == now || c.sameNumber(arg, stored[i])):
		case problem == "" && c.Auto:
			bad[c.Name] = "The database numbers the rows; this cannot be changed."
		case problem != "":
			bad[c.Name] = problem
		default:
			set = append(set, assignment{c, arg})
		}
	}
	switch {
	case len(bad) > 0:
		return nil, &widgets.Invalid{Fields: bad}
	case len(theirs) > 0:
		return nil, &widgets.Conflict{Theirs: theirs}
	}
	return set, nil
}

// Set updates a row of which the caller knows what to write, with Go values: nil, strings, numbers, booleans, time.Time, []byte, widgets.Value
// and pointers to them. It is for programs; forms use Update with what the person saw.
func (t *Table) Set(ctx context.Context, key widgets.Key, changes map[string]any) error {
	s := t.now.Load()
	typed := make(map[string]widgets.Value, len(changes))
	for name, v := range changes {
		c, err := s.find(name)
		if err != nil {
			return err
		}
		if typed[name], err = valueOf(c, v); err != nil {
			return fmt.Errorf("sql: set %s.%s: %w", s.info.ID(), name, err)
		}
	}
	return t.Update(ctx, key, nil, typed)
}

// Exec runs a statement of the embedder's own in a transaction of its own, and publishes a Change without keys for the tables it names and for
// all others that were touched. On SQLite the engine tells which those are, so tables may be nil. It returns how many rows were affected.
func (d *Database) Exec(ctx context.Context, tables []string, query string, args ...any) (int64, error) {
	var n int64
	err := d.Write(ctx, tables, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err == nil {
			n, err = result.RowsAffected()
		}
		return err
	})
	return n, err
}

// Write is Exec for several statements: f's transaction is the only writer while it runs, so it should be short, and it must not call other
// writing methods. An error rolls back. When f changed the schema it is read again.
func (d *Database) Write(ctx context.Context, tables []string, f func(tx *sql.Tx) error) error {
	var version int64
	err := d.changing(ctx, d.noting(ctx), tables, func(tx *sql.Tx) (*widgets.Change, error) {
		err := f(tx)
		if err == nil {
			version, err = d.dialect.version(ctx, tx)
		}
		return nil, err
	})
	if err == nil && version != d.schema.Load().version {
		return d.Reload(ctx)
	}
	return err
}
