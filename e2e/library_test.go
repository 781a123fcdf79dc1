package e2e

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"greenroom"
)

// serveLibrary runs an admin of articles with tags and a trash.
func serveLibrary(t *testing.T) *server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "library.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = plain.ExecContext(t.Context(), `
		CREATE TABLE articles (id INTEGER PRIMARY KEY, title VARCHAR(80) NOT NULL, body TEXT, cover VARCHAR(200), deleted_at DATETIME);
		CREATE TABLE tags (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE);
		CREATE TABLE article_tags (article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, tag_id INTEGER NOT NULL REFERENCES tags (id), PRIMARY KEY (article_id, tag_id)) WITHOUT ROWID;
		CREATE TABLE comments (id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE, text VARCHAR(200) NOT NULL);
		CREATE INDEX comments_article ON comments (article_id);
		WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 80) INSERT INTO tags SELECT i, printf('Topic %02d', i) FROM k;
		INSERT INTO articles (id, title, body) VALUES (1, 'On gardens', 'Soil first.'), (2, 'On rivers', NULL), (3, 'On roads', NULL);
		INSERT INTO article_tags VALUES (1, 3), (1, 14), (1, 15), (2, 3);
		WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 25) INSERT INTO comments (article_id, text) SELECT 1, printf('Comment %d', i) FROM k;`)
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), "sqlite:"+file, greenroom.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := greenroom.Directory(filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return (&server{db: db}).run(t, greenroom.Config{DB: db, Title: "Library", Files: store, Models: []greenroom.Model{
		{Table: "articles", SoftDelete: "deleted_at", Form: greenroom.Form{
			Inlines: []greenroom.Inline{{Table: "comments", PerPage: 5}}, Files: []greenroom.File{{Column: "cover", Accept: []string{"image/*"}, Limit: 2 << 20}},
		}},
	}})
}

func (s *server) count(t *testing.T, table string, where ...string) int64 {
	t.Helper()
	q := greenroom.Query{}
	if len(where) > 0 {
		q.Filter = greenroom.Filter{Column: where[0], Op: "eq", Values: where[1:]}
	}
	n, err := s.db.Table(table).Count(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return n.N
}

// looks runs f in every window.
func (b *tab) looks(f func(name string)) {
	b.t.Helper()
	for _, look := range []struct {
		name string
		set  func()
	}{{"wide", func() {}}, {"dark", b.dark}, {"narrow-dark", b.narrow}, {"narrow", b.light}} {
		look.set()
		if over := b.eval(`document.documentElement.scrollWidth - innerWidth`); over != "0" && over[0] != '-' {
			b.t.Errorf("%s: %s px stick out", look.name, over)
		}
		f(look.name)
	}
	b.wide()
}

// TestTagsAreChosenWithThePicker adds and removes rows of a link table on the form, by keyboard.
func TestTagsAreChosenWithThePicker(t *testing.T) {
	s := serveLibrary(t)
	b := open(t, s.url)
	b.signIn("/admin/main/articles/1/change/")
	chips := `[...document.querySelectorAll(".gr-chips li")].map(li => li.innerText.replace("×", "").trim()).join()`
	b.until("the tags are there", chips+` === "Topic 03,Topic 14,Topic 15"`)
	b.do(chromedp.Focus(chromedp.CSS(`.gr-links input[list]`), chromedp.NodeVisible), chromedp.KeyEvent("Topic 2"))
	b.until("topics are found", `document.querySelectorAll(".gr-links datalist option").length === 10`)
	b.do(chromedp.KeyEvent("2\t"))
	b.until("the one that fits is a chip, and the keyboard is in an empty picker",
		chips+` === "Topic 03,Topic 14,Topic 15,Topic 22" && document.activeElement.matches(".gr-links input[list]") && document.activeElement.value === ""`)
	b.do(chromedp.KeyEvent("Nothing\t"))
	b.until("what is not there is told", `document.querySelector(".gr-links .gr-error").innerText.includes("There is no")`)
	b.write(`.gr-links input[list]`, "")
	b.click(`.gr-chips li:nth-child(2) label`)
	b.until("a chip is to go", `document.querySelector(".gr-chip-off")?.innerText.includes("Topic 14")`)
	b.looks(func(name string) {
		b.eval(`document.querySelector(".gr-links").scrollIntoView({block: "center"})`)
		b.picture(name)
	})
	b.click(`form.gr-form > .gr-actions button.gr-primary`)
	b.until("it is saved", `location.pathname.endsWith("/articles/")`)
	if got := fmt.Sprint(s.count(t, "article_tags", "article_id", "1"), s.count(t, "article_tags", "tag_id", "14"), s.count(t, "article_tags", "tag_id", "22")); got != "3 0 1" {
		t.Errorf("links %s", got)
	}
	// Pages of an inline turn without a load, and keep what was typed.
	b.goTo("/admin/main/articles/1/change/")
	b.eval(`window.marker = "not reloaded"`)
	b.write(`tr[data-key="2"] [name$=".text"]`, "Edited")
	b.do(chromedp.KeyEvent("\t"))
	b.click(`[name=_inline-go][value$=last], [name=_inline-go]:last-child`)
	b.until("the last page is there, with the edited row", `document.querySelector('tr[data-key="25"]') && document.querySelector('tr[data-key="2"] [name$=".text"]').value === "Edited"`)
	if b.eval(`window.marker`) != "not reloaded" {
		t.Error("the page was loaded anew")
	}
	b.eval(`document.querySelector(".gr-lines").scrollIntoView()`)
	b.picture("paged")
}

// TestTheTrashKeepsAndGivesBack deletes, restores and deletes for good.
func TestTheTrashKeepsAndGivesBack(t *testing.T) {
	s := serveLibrary(t)
	b := open(t, s.url)
	b.signIn("/admin/main/articles/1/delete/")
	b.looks(func(name string) { b.picture("asks-" + name) })
	b.click(`main button[type=submit]`)
	b.until("the list does not have it", `location.pathname.endsWith("/articles/") && document.querySelectorAll("tr[data-key]").length === 2`)
	b.live()
	b.looks(func(name string) { b.picture("list-" + name) })
	b.click(`.gr-head-actions a[href*="trash=1"]`)
	b.until("the trash has it", `location.search === "?trash=1" && document.querySelectorAll("tr[data-key]").length === 1`)
	b.live()
	b.looks(func(name string) { b.picture("trash-" + name) })
	b.click(`tr[data-key="1"] .gr-open`)
	b.until("its form is read-only", `document.querySelector("[name=_restore]") && !document.querySelector("input[name=title]")`)
	b.live()
	b.looks(func(name string) { b.picture("form-" + name) })
	b.click(`[name=_restore]`)
	b.until("it is back", `document.querySelector("input[name=title]") && document.querySelector(".gr-chips li")`)
	b.goTo("/admin/main/articles/")
	b.until("the list has it again", `document.querySelectorAll("tr[data-key]").length === 3`)

	b.goTo("/admin/main/articles/2/delete/")
	b.click(`main button[type=submit]`)
	b.until("the second is in the trash", `location.pathname.endsWith("/articles/")`)
	b.goTo("/admin/main/articles/2/delete/")
	b.until("it asks whether for good, and counts what goes too", `document.querySelector("main").innerText.includes("for good") && document.querySelector("main").innerText.includes("1 ")`)
	b.picture("for-good")
	b.click(`main button[type=submit]`)
	b.until("it is gone", `location.pathname.endsWith("/articles/")`)
	if n := s.count(t, "articles"); n != 2 {
		t.Errorf("%d articles are left", n)
	}
}
