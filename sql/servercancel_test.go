package sql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	grsql "greenroom/sql"
	"greenroom/sql/sqltest"
	"greenroom/widgets"
)

// TestServersCancel ends the context of a query that runs for minutes: the server is rid of it, and the pool still works.
func TestServersCancel(t *testing.T) {
	for _, c := range []struct {
		sqltest.Server
		view, running string
	}{
		{
			postgres, `CREATE VIEW slow AS SELECT n AS id, pg_sleep(60)::text AS rest FROM generate_series(1, 1000) AS n`,
			`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%"slow"%' AND pid <> pg_backend_pid()`,
		},
		{
			mysql, `CREATE VIEW slow AS SELECT seq AS id, CAST(SLEEP(60) AS CHAR) AS rest FROM seq_1_to_1000`,
			"SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '%`slow`%' AND id <> CONNECTION_ID()",
		},
	} {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			db := connect(t, c.Made(t, c.view), grsql.Config{Readers: 2})
			// running waits until so many of the slow queries run.
			running := func(want int) {
				t.Helper()
				limit, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				for {
					var n int
					if err := db.Plain().QueryRowContext(limit, c.running).Scan(&n); err != nil {
						t.Fatalf("waiting for %d queries to run: %v", want, err)
					}
					if n == want {
						return
					}
				}
			}
			for name, query := range map[string]func(context.Context) error{
				"list": func(ctx context.Context) error { _, err := db.Table("slow").List(ctx, widgets.Query{}); return err },
				"sum": func(ctx context.Context) error {
					_, err := db.Table("slow").Sum(ctx, widgets.Query{Search: "x", In: []string{"rest"}}, "id")
					return err
				},
				"write": func(ctx context.Context) error {
					return db.Write(ctx, nil, func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, writes(c.Server)); return err })
				},
			} {
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- query(ctx) }() // ends when ctx does, and is waited for below
				running(1)
				stop()
				if err := <-done; !errors.Is(err, context.Canceled) {
					t.Errorf("%s: %v, want it canceled", name, err)
				}
				running(0)
			}
			// More cancelled ones than there are connections, and the pool is as good as before.
			for range 5 {
				ctx, stop := context.WithTimeout(t.Context(), time.Millisecond)
				if _, err := db.Table("slow").List(ctx, widgets.Query{}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after its deadline: %v", err)
				}
				stop()
			}
			running(0)
			if _, err := db.Table("slow").Get(t.Context(), widgets.Key{"1"}, widgets.Filter{}); !errors.Is(err, widgets.ErrNoRow) {
				t.Errorf("afterwards: %v", err)
			}
			if err := db.Reload(t.Context()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// writes is a statement of a server that writes, slowly.
func writes(s sqltest.Server) string {
	if s == postgres {
		return `CREATE TABLE made AS SELECT * FROM "slow"`
	}
	return "CREATE TABLE made AS SELECT * FROM `slow`"
}

// TestServersRefuse opens databases in every wrong way: the error says which, and never the password.
func TestServersRefuse(t *testing.T) {
	for _, s := range []sqltest.Server{postgres, mysql} {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			u := s.DSN(t)
			user := u.User.Username()
			with := func(change func(to *dsnParts)) string {
				parts := dsnParts{user: user, password: "right or wrong", host: u.Host, path: u.Path}
				parts.password, _ = u.User.Password()
				change(&parts)
				return fmt.Sprintf("%s://%s:%s@%s%s%s", u.Scheme, parts.user, parts.password, parts.host, parts.path, parts.query)
			}
			for dsn, want := range map[string]string{
				with(func(p *dsnParts) { p.password = "s3cret" }):                        "is the password right",
				with(func(p *dsnParts) { p.user = "nobody" }):                            `refuses the user "nobody"`,
				with(func(p *dsnParts) { p.path = "/nowhere" }):                          `there is no database "nowhere"`,
				with(func(p *dsnParts) { p.host, p.password = "127.0.0.1:1", "s3cret" }): "does the server run there",
				with(func(p *dsnParts) { p.host = "nowhere.invalid" }):                   `no host "nowhere.invalid"`,
				with(func(p *dsnParts) { p.password = "s3cret%zz" }):                     "cannot be read",
			} {
				_, err := grsql.Connect(t.Context(), dsn, grsql.Config{})
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: want it to say %q", err, want)
				}
				if right, _ := u.User.Password(); err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), right)) {
					t.Errorf("a password is in %q", err)
				}
			}
		})
	}
	if _, err := grsql.Connect(t.Context(), "mysql://a@127.0.0.1/x?parseTime=true", grsql.Config{}); err == nil || !strings.Contains(err.Error(), `unknown parameter "parseTime"`) {
		t.Errorf("an unknown parameter: %v", err)
	}
	if _, err := grsql.Connect(t.Context(), "mariadb://a@127.0.0.1", grsql.Config{}); err == nil || !strings.Contains(err.Error(), "names no database") {
		t.Errorf("no database: %v", err)
	}
}

type dsnParts struct{ user, password, host, path, query string }
