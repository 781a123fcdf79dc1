package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"greenroom/jobs"
)

// ServedJobs is a JobStore in the served database itself, so that a row's effect and the cursor behind it are one transaction.
type ServedJobs struct {
	JobStore
	db *Database
}

var (
	_ jobs.Store      = (*ServedJobs)(nil)
	_ jobs.Transactor = (*ServedJobs)(nil)
)

// Jobs makes the tables of a JobStore in the database, unless they are there, and returns it. It lives as long as the Database.
func (d *Database) Jobs(ctx context.Context) (*ServedJobs, error) {
	if err := migrate(ctx, d.write, d.dialect, "*_jobs*.sql"); err != nil {
		return nil, err
	}
	if err := d.Reload(ctx); err != nil {
		return nil, err
	}
	begin := func(ctx context.Context, durable bool, f func(tx *sql.Tx) error) error {
		return onSQLite(ctx, d.write, durable, func(tx *sql.Tx) error {
			d.touched.take()
			defer d.touched.take() // nobody watches our own tables
			return f(tx)
		})
	}
	if d.dialect.facts().remote {
		begin = func(ctx context.Context, _ bool, f func(tx *sql.Tx) error) error { return within(ctx, d.write, f) }
	}
	return &ServedJobs{JobStore{d.dialect, d.read, begin}, d}, nil
}

// Tx commits what f does together with p. The run's row is written first: it holds until the commit, so that nobody takes the run over between.
func (s *ServedJobs) Tx(ctx context.Context, p jobs.Progress, f func(ctx context.Context, tx *sql.Tx) error) error {
	return s.db.Write(ctx, nil, func(tx *sql.Tx) error {
		n, err := s.save(ctx, tx, p)
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: job %s is final or not of epoch %d", jobs.ErrFenced, p.ID, p.Epoch)
		}
		if err != nil {
			return err
		}
		s.db.touched.take() // our own table is nobody's business
		return f(ctx, tx)
	})
}

// within runs f in one transaction.
func within(ctx context.Context, db interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}, f func(tx *sql.Tx) error,
) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

// ignoreDone: a context that ended has rolled back already.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// onSQLite runs f in one transaction of the writer's connection. In write-ahead mode a commit is on the disk at the next checkpoint only, which no crash
// of the program undoes and a power cut might; a durable one waits for the disk.
func onSQLite(ctx context.Context, db *sql.DB, durable bool, f func(tx *sql.Tx) error) error {
	if !durable {
		return within(ctx, db, f)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	var before int
	if err := conn.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&before); err != nil {
		return err
	}
	const full = 2
	if before < full {
		if _, err := conn.ExecContext(ctx, `PRAGMA synchronous = FULL`); err != nil {
			return err
		}
		defer conn.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf(`PRAGMA synchronous = %d`, before)) //nolint:errcheck // staying durable is no harm
	}
	return within(ctx, conn, f)
}
