package sql_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"greenroom/jobs"
	"greenroom/jobs/jobstest"
	grsql "greenroom/sql"
)

func TestJobsInTheState(t *testing.T) {
	t.Parallel()
	jobstest.Exercise(t, func(t *testing.T) func() jobs.Store {
		t.Helper()
		path := filepath.Join(t.TempDir(), "state.db")
		return func() jobs.Store { return openState(t, path).Jobs() }
	})
}

// serving opens Databases on one new database with a table "effects".
func serving(t *testing.T, dsn string) func() *grsql.ServedJobs {
	t.Helper()
	return func() *grsql.ServedJobs {
		served, err := connect(t, dsn, grsql.Config{}).Jobs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return served
	}
}

const effects = "CREATE TABLE effects (n INTEGER NOT NULL);\n"

func exerciseServed(t *testing.T, dsn func(t *testing.T) string) {
	t.Helper()
	jobstest.Exercise(t, func(t *testing.T) func() jobs.Store {
		t.Helper()
		open := serving(t, dsn(t))
		return func() jobs.Store { return open() }
	})
	t.Run("an effect and its cursor are one", func(t *testing.T) { testJobTx(t, serving(t, dsn(t))) })
}

func TestJobsOnSQLite(t *testing.T) {
	t.Parallel()
	exerciseServed(t, func(t *testing.T) string { t.Helper(); return made(t, effects) })
}

func TestJobsOnPostgres(t *testing.T) {
	postgres.DSN(t)
	exerciseServed(t, func(t *testing.T) string { t.Helper(); return postgres.Made(t, effects) })
}

func TestJobsOnMySQL(t *testing.T) {
	mysql.DSN(t)
	exerciseServed(t, func(t *testing.T) string { t.Helper(); return mysql.Made(t, effects) })
}

func testJobTx(t *testing.T, open func() *grsql.ServedJobs) {
	ctx := t.Context()
	s, other := open(), open()
	r := jobs.Record{Snapshot: jobs.Snapshot{ID: "one", OwnerID: "ada", State: jobs.Queued, Created: time.Now()}, Epoch: 1, Node: "a"}
	if _, err := s.Create(ctx, r, nil); err != nil {
		t.Fatal(err)
	}
	running := r
	running.State = jobs.Running
	if err := s.Transition(ctx, r.At(), running, ""); err != nil {
		t.Fatal(err)
	}
	effect := func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO effects (n) VALUES (1)`)
		return err
	}
	holds := func(what string, rows int, cursor string) {
		t.Helper()
		n := -1
		if err := other.Count(ctx, &n, `SELECT count(*) FROM effects`); err != nil {
			t.Fatal(err)
		}
		if now, err := other.Get(ctx, "one"); err != nil || now.Cursor != cursor || n != rows {
			t.Errorf("%s: cursor %q and %d effects, want %q and %d; %v", what, now.Cursor, n, cursor, rows, err)
		}
	}
	if err := s.Tx(ctx, jobs.Progress{ID: "one", Epoch: 1, Current: 1, Cursor: "1"}, effect); err != nil {
		t.Fatal(err)
	}
	holds("committed", 1, "1")
	broken := errors.New("broken")
	err := s.Tx(ctx, jobs.Progress{ID: "one", Epoch: 1, Current: 2, Cursor: "2"}, func(ctx context.Context, tx *sql.Tx) error {
		return errors.Join(effect(ctx, tx), broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("a body's error: %v", err)
	}
	holds("rolled back", 1, "1")
	if err := other.Renew(ctx, "b", time.Hour); err != nil {
		t.Fatal(err)
	}
	if mine, err := other.Claim(ctx, "b", 1); err != nil || len(mine) != 1 {
		t.Fatalf("claim: %v, %v", mine, err)
	}
	if err := s.Tx(ctx, jobs.Progress{ID: "one", Epoch: 1, Current: 2, Cursor: "2"}, effect); !errors.Is(err, jobs.ErrFenced) {
		t.Errorf("a late writer: %v", err)
	}
	holds("fenced", 1, "1")
}

// TestJobsMigrateAtOnce: two programs that start at the same time make the tables once.
func TestJobsMigrateAtOnce(t *testing.T) {
	for name, dsn := range map[string]func(t *testing.T) string{
		"SQLite":     func(t *testing.T) string { t.Helper(); return made(t, effects) },
		"PostgreSQL": func(t *testing.T) string { t.Helper(); postgres.DSN(t); return postgres.Made(t, effects) },
		"MariaDB":    func(t *testing.T) string { t.Helper(); mysql.DSN(t); return mysql.Made(t, effects) },
	} {
		t.Run(name, func(t *testing.T) {
			at := dsn(t)
			ends := make(chan error, 4)
			for range cap(ends) {
				db := connect(t, at, grsql.Config{})
				go func() {
					_, err := db.Jobs(t.Context())
					ends <- err
				}()
			}
			for range cap(ends) {
				if err := <-ends; err != nil {
					t.Error(err)
				}
			}
		})
	}
}
