package sql

import (
	"context"

	"greenroom/widgets"
)

// Beside implements widgets.Neighbours. It costs what a page of one row costs, wherever that is.
func (t *Table) Beside(ctx context.Context, q widgets.Query, key widgets.Key, back bool) (widgets.Key, error) {
	q.After, q.Before, q.Last, q.Limit, q.Select = "", "", false, 1, t.Table().Key
	l, err := t.list(q)
	if err != nil {
		return nil, err
	}
	row, err := addressed(t.db.dialect, l.shape, key)
	if err != nil {
		return nil, err
	}
	at, err := l.at(ctx, row)
	if err != nil {
		return nil, err
	}
	if at == nil {
		return nil, widgets.ErrNoRow
	}
	keys := l.keys
	if back {
		keys = flipped(keys)
	}
	records, err := l.page(ctx, keys, at)
	if err != nil {
		return nil, t.failed("find the row beside one of", l.shape, err)
	}
	if len(records) == 0 {
		return nil, widgets.ErrNoRow
	}
	return records[0].row.Key, nil
}
