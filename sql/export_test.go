package sql

import (
	"context"
	"database/sql"
	"time"

	"greenroom/widgets"
)

// Impatient makes lists give up walking an index at once, so that tests see the other way of finding a page.
func (d *Database) Impatient() { d.walk, d.probe = time.Nanosecond, time.Nanosecond }

// Plain is the pool that writes, for what is no business of a Database: making another one.
func (d *Database) Plain() *sql.DB { return d.write }

// Count scans a number out of the served database.
func (s *ServedJobs) Count(ctx context.Context, n *int, query string) error {
	return s.db.write.QueryRowContext(ctx, query).Scan(n)
}

// Build makes the statement of a list's first page as List does, and does not run it.
func (t *Table) Build(q widgets.Query) (string, []any, error) {
	l, err := t.list(q)
	if err != nil {
		return "", nil, err
	}
	columns := make([]string, len(l.show))
	for i, c := range l.show {
		columns[i] = previewed(t.db.dialect, c)
	}
	return where(selecting(l.shape, columns...), l.match).OrderBy(l.keyset(plainly).orderBy(l.keys)...).Limit(uint64(l.limit + 1)).ToSql()
}
