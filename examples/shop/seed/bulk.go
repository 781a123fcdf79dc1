package seed

import (
	"context"
	"database/sql"
	"strings"
)

// bulk inserts rows of one table many at a time: a statement for each row costs five times as much.
type bulk struct {
	tx    *sql.Tx
	table string
	head  string
	width int
	size  int // rows a statement
	full  *sql.Stmt
	args  []any
}

// newBulk prepares the insert of a table's columns, named in one comma-separated text.
func newBulk(ctx context.Context, tx *sql.Tx, table, columns string, size int) (*bulk, error) {
	b := &bulk{
		tx:    tx,
		table: table,
		head:  "INSERT INTO " + table + " (" + columns + ") VALUES ",
		width: strings.Count(columns, ",") + 1,
		size:  size,
	}
	var err error
	b.full, err = tx.PrepareContext(ctx, b.statement(size))
	return b, err
}

func (b *bulk) statement(rows int) string {
	row := "(?" + strings.Repeat(",?", b.width-1) + ")"
	return b.head + row + strings.Repeat(","+row, rows-1)
}

// add takes one row's values in the order of the columns. They are written by the next flush.
func (b *bulk) add(values ...any) { b.args = append(b.args, values...) }

// flush writes every full statement's worth of rows, and the rest too when all is set.
func (b *bulk) flush(ctx context.Context, all bool) error {
	rest, step := b.args, b.size*b.width
	for ; len(rest) >= step; rest = rest[step:] {
		if _, err := b.full.ExecContext(ctx, rest[:step]...); err != nil {
			return err
		}
	}
	if all && len(rest) > 0 {
		if _, err := b.tx.ExecContext(ctx, b.statement(len(rest)/b.width), rest...); err != nil {
			return err
		}
		rest = nil
	}
	b.args = append(b.args[:0], rest...)
	return nil
}
