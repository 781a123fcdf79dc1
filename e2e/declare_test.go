package e2e

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp"

	"greenroom"
)

// TestGroupsAndTabsOfAForm has a form in groups, some of them on tabs: what is typed on one tab is kept on the others, and a fault is found.
func TestGroupsAndTabsOfAForm(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close() //nolint:errcheck // a test's
	const schema = `CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(60) NOT NULL, email VARCHAR(60), city VARCHAR(40), born DATE, note TEXT, vip BOOLEAN NOT NULL DEFAULT 0);
		INSERT INTO people VALUES (1, 'Ann Lee', 'ann@example.com', 'Oslo', '1980-02-03', NULL, 1)`
	if _, err := plain.ExecContext(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), file, greenroom.OpenConfig{App: "main"})
	if err != nil {
		t.Fatal(err)
	}
	s := (&server{db: db}).run(t, greenroom.Config{DB: db, Models: []greenroom.Model{{
		Table: "people", Title: "{name}",
		Computed: []greenroom.Computed{{Name: "card", Of: []string{"name", "city"}, Sort: "name", Value: func(row greenroom.Fields) any { return row.Text("name") + ", " + row.Text("city") }}},
		Form: greenroom.Form{
			Fieldsets: []greenroom.Fieldset{
				{Title: "Who", Help: "As it stands in the passport.", Fields: []string{"name", "born"}, Tab: "Person"},
				{Title: "More", Fields: []string{"note", "vip"}, Tab: "Person", Closed: true},
				{Title: "Where", Fields: []string{"email", "city", "card"}, Tab: "Address"},
			},
			Validate: func(_ context.Context, _ greenroom.In, row greenroom.Fields) map[string]string {
				if row.Text("city") == "Atlantis" {
					return map[string]string{"city": "Nobody lives there any more."}
				}
				return nil
			},
		},
	}}})
	b := open(t, s.url)
	b.signIn("/admin/main/people/1/change/")
	shown := func(name string) string {
		return `document.querySelector("input[name=` + name + `]")?.checkVisibility()`
	}
	b.until("the first tab", shown("name")+` && !`+shown("city"))
	b.picture("first")
	b.write("input[name=name]", "Ann Lind")
	b.click(`.gr-tabs a[data-key=Address]`)
	b.until("the second tab", shown("city")+` && !`+shown("name"))
	b.write("input[name=city]", "Atlantis")
	b.click(`.gr-tabs a[data-key=Person]`)
	b.until("the first tab, with what was typed", shown("name")+` && document.querySelector("input[name=name]").value === "Ann Lind"`)
	b.until("the other tab says that something is wrong", `document.querySelector(".gr-tabs a[data-key=Address] .gr-danger")`)
	b.click(`.gr-actions button.gr-primary`)
	b.until("the tab with the fault", shown("city")+` && document.querySelector("[data-error-for=city]").innerText.includes("Nobody lives there")`)
	b.picture("fault")
	for look, set := range map[string]func(){"narrow": b.narrow, "dark": func() { b.wide(); b.dark() }} {
		set()
		b.picture("fault-" + look)
	}
	b.wide()
	b.write("input[name=city]", "Bergen")
	b.click(`.gr-actions button.gr-primary`)
	b.until("the list, with the computed column", `location.pathname === "/admin/main/people/" && document.querySelector("tbody").innerText.includes("Ann Lind, Bergen")`)
}

// TestTemplatesOfOnesOwn runs an admin whose dashboard, sign-in page and fields are drawn by files of the program: they are as live as the built-in ones.
func TestTemplatesOfOnesOwn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close() //nolint:errcheck // a test's
	if _, err := plain.ExecContext(t.Context(), "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO people VALUES (1, 'Ann')"); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), file, greenroom.OpenConfig{App: "main"})
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	s := (&server{db: db}).run(t, greenroom.Config{DB: db, Templates: fstest.MapFS{
		"dashboard.html": text(`<h1>Welcome</h1><ul>{{range .Apps}}{{range .Tables}}<li data-key="{{.Key}}"><a class="ours" href="{{.URL}}">{{.Label}}: {{.Count}}</a></li>{{end}}{{end}}</ul>`),
		"input.html": text(`<p data-key="{{.Field}}"><label class="ours">{{.Label}}
			<input name="{{.Name}}" value="{{.Value}}" gr-change="check" gr-value-field="{{.Field}}"></label>
			<span data-error-for="{{.Field}}">{{.Error}}</span>{{if .SeenName}}<input type="hidden" name="{{.SeenName}}" value="{{.Seen}}">{{end}}</p>`),
		"login.html": text(`<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Ours</title>{{template "head.html" .Assets}}</head><body><main class="gr-login">
			<form class="gr-card" method="post" action="{{.Action}}"><h1>Our door</h1><input type="hidden" name="csrf" value="{{.CSRF}}"><input type="hidden" name="next" value="{{.Next}}">
			<label>Name <input name="username"></label><label>Password <input type="password" name="password"></label><button class="gr-button gr-primary">In</button></form></main></body></html>`),
	}})
	b := open(t, s.url)
	b.do(chromedp.Navigate(b.url + "/admin/"))
	b.until("our door", `document.querySelector("h1")?.innerText === "Our door"`)
	b.picture("door")
	b.signIn("/admin/")
	b.until("our dashboard", `document.querySelector("h1").innerText === "Welcome" && document.querySelector("a.ours").innerText === "People: 1"`)
	s.exec(t, "INSERT INTO people VALUES (2, 'Bob')")
	b.until("it is live", `document.querySelector("a.ours").innerText === "People: 2"`)
	b.goTo("/admin/main/people/2/change/")
	b.write("label.ours input[name=name]", "Robert")
	b.picture("form")
	b.click(`.gr-actions button.gr-primary`)
	b.until("the list", `location.pathname === "/admin/main/people/" && document.querySelector("tbody").innerText.includes("Robert")`)
}
