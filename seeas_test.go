package greenroom_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"greenroom/greenroomtest"
	grsql "greenroom/sql"
	"greenroom/widgets"
)

// seesAs lets a role begin to see the admin as another, and says how that is answered.
func (c *company) seesAs(role, other, reason string) *greenroomtest.Answer {
	return c.people[role].Post("/admin/see-as/", url.Values{"csrf": {c.csrf(role)}, "name": {other}, "reason": {reason}})
}

// TestWhoMaySeeTheAdminAsWhom: with the permission, or as a superuser; never as a superuser who is none; never twice; never without a reason or the form's token.
func TestWhoMaySeeTheAdminAsWhom(t *testing.T) {
	c := newCompany(t)
	second := grsql.User{Name: "second", Password: "-", Super: true}
	if err := c.users.PutUser(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	c.may(t, "full", widgets.SeeAs)
	for _, step := range []struct {
		role, other, reason string
		want                int
	}{
		{"anonymous", "viewer", "why", 303}, // to sign in
		{"viewer", "nothing", "why", 403},
		{"full", "super", "why", 403},
		{"full", "full", "why", 403},
		{"full", "nobody", "why", 400},
		{"full", "inactive", "why", 400},
		{"full", "viewer", "  ", 400},
		{"full", "viewer", "why", 303},
		{"full", "nothing", "why", 403}, // does so already
		{"super", "second", "why", 303},
		{"super", "viewer", "why", 403},
	} {
		if got := c.seesAs(step.role, step.other, step.reason).Status; got != step.want {
			t.Errorf("%s as %s for %q: %d, want %d", step.role, step.other, step.reason, got, step.want)
		}
	}
	if got := c.people["owner"].Post("/admin/see-as/", url.Values{"name": {"viewer"}, "reason": {"why"}}).Status; got != 403 {
		t.Errorf("without the form's token: %d", got)
	}
	if got := c.people["full"].Get("/admin/see-as/").Status; got != 405 {
		t.Errorf("by a link: %d", got)
	}
	if got := c.people["super"].Get("/admin/users/"); got.Status != 200 || got.Has("[data-see-as]") {
		t.Errorf("a superuser as another manages users, and sees no further: %d", got.Status)
	}
	if got := c.people["super"].Get("/admin/users/?name=owner"); got.Has("[data-see-as]") || !got.Has("[data-user]") {
		t.Errorf("the page of a user, as another superuser: %s", got.Text())
	}
	// Neither of the two accounts is changed without its password.
	for _, name := range []string{"super", "second"} {
		if got := c.people["super"].Get("/admin/users/?name=" + name); got.Has("[data-reset]") {
			t.Errorf("as another superuser, the password of %s can be reset", name)
		}
	}
}

// TestSeeingTheAdminAsAnother goes there and back: pages of before end, rights are those that both have, both are named on every page, and in the audit.
func TestSeeingTheAdminAsAnother(t *testing.T) {
	c := newCompany(t)
	super := c.people["super"]
	before := super.Open("/admin/users/")
	old := super.Get("/admin/main/items/2/change/")
	stale := c.csrf("super")
	elsewhere := c.SignIn("super", secretWord)
	apart := elsewhere.Open("/admin/main/items/")
	if got := c.seesAs("super", "viewer", "ticket 7:  cannot\nsee"); got.Status != 303 || got.Location != "/admin/" {
		t.Fatalf("it is answered %d to %s: %s", got.Status, got.Location, got.Text())
	}
	if code := before.Closed(); code != 4004 {
		t.Errorf("a page of before is closed with %d, want 4004", code)
	}
	// What was loaded before does not come alive, and its forms are not taken.
	late := super.Load("/admin/main/items/2/change/", old)
	late.Attach()
	if code := late.Closed(); code != 4004 {
		t.Errorf("a page that was loaded before: closed with %d, want 4004", code)
	}
	if got := super.Post("/admin/main/items/2/change/", url.Values{"csrf": {stale}, "event": {"save"}, "name": {"changed"}}).Status; got != 403 {
		t.Errorf("a form of before is answered %d", got)
	}
	if said := apart.Event("items", "search", map[string]any{"value": "one"}); said != "" {
		t.Errorf("a page of another sign-in of theirs is answered %q", said)
	}
	// The rights are the viewer's.
	for path, want := range map[string]int{"": 200, "main/items/": 200, "main/items/add/": 403, "users/": 403, "audit/": 403, "console/": 403, "account/": 403, "metrics": 403} {
		got := super.Get("/admin/" + path)
		if got.Status != want {
			t.Errorf("GET %s is answered %d, want %d", path, got.Status, want)
		}
		if path != "metrics" && (!got.Has("[data-seeing] form") || !strings.Contains(got.Text(), "You are super and see the admin as viewer.")) {
			t.Errorf("%s does not say who sees it as whom: %s", path, got.Text())
		}
	}
	if got := super.Post("/admin/account/", url.Values{"csrf": {c.csrf("super")}, "event": {"others"}, "widget": {"account"}}).Status; got != 403 {
		t.Errorf("the account's page takes a form: %d", got)
	}
	list := super.Open("/admin/main/items/")
	if said := list.Event("items", "edit-save", map[string]any{"key": "3", "col": "name", "value": "changed"}); said == "" {
		t.Error("a superuser changes a row while they see the admin as a viewer")
	}
	refused := c.mustLine(t, widgets.DeedRefused, "super", "edit-save")
	if refused.As != "viewer" || refused.AsID != userID(t, c, "viewer") {
		t.Errorf("the refusal is written down as %+v", refused.Actor)
	}
	// And back.
	end := super.Post("/admin/see-as/end/", url.Values{"csrf": {c.csrf("super")}})
	if end.Status != 303 || end.Location != "/admin/users/?name=viewer" {
		t.Errorf("the end is answered %d to %s", end.Status, end.Location)
	}
	if code := list.Closed(); code != 4004 {
		t.Errorf("a page of meanwhile is closed with %d, want 4004", code)
	}
	if got := super.Get("/admin/users/"); got.Status != 200 || got.Has("[data-seeing]") {
		t.Errorf("afterwards: %d %s", got.Status, got.Text())
	}
	began := c.mustLine(t, widgets.DeedSeeAs, "super", "began to see the admin as viewer: ticket 7: cannot see")
	ended := c.mustLine(t, widgets.DeedSeeAs, "super", "ended seeing the admin as viewer")
	if began.As != "" || ended.As != "viewer" {
		t.Errorf("the beginning is by %+v, the end by %+v", began.Actor, ended.Actor)
	}
	if got := super.Get("/admin/audit/?as=viewer"); !strings.Contains(got.Text(), "super as viewer") || strings.Contains(got.Text(), "began to see") {
		t.Errorf("the audit of what was done as viewer: %s", got.Text())
	}
}

// TestNobodyGainsBySeeingAsAnother: somebody with the permission and few rights of their own, as somebody with many.
func TestNobodyGainsBySeeingAsAnother(t *testing.T) {
	c := newCompany(t)
	c.may(t, "viewer", "main.view_items", widgets.SeeAs, "audit.view")
	page := c.people["viewer"].Get("/admin/users/?name=full")
	if !page.Has("[data-see-as]") || page.Has("[data-user]") || page.Has("[data-reset]") || strings.Contains(page.Body, "main.*_items") {
		t.Errorf("who may only see as others finds on a user's page: %s", page.Text())
	}
	got := c.people["viewer"].Post("/admin/users/?name=full", url.Values{"csrf": {c.csrf("viewer")}, "event": {"password"}, "widget": {"people"}})
	if got.Status != 400 || c.signsIn("full", secretWord) != 303 {
		t.Errorf("and resets passwords: %d %s", got.Status, got.Text())
	}
	if got := c.seesAs("viewer", "full", "why"); got.Status != 303 {
		t.Fatal(got.Status)
	}
	for path, want := range map[string]int{"main/items/": 200, "main/items/add/": 403, "main/items/2/delete/": 403, "desk/bell/": 403, "audit/": 403, "users/": 403} {
		if got := c.people["viewer"].Get("/admin/" + path).Status; got != want {
			t.Errorf("GET %s is answered %d, want %d", path, got, want)
		}
	}
	list := c.people["viewer"].Open("/admin/main/items/")
	for _, action := range []string{"touch", "delete"} {
		if said := list.Event("items", "run", map[string]any{"action": action, "key": "3"}); said == "" {
			t.Errorf("the action %s is started", action)
		}
	}
	if rows := count(t, c); rows != 3 {
		t.Errorf("%d rows are left", rows)
	}
}

// TestSeeingAsAnotherEndsWithWhatItStandsOn: when either loses what it takes, and for good; and with the sign-in.
func TestSeeingAsAnotherEndsWithWhatItStandsOn(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, c *company) error{
		"the other is switched off": func(t *testing.T, c *company) error {
			t.Helper()
			return c.users.SetUser(t.Context(), "viewer", false, false, true)
		},
		"the other is made a superuser": func(t *testing.T, c *company) error {
			t.Helper()
			return c.users.SetUser(t.Context(), "viewer", true, true, true)
		},
		"the permission is withdrawn": func(t *testing.T, c *company) error {
			t.Helper()
			return c.users.SetUserRights(t.Context(), "full", rightsOf["full"], nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			c.may(t, "full", widgets.SeeAs)
			if got := c.seesAs("full", "viewer", "why"); got.Status != 303 {
				t.Fatal(got.Status)
			}
			list := c.people["full"].Open("/admin/main/items/")
			if err := end(t, c); err != nil {
				t.Fatal(err)
			}
			if code := list.Closed(); code != 4004 {
				t.Errorf("the page is closed with %d, want 4004", code)
			}
			if got := c.people["full"].Get("/admin/main/items/add/"); got.Status != 200 || got.Has("[data-seeing]") {
				t.Errorf("afterwards it is answered %d: %s", got.Status, got.Text())
			}
			if lines := c.lines(t, widgets.AuditQuery{User: "full", Deed: widgets.DeedSeeAs}); len(lines) != 2 || lines[0].Text != "ended seeing the admin as viewer" {
				t.Errorf("the audit has %+v", lines)
			}
			c.may(t, "full", widgets.SeeAs)
			if err := c.users.SetUser(t.Context(), "viewer", false, true, true); err != nil {
				t.Fatal(err)
			}
			if got := c.people["full"].Get("/admin/"); got.Has("[data-seeing]") {
				t.Error("it goes on by itself")
			}
		})
	}
	c := newCompany(t)
	if got := c.seesAs("super", "viewer", "why"); got.Status != 303 {
		t.Fatal(got.Status)
	}
	expired(t, c)
	if got := c.people["super"].Get("/admin/").Status; got != 303 {
		t.Errorf("after the sign-in has expired: %d", got)
	}
	if got := c.SignIn("super", secretWord).Get("/admin/users/"); got.Status != 200 || got.Has("[data-seeing]") {
		t.Errorf("the next sign-in: %d %s", got.Status, got.Text())
	}
}

// expired lets all sign-ins expire, as hours in which nobody uses them do.
func expired(t *testing.T, c *company) {
	t.Helper()
	if _, err := c.users.DeleteExpired(context.Background(), time.Now().Add(1000*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); c.people["full"].Get("/admin/").Status != 303; { // a server notices what other processes write
		if time.Now().After(end) {
			t.Fatal("sign-ins that have expired live on")
		}
	}
}

// TestJobsOfWhoSeesAsAnother: a job belongs to whom the admin is seen as, tells who started it, and never has more rights than both.
func TestJobsOfWhoSeesAsAnother(t *testing.T) {
	c := newCompany(t)
	if got := c.seesAs("super", "full", "why"); got.Status != 303 {
		t.Fatal(got.Status)
	}
	list := c.people["super"].Open("/admin/main/items/")
	if said := list.Event("items", "run", map[string]any{"action": "delete", "key": "3"}); said != "" {
		t.Fatal(said)
	}
	job := list.Redirected()
	page := c.people["super"].Open(job)
	page.WaitFor("[data-job-state=succeeded]", "Done")
	if got := c.people["full"].Get(job); got.Status != 200 {
		t.Errorf("whom the admin was seen as is answered %d", got.Status)
	}
	if got := c.people["owner"].Get(job); got.Status != 404 {
		t.Errorf("somebody else is answered %d", got.Status)
	}
	for _, deed := range []widgets.Deed{widgets.DeedAction, widgets.DeedDelete} {
		line := c.lines(t, widgets.AuditQuery{User: "super", Deed: deed})
		if len(line) != 1 || line[0].As != "full" {
			t.Errorf("%s is written down as %+v", deed, line)
		}
	}
	watcher := c.SignIn("super", secretWord)
	if got := watcher.Get(job).Text(); !strings.Contains(got, "super as full") {
		t.Errorf("a supervisor reads: %s", got)
	}
}
