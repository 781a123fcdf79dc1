package greenroom_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"greenroom/widgets"
)

// lines are what the audit of a company has, the newest first.
func (c *company) lines(t *testing.T, q widgets.AuditQuery) []widgets.AuditLine {
	t.Helper()
	q.Limit = 1000
	all, err := c.users.Lines(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// mustLine finds the newest line of a deed and person that contains a text.
func (c *company) mustLine(t *testing.T, deed widgets.Deed, user, text string) widgets.AuditLine {
	t.Helper()
	all := c.lines(t, widgets.AuditQuery{Deed: deed})
	at := slices.IndexFunc(all, func(l widgets.AuditLine) bool { return l.User == user && strings.Contains(l.Text, text) })
	if at < 0 {
		t.Fatalf("no line says that %q did %s %q: %+v", user, deed, text, all)
	}
	if all[at].Address != "127.0.0.1" {
		t.Errorf("%s by %s is from %q", deed, user, all[at].Address)
	}
	return all[at]
}

// TestTheAuditTellsWhoDidWhat does one thing of each kind by a page's socket, or as a form, and looks for its line.
func TestTheAuditTellsWhoDidWhat(t *testing.T) {
	c := newCompany(t)
	full, viewer := c.people["full"], c.people["viewer"]
	if l := c.mustLine(t, widgets.DeedSignIn, "full", ""); l.SignIn == "" {
		t.Errorf("the sign-in has no handle: %+v", l)
	}
	visitor := c.Visitor()
	for name, user := range map[string]string{"full": "full", "hunter2": ""} {
		visitor.Post("/admin/login/", url.Values{"username": {name}, "password": {"wrong"}, "csrf": {visitor.Get("/admin/login/").Field("csrf")}})
		if l := c.mustLine(t, widgets.DeedSignInFailed, user, ""); strings.Contains(l.Text, "hunter2") {
			t.Errorf("what was typed for a name is written down: %+v", l)
		}
	}
	viewer.Get("/admin/main/items/add/")
	c.mustLine(t, widgets.DeedRefused, "viewer", "GET /admin/main/items/add/")
	viewer.Post("/admin/main/items/", url.Values{"csrf": {"of another"}, "event": {"ask"}})
	c.mustLine(t, widgets.DeedRefused, "viewer", "POST /admin/main/items/: the form")
	list := viewer.Open("/admin/main/items/")
	list.Event("items", "run", map[string]any{"action": "delete", "key": "3"})
	c.mustLine(t, widgets.DeedRefused, "viewer", "to send run to items")

	add := full.Open("/admin/main/items/add/")
	if said := add.Submit("form.gr-form", map[string]string{"name": "four", "good": "true"}); said != "" {
		t.Fatal(said)
	}
	add.Redirected()
	if l := c.mustLine(t, widgets.DeedCreate, "full", ""); l.Table != "main.items" || l.Key != "4" {
		t.Errorf("the new row's line is %+v", l)
	}
	edit := full.Open("/admin/main/items/4/change/")
	if said := edit.Submit("form.gr-form", map[string]string{"name": "five"}); said != "" {
		t.Fatal(said)
	}
	edit.Redirected()
	l := c.mustLine(t, widgets.DeedChange, "full", "")
	if len(l.Fields) != 1 || l.Fields[0].Column != "name" || l.Fields[0].Old.String() != "four" || l.Fields[0].New.String() != "five" {
		t.Errorf("the change's line is %+v", l)
	}
	remove := full.Post("/admin/main/items/4/delete/", url.Values{"csrf": {c.csrf("full")}, "event": {"delete"}})
	if remove.Status != 303 {
		t.Fatalf("the deletion is answered %d", remove.Status)
	}
	if l := c.mustLine(t, widgets.DeedDelete, "full", ""); l.Key != "4" {
		t.Errorf("the deletion's line is %+v", l)
	}

	c.mustLine(t, widgets.DeedAction, "owner", "ouch: 1 item")
	job := c.people["owner"].Open("/admin/progress/" + c.job + "/")
	if said := job.Event("progress", "cancel", nil); said != "" {
		t.Fatal(said)
	}
	c.mustLine(t, widgets.DeedCancel, "owner", c.job)
	full.Get("/admin/main/items/export/csv")
	c.mustLine(t, widgets.DeedExport, "full", "items-")
	full.Post("/admin/logout/", url.Values{"csrf": {c.csrf("full")}})
	c.mustLine(t, widgets.DeedSignOut, "full", "")
	c.mustAccount(t, "the user inactive is now")
}

// mustAccount finds a line about users that no person at a page has made.
func (c *company) mustAccount(t *testing.T, text string) {
	t.Helper()
	all := c.lines(t, widgets.AuditQuery{Deed: widgets.DeedAccount})
	if !slices.ContainsFunc(all, func(l widgets.AuditLine) bool { return strings.Contains(l.Text, text) }) {
		t.Errorf("no line says %q: %+v", text, all)
	}
}

// A deletion by the built-in action has a line for each row, which says by which job.
func TestABulkActionsRowsHaveTheirLines(t *testing.T) {
	c := newCompany(t)
	list := c.people["full"].Open("/admin/main/items/")
	list.Event("items", "select-all", nil)
	list.Event("items", "ask", map[string]any{"action": "delete"})
	if said := list.Event("items", "run", map[string]any{"action": "delete"}); said != "" {
		t.Fatal(said)
	}
	progress := c.people["full"].Open(list.Redirected())
	progress.WaitFor("[data-job-state]", "Done")
	all := c.lines(t, widgets.AuditQuery{Deed: widgets.DeedDelete})
	if len(all) != 3 {
		t.Fatalf("%d lines, want 3: %+v", len(all), all)
	}
	for _, l := range all {
		if l.User != "full" || !strings.HasPrefix(l.Via, "delete ") || len(l.Fields) == 0 {
			t.Errorf("a line is %+v", l)
		}
	}
}

// TestWhoReadsTheAudit: audit.view opens the page; values of tables that the reader may not see stay out of it, and out of its files.
func TestWhoReadsTheAudit(t *testing.T) {
	c := newCompany(t)
	rename(t, c.people["full"], "2", "very-private")
	rename(t, c.people["owner"], "1", "owned")
	if err := c.users.SetUserRights(t.Context(), "nothing", []string{"audit.view"}, nil); err != nil {
		t.Fatal(err)
	}
	reader := c.people["nothing"]
	super := c.people["super"].Open("/admin/audit/?user=FULL&deed=change&table=main.items")
	if lines := super.All("[data-line]"); len(lines) != 1 || !strings.Contains(lines[0], "very-private") {
		t.Errorf("the superuser reads %q", lines)
	}
	for _, path := range []string{"/admin/audit/", "/admin/audit/export/csv"} {
		answer := reader.Get(path)
		if answer.Status != 200 || !strings.Contains(answer.Body, "full") || strings.Contains(answer.Body, "very-private") {
			t.Errorf("%s for who may not see the table (%d): %s", path, answer.Status, answer.Text())
		}
	}
	if link := reader.Get("/admin/"); !link.Has(`a[href="/admin/audit/"]`) || c.people["full"].Get("/admin/").Has(`a[href="/admin/audit/"]`) {
		t.Error("the navigation leads the wrong people to the audit")
	}
	csv := c.people["super"].Get("/admin/audit/export/csv?user=full&deed=change").Body
	if rows := strings.Count(csv, "very-private"); rows != 1 || strings.Contains(csv, "owned") || !strings.HasPrefix(csv, "id,at,deed,user,address") {
		t.Errorf("the file is %q", csv)
	}
	if none := c.people["super"].Open("/admin/audit/?to=2001-01-01"); none.Has("[data-line]") {
		t.Error("there are lines from before there was an audit")
	}
	if wrong := c.people["super"].Open("/admin/audit/?from=yesterday"); !strings.Contains(wrong.Text(".gr-banner"), "no day") || wrong.Has("[data-line]") {
		t.Error("a wrong day is taken")
	}
}

// TestTheAuditIsReadPageByPage follows the links to older lines; each line comes once.
func TestTheAuditIsReadPageByPage(t *testing.T) {
	c := newCompany(t)
	for range 120 {
		if _, err := c.users.Note(t.Context(), widgets.AuditLine{Deed: widgets.DeedAccount, Text: "counted"}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	path := "/admin/audit/?deed=account"
	for pages := 0; path != ""; pages++ {
		answer := c.people["super"].Get(path)
		page := c.people["super"].Load(path, answer)
		for _, line := range page.Attrs("[data-line]", "data-line") {
			if seen[line] {
				t.Fatalf("line %s comes twice", line)
			}
			seen[line] = true
		}
		if pages > 5 {
			t.Fatal("the pages do not end")
		}
		path = ""
		if next := page.Attrs("a[rel=next]", "href"); len(next) > 0 {
			path = next[0]
		}
	}
	if all := c.lines(t, widgets.AuditQuery{Deed: widgets.DeedAccount}); len(seen) != len(all) || len(all) < 120 {
		t.Errorf("the pages show %d of %d lines", len(seen), len(all))
	}
}
