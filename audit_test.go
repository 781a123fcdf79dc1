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
