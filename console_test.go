package greenroom_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

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
	if jobs.Has("dialog") || jobs.Has("[data-verb=cancel]") {
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
		got := c.people["viewer"].Get("/admin/console/" + name + "/")
		if refused := strings.Contains(got.Text(), "takes the right console.log"); got.Status != 200 || refused != (name == console.Log) {
			t.Errorf("%s: %d %s", name, got.Status, got.Text())
		}
	}
	if got := c.people["viewer"].Get("/admin/console/planets/").Status; got != 404 {
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

func TestConsoleFiltersStandInTheAddress(t *testing.T) {
	c := newCompany(t)
	c.may(t, "full", console.ViewRight, "jobs.supervise", console.TraceRight)
	full := c.people["full"]
	jobs := full.Open("/admin/console/jobs/")
	if said := jobs.Event("console", "pick", map[string]any{"value": "paused", "word": "state"}); said != "" || jobs.Query() != "?state=paused" {
		t.Fatalf("%q %q", said, jobs.Query())
	}
	if jobs.Has("tr[data-key]") {
		t.Error("a running job is among the paused")
	}
	for _, q := range []string{"state=running", "state=unfinished", "user=owner", "q=touch", "state=running&user=owner&q=touch&every=5&hold=1"} {
		if got := full.Get("/admin/console/jobs/?" + q); !got.Has("tr[data-key]") {
			t.Errorf("%s: %s", q, got.Text())
		}
	}
	for _, q := range []string{"state=finished", "user=nobody", "state=stuck"} {
		if got := full.Get("/admin/console/jobs/?" + q); got.Has("tr[data-key]") {
			t.Errorf("%s: %s", q, got.Text())
		}
	}
	// The steps of a job, as the store has them.
	steps := full.Get("/admin/console/jobs/?job=" + c.job)
	if text := steps.Text(); !strings.Contains(text, "queued") || !strings.Contains(text, "attempt 1") || !strings.Contains(text, "Started by owner") {
		t.Errorf("steps: %s", text)
	}
	c.may(t, "viewer", console.ViewRight)
	if got := c.people["viewer"].Get("/admin/console/jobs/?job=" + c.job); strings.Contains(got.Text(), "attempt 1") {
		t.Error("a viewer reads the steps of another's job")
	}
	// The tree has what is open, and nothing else.
	tree := full.Open("/admin/console/actors/")
	if got := strings.Join(tree.All("tr[data-key]"), " "); !strings.Contains(got, "jobs") || strings.Contains(got, "supervisor") {
		t.Errorf("a closed tree: %s", got)
	}
	tree.Click(`tr[data-key="jobs"] [data-branch]`)
	row(t, tree, "supervisor")
	if tree.Query() != "?open=jobs" {
		t.Errorf("the address is %q", tree.Query())
	}
	tree.Click(`tr[data-key="jobs/supervisor~1"] [data-branch]`)
	row(t, tree, c.job)
	tree.Click(`tr[data-key="jobs"] [data-branch]`)
	if len(tree.All("tr[data-key]")) != 3 {
		t.Errorf("a closed branch leaves %q", tree.All("tr[data-key]"))
	}
	// One box finds everything.
	for what, words := range map[string][]string{"owner": {"user", "job"}, c.job: {"job", "actor"}, "supervisor": {"actor"}} {
		got := full.Get("/admin/console/find/?q=" + what)
		for _, word := range words {
			if !strings.Contains(got.Text(), word) {
				t.Errorf("%s: no %s: %s", what, word, got.Text())
			}
		}
	}
	if got := full.Get("/admin/console/nodes/"); !strings.Contains(got.Text(), "held") || !strings.Contains(got.Text(), "yes") {
		t.Errorf("nodes: %s", got.Text())
	}
}

func TestConsoleHoldsStillAndSlowsDown(t *testing.T) {
	c := newCompany(t)
	c.may(t, "full", console.ViewRight)
	full := c.people["full"]
	ages := func(at string) string { return full.Get("/admin/console/actors/?q=supervisor" + at).Text() }
	held := ages("&hold=1")
	live := full.Open("/admin/console/actors/?q=supervisor")
	age := `tr[data-key="jobs/supervisor~1"] [data-col=age]`
	live.WaitUntil(age+`:not(:contains("`+live.Text(age)+`"))`, true) // time passes
	if now := ages("&hold=1"); now != held {
		t.Errorf("a page that is held moves:\n%s\n%s", held, now)
	}
	if now := ages("&hold=2"); now == held {
		t.Error("another hold shows the old picture")
	}
}

func TestConsoleTracesAnActor(t *testing.T) {
	c := newCompany(t)
	c.may(t, "full", console.ViewRight, console.TraceRight)
	c.may(t, "viewer", console.ViewRight)
	p := c.people["full"].Open("/admin/console/actors/?open=jobs")
	if said := p.Click(`tr[data-key="jobs/supervisor~1"] [data-verb=trace]`); said != "" {
		t.Fatal(said)
	}
	if said := p.Submit("dialog form", nil); said != "" {
		t.Fatal(said)
	}
	audited(t, c, "console: trace: jobs/supervisor~1")
	trace := c.people["full"].Open("/admin/console/trace/")
	trace.WaitFor("tr[data-key] [data-col=message]", "jobs.")
	look := c.people["viewer"].Open("/admin/console/trace/")
	if look.Has("[data-verb]") {
		t.Error("a viewer may end a trace")
	}
	for _, verb := range []string{"trace", "untrace"} {
		if said := look.Event("console", "run", map[string]any{"verb": verb, "target": "jobs/supervisor~1"}); said == "" {
			t.Errorf("a viewer does %s", verb)
		}
	}
	trace.Click("[data-verb=untrace]")
	if said := trace.Submit("dialog form", nil); said != "" {
		t.Fatal(said)
	}
	trace.WaitFor("[data-trace]", "The last trace was of jobs/supervisor~1")
}

func TestConsoleDoesToAllThatFit(t *testing.T) {
	c := newCompany(t)
	c.may(t, "full", console.ViewRight, "jobs.supervise")
	list := c.people["owner"].Open("/admin/main/items/")
	for range 3 {
		list.Event("items", "select", map[string]any{"key": "2", "checked": "true"})
		if said := list.Event("items", "ask", map[string]any{"action": "touch"}); said != "" {
			t.Fatal(said)
		}
		list.Redirected()
	}
	p := c.people["full"].Open("/admin/console/jobs/?state=queued")
	if said := p.Click("[data-bulk=cancel]"); said != "" {
		t.Fatal(said)
	}
	if !strings.Contains(p.Text("dialog"), "Cancel 3 jobs?") {
		t.Fatal(p.Text("dialog"))
	}
	if said := p.Event("console", "run", map[string]any{"verb": "cancel", "target": "*", "count": "2"}); !strings.Contains(said, "More jobs") {
		t.Errorf("more jobs than were asked about: %q", said)
	}
	if said := p.Submit("dialog form", nil); said != "" {
		t.Fatal(said)
	}
	p.WaitToast("3 of 3 jobs")
	audited(t, c, "console: cancel: 3 jobs: ")
	if got := c.people["full"].Get("/admin/console/jobs/?state=cancelled"); got.Status != 200 || strings.Count(got.Body, "data-col=\"state\"") != 3 {
		t.Errorf("not all are cancelled: %s", got.Text())
	}
	row(t, c.people["full"].Open("/admin/console/jobs/?state=running"), "Touch") // which did not fit
}

// TestConsoleFromElsewhere asks with a token, which may do what its user may until it is revoked.
func TestConsoleFromElsewhere(t *testing.T) {
	c := newCompany(t)
	c.may(t, "full", console.ViewRight, "jobs.supervise")
	state, err := grsql.OpenState(t.Context(), c.state)
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close() //nolint:errcheck // a test's
	token := func(user string) (id string, client *console.Client) {
		id, text, err := state.AddToken(t.Context(), user, time.Hour)
		if err == nil {
			client, err = console.Connect(t.Context(), c.URL+"/admin/", text+"\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		return id, client
	}
	id, full := token("full")
	_, viewer := token("viewer")
	jobs := console.Request{Query: console.Query{Page: console.Jobs}}
	if r, err := full.Ask(jobs); err != nil || len(r.Report.Table.Rows) != 1 || r.Report.Table.Rows[0].Key != c.job {
		t.Fatalf("%+v %v", r, err)
	}
	if _, err := viewer.Ask(jobs); err == nil || !strings.Contains(err.Error(), "permission") {
		t.Errorf("without console.view: %v", err)
	}
	for _, q := range []console.Request{{Verb: console.Kick, Target: "0011"}, {Query: console.Query{Page: console.MetricsPage}}, {Verb: console.Follow, Target: "jobs"}} {
		if _, err := full.Ask(q); err == nil || !strings.Contains(err.Error(), "permission") {
			t.Errorf("%+v without its right: %v", q, err)
		}
	}
	if r, err := full.Ask(console.Request{Verb: console.Cancel, Target: c.job}); err != nil || r.Text == "" {
		t.Errorf("%+v %v", r, err)
	}
	audited(t, c, "console: cancel: Touch")
	if err := state.RevokeToken(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := full.Ask(jobs); err == nil || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("after it was revoked: %v", err)
	}
	for _, address := range []string{"http://admin.example.com/admin/", "ftp://127.0.0.1/", "admin.example.com", "https://a:b@example.com/"} {
		if _, err := console.Connect(t.Context(), address, "gr_x"); err == nil {
			t.Errorf("a token is sent to %s", address)
		}
	}
}
