package greenroomtest_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"greenroom"
	"greenroom/greenroomtest"
)

const password = "correct horse battery"

// notes is a small database with one declared table, one without a key, and a widget that counts its mounts.
type notes struct {
	*greenroomtest.Server
	db     *greenroom.Database
	room   *greenroom.Room
	mounts atomic.Int32
	log    *bytes.Buffer
	hold   chan struct{}
}

var mounted = template.Must(template.New("mounted").Parse(`<p>mounted {{.}} times</p>`))

func serve(t *testing.T) *notes {
	t.Helper()
	file := filepath.Join(t.TempDir(), "notes.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = plain.ExecContext(t.Context(), `
		CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE, stars INTEGER NOT NULL DEFAULT 0 CHECK (stars BETWEEN 0 AND 5));
		CREATE TABLE loose (word TEXT);
		INSERT INTO loose VALUES ('nobody can address me');
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 60) INSERT INTO notes (title, stars) SELECT 'note ' || i, i % 6 FROM n;`)
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	n := &notes{hold: make(chan struct{}), log: &bytes.Buffer{}}
	if n.db, err = greenroom.Open(t.Context(), file, greenroom.OpenConfig{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.db.Close() })
	type note struct {
		ID    int64  `db:"id"`
		Title string `db:"title"`
	}
	n.room, err = greenroom.New(t.Context(), greenroom.Config{
		DB: n.db, State: filepath.Join(t.TempDir(), "state.db"), Log: slog.New(slog.DiscardHandler),
		Models: []greenroom.Model{{
			Table: "notes",
			List: greenroom.List{Widgets: []greenroom.Widget{{
				Name: "counted", Template: mounted,
				Mount: func(context.Context, greenroom.In) (any, error) { return n.mounts.Add(1), nil },
			}}},
			Actions: []greenroom.Action{greenroom.On(greenroom.Action{Name: "wait", Label: "Wait for the test"},
				func(ctx context.Context, j *greenroom.Job, rows greenroom.Rows[note], _ struct{}) error {
					for r, err := range rows.All(ctx) {
						if err != nil {
							return err
						}
						j.Log(r.Title)
						select {
						case <-n.hold:
						case <-ctx.Done():
						}
					}
					return nil
				})},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.room.SetPassword(t.Context(), "admin", password); err != nil {
		t.Fatal(err)
	}
	if err := n.room.SetPassword(t.Context(), "other", password); err != nil {
		t.Fatal(err)
	}
	n.Server = greenroomtest.Serve(t, n.room)
	return n
}

func TestPageThatGoesLiveMountsEachWidgetOnce(t *testing.T) {
	n := serve(t)
	page := n.SignIn("admin", password).Open("/admin/main/notes/")
	if got := page.Text("p"); got != "mounted 1 times" || n.mounts.Load() != 1 {
		t.Errorf("%q, %d mounts", got, n.mounts.Load())
	}
	page.Cut()
	page.Attach()
	for _, f := range page.Frames() {
		if strings.HasPrefix(f, `["patch"`) {
			t.Errorf("a socket that was cut between frames is sent %s", f)
		}
	}
	if n.mounts.Load() != 1 {
		t.Errorf("%d mounts after a resume", n.mounts.Load())
	}
}

func TestSearchAndSortAreRoundTripsOnTheSocket(t *testing.T) {
	n := serve(t)
	page := n.SignIn("admin", password).Open("/admin/main/notes/")
	page.Write("input[name=q]", `"note 42"`)
	if rows := page.All("tr[data-key]"); len(rows) != 1 || !strings.Contains(rows[0], "note 42") {
		t.Errorf("rows %v", rows)
	}
	frames := strings.Join(page.Frames(), "\n")
	if strings.Contains(frames, "<tr") || !strings.Contains(frames, `["url","?q=`) {
		t.Errorf("frames %s, want a diff of parts and the address", frames)
	}
	page.Write("input[name=q]", "no such note")
	if !page.Has(".gr-empty") {
		t.Error("no empty state")
	}
}

func TestListChangesWhenRowsDo(t *testing.T) {
	n := serve(t)
	page := n.SignIn("admin", password).Open("/admin/main/notes/")
	if err := n.db.Table("notes").Set(t.Context(), greenroom.Key{"60"}, map[string]any{"title": "renamed by a program"}); err != nil {
		t.Fatal(err)
	}
	page.WaitFor(`tr[data-key="60"] [data-col=title]`, "renamed by a program")
	for _, f := range page.Frames() {
		if strings.HasPrefix(f, `["patch"`) && len(f) > 300 {
			t.Errorf("one changed cell costs %d bytes: %s", len(f), f)
		}
	}
}

func TestFormsWorkWithoutJavaScript(t *testing.T) {
	n := serve(t)
	who := n.SignIn("admin", password)
	form := who.Get("/admin/main/notes/add/")
	fields := url.Values{"csrf": {form.Field("csrf")}, "event": {"save"}, "title": {"note 1"}, "stars": {"9"}}
	answer := who.Post("/admin/main/notes/add/", fields)
	if answer.Status != http.StatusOK || !answer.Has(`[data-error-for=title], [data-error-for=stars]`) || answer.Field("title") != "note 1" {
		t.Fatalf("a wrong form is answered %d: %s", answer.Status, answer.Text())
	}
	fields.Set("title", "posted by hand")
	fields.Set("stars", "3")
	if answer = who.Post("/admin/main/notes/add/", fields); answer.Status != http.StatusSeeOther || strings.Contains(answer.Location, "://") {
		t.Fatalf("answered %d to %s: %s", answer.Status, answer.Location, answer.Text())
	}
	list := who.Get("/admin/main/notes/?q=posted")
	if !strings.Contains(list.Text(), "posted by hand") {
		t.Errorf("the list says %s", list.Text())
	}
	if !list.Has(".gr-toast") {
		t.Error("nothing tells that it was saved")
	}
}

func TestActionRunsAsAJobThatCanBeCancelled(t *testing.T) {
	n := serve(t)
	who := n.SignIn("admin", password)
	list := who.Open("/admin/main/notes/")
	list.Event("notes", "select-page", map[string]any{"checked": "true"})
	list.Event("notes", "select-all", nil)
	list.Click(`[data-action=wait]`)
	if list.Has(`[gr-submit=run]`) {
		list.Submit(`[gr-submit=run]`, nil)
	}
	at := list.Redirected()
	progress := who.Open(at)
	progress.WaitUntil(`[data-job-state=running]`, true)
	n.hold <- struct{}{}
	n.hold <- struct{}{}
	progress.WaitFor(".gr-log", "note 2")
	progress.Event("progress", "cancel", nil)
	progress.WaitUntil(`[data-job-state=cancelled]`, true)

	// A job is its owner's and the supervisors'; everybody else, and everybody for one that never was, gets the same answer.
	who.Get(at)
	for _, path := range []string{"/admin/progress/AAAAAAAAAAAAAAAAAAAAAAAAAA/", "/admin/progress/x/"} {
		if a := who.Get(path); a.Status != http.StatusNotFound || !strings.Contains(a.Text(), "Job not found or expired.") {
			t.Errorf("%s is answered %d: %s", path, a.Status, a.Text())
		}
	}
}

func TestBadInputIsToldAndTheServerLives(t *testing.T) {
	n := serve(t)
	who := n.SignIn("admin", password)
	for _, c := range []struct {
		name, frame string
		code        int
	}{
		{"malformed", `["event",`, 1008},
		{"an unknown word", `["nonsense"]`, 1008},
		{"an event that nobody declared", `["event",0,"drop table",{},1]`, 1008},
		{"a widget that is not there", `["event",99,"search",{},1]`, 1008},
		{"a second attach", `["attach","x",0]`, 1008},
		{"oversized", `["event",1,"search",{"value":"` + strings.Repeat("x", 70_000) + `"},1]`, 1009},
		{"not UTF-8", "[\"pong\xff\"]", 1007},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := who.Open("/admin/main/notes/")
			page.Raw([]byte(c.frame))
			if code := page.Closed(); code != c.code {
				t.Errorf("closed with %d, want %d", code, c.code)
			}
		})
	}
	if a := who.Get("/healthz"); a.Status != http.StatusOK {
		t.Errorf("health: %d", a.Status)
	}
}

func TestRefusals(t *testing.T) {
	n := serve(t)
	who, nobody := n.SignIn("admin", password), n.Visitor()
	form := who.Get("/admin/main/notes/add/")
	for _, c := range []struct {
		name   string
		answer *greenroomtest.Answer
		status int
		says   string
	}{
		{"a page before signing in", nobody.Get("/admin/main/notes/?q=x"), 303, ""},
		{"an address that is not there, before signing in", nobody.Get("/admin/main/nothing/"), 303, ""},
		{"an address that is not there", who.Get("/admin/main/nothing/"), 404, "nothing at this address"},
		{"a row that is not there", who.Get("/admin/main/notes/999/change/"), 404, ""},
		{"a key of too many parts", who.Get("/admin/main/notes/1,2/change/"), 404, ""},
		{"a form without its token", who.Post("/admin/main/notes/add/", url.Values{"event": {"save"}}), 403, "Nothing was changed"},
		{"a form with another's token", who.Post("/admin/main/notes/add/", url.Values{"event": {"save"}, "csrf": {"x"}}), 403, "expired"},
		{"an event that nobody declared", who.Post("/admin/main/notes/add/", url.Values{"event": {"drop"}, "csrf": {form.Field("csrf")}}), 400, ""},
		{"adding to a table without a key", who.Get("/admin/main/loose/add/"), 403, ""},
		{"signing out by a link", who.Get("/admin/logout/"), 405, "button"},
		{"the socket's address in a browser", who.Get("/admin/socket"), 426, "WebSocket"},
	} {
		if c.answer.Status != c.status || !strings.Contains(c.answer.Text(), c.says) {
			t.Errorf("%s is answered %d (%s): %s; want %d and %q", c.name, c.answer.Status, c.answer.Location, c.answer.Text(), c.status, c.says)
		}
	}
	if a := nobody.Get("/admin/main/notes/?q=x"); a.Location != "/admin/login/?next="+url.QueryEscape("/admin/main/notes/?q=x") {
		t.Errorf("sent to %s", a.Location)
	}
}

// The form is refused by its announced length, so nothing of it is sent: a client that sends on may find the connection closed under it.
func TestTooLargeAFormIsRefused(t *testing.T) {
	n := serve(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(n.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // a test's
	_, err = fmt.Fprintf(conn, "POST /admin/main/notes/add/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", 2<<20)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // a test's
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(said), "1 MiB") {
		t.Errorf("answered %d, %v: %s", answer.StatusCode, err, said)
	}
	// A browser that goes on sending is not cut off, or it would show its own error in place of the answer.
	if _, err := io.Copy(conn, io.LimitReader(zeros{}, 2<<20)); err != nil {
		t.Errorf("the rest of the form: %v", err)
	}
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestTableWithoutAKeyIsListedReadOnlyWithTheReason(t *testing.T) {
	n := serve(t)
	list := n.SignIn("admin", password).Get("/admin/main/loose/")
	if list.Status != http.StatusOK || !strings.Contains(list.Text(), "no primary key") || !strings.Contains(list.Text(), "nobody can address me") {
		t.Errorf("answered %d: %s", list.Status, list.Text())
	}
}

func TestSigningOutClosesThePagesAtOnce(t *testing.T) {
	n := serve(t)
	who := n.SignIn("admin", password)
	page := who.Open("/admin/main/notes/")
	answer := who.Post("/admin/logout/", url.Values{"csrf": {who.Get("/admin/").Field("csrf")}})
	if answer.Status != http.StatusSeeOther {
		t.Fatalf("answered %d", answer.Status)
	}
	if code := page.Closed(); code != 4001 {
		t.Errorf("the page's socket is closed with %d", code)
	}
	if a := who.Get("/admin/"); a.Status != http.StatusSeeOther {
		t.Errorf("the cookie still works: %d", a.Status)
	}
}

func TestLoginTellsNothingAboutUsers(t *testing.T) {
	n := serve(t)
	said := map[string]string{}
	for _, name := range []string{"admin", "nobody-of-that-name"} {
		who := n.Visitor()
		form := who.Get("/admin/login/")
		a := who.Post("/admin/login/", url.Values{"username": {name}, "password": {"wrong password"}, "csrf": {form.Field("csrf")}})
		said[name] = fmt.Sprint(a.Status, strings.ReplaceAll(a.Text(), name, "NAME"))
	}
	if said["admin"] != said["nobody-of-that-name"] || !strings.HasPrefix(said["admin"], "401") {
		t.Errorf("different answers: %v", said)
	}
}

func TestPagesCarryTheHeadersOfAStrictSite(t *testing.T) {
	n := serve(t)
	a := n.SignIn("admin", password).Get("/admin/main/notes/")
	for header, want := range map[string]string{
		"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Referrer-Policy": "same-origin",
	} {
		if got := a.Header.Get(header); !strings.Contains(got, want) {
			t.Errorf("%s: %q", header, got)
		}
	}
	for _, bad := range []string{"<script>", " style=", " onclick=", "javascript:"} {
		if strings.Contains(a.Body, bad) {
			t.Errorf("the page has %q in it", bad)
		}
	}
}

// TestEveryPageKnowsOfThePersonsJobs: the tray counts what runs, the list shows it, and its end is told on any page of who started it, once, and on
// nobody else's.
func TestEveryPageKnowsOfThePersonsJobs(t *testing.T) {
	n := serve(t)
	who := n.SignIn("admin", password)
	other := n.SignIn("other", password)
	pages := []*greenroomtest.Page{who.Open("/admin/"), who.Open("/admin/main/notes/"), who.Open("/admin/jobs/")}
	others := []*greenroomtest.Page{other.Open("/admin/"), other.Open("/admin/jobs/")} // a superuser supervises
	list := who.Open("/admin/main/notes/")
	list.Event("notes", "select", map[string]any{"key": "1", "checked": "true"})
	list.Event("notes", "ask", map[string]any{"action": "wait"})
	at := list.Redirected()
	for _, page := range pages {
		page.WaitUntil(`[data-tray="1"]`, true)
	}
	pages[2].WaitUntil(`[data-job-state=running]`, true)
	others[1].WaitUntil(`[data-job-state=running]`, true)
	n.hold <- struct{}{}
	for _, page := range append(pages, others[1]) {
		page.WaitUntil(`[data-tray="1"]`, false)
	}
	others[1].WaitUntil(`[data-job-state=succeeded]`, true)
	if !others[0].Has("[data-tray]") || others[0].Has(`[data-tray="1"]`) {
		t.Error("somebody else's tray counts the job")
	}
	who.Open(at).WaitUntil(`[data-job-state=succeeded]`, true)
	for i, page := range pages {
		page.WaitToast("Wait for the test: done, 1 of 1")
		if told := page.Toasts(); len(told) != 1 {
			t.Errorf("page %d was told %q", i, told)
		}
	}
	for i, page := range others {
		if told := page.Toasts(); len(told) != 0 {
			t.Errorf("somebody else's page %d was told %q", i, told)
		}
	}
}
