package e2e

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"greenroom"
)

// TestChinookServers walks the same database on PostgreSQL and MariaDB, and saves a row on each. It needs the scripts, which are not part of this
// repository, and the servers that go run ./e2e/dbs starts.
func TestChinookServers(t *testing.T) {
	for _, c := range []struct {
		name, variable, script     string
		load                       func(*testing.T, *url.URL, string) string
		album, title, artist, pair string
	}{
		{"PostgreSQL", "GREENROOM_POSTGRES", "Chinook_PostgreSql.sql", loadPostgres, "album", "title", "artist_id", "playlist_track"},
		{"MariaDB", "GREENROOM_MYSQL", "Chinook_MySql.sql", loadMySQL, "Album", "Title", "ArtistId", "PlaylistTrack"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dsn := os.Getenv(c.variable)
			if dsn == "" {
				if os.Getenv("CI") == "" {
					t.Skipf("SKIPPED: %s is not set; run: eval \"$(go run ./e2e/dbs)\"", c.variable)
				}
				t.Fatalf("%s is not set: there is no server to test on", c.variable)
			}
			script, err := os.ReadFile(filepath.Join("..", "..", "shared", "data", c.script))
			if folder := os.Getenv("CHINOOK_SCRIPTS"); folder != "" {
				script, err = os.ReadFile(filepath.Join(folder, c.script))
			}
			if errors.Is(err, fs.ErrNotExist) {
				t.Skipf("SKIPPED: there is no %s; name its folder in CHINOOK_SCRIPTS", c.script)
			}
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(dsn)
			if err != nil {
				t.Fatalf("%s is no URL", c.variable)
			}
			_, tables, _ := strings.Cut(string(script), "   Create Tables")
			mine := c.load(t, u, "/*"+tables)
			db, err := greenroom.Open(t.Context(), mine, greenroom.OpenConfig{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
			s := (&server{db: db}).run(t, greenroom.Config{DB: db})
			b := open(t, s.url)
			b.signIn("/admin/")
			paths := strings.Split(b.eval(`[...document.querySelectorAll(".gr-nav li a")].map(a => a.getAttribute("href")).filter(h => h.startsWith("/admin/") && h.split("/").length > 4 && !h.startsWith("/admin/jobs/")).join(" ")`), " ")
			if len(paths) != 11 {
				t.Fatalf("%d tables: %v", len(paths), paths)
			}
			pair := ""
			for _, path := range paths {
				b.goTo(path)
				if rows := b.eval(`document.querySelectorAll("tr[data-key]").length`); rows == "0" {
					t.Errorf("%s shows no rows", path)
				}
				if strings.HasSuffix(path, "/"+c.pair+"/") {
					pair = b.eval(`document.querySelector("tr[data-key]").dataset.key`)
				}
				b.click(`tr[data-key] a.gr-open`)
				b.until("the form is there", `location.pathname.endsWith("/change/") && document.querySelector("[data-widget=form]")`)
				b.live()
			}
			if !strings.Contains(pair, ",") {
				t.Errorf("the key of two columns is %q", pair)
			}
			at := "/admin/" + db.Table(c.album).Table().App + "/" + c.album + "/"
			b.goTo(at)
			b.write(`input[name=q]`, "restless")
			b.until("one album is found", `document.querySelectorAll("tr[data-key]").length === 1`)
			if artist := b.text(`[data-col=` + c.artist + `]`); artist != "Accept" {
				t.Errorf("the foreign key is shown as %q, want the other row's name", artist)
			}
			b.click(`tr[data-key] a.gr-open`)
			b.until("the form is there", `location.pathname.endsWith("/change/") && document.querySelector("[name=`+c.title+`]")`)
			b.live()
			b.write(`[name=`+c.title+`]`, "Restless and Calm")
			b.click(`[data-widget=form] button[type=submit]`)
			b.until("it is saved", `location.pathname.endsWith("/`+c.album+`/")`)
			b.goTo(at + "?q=Calm")
			if got := b.eval(`document.querySelectorAll("tr[data-key]").length`); got != "1" {
				t.Errorf("%s rows have the new title", got)
			}
		})
	}
}

// loadPostgres runs a script in a database of its own, which is dropped when the test ends.
func loadPostgres(t *testing.T, server *url.URL, script string) string {
	t.Helper()
	name := fmt.Sprintf("chinook_%d", os.Getpid())
	mine := *server
	mine.Path = "/" + name
	run := func(dsn, text string) {
		t.Helper()
		ctx := context.WithoutCancel(t.Context()) // the cleanup calls this too
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx) //nolint:errcheck // the script is what matters
		if _, err := conn.PgConn().Exec(ctx, text).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	run(server.String(), "CREATE DATABASE "+name)
	t.Cleanup(func() { run(server.String(), "DROP DATABASE "+name+" WITH (FORCE)") })
	run(mine.String(), script)
	return mine.String()
}

// loadMySQL runs a script in a database of its own, which is dropped when the test ends.
func loadMySQL(t *testing.T, server *url.URL, script string) string {
	t.Helper()
	name := fmt.Sprintf("chinook_%d", os.Getpid())
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr, c.DBName, c.MultiStatements = server.User.Username(), "tcp", server.Host, strings.TrimPrefix(server.Path, "/"), true
	c.Passwd, _ = server.User.Password()
	run := func(database, text string) {
		t.Helper()
		ctx := context.WithoutCancel(t.Context()) // the cleanup calls this too
		c.DBName = database
		connector, err := mysql.NewConnector(c)
		if err != nil {
			t.Fatal(err)
		}
		db := sql.OpenDB(connector)
		defer db.Close() //nolint:errcheck // the script is what matters
		if _, err := db.ExecContext(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	first := c.DBName
	run(first, "CREATE DATABASE "+name)
	t.Cleanup(func() { run(first, "DROP DATABASE "+name) })
	run(name, script)
	mine := *server
	mine.Path = "/" + name
	return mine.String()
}
