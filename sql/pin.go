package sql

import (
	"context"
	"fmt"

	"greenroom/widgets"
)

// Pin implements widgets.Reader: one statement, so one snapshot. On a file that is not in write-ahead mode a commit waits for it.
func (t *Table) Pin(ctx context.Context, q widgets.Query, each func(widgets.Key) error) error {
	s := t.now.Load()
	key := s.key()
	if len(key) == 0 {
		return widgets.UserError(fmt.Sprintf("Rows of %s cannot be selected: %s.", s.info.Plural, s.info.ReadOnly))
	}
	match, err := t.matching(s, q)
	if err != nil {
		return err
	}
	order := make([]string, len(key))
	for i, c := range key {
		order[i] = c.order
	}
	query, args, err := where(selecting(s, raws(t.db.dialect, key)...), match).OrderBy(order...).ToSql()
	if err != nil {
		return err
	}
	fail := func(err error) error { return t.failed("pin", s, interrupted(ctx, err)) }
	rows, err := t.db.read.QueryContext(ctx, query, args...)
	if err != nil {
		return fail(err)
	}
	defer rows.Close() //nolint:errcheck // Err tells what Close would
	stored, into := make([]any, len(key)), make([]any, len(key))
	for i := range stored {
		into[i] = &stored[i]
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return fail(err)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fail(err)
		}
		t.db.dialect.scanned(types, stored)
		if err := each(keyOf(t.db.dialect, key, stored)); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	return nil
}
