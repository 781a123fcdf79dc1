package greenroom_test

import (
	"net/url"
	"strings"
	"testing"

	"greenroom/console"
	"greenroom/greenroomtest"
	grsql "greenroom/sql"
	"greenroom/widgets"
)

// may gives a role of a company further rights, for pages that are opened from here on.
func (c *company) may(t *testing.T, role string, rights ...string) {
	t.Helper()
	users, err := grsql.OpenState(t.Context(), c.state)
	if err != nil {
		t.Fatal(err)
	}
	defer users.Close() //nolint:errcheck // a test's
	if err := users.SetUserRights(t.Context(), role, append(rights, rightsOf[role]...), nil); err != nil {
		t.Fatal(err)
	}
	c.people[role] = c.SignIn(role, secretWord)
}

// key is the row of a console page whose cell has a text.
func row(t *testing.T, p *greenroomtest.Page, text string) string {
	t.Helper()
	for _, line := range p.All("tr[data-key]") {
		if strings.Contains(line, text) {
			return line
		}
	}
	t.Fatalf("no row with %q among %q", text, p.All("tr[data-key]"))
	return ""
}

// audited checks that the audit has a line that starts so, by whoever full is.
func audited(t *testing.T, c *company, text string) {
	t.Helper()
	state, err := grsql.OpenState(t.Context(), c.state)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close() //nolint:errcheck // a test's
	lines, err := state.Lines(t.Context(), widgets.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if strings.HasPrefix(l.Text, text) && l.User == "full" && l.Undone == "" {
			return
		}
	}
	t.Errorf("the audit has no line %q by full", text)
}

func TestConsoleShowsAndCancelsAJob(t *testing.T) {
	c := newCompany(t)
	c.may(t, "viewer", console.ViewRight)
	c.may(t, "full", console.ViewRight, "jobs.supervise")
	jobs := c.people["viewer"].Open("/admin/console/jobs/")
	if got := jobs.All("tr[data-key]"); len(got) > 0 {
		t.Errorf("a viewer sees the jobs of others: %q", got)
	}
	if said := jobs.Event("console", "run", map[string]any{"verb": "cancel", "target": c.job}); !strings.Contains(said, "not yours") {
		t.Errorf("a viewer cancels the owner's job: %q", said)
	}
	jobs = c.people["full"].Open("/admin/console/jobs/")
	row(t, jobs, "running")
	if said := jobs.Click(`[data-verb=cancel]`); said != "" {
		t.Fatal(said)
	}
	if !jobs.Has("dialog [data-no]") || !strings.Contains(jobs.Text("dialog"), "Cancel “") {
		t.Fatalf("no question was asked: %s", jobs.Text("main"))
	}
	if said := jobs.Click("dialog [data-no]"); said != "" {
		t.Fatal(said)
	}
	if jobs.Has("dialog") {
		t.Error("no leaves the question open")
	}
	row(t, jobs, "running")
	jobs.Click(`[data-verb=cancel]`)
	if said := jobs.Submit(`dialog form`, nil); said != "" {
		t.Fatal(said)
	}
	jobs.WaitFor("tr[data-key] [data-col=state]", "cancelled") // by the timer, without another event
	audited(t, c, "console: cancel: Touch")
	if jobs.Has("dialog") || jobs.Has("[data-verb]") {
		t.Errorf("after the end: %s", jobs.Text("main"))
	}
}

func TestConsoleKicksASignInAndNeverOnesOwn(t *testing.T) {
	c := newCompany(t)
	c.may(t, "full", console.ViewRight, console.KickRight)
	c.may(t, "viewer", console.ViewRight)
	victim := c.people["owner"].Open("/admin/main/items/")
	desk := c.people["full"].Open("/admin/console/sessions/?q=owner")
	if said := desk.Click(`[data-verb=kick]`); said != "" {
		t.Fatal(said)
	}
	if said := desk.Submit(`dialog form`, nil); said != "" {
		t.Fatal(said)
	}
	if code := victim.Closed(); code != 4001 {
		t.Errorf("the page was closed with %d, want 4001", code)
	}
	if got := c.people["owner"].Get("/admin/main/items/").Status; got != 303 {
		t.Errorf("the sign-in still opens pages: %d", got)
	}
	audited(t, c, "console: kick owner")
	own := c.people["full"].Open("/admin/console/sessions/?q=full")
	row(t, own, "full")
	if own.Has("[data-verb]") {
		t.Error("one's own sign-in may be kicked")
	}
	// Somebody who only looks is offered no verb, and refused it.
	look := c.people["viewer"].Open("/admin/console/sessions/")
	if row(t, look, "full"); look.Has("[data-verb]") || strings.Contains(look.Text("table"), "127.0.0.1") {
		t.Errorf("a viewer is shown verbs or addresses: %s", look.Text("main"))
	}
	if said := look.Event("console", "run", map[string]any{"verb": "kick", "target": "0011223344556677"}); said == "" {
		t.Error("a viewer kicks")
	}
	if said := look.Event("console", "run", map[string]any{"verb": "format", "target": "c:"}); said == "" {
		t.Error("a verb that does not exist was taken")
	}
}

func TestConsoleSearchStaysInTheAddress(t *testing.T) {
	c := newCompany(t)
	c.may(t, "viewer", console.ViewRight)
	p := c.people["viewer"].Open("/admin/console/actors/")
	if said := p.Event("console", "search", map[string]any{"value": "supervisor"}); said != "" {
		t.Fatal(said)
	}
	row(t, p, "jobs/supervisor")
	if got := p.Text(".gr-count"); got != "1" && got != "2" { // a job's path has its supervisor's
		t.Errorf("%s actors match", got)
	}
	// By the timer alone an actor is shown that comes later, and what was searched for stays.
	p.Event("console", "search", map[string]any{"value": "widget.items"})
	before := p.Text(".gr-count")
	other := c.people["owner"].Open("/admin/main/items/")
	p.WaitUntil(`.gr-count:not(:contains("`+before+`"))`, true)
	for _, line := range p.All("tr[data-key]") {
		if !strings.Contains(line, "widget.items") {
			t.Errorf("the timer forgot the search: %q", line)
		}
	}
	other.Cut()
	for _, sort := range append(console.Sorts(), "nonsense", "") {
		if got := c.people["viewer"].Get("/admin/console/actors/?sort=" + url.QueryEscape(sort)); got.Status != 200 || !got.Has("tr[data-key]") {
			t.Errorf("sorted by %q: %d", sort, got.Status)
		}
	}
	for _, name := range console.Names() {
		if got := c.people["viewer"].Get("/admin/console/" + name + "/").Status; got != 200 {
			t.Errorf("%s: %d", name, got)
		}
	}
	if got := c.people["viewer"].Get("/admin/console/nodes/").Status; got != 404 {
		t.Errorf("a page that does not exist: %d", got)
	}
	if home := c.people["nothing"].Get("/admin/"); home.Has(`a[href="/admin/console/"]`) {
		t.Error("the console is in the navigation of somebody without the right")
	}
	if home := c.people["viewer"].Get("/admin/"); !home.Has(`a[href="/admin/console/"]`) {
		t.Error("the console is not in the navigation")
	}
}
