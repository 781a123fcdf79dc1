package sql_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	grsql "greenroom/sql"
	"greenroom/sql/sqltest"
)

// TestSQLite runs the conformance suite.
func TestSQLite(t *testing.T) {
	sqltest.Exercise(t, sqltest.Engine{Open: func(t *testing.T, c grsql.Config) *grsql.Database {
		return connect(t, made(t, sqltest.Schema("sqlite")), c)
	}})
}

// TestSQLiteOtherWays runs it again on a file in write-ahead mode, with every page found the other way.
func TestSQLiteOtherWays(t *testing.T) {
	sqltest.Exercise(t, sqltest.Engine{Open: func(t *testing.T, c grsql.Config) *grsql.Database {
		c.WAL, c.Map, c.Readers = true, -1, 1
		db := connect(t, made(t, sqltest.Schema("sqlite")), c)
		db.Impatient()
		return db
	}})
}

// made is a new file in which statements have been run.
func made(tb testing.TB, statements string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "test.db")
	run(tb, path, statements)
	return path
}

// run runs statements from outside, as another program would.
func run(tb testing.TB, path, statements string) {
	tb.Helper()
	if err := execute(path, statements, func() error { return nil }); err != nil {
		tb.Fatal(err)
	}
}

func execute(path, statements string, then func() error) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	if _, err := db.Exec(statements); err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(db.Close(), then())
}

func connect(tb testing.TB, dsn string, c grsql.Config) *grsql.Database {
	tb.Helper()
	db, err := grsql.Connect(tb.Context(), dsn, c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}
