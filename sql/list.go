package sql

import (
	"context"
	"fmt"
	"slices"
	"time"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

const (
	pageSize = 25
	// largestPage bounds Query.Limit; Rows.Next goes on from there.
	largestPage = 1000
	// walkBudget is how long a list with a condition may walk the index of its sort. Where matches are rare the walk is a random look-up a row:
	// 3.5 s a million, where a scan and a sort of what matches take 0.3 s.
	walkBudget = 60 * time.Millisecond
	// fewMatches are sorted in no time; probeBudget is what it may cost to find out that they are few.
	fewMatches  = 500
	probeBudget = 10 * time.Millisecond
	// preview is how much of a long text or of bytes a list fetches.
	preview = 500
)

// List implements widgets.Reader.
func (t *Table) List(ctx context.Context, q widgets.Query) (widgets.Rows, error) {
	l, err := t.list(q)
	if err != nil {
		return widgets.Rows{}, err
	}
	if len(l.shape.tail) == 0 {
		return l.byOffset(ctx, q)
	}
	return l.byKey(ctx, q)
}

// list is a query made ready: everything a request named has been looked up.
type list struct {
	t     *Table
	shape *shape
	show  []*column
	keys  []sortKey
	match sq.Sqlizer // search and filter; nil means every row
	walks sq.Sqlizer // the same, in a way that no index serves
	// narrow says that an index may find the matches.
	narrow bool
	limit  int
	bound  uint32
}

func (t *Table) list(q widgets.Query) (*list, error) {
	s := t.now.Load()
	l := &list{t: t, shape: s, limit: q.Limit}
	switch {
	case l.limit < 0:
		return nil, fmt.Errorf("sql: list %s: the limit is %d", s.info.ID(), l.limit)
	case l.limit == 0:
		l.limit = pageSize
	case l.limit > largestPage:
		l.limit = largestPage
	}
	if q.After != "" && q.Before != "" || q.Last && (q.After != "" || q.Before != "") {
		return nil, fmt.Errorf("sql: list %s: at most one of After, Before and Last", s.info.ID())
	}
	var err error
	if l.show, err = s.finds(q.Select); err != nil {
		return nil, err
	}
	if l.keys, err = sortKeys(s, q.Order); err != nil {
		return nil, err
	}
	if l.match, err = t.matching(s, q); err != nil {
		return nil, err
	}
	if l.match != nil && t.db.dialect.facts().adaptive && indexed(l.keys) {
		if l.walks, err = t.matcher(s, t.db.dialect.unindexed).matching(q); err != nil {
			return nil, err
		}
		l.narrow = narrow(s, q.Filter)
	}
	l.bound = binding(s, l.keys)
	return l, nil
}

// record is a row with the stored values of its sort.
type record struct {
	row  widgets.Row
	sort []any
}

func (l *list) byKey(ctx context.Context, q widgets.Query) (widgets.Rows, error) {
	var at []any
	if text := q.After + q.Before; text != "" {
		var err error
		if at, err = l.position(ctx, text); err != nil {
			return widgets.Rows{}, err
		}
	}
	backward := q.Before != "" || q.Last
	keys := l.keys
	if backward {
		keys = flipped(keys)
	}
	records, err := l.page(ctx, keys, at)
	if err != nil {
		return widgets.Rows{}, l.t.failed("list", l.shape, err)
	}
	more := len(records) > l.limit
	if more {
		records = records[:l.limit]
	}
	switch {
	case q.Before != "" && !more:
		// The page before reaches the start: rows have gone or come. The first page is a whole one.
		return l.byKey(ctx, widgets.Query{})
	case q.After != "" && len(records) == 0:
		return l.byKey(ctx, widgets.Query{Last: true})
	}
	if backward {
		slices.Reverse(records)
	}
	out := widgets.Rows{Columns: names(l.show), Rows: make([]widgets.Row, len(records))}
	for i := range records {
		out.Rows[i] = records[i].row
	}
	if n := len(records); n > 0 {
		if q.After != "" || backward && more {
			out.Prev = l.cursor(records[0])
		}
		if q.Before != "" || !backward && more {
			out.Next = l.cursor(records[n-1])
		}
	}
	return out, nil
}

// cursor is the position of a record.
func (l *list) cursor(r record) string {
	text := cursor{kind: cursorValues, values: r.sort}.encode(l.bound)
	if len(text) <= longestCursor {
		return text
	}
	var tail []any
	for _, c := range l.shape.tail {
		for i, k := range l.keys {
			if k.c.at == c.at {
				tail = append(tail, r.sort[i])
			}
		}
	}
	return cursor{kind: cursorKey, values: tail}.encode(l.bound)
}

// position is a cursor's values; those of a cursor that holds the key only are looked up.
func (l *list) position(ctx context.Context, text string) ([]any, error) {
	c, err := decodeCursor(text, l.bound, len(l.keys), len(l.shape.tail))
	if err != nil || c.kind == cursorValues {
		return c.values, err
	}
	if c.kind != cursorKey {
		return nil, errCursor
	}
	var preds []sq.Sqlizer
	for i, col := range l.shape.tail {
		preds = append(preds, l.shape.is(col, c.values[i]))
	}
	at, err := l.at(ctx, all(preds...))
	if err == nil && at == nil {
		err = widgets.UserError("The row that this page starts at is gone. Start again at the first page.")
	}
	return at, err
}

// at is the position of the one row that a predicate names, nil when there is none.
func (l *list) at(ctx context.Context, row sq.Sqlizer) ([]any, error) {
	columns := make([]string, len(l.keys))
	for i, k := range l.keys {
		columns[i] = l.t.db.dialect.raw(k.c)
	}
	found, err := l.t.rows(ctx, l.t.db.read, where(selecting(l.shape, columns...), row).Limit(1), len(columns))
	if err != nil {
		return nil, l.t.failed("find a page of", l.shape, err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// is compares with a stored value, NULL included.
func (s *shape) is(c *column, stored any) sq.Sqlizer {
	if stored == nil {
		return sq.Expr(string(c.at) + " IS NULL")
	}
	return sq.Expr(c.order+" = ?", s.d.compare(c, stored))
}

// page fetches one row more than fits, behind a position or from the start of the sort.
//
// With a condition and an index on the sort there are two ways, each a thousand times slower than the other on the wrong data: to walk the
// index of the sort until enough rows match, or to find all matches and sort them. SQLite has no statistics to choose by unless somebody ran ANALYZE,
// MariaDB has them and chooses wrongly all the same; PostgreSQL chooses right and is left alone.
// So: when the condition can use an index and has few matches, find and sort; else walk for a moment, and find and sort if that was not enough.
func (l *list) page(ctx context.Context, keys []sortKey, at []any) ([]record, error) {
	plain := l.keyset(plainly)
	if l.walks == nil {
		return l.walk(ctx, plain, l.match, keys, at)
	}
	if !l.narrow || !l.few(ctx) {
		quick, cancel := context.WithTimeout(ctx, l.t.db.walk)
		defer cancel()
		records, err := l.walk(quick, plain, l.walks, keys, at)
		if err == nil || quick.Err() == nil || ctx.Err() != nil {
			return records, err
		}
	}
	return l.walk(ctx, l.keyset(l.t.db.dialect.unindexed), l.match, keys, at)
}

func (l *list) keyset(express func(*column) string) keyset {
	d := l.t.db.dialect
	return keyset{express, d.compare, d.facts().nullsHigh}
}

// few reports whether a sort of all matches costs next to nothing.
func (l *list) few(ctx context.Context) bool {
	quick, cancel := context.WithTimeout(ctx, l.t.db.probe)
	defer cancel()
	_, more, err := l.t.tally(quick, l.t.db.read, where(selecting(l.shape, "1"), l.match), fewMatches)
	return err == nil && !more
}

// narrow reports whether a filter demands something of an indexed column.
func narrow(s *shape, f widgets.Filter) bool {
	if c, err := s.find(f.Column); err == nil && c.Indexed {
		return true
	}
	return slices.ContainsFunc(f.All, func(g widgets.Filter) bool { return narrow(s, g) })
}

func (l *list) walk(ctx context.Context, k keyset, match sq.Sqlizer, keys []sortKey, at []any) ([]record, error) {
	ranges := []sq.Sqlizer{nil}
	if at != nil {
		ranges = k.ranges(keys, at)
	}
	var out []record
	for _, r := range ranges {
		found, err := l.fetch(ctx, all(match, r), k.orderBy(keys), l.limit+1-len(out), 0)
		if err != nil {
			return nil, err
		}
		if out = append(out, found...); len(out) > l.limit {
			break
		}
	}
	return out, nil
}

// byOffset pages through what has no key: views and virtual tables. A page deep inside costs what lies before it.
func (l *list) byOffset(ctx context.Context, q widgets.Query) (widgets.Rows, error) {
	offset := 0
	if text := q.After + q.Before; text != "" {
		c, err := decodeCursor(text, l.bound, 0, 0)
		if err != nil {
			return widgets.Rows{}, err
		}
		offset = int(c.offset)
	}
	fail := func(err error) (widgets.Rows, error) {
		return widgets.Rows{}, l.t.failed("list", l.shape, err)
	}
	if q.Last {
		total, err := l.t.countAll(ctx, l.shape, l.match)
		if err != nil {
			return fail(err)
		}
		offset = max(0, int(total)-l.limit)
	}
	if q.Before != "" {
		offset = max(0, offset-l.limit)
	}
	k := l.keyset(plainly)
	records, err := l.fetch(ctx, l.match, k.orderBy(l.keys), l.limit+1, offset)
	if err != nil {
		return fail(err)
	}
	out := widgets.Rows{Columns: names(l.show)}
	if len(records) > l.limit {
		records = records[:l.limit]
		out.Next = cursor{kind: cursorOffset, offset: int64(offset + l.limit)}.encode(l.bound)
	}
	if offset > 0 {
		out.Prev = cursor{kind: cursorOffset, offset: int64(offset)}.encode(l.bound)
	}
	for _, r := range records {
		out.Rows = append(out.Rows, r.row)
	}
	return out, nil
}

func names(columns []*column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return out
}
