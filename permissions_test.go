package greenroom_test

import (
	"context"
	"database/sql"
	"fmt"
	"html/template"
	"log/slog"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"greenroom"
	"greenroom/greenroomtest"
	grhttp "greenroom/http"
	grsql "greenroom/sql"
)

const secretWord = "correct horse battery"

// roles are who asks. owner started the job that the progress page shows; full may do as much, but did not start it.
var roles = []string{"anonymous", "inactive", "nothing", "viewer", "full", "owner", "super"}

var rightsOf = map[string][]string{
	"nothing": {"other.view_items"},
	"viewer":  {"main.view_items"},
	"full":    {"main.*_items", "main.touch"},
	"owner":   {"main.*_items", "main.touch"},
}

// company is an admin with one person of each role.
type company struct {
	*greenroomtest.Server
	db     *greenroom.Database
	room   *greenroom.Room
	users  *grsql.State
	people map[string]*greenroomtest.Person
	job    string
	// request is one of the owner's that waits for approval, wiped how many rows such runs went over.
	request string
	wiped   atomic.Int64
	state   string // its file
	hold    chan struct{}
	began   chan struct{} // the job has
	rung    atomic.Int64  // events of the plugin's page
}

type item struct {
	ID int64 `db:"id"`
}

func newCompany(t *testing.T) *company {
	t.Helper()
	file := filepath.Join(t.TempDir(), "items.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = plain.ExecContext(t.Context(), `
		CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, good BOOLEAN NOT NULL);
		INSERT INTO items VALUES (1, 'one', 1), (2, 'two', 0), (3, 'three', 1);`)
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	c := &company{people: map[string]*greenroomtest.Person{}, hold: make(chan struct{}), began: make(chan struct{}, 1)}
	if c.db, err = greenroom.Open(t.Context(), file, greenroom.OpenConfig{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.db.Close() })
	state := filepath.Join(t.TempDir(), "state.db")
	c.state = state
	touch := greenroom.On(greenroom.Action{Name: "touch", Permission: "main.touch"},
		func(ctx context.Context, j *greenroom.Job, _ greenroom.Rows[item], _ struct{}) error {
			j.Fail("7", greenroom.UserError("an example")) // there is a file to download
			select {
			case c.began <- struct{}{}:
			default:
			}
			select {
			case <-c.hold:
			case <-ctx.Done():
			}
			return nil
		})
	wipe := greenroom.On(greenroom.Action{Name: "wipe", Permission: "main.touch", Approval: "main.approve", Confirm: "Wipe {count} items?", Danger: true},
		func(ctx context.Context, _ *greenroom.Job, rows greenroom.Rows[item], _ struct{}) error {
			for _, err := range rows.All(ctx) {
				if err != nil {
					return err
				}
				c.wiped.Add(1)
			}
			return nil
		})
	bell := greenroom.Widget{
		Name: "bell", Template: template.Must(template.New("bell").Parse(`<p>{{.}}</p>`)),
		Mount: func(context.Context, greenroom.In) (any, error) { return 0, nil },
		Events: map[string]greenroom.Handler{"ring": greenroom.OnEvent(func(_ context.Context, n int, _ greenroom.Event[struct{}]) (int, error) {
			c.rung.Add(1)
			return n + 1, nil
		})},
	}
	c.room, err = greenroom.New(t.Context(), greenroom.Config{
		DB: c.db, State: state, Log: slog.New(slog.DiscardHandler),
		Plugins: []greenroom.Plugin{{Name: "desk", Pages: []greenroom.PluginPage{{Path: "desk/bell", Permissions: []string{"main.touch"}, Main: &bell}}}},
		Models:  []greenroom.Model{{Table: "items", List: greenroom.List{Edit: []string{"name"}}, Actions: []greenroom.Action{touch, wipe}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	users, err := grsql.OpenState(t.Context(), state)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = users.Close() })
	c.users = users
	password := grhttp.HashPassword(secretWord)
	for _, role := range roles[1:] {
		if err := users.PutUser(t.Context(), grsql.User{Name: role, Password: password, Super: role == "super"}); err != nil {
			t.Fatal(err)
		}
		if err := users.SetUserRights(t.Context(), role, rightsOf[role], nil); err != nil {
			t.Fatal(err)
		}
	}
	c.Server = greenroomtest.Serve(t, c.room)
	for _, role := range roles {
		if role == "anonymous" {
			c.people[role] = c.Visitor()
			continue
		}
		c.people[role] = c.SignIn(role, secretWord)
	}
	// Switched off while signed in.
	if err := users.SetUser(t.Context(), "inactive", false, false, true); err != nil {
		t.Fatal(err)
	}
	list := c.people["owner"].Open("/admin/main/items/")
	list.Event("items", "select", map[string]any{"key": "1", "checked": "true"})
	if said := list.Event("items", "ask", map[string]any{"action": "touch"}); said != "" {
		t.Fatalf("the owner's action: %s", said)
	}
	to := list.Redirected()
	c.job = strings.TrimSuffix(strings.TrimPrefix(to, "/admin/progress/"), "/")
	<-c.began
	c.request = c.asks(t, "owner", "1")
	t.Cleanup(func() { close(c.hold) })
	return c
}

// asks lets a role ask for approval to wipe a row, and returns the request's ID.
func (c *company) asks(t *testing.T, role, key string) string {
	t.Helper()
	list := c.people[role].Open("/admin/main/items/")
	if said := list.Event("items", "run", map[string]any{"action": "wipe", "key": key}); said != "" {
		t.Fatalf("%s asks for approval: %s", role, said)
	}
	to := list.Redirected()
	id, ours := strings.CutPrefix(strings.TrimSuffix(to, "/"), "/admin/approvals/")
	if !ours {
		t.Fatalf("%s is led to %q", role, to)
	}
	return id
}

// answers is what each role is answered; a role that is not named is answered as "else".
type answers map[string]int

func (a answers) of(role string) int {
	if code, ok := a[role]; ok {
		return code
	}
	if role == masked {
		return a.of("viewer")
	}
	return a["else"]
}

// masked is a superuser who sees the admin as viewer, and is answered as viewer is.
const masked = "masked"

// toLogin is how somebody who did not sign in is answered.
func toLogin(a answers) answers {
	a["anonymous"], a["inactive"] = 303, 303
	return a
}

// TestWhoMayOpenWhat crosses every address of the route table with every role. An address that is added without a line here fails.
func TestWhoMayOpenWhat(t *testing.T) {
	c := newCompany(t)
	c.people[masked] = c.SignIn("super", secretWord)
	if got := c.seesAs(masked, "viewer", "the matrix"); got.Status != 303 {
		t.Fatal(got.Status)
	}
	asset := between(c.Visitor().Get("/admin/login/").Body, `href="/admin/`, `"`)
	table := map[string]struct {
		path string
		get  answers
		post answers // with the right CSRF token and no fields
	}{
		"login/":                          {"login/", answers{"anonymous": 200, "inactive": 200, "else": 303}, answers{"else": 403}}, // the form's own token is missing
		"logout/":                         {"logout/", toLogin(answers{"else": 405}), nil},                                           // posted at the end
		"static/{hash}/{file}":            {asset, answers{"else": 200}, answers{"else": 405}},
		"socket":                          {"socket", answers{"anonymous": 401, "inactive": 401, "else": 426}, answers{"anonymous": 401, "inactive": 401, "else": 426}},
		"":                                {"", toLogin(answers{"else": 200}), toLogin(answers{"else": 400})}, // the dashboard has no events
		"progress/{job}/":                 {"progress/" + c.job + "/", toLogin(answers{"owner": 200, "super": 200, "else": 404}), toLogin(answers{"owner": 400, "super": 400, "else": 404})},
		"progress/{job}/{file}":           {"progress/" + c.job + "/failed.csv", toLogin(answers{"owner": 200, "super": 200, "else": 404}), toLogin(answers{"else": 405})},
		"jobs/":                           {"jobs/", toLogin(answers{"else": 200}), toLogin(answers{"else": 400})},
		"jobs/history/":                   {"jobs/history/", toLogin(answers{"else": 200}), toLogin(answers{"else": 400})},                      // each sees their own: TestWhoReadsTheHistory
		"audit/":                          {"audit/", toLogin(answers{"super": 200, "else": 403}), toLogin(answers{"super": 400, "else": 403})}, // and who has audit.view: TestWhoReadsTheAudit
		"account/":                        {"account/", toLogin(answers{masked: 403, "else": 200}), toLogin(answers{masked: 403, "else": 400})},
		"users/":                          {"users/", toLogin(answers{"super": 200, "else": 403}), toLogin(answers{"super": 400, "else": 403})},
		"groups/":                         {"groups/", toLogin(answers{"super": 200, "else": 403}), toLogin(answers{"super": 400, "else": 403})},
		"approvals/":                      {"approvals/", toLogin(answers{"nothing": 404, "viewer": 404, "else": 200}), toLogin(answers{"nothing": 404, "viewer": 404, "else": 400})},
		"approvals/{job}/":                {"approvals/" + c.request + "/", toLogin(answers{"owner": 200, "super": 200, "else": 404}), toLogin(answers{"owner": 400, "super": 400, "else": 404})},
		"see-as/":                         {"see-as/", toLogin(answers{"else": 405}), toLogin(answers{"super": 400, "else": 403})}, // whom: TestWhoMaySeeTheAdminAsWhom
		"see-as/end/":                     {"see-as/end/", toLogin(answers{"else": 405}), toLogin(answers{"else": 303})},           // nothing to end
		"audit/export/{file}":             {"audit/export/csv", toLogin(answers{"super": 200, "else": 403}), toLogin(answers{"else": 405})},
		"{app}/{model}/":                  {"main/items/", toLogin(answers{"nothing": 403, "else": 200}), toLogin(answers{"nothing": 403, "else": 400})},
		"{app}/{model}/export/{file}":     {"main/items/export/csv", toLogin(answers{"nothing": 403, "else": 200}), toLogin(answers{"nothing": 403, "else": 200})},
		"{app}/{model}/add/":              {"main/items/add/", toLogin(answers{"nothing": 403, "viewer": 403, "else": 200}), toLogin(answers{"nothing": 403, "viewer": 403, "else": 400})},
		"{app}/{model}/{key}/change/":     {"main/items/2/change/", toLogin(answers{"nothing": 403, "else": 200}), toLogin(answers{"nothing": 403, "else": 400})},
		"{app}/{model}/{key}/history/":    {"main/items/2/history/", toLogin(answers{"nothing": 403, "else": 200}), toLogin(answers{"nothing": 403, "else": 400})},
		"{app}/{model}/{key}/file/{file}": {"main/items/2/file/name", toLogin(answers{"nothing": 403, "else": 404}), toLogin(answers{"nothing": 403, "else": 400})}, // no file column: TestWhoMayUpload
		"{app}/{model}/{key}/delete/":     {"main/items/2/delete/", toLogin(answers{"nothing": 403, "viewer": 403, "else": 200}), toLogin(answers{"nothing": 403, "viewer": 403, "else": 400})},
		"metrics":                         {"metrics", toLogin(answers{"super": 200, "else": 403}), toLogin(answers{"super": 405, "else": 403})},
		"console/profile/{file}":          {"console/profile/goroutine", toLogin(answers{"super": 200, "else": 403}), toLogin(answers{"super": 405, "else": 403})},
		"console/":                        {"console/", toLogin(answers{"super": 200, "else": 403}), toLogin(answers{"super": 400, "else": 403})},
		"console/{console}/":              {"console/sessions/", toLogin(answers{"super": 200, "else": 403}), toLogin(answers{"super": 400, "else": 403})},
		"{plugin}/":                       {"desk/bell/", toLogin(answers{"nothing": 403, "viewer": 403, "else": 200}), toLogin(answers{"nothing": 403, "viewer": 403, "else": 400})},
		"{app}/{model}/import/":           {"main/items/import/", toLogin(answers{"nothing": 403, "viewer": 403, "else": 200}), toLogin(answers{"nothing": 403, "viewer": 403, "else": 400})},
		"{app}/{model}/import/upload":     {"main/items/import/upload", toLogin(answers{"nothing": 403, "viewer": 403, "else": 405}), toLogin(answers{"nothing": 403, "viewer": 403, "else": 400})}, // with a file: TestWhoMayImport
		"console/ask":                     {"console/ask", answers{"else": 405}, answers{"else": 401}},                                                                                              // by a token: TestConsoleFromElsewhere
	}
	for _, pattern := range grhttp.Patterns() {
		row, covered := table[pattern]
		if !covered {
			t.Errorf("the address %q has no line in this table: say who may open it", pattern)
			continue
		}
		for _, role := range append(slices.Clone(roles), masked) {
			if got := c.people[role].Get("/admin/" + row.path).Status; got != row.get.of(role) {
				t.Errorf("GET %s as %s: %d, want %d", row.path, role, got, row.get.of(role))
			}
			if row.post == nil || role == masked && pattern == "see-as/end/" {
				continue
			}
			if got := c.people[role].Post("/admin/"+row.path, url.Values{"csrf": {c.csrf(role)}}).Status; got != row.post.of(role) {
				t.Errorf("POST %s as %s: %d, want %d", row.path, role, got, row.post.of(role))
			}
			// Without the token nothing is taken from anybody, whatever they may do.
			if got := c.people[role].Post("/admin/"+row.path, url.Values{"event": {"delete"}}).Status; got < 303 {
				t.Errorf("POST %s as %s without a token: %d", row.path, role, got)
			}
		}
	}
	if rows := count(t, c); rows != 3 {
		t.Errorf("%d rows are left of 3: something was deleted", rows)
	}
	for _, role := range roles[2:] {
		if got := c.people[role].Post("/admin/logout/", url.Values{"csrf": {c.csrf(role)}}).Status; got != 303 {
			t.Errorf("%s signs out: %d", role, got)
		}
		if got := c.people[role].Get("/admin/").Status; got != 303 {
			t.Errorf("%s after signing out: %d, want 303", role, got)
		}
	}
}

// TestWhoMayRingTheBell takes a right away while the page of a plugin is open: the page is gone, and what is posted to it is refused.
func TestWhoMayRingTheBell(t *testing.T) {
	c := newCompany(t)
	page := c.people["full"].Open("/admin/desk/bell/")
	if said := page.Event("bell", "ring", nil); said != "" || c.rung.Load() != 1 {
		t.Fatalf("who may ring is answered %q", said)
	}
	if nav := c.people["viewer"].Get("/admin/").Body; strings.Contains(nav, "desk/bell") {
		t.Error("the navigation names a page that the viewer may not open")
	}
	if nav := c.people["full"].Get("/admin/").Body; !strings.Contains(nav, `href="/admin/desk/bell/"`) || !strings.Contains(nav, ">Desk bell<") {
		t.Error("the navigation lacks the page of the plugin")
	}
	ring := url.Values{"csrf": {c.csrf("viewer")}, "event": {"ring"}, "widget": {"bell"}}
	if got := c.people["viewer"].Post("/admin/desk/bell/", ring).Status; got != 403 {
		t.Errorf("a viewer rings by a form: %d", got)
	}
	if err := c.users.SetUserRights(t.Context(), "full", nil, nil); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); c.people["full"].Get("/admin/desk/bell/").Status != 403; { // a server notices what other processes write
		if time.Now().After(end) {
			t.Fatal("the page is still open to who may not ring any more")
		}
	}
	ring.Set("csrf", c.csrf("full"))
	if got := c.people["full"].Post("/admin/desk/bell/", ring).Status; got != 403 {
		t.Errorf("who may not ring any more rings: %d", got)
	}
	if n := c.rung.Load(); n != 1 {
		t.Errorf("the bell rang %d times, want once", n)
	}
}

// csrf is the token of a role's sign-in, as their pages have it.
func (c *company) csrf(role string) string {
	return c.people[role].Get("/admin/").Field("csrf")
}

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	rest, _, _ = strings.Cut(rest, to)
	return rest
}

func count(t *testing.T, c *company) int {
	t.Helper()
	n, err := c.db.Table("items").Count(t.Context(), greenroom.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return int(n.N)
}

// TestWhoMaySendWhat crosses every event of every page with every role that can open it, over the socket and as a form. An event that is added without
// a line here fails. changes tells whether the event writes: then it must be refused to a viewer, and to nobody else.
func TestWhoMaySendWhat(t *testing.T) {
	c := newCompany(t)
	type send struct {
		widget, path string
		payload      map[string]any
		changes      bool
		needs        string // "view" where every role that opens the page may
	}
	list, form, remove := "main/items/", "main/items/2/change/", "main/items/3/delete/"
	progress, approval := "progress/"+c.job+"/", "approvals/"+c.request+"/"
	table := map[string]send{
		"list search":            {"items", list, map[string]any{"value": "one"}, false, "view"},
		"list go":                {"items", list, map[string]any{"to": "?o=name"}, false, "view"},
		"list narrow":            {"items", list, map[string]any{"q": "one"}, false, "view"},
		"list facets":            {"items", list, map[string]any{"column": "good"}, false, "view"},
		"list count":             {"items", list, nil, false, "view"},
		"list select":            {"items", list, map[string]any{"key": "1", "checked": "true"}, false, "view"},
		"list select-page":       {"items", list, map[string]any{"checked": "true"}, false, "view"},
		"list select-all":        {"items", list, nil, false, "view"},
		"list select-none":       {"items", list, nil, false, "view"},
		"list forget":            {"items", list, nil, false, "view"},
		"list edit":              {"items", list, map[string]any{"row": "3", "col": "name"}, false, "change"},
		"list edit-save":         {"items", list, map[string]any{"key": "3", "col": "name", "value": "changed"}, true, "change"},
		"list edit-cancel":       {"items", list, nil, false, "view"},
		"list show":              {"items", list, nil, false, "view"},
		"list columns":           {"items", list, map[string]any{"cols": "name"}, false, "view"},
		"list view-save":         {"items", list, map[string]any{"name": "mine"}, false, "view"}, // to share it takes lists.share: TestX24SavedViews
		"list view-drop":         {"items", list, map[string]any{"id": "none"}, false, "view"},
		"list ask":               {"items", list, map[string]any{"action": "delete", "key": "3"}, false, "delete"},
		"list check":             {"items", list, map[string]any{"action": "delete", "key": "3"}, false, ""}, // of an action that was asked for, which a viewer cannot
		"list run":               {"items", list, map[string]any{"action": "delete", "key": "3"}, true, "delete"},
		"every page find":        {"palette", list, map[string]any{"value": "one"}, false, "view"},                               // what each finds: TestThePaletteFindsWhatIsTheirs
		"import choose":          {"import", "main/items/import/", map[string]any{"what": "mode", "value": "update"}, false, ""}, // a viewer cannot open it: TestWhoMayImport
		"import run":             {"import", "main/items/import/", map[string]any{"mode": "add"}, true, "add"},
		"form check":             {"form", form, map[string]any{"name": "value", "value": "x"}, false, ""},
		"form lookup":            {"form", form, map[string]any{"name": "name", "value": "x"}, false, ""},
		"form tab":               {"form", form, map[string]any{"tab": "none"}, false, ""},
		"form save":              {"form", form, map[string]any{"name": "changed", "good": "0"}, true, "change"},
		"form keep":              {"form", form, map[string]any{"name": "name"}, false, ""},
		"form step":              {"form", form, map[string]any{"to": "next"}, false, "view"},
		"form take":              {"form", form, map[string]any{"name": "name"}, false, ""},
		"form inline-add":        {"form", form, map[string]any{"inline": "0"}, false, "add"}, // and what of it is saved: TestWhoMaySaveInlines
		"form inline-drop":       {"form", form, map[string]any{"row": "i.0.1."}, false, "delete"},
		"form restore":           {"form", form, nil, true, "delete"}, // of a model with a trash: TestWhoMayUseTheTrash
		"form link-drop":         {"form", form, map[string]any{"chip": "0.1"}, false, "delete"},
		"form inline-go":         {"form", form, map[string]any{"to": "0.last"}, false, ""},
		"delete delete":          {"delete", remove, nil, true, "delete"},
		"jobs cancel":            {"jobs", "jobs/", map[string]any{"job": c.job}, false, "own"},
		"jobs pause":             {"jobs", "jobs/", map[string]any{"job": c.job}, false, "own"},
		"jobs resume":            {"jobs", "jobs/", map[string]any{"job": c.job}, false, "own"},
		"history revert":         {"history", "main/items/2/history/", map[string]any{"line": "1"}, true, "change"},
		"account password":       {"account", "account/", map[string]any{"old": "guess", "new": "long enough", "again": "long enough"}, false, ""}, // their own only: TestOwnAccount
		"account revoke":         {"account", "account/", map[string]any{"handle": "none"}, false, ""},
		"account others":         {"account", "account/", nil, false, ""},
		"account language":       {"account", "account/", map[string]any{"language": ""}, false, ""},
		"users add":              {"users", "users/", map[string]any{"name": "mallory"}, true, "super"},
		"users save":             {"users", "users/?name=viewer", map[string]any{"super": "true", "active": "true", "staff": "true"}, true, "super"},
		"users password":         {"users", "users/?name=super", nil, true, "super"},
		"users sign-out":         {"users", "users/?name=super", nil, true, "super"},
		"groups save":            {"groups", "groups/", map[string]any{"name": "all", "rights": "*"}, true, "super"},
		"groups drop":            {"groups", "groups/", map[string]any{"name": "all"}, true, "super"},
		"approval approve":       {"approval", approval, nil, false, "own"}, // who may: TestApprovalBySomebodyElse
		"approval reject":        {"approval", approval, map[string]any{"reason": "no"}, false, "own"},
		"approval withdraw":      {"approval", approval, nil, false, "own"},
		"approval launch":        {"approval", approval, nil, false, "own"},
		"progress cancel":        {"progress", progress, nil, false, "own"},
		"progress pause":         {"progress", progress, nil, false, "own"},
		"progress resume":        {"progress", progress, nil, false, "own"},
		"progress rerun":         {"progress", progress, nil, false, "own"},
		"progress stop":          {"progress", progress, nil, false, "supervise"},
		"progress release":       {"progress", progress, nil, false, "supervise"},
		"console go":             {"console", "console/", map[string]any{"to": "q=x"}, false, "see"},
		"console search":         {"console", "console/", map[string]any{"value": "x"}, false, "see"},
		"console narrow":         {"console", "console/", map[string]any{"q": "x"}, false, "see"},
		"console forget":         {"console", "console/", nil, false, "see"},
		"console run":            {"console", "console/", map[string]any{"verb": "cancel", "target": c.job}, true, "see"}, // who may see it: console_test.go
		"account factor-begin":   {"account", "account/", map[string]any{"password": "guess"}, false, ""},                 // their own only: TestSecondFactor
		"account factor-confirm": {"account", "account/", map[string]any{"code": "000000"}, false, ""},
		"account factor-codes":   {"account", "account/", map[string]any{"password": "guess"}, false, ""},
		"account factor-end":     {"account", "account/", map[string]any{"password": "guess"}, false, ""},
		"console pick":           {"console", "console/jobs/", map[string]any{"value": "running"}, false, "see"},
	}
	seen := map[string]bool{}
	events := greenroom.Events(c.room)
	for _, kind := range slices.Sorted(maps.Keys(events)) {
		for _, event := range events[kind] {
			name := kind + " " + event
			row, covered := table[name]
			if !covered {
				t.Errorf("the event %q has no line in this table: say who may send it", name)
				continue
			}
			seen[name] = true
			for _, role := range []string{"viewer"} { // who may open pages, and not change anything
				before := rowsOf(t, c)
				answer := c.people[role].Get("/admin/" + row.path)
				if answer.Status == 200 {
					page := c.people[role].Load("/admin/"+row.path, answer)
					page.Attach()
					widget := row.widget
					if !slices.Contains(page.Widgets(), widget) {
						t.Fatalf("%s: the page has %v, not %q", name, page.Widgets(), widget)
					}
					said := page.Event(widget, event, row.payload)
					if row.needs == "view" && said != "" {
						t.Errorf("%s as %s is answered %q", name, role, said)
					}
					if row.needs == "own" && row.path == "jobs/" && said != "Job not found or expired." {
						t.Errorf("%s as %s is answered %q", name, role, said)
					}
					if (row.changes || row.needs == "delete" || row.needs == "change") && said == "" {
						t.Errorf("%s as %s was taken", name, role)
					}
					page.Cut()
				}
				fields := url.Values{"csrf": {c.csrf(role)}, "event": {event}, "widget": {row.widget}}
				for k, v := range row.payload {
					fields.Set(k, fmt.Sprint(v))
				}
				posted := c.people[role].Post("/admin/"+row.path, fields)
				if row.changes && posted.Status == 303 && strings.Contains(posted.Location, "progress") {
					t.Errorf("%s as %s by a form started %s", name, role, posted.Location)
				}
				if after := rowsOf(t, c); after != before {
					t.Fatalf("%s as %s changed the rows from %s to %s", name, role, before, after)
				}
			}
		}
	}
	for name := range table {
		if !seen[name] {
			t.Errorf("the table has %q, which no page has", name)
		}
	}
	// The same, sent by those who may, works: else the refusals above would prove nothing.
	full := c.people["full"]
	edit := full.Open("/admin/" + form)
	if said := edit.Event("form", "save", map[string]any{"name": "changed", "good": "0"}); said != "" {
		t.Errorf("full saves: %s", said)
	}
	gone := full.Open("/admin/" + remove)
	if said := gone.Event("delete", "delete", nil); said != "" {
		t.Errorf("full deletes: %s", said)
	}
	if got := rowsOf(t, c); got != "1=one 2=changed" {
		t.Errorf("the rows are %s in the end", got)
	}
	// A page is its sign-in's own: nobody else's socket attaches to it, whatever they may do.
	answer := full.Get("/admin/" + list)
	stolen := c.people["super"].Load("/admin/"+list, answer)
	stolen.Attach()
	if code := stolen.Closed(); code != 4004 {
		t.Errorf("a page token of another sign-in: closed with %d, want 4004", code)
	}
	// Nor does anybody but its owner and supervisors touch a job, and some of it takes a supervisor.
	for _, event := range events["progress"] {
		if got := full.Post("/admin/"+progress, url.Values{"csrf": {c.csrf("full")}, "event": {event}, "widget": {"progress"}}).Status; got != 404 {
			t.Errorf("full sends %s to the owner's job: %d, want 404", event, got)
		}
		if table["progress "+event].needs != "supervise" {
			continue
		}
		owners := c.people["owner"].Open("/admin/" + progress)
		if said := owners.Event("progress", event, nil); !strings.Contains(said, "jobs.supervise") {
			t.Errorf("the owner sends %s: %q", event, said)
		}
		supers := c.people["super"].Open("/admin/" + progress)
		if said := supers.Event("progress", event, nil); said == "" || strings.Contains(said, "jobs.supervise") {
			t.Errorf("a supervisor sends %s to what was not cancelled: %q", event, said)
		}
	}
}

func rowsOf(t *testing.T, c *company) string {
	t.Helper()
	rows, err := c.db.Table("items").List(t.Context(), greenroom.Query{Order: []greenroom.Order{{Column: "id"}}, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(rows.Columns, "name")
	var all []string
	for _, r := range rows.Rows {
		all = append(all, r.Key.String()+"="+r.Values[at].String())
	}
	return strings.Join(all, " ")
}
