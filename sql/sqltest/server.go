package sqltest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
)

// Server is a real server that tests make databases on. Its DSN comes from the environment; go run ./e2e/dbs starts one.
type Server struct {
	Name     string // as people write it
	Script   string // what Schema calls it
	variable string
	drop     string
}

// The servers.
var (
	PostgreSQL = Server{"PostgreSQL", "postgres", "GREENROOM_POSTGRES", `DROP DATABASE %s WITH (FORCE)`}
	MariaDB    = Server{"MariaDB", "mysql", "GREENROOM_MYSQL", `DROP DATABASE %s`}
)

var databases atomic.Int64

// DSN is the server's, or the end of the test: skipped where a person runs it, failed where nobody looks at what was skipped.
func (s Server) DSN(tb testing.TB) *url.URL {
	tb.Helper()
	dsn := os.Getenv(s.variable)
	if dsn == "" {
		text := fmt.Sprintf("SKIPPED: no %s to test with: %s is not set; run: eval \"$(go run ./e2e/dbs)\"", s.Name, s.variable)
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

// Open opens a database of a server as another program would, until the test ends. One text may hold several statements.
func (s Server) Open(tb testing.TB, dsn string) *sql.DB {
	tb.Helper()
	driver := "pgx"
	if s == MariaDB {
		u, err := url.Parse(dsn)
		if err != nil {
			tb.Fatalf("no DSN of %s", s.Name)
		}
		password, _ := u.User.Password()
		driver, dsn = "mysql", fmt.Sprintf("%s:%s@tcp(%s)%s?multiStatements=true", u.User.Username(), password, u.Host, u.Path)
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// Run runs statements in a database of a server as another program would.
func (s Server) Run(tb testing.TB, dsn, statements string) {
	tb.Helper()
	if _, err := s.Open(tb, dsn).ExecContext(context.WithoutCancel(tb.Context()), statements); err != nil { // cleanups call this too
		tb.Fatalf("%v\n%s", err, statements)
	}
}

// Made is the DSN of a new database in which statements, if any, have been run; it is dropped when the test ends.
func (s Server) Made(tb testing.TB, statements string) string {
	tb.Helper()
	u := *s.DSN(tb)
	server := u.String()
	name := fmt.Sprintf("greenroom_%d_%d", os.Getpid(), databases.Add(1))
	s.Run(tb, server, "CREATE DATABASE "+name)
	tb.Cleanup(func() { s.Run(tb, server, fmt.Sprintf(s.drop, name)) })
	u.Path = "/" + name
	if statements != "" {
		s.Run(tb, u.String(), statements)
	}
	return u.String()
}
