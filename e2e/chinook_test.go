package e2e

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestChinook walks an admin of a real database that nobody declared anything for. It needs the file, which is not part of this repository.
func TestChinook(t *testing.T) {
	from := os.Getenv("CHINOOK")
	if from == "" {
		from = filepath.Join("..", "..", "shared", "data", "Chinook_Sqlite.sqlite")
	}
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED: no Chinook database at %s; name one in CHINOOK", from)
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "chinook.db")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveFile(t, file)
	b := open(t, s.url)
	b.signIn("/admin/")

	tables := strings.Split(b.eval(`[...document.querySelectorAll(".gr-nav li a")].map(a => a.getAttribute("href")).filter(h => h.startsWith("/admin/") && h.split("/").length > 4 && !h.startsWith("/admin/jobs/")).join(" ")`), " ")
	if len(tables) != 11 {
		t.Fatalf("%d tables: %v", len(tables), tables)
	}
	for _, path := range tables {
		b.goTo(path)
		if rows := b.eval(`document.querySelectorAll("tr[data-key]").length`); rows == "0" {
			t.Errorf("%s shows no rows", path)
		}
		// Every first row's page opens, composite keys included.
		b.click(`tr[data-key] a.gr-open`)
		b.until("the form is there", `location.pathname.endsWith("/change/") && document.querySelector("[data-widget=form]")`)
		b.live()
	}

	b.goTo("/admin/main/Album/")
	b.write(`input[name=q]`, "Restless")
	b.until("one album is found", `document.querySelectorAll("tr[data-key]").length === 1`)
	if artist := b.text(`[data-col=ArtistId]`); artist != "Accept" {
		t.Errorf("the foreign key is shown as %q, want the other row's name", artist)
	}
	b.click(`tr[data-key] a.gr-open`)
	b.until("the form is there", `location.pathname.endsWith("/change/") && document.querySelector("input[name=Title], textarea[name=Title]")`)
	b.live()
	b.write(`[name=Title]`, "Restless and Calm")
	b.click(`[data-widget=form] .gr-actions > button.gr-primary`)
	b.until("it is saved", `location.pathname.endsWith("/Album/")`)
	b.goTo("/admin/main/Album/?q=Calm")
	if got := b.eval(`document.querySelectorAll("tr[data-key]").length`); got != "1" {
		t.Errorf("%s rows have the new title", got)
	}
	for _, c := range []struct{ width, path string }{{"phone", "/admin/main/Track/"}} {
		b.narrow()
		b.goTo(c.path)
		if over := b.eval(`document.documentElement.scrollWidth > innerWidth`); over != "false" {
			t.Errorf("%s is wider than a %s", c.path, c.width)
		}
	}
}
