package sql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

// chunk is how many keys one statement looks up.
const chunk = 1000

// rows runs a SELECT and returns the stored values of its rows.
func (t *Table) rows(ctx context.Context, q querier, b sq.SelectBuilder, columns int) (found [][]any, err error) {
	ctx, end := widgets.Span(ctx, "sql read", "table", t.Table().ID())
	defer func() { end(err) }()
	query, args, err := b.ToSql()
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, interrupted(ctx, err)
	}
	defer rows.Close() //nolint:errcheck // Err tells what Close would
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, interrupted(ctx, err)
	}
	var out [][]any
	into := make([]any, columns)
	for rows.Next() {
		stored := make([]any, columns)
		for i := range stored {
			into[i] = &stored[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, interrupted(ctx, err)
		}
		t.db.dialect.scanned(types, stored)
		out = append(out, stored)
	}
	return out, interrupted(ctx, rows.Err())
}

// interrupted makes an error that a context's end led to say so, whatever a server calls it.
func interrupted(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		<-ctx.Done() // at once: a dialer keeps a timer of its own for the same deadline, and may be first
	}
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

func values(stored []any) []widgets.Value {
	out := make([]widgets.Value, len(stored))
	for i, v := range stored {
		out[i] = value(v)
	}
	return out
}

// keyOf is nil for rows without a key.
func keyOf(d dialect, columns []*column, stored []any) widgets.Key {
	if len(columns) == 0 {
		return nil
	}
	key := make(widgets.Key, len(columns))
	for i, c := range columns {
		key[i] = d.part(c, stored[i])
	}
	return key
}

// addressed is the predicate that holds for the row of a key; ErrNoRow for a key that no row can have.
func addressed(d dialect, s *shape, key widgets.Key) (sq.Sqlizer, error) {
	columns := s.key()
	if len(key) != len(columns) || len(columns) == 0 {
		return nil, widgets.ErrNoRow
	}
	preds := make([]sq.Sqlizer, len(key))
	for i, c := range columns {
		arg, ok := d.parsed(c, key[i])
		if !ok {
			return nil, widgets.ErrNoRow
		}
		preds[i] = s.is(c, arg)
	}
	return all(preds...), nil
}

func raws(d dialect, columns []*column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = d.raw(c)
	}
	return out
}

// Get implements widgets.Reader.
func (t *Table) Get(ctx context.Context, key widgets.Key, f widgets.Filter) (widgets.Row, error) {
	s := t.now.Load()
	at, err := addressed(t.db.dialect, s, key)
	if err != nil {
		return widgets.Row{}, err
	}
	scope, err := t.matching(s, widgets.Query{Filter: f})
	if err != nil {
		return widgets.Row{}, err
	}
	shown, _ := s.finds(nil)
	columns := append(shown, s.key()...)
	found, err := t.rows(ctx, t.db.read, where(selecting(s, raws(t.db.dialect, columns)...), all(at, scope)).Limit(1), len(columns))
	if t.db.dialect.fault(err).kind == faultType {
		return widgets.Row{}, widgets.ErrNoRow // no value of the key's type, so nobody's key
	}
	if err != nil {
		return widgets.Row{}, t.failed("get", s, err)
	}
	if len(found) == 0 {
		return widgets.Row{}, widgets.ErrNoRow
	}
	n := len(s.columns)
	row := widgets.Row{Key: keyOf(t.db.dialect, columns[n:], found[0][n:]), Values: values(found[0][:n])}
	if !slices.Equal(row.Key, key) {
		// "1.0", "+1" or another case: the database finds the row, but a page that goes by this key would not hear of the row's changes.
		return widgets.Row{}, widgets.ErrNoRow
	}
	return row, nil
}

// lookup finds rows by the values of columns, many in a statement, and calls hit with the place of the key and the row's stored values.
func (t *Table) lookup(ctx context.Context, q querier, s *shape, by []*column, keys []widgets.Key, scope sq.Sqlizer, want []string, hit func(int, []any)) error {
	if t.db.dialect.facts().remote {
		return t.lookupRemote(ctx, q, s, by, keys, scope, want, hit)
	}
	var bulk []int
	for i, key := range keys {
		if len(key) != len(by) {
			continue
		}
		if bulkable(t.db.dialect, by, key) {
			bulk = append(bulk, i)
			continue
		}
		preds := make([]sq.Sqlizer, len(by))
		for j, c := range by {
			arg, _ := t.db.dialect.parsed(c, key[j])
			preds[j] = s.is(c, arg)
		}
		found, err := t.rows(ctx, q, where(selecting(s, want...), all(append(preds, scope)...)).Limit(1), len(want))
		if err != nil {
			return err
		}
		if len(found) > 0 {
			hit(i, found[0])
		}
	}
	for len(bulk) > 0 {
		n := min(chunk, len(bulk))
		if err := t.lookupChunk(ctx, q, s, by, keys, bulk[:n], scope, want, hit); err != nil {
			return err
		}
		bulk = bulk[n:]
	}
	return nil
}

// bulkable reports whether a key can be written as JSON: it holds neither bytes nor NULL nor a NUL character.
func bulkable(d dialect, by []*column, key widgets.Key) bool {
	for i, c := range by {
		arg, _ := d.parsed(c, key[i])
		switch x := arg.(type) {
		case nil, []byte:
			return false
		case float64:
			return false // JSON has no infinity, and a float is nobody's usual key
		case string:
			if strings.ContainsRune(x, 0) || !utf8.ValidString(x) {
				return false
			}
		}
	}
	return true
}

// lookupChunk binds all keys as one JSON array: [[place, part, …], …]. CROSS JOIN makes SQLite go through the keys and look each up.
func (t *Table) lookupChunk(ctx context.Context, q querier, s *shape, by []*column, keys []widgets.Key, places []int, scope sq.Sqlizer, want []string, hit func(int, []any)) error {
	list := make([][]any, len(places))
	for i, place := range places {
		list[i] = []any{place}
		for j, c := range by {
			arg, _ := t.db.dialect.parsed(c, keys[place][j])
			list[i] = append(list[i], arg)
		}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	preds := make([]sq.Sqlizer, len(by))
	for j, c := range by {
		preds[j] = sq.Expr(fmt.Sprintf("%s = (k.value ->> %d)", c.at, j+1))
	}
	// FROM takes no argument in squirrel, a join does.
	b := sq.Select(append([]string{"k.value ->> 0"}, want...)...).PlaceholderFormat(finished{}).From("(SELECT 1) AS one").
		JoinClause("CROSS JOIN json_each(?) AS k", string(text)).JoinClause("CROSS JOIN " + string(s.from))
	found, err := t.rows(ctx, q, where(b, all(append(preds, scope)...)), 1+len(want))
	for _, stored := range found {
		hit(int(stored[0].(int64)), stored[1:])
	}
	return err
}

// lookupRemote asks a server for a chunk of keys by IN, or for several columns by OR, and matches the rows with the keys by their text.
func (t *Table) lookupRemote(ctx context.Context, q querier, s *shape, by []*column, keys []widgets.Key, scope sq.Sqlizer, want []string, hit func(int, []any)) error {
	d := t.db.dialect
	places := map[string][]int{}
	var preds []sq.Sqlizer
	var single []any
	flush := func() error {
		if len(single) > 0 {
			preds = append(preds, sq.Expr(by[0].order+" IN ("+sq.Placeholders(len(single))+")", single...))
		}
		if len(preds) == 0 {
			return nil
		}
		found, err := t.rows(ctx, q, where(selecting(s, append(raws(d, by), want...)...), all(either(preds...), scope)), len(by)+len(want))
		for _, stored := range found {
			id := keyOf(d, by, stored[:len(by)]).String()
			for _, place := range places[id] {
				hit(place, stored[len(by):])
			}
		}
		places, preds, single = map[string][]int{}, nil, nil
		return err
	}
	for i, key := range keys {
		if len(key) != len(by) {
			continue
		}
		args, known := make([]any, len(by)), true
		for j, c := range by {
			var ok bool
			args[j], ok = d.parsed(c, key[j])
			known = known && ok
		}
		id := key.String()
		before := places[id]
		if !known {
			continue
		}
		places[id] = append(before, i)
		switch {
		case before != nil:
		case len(by) == 1:
			single = append(single, d.compare(by[0], args[0]))
		default:
			parts := make([]sq.Sqlizer, len(by))
			for j, c := range by {
				parts[j] = s.is(c, args[j])
			}
			preds = append(preds, all(parts...))
		}
		if len(places) == chunk {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// Names implements widgets.Reader.
func (t *Table) Names(ctx context.Context, columns []string, keys []widgets.Key) (map[string]string, error) {
	s := t.now.Load()
	by, err := s.finds(columns)
	if err != nil {
		return nil, err
	}
	title, err := s.finds(s.info.TitleColumns)
	if err != nil {
		return nil, err
	}
	previews := make([]string, len(title)) // a name may be the first text there is, and long
	for i, c := range title {
		previews[i] = previewed(t.db.dialect, c)
	}
	out := make(map[string]string, len(keys))
	err = t.lookup(ctx, t.db.read, s, by, keys, nil, previews, func(i int, stored []any) {
		name := titled(stored)
		if name == "" {
			name = strings.Join(keys[i], ", ")
		}
		out[keys[i].String()] = name
	})
	if err != nil {
		return nil, t.failed("names of", s, err)
	}
	return out, nil
}

// titled joins the columns that name a row.
func titled(stored []any) string {
	var parts []string
	for _, v := range stored {
		if text := strings.TrimSpace(value(v).String()); text != "" && v != nil {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " ")
}

// Fetch implements widgets.Reader.
func (t *Table) Fetch(ctx context.Context, keys []widgets.Key, f widgets.Filter) ([]widgets.Row, error) {
	s := t.now.Load()
	if len(s.info.Key) == 0 {
		return nil, nil
	}
	scope, err := t.matching(s, widgets.Query{Filter: f})
	if err != nil {
		return nil, err
	}
	shown, _ := s.finds(nil)
	n := len(shown)
	columns := append(shown, s.key()...)
	found := make([]*widgets.Row, len(keys))
	err = t.lookup(ctx, t.db.read, s, columns[n:], keys, scope, raws(t.db.dialect, columns), func(i int, stored []any) {
		found[i] = &widgets.Row{Key: keyOf(t.db.dialect, columns[n:], stored[n:]), Values: values(stored[:n])}
	})
	if err != nil {
		return nil, t.failed("fetch", s, err)
	}
	out := make([]widgets.Row, 0, len(keys))
	for _, r := range found {
		if r != nil {
			out = append(out, *r)
		}
	}
	return out, nil
}
