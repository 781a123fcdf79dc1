package sql_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	grsql "greenroom/sql"
	"greenroom/sql/sqltest"
)

// server is a real server that tests make databases on. Its DSN comes from the environment; go run ./e2e/dbs starts one.
type server struct {
	name, variable, schema string
	create, drop           string
}

var (
	postgres = server{"PostgreSQL", "GREENROOM_POSTGRES", "postgres", `CREATE DATABASE %s`, `DROP DATABASE %s WITH (FORCE)`}
	mysql    = server{"MariaDB", "GREENROOM_MYSQL", "mysql", `CREATE DATABASE %s`, `DROP DATABASE %s`}
)

var databases atomic.Int64

// dsn is the server's, or the end of the test: skipped where a person runs it, failed where nobody looks at what was skipped.
func (s server) dsn(tb testing.TB) *url.URL {
	tb.Helper()
	dsn := os.Getenv(s.variable)
	if dsn == "" {
		text := fmt.Sprintf("SKIPPED: no %s to test with: %s is not set; run: eval \"$(go run ./e2e/dbs)\"", s.name, s.variable)
		if os.Getenv("CI") != "" {
			tb.Fatal(text)
		}
		fmt.Fprintln(os.Stderr, tb.Name()+": "+text)
		tb.Skip(text)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		tb.Fatalf("%s is no URL", s.variable)
	}
	return u
}

// admin runs statements in a database of the server as another program would.
func (s server) admin(tb testing.TB, dsn string, statements ...string) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context()) // cleanups call this too
	db, err := grsql.Connect(ctx, dsn, grsql.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the statements are what matters
	for _, statement := range statements {
		if _, err := db.Plain().ExecContext(ctx, statement); err != nil {
			tb.Fatalf("%v\n%s", err, statement)
		}
	}
}

// made is a new database in which statements have been run; it is dropped when the test ends.
func (s server) made(tb testing.TB, statements string) string {
	tb.Helper()
	u := s.dsn(tb)
	admin := u.String()
	name := fmt.Sprintf("greenroom_%d_%d", os.Getpid(), databases.Add(1))
	s.admin(tb, admin, fmt.Sprintf(s.create, name))
	tb.Cleanup(func() {
		db, err := grsql.Connect(context.Background(), admin, grsql.Config{})
		if err != nil {
			tb.Error(err)
			return
		}
		defer db.Close() //nolint:errcheck // the drop is what matters
		if _, err := db.Plain().ExecContext(context.Background(), fmt.Sprintf(s.drop, name)); err != nil {
			tb.Error(err)
		}
	})
	mine := *u
	mine.Path = "/" + name
	var list []string
	for part := range strings.SplitSeq(statements, ";\n") {
		if strings.TrimSpace(part) != "" {
			list = append(list, part)
		}
	}
	s.admin(tb, mine.String(), list...)
	return mine.String()
}

func (s server) engine() sqltest.Engine {
	return sqltest.Engine{Server: true, Open: func(t *testing.T, c grsql.Config) *grsql.Database {
		t.Helper()
		return connect(t, s.made(t, sqltest.Schema(s.schema)), c)
	}}
}

// TestPostgres runs the conformance suite.
func TestPostgres(t *testing.T) {
	postgres.dsn(t)
	e := postgres.engine()
	e.NullsHigh, e.NoNUL = true, true
	e.Numbers = func(t *testing.T, db *grsql.Database) {
		t.Helper()
		err := db.Write(t.Context(), nil, func(tx *sql.Tx) error {
			for _, name := range []string{"customers", "orders", "returns"} {
				if _, err := tx.Exec(`SELECT setval(pg_get_serial_sequence($1, 'id'), (SELECT max(id) FROM `+name+`))`, name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	sqltest.Exercise(t, e)
}

// TestMySQL runs the conformance suite.
func TestMySQL(t *testing.T) {
	mysql.dsn(t)
	e := mysql.engine()
	e.Restrict = "RESTRICT"
	sqltest.Exercise(t, e)
}

// TestMySQLOtherWays runs it again with every page found the other way.
func TestMySQLOtherWays(t *testing.T) {
	mysql.dsn(t)
	e := mysql.engine()
	e.Restrict = "RESTRICT"
	open := e.Open
	e.Open = func(t *testing.T, c grsql.Config) *grsql.Database {
		t.Helper()
		c.Readers = 1
		db := open(t, c)
		db.Impatient()
		return db
	}
	sqltest.Exercise(t, e)
}
