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

// row checks that a console page has a row with a text.
func row(t *testing.T, p *greenroomtest.Page, text string) {
	t.Helper()
	for _, line := range p.All("tr[data-key]") {
		if strings.Contains(line, text) {
			return
		}
	}
	t.Fatalf("no row with %q among %q", text, p.All("tr[data-key]"))
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

// TestConsoleVerbsWorkWithoutJavaScript follows the links and posts the form as a browser without scripts does.
func TestConsoleVerbsWorkWithoutJavaScript(t *testing.T) {
	c := newCompany(t)
	c.may(t, "full", console.ViewRight, "jobs.supervise")
	ask := c.people["full"].Get("/admin/console/jobs/?do=cancel&on=" + c.job)
	if ask.Status != 200 || ask.Field("verb") != "cancel" || ask.Field("target") != c.job {
		t.Fatalf("no question was asked: %d %s", ask.Status, ask.Text())
	}
	post := func(verb string) *greenroomtest.Answer {
		return c.people["full"].Post("/admin/console/jobs/", url.Values{"csrf": {ask.Field("csrf")}, "event": {"run"}, "verb": {verb}, "target": {c.job}})
	}
	if got := post("stop"); !strings.Contains(got.Text(), "cancel it first") {
		t.Errorf("a job that was not asked to end was given up: %s", got.Text())
	}
	if got := post("cancel"); got.Status != 200 || !strings.Contains(got.Text(), "The job was asked to end.") && !strings.Contains(got.Text(), "The job is cancelled.") {
		t.Errorf("%d %s", got.Status, got.Text())
	}
	if got := c.people["full"].Get("/admin/console/jobs/?do=kick&on=" + c.job); got.Has("dialog") {
		t.Error("a question is asked about a verb that the row does not have")
	}
}
