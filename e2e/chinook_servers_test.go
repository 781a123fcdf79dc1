package e2e

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greenroom"
	"greenroom/sql/sqltest"
)

// TestChinookServers walks the same database on PostgreSQL and MariaDB, and saves a row on each. It needs the scripts, which are not part of this
// repository, and the servers that go run ./e2e/dbs starts.
func TestChinookServers(t *testing.T) {
	for _, c := range []struct {
		on                         sqltest.Server
		script                     string
		album, title, artist, pair string
	}{
		{sqltest.PostgreSQL, "Chinook_PostgreSql.sql", "album", "title", "artist_id", "playlist_track"},
		{sqltest.MariaDB, "Chinook_MySql.sql", "Album", "Title", "ArtistId", "PlaylistTrack"},
	} {
		t.Run(c.on.Name, func(t *testing.T) {
			c.on.DSN(t)
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
			_, tables, _ := strings.Cut(string(script), "   Create Tables")
			mine := c.on.Made(t, "/*"+tables)
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
			b.click(`[data-widget=form] .gr-actions > button.gr-primary`)
			b.until("it is saved", `location.pathname.endsWith("/`+c.album+`/")`)
			b.goTo(at + "?q=Calm")
			if got := b.eval(`document.querySelectorAll("tr[data-key]").length`); got != "1" {
				t.Errorf("%s rows have the new title", got)
			}
		})
	}
}
