package seed

import (
	"context"
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"
	"time"
)

//go:embed schema.sql
var schema string

//go:embed indexes.sql
var indexes string

// Options says how large the shop is. The zero Options give the demo's.
type Options struct {
	// Orders is how many orders there are. Zero means 10,000.
	Orders int
	// Customers is how many customers there are. Zero means one for ten orders, 20 at least.
	Customers int
	// Products is how many products there are. Zero means 240.
	Products int
	// Seed picks another shop of the same size. Zero means 1.
	Seed uint64
	// Now is when the newest order was placed; all times are in the two years before it. Zero means 2026-11-01 12:00 UTC. Less than a second is
	// cut off.
	Now time.Time
	// Progress is told how many of the orders are written, about every thousandth of them and at the end. Nil means nobody is told.
	Progress func(done, total int)
}

// ErrNotEmpty is returned for a database that holds tables already: Fill never adds to what is there.
var ErrNotEmpty = errors.New("the database is not empty; give Fill a new file")

// Fill makes the tables, their rows and their indexes in one transaction: when it fails, or ctx ends, nothing of it stays. A million orders
// make one large transaction; a caller that fills a file nobody else reads may open it with journal_mode=OFF and synchronous=OFF, and rename
// it when Fill returned nil.
func Fill(ctx context.Context, db *sql.DB, o Options) error {
	o, err := o.filled()
	if err != nil {
		return err
	}
	if err := fill(ctx, db, o); err != nil {
		if ctx.Err() != nil {
			// The transaction ends with ctx and whatever runs then fails in a way of its own; the reason is the one that helps.
			err = context.Cause(ctx)
		}
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

func fill(ctx context.Context, db *sql.DB, o Options) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	var tables int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table'`).Scan(&tables); err != nil {
		return fmt.Errorf("look for tables: %w", err)
	}
	if tables > 0 {
		return ErrNotEmpty
	}
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	if err := o.fillRows(ctx, tx); err != nil {
		return fmt.Errorf("write the rows: %w", err)
	}
	if _, err := tx.ExecContext(ctx, indexes); err != nil {
		return fmt.Errorf("make the indexes: %w", err)
	}
	// With statistics the planner tells a status that ten rows have from one that half of them have, and lists have an estimate of their size.
	if _, err := tx.ExecContext(ctx, `ANALYZE`); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// filled returns the Options with zero fields replaced by what they mean.
func (o Options) filled() (Options, error) {
	if o.Orders < 0 || o.Customers < 0 || o.Products < 0 {
		return o, fmt.Errorf("seed: %d orders, %d customers, %d products: none may be negative", o.Orders, o.Customers, o.Products)
	}
	if o.Orders == 0 {
		o.Orders = 10_000
	}
	if o.Customers == 0 {
		o.Customers = max(20, o.Orders/10)
	}
	if o.Products == 0 {
		o.Products = 240
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Now.IsZero() {
		o.Now = time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC)
	}
	o.Now = o.Now.UTC().Truncate(time.Second)
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return o, nil
}
