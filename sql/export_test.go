package sql

import (
	"context"
	"database/sql"
	"time"
)

// Impatient makes lists give up walking an index at once, so that tests see the other way of finding a page.
func (d *Database) Impatient() { d.walk, d.probe = time.Nanosecond, time.Nanosecond }

// Plain is the pool that writes, for what is no business of a Database: making another one.
func (d *Database) Plain() *sql.DB { return d.write }

// Count scans a number out of the served database.
func (s *ServedJobs) Count(ctx context.Context, n *int, query string) error {
	return s.db.write.QueryRowContext(ctx, query).Scan(n)
}
