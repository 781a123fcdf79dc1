package sql

import (
	"context"
	"errors"
	"fmt"
	"slices"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

// selection is what a query selects, each expression once.
type selection struct{ columns []string }

// add returns where each of the expressions stands.
func (s *selection) add(expressions ...string) []int {
	out := make([]int, len(expressions))
	for i, e := range expressions {
		at := slices.Index(s.columns, e)
		if at < 0 {
			at = len(s.columns)
			s.columns = append(s.columns, e)
		}
		out[i] = at
	}
	return out
}

func picked(stored []any, places []int) []any {
	out := make([]any, len(places))
	for i, p := range places {
		out[i] = stored[p]
	}
	return out
}

// fetch runs the query of a page: what is shown, what the sort needs, and the key.
func (l *list) fetch(ctx context.Context, p sq.Sqlizer, order []string, limit, offset int) ([]record, error) {
	d := l.t.db.dialect
	var sel selection
	shown, sort := make([]int, len(l.show)), make([]int, len(l.keys))
	for i, c := range l.show {
		shown[i] = sel.add(previewed(d, c))[0]
	}
	for i, k := range l.keys {
		sort[i] = sel.add(d.raw(k.c))[0]
	}
	key := l.shape.key()
	keyed := sel.add(raws(d, key)...)
	if len(sel.columns) == 0 {
		return nil, errors.New("no columns to select")
	}
	b := where(selecting(l.shape, sel.columns...), p).OrderBy(order...).Limit(uint64(limit))
	if offset > 0 {
		b = b.Offset(uint64(offset))
	}
	rows, err := l.t.rows(ctx, l.t.db.read, b, len(sel.columns))
	if err != nil {
		return nil, err
	}
	out := make([]record, len(rows))
	for i, stored := range rows {
		row := widgets.Row{Key: keyOf(d, key, picked(stored, keyed)), Values: make([]widgets.Value, len(shown))}
		for j, at := range shown {
			row.Values[j] = value(stored[at])
		}
		out[i] = record{row, picked(stored, sort)}
	}
	return out, nil
}

// previewed is a column in a list: whole, or the beginning of what may be long. Only what SQLite converts to text on storing may be cut by
// substr: a number would come back as a text.
func previewed(d dialect, c *column) string {
	long := c.affinity == affinityText && (c.MaxLen == 0 || c.MaxLen > preview)
	if c.native != nil {
		switch c.Kind {
		case widgets.KindText, widgets.KindLongText, widgets.KindJSON, widgets.KindBytes:
			if long {
				return fmt.Sprintf("substr(%s, 1, %d)", d.raw(c), preview)
			}
		}
		return d.raw(c)
	}
	if long || c.Kind == widgets.KindBytes && c.affinity == affinityNone {
		return fmt.Sprintf("substr(%s, 1, %d)", c.at, preview)
	}
	return d.raw(c)
}
