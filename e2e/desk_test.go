package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"greenroom/internal/floor"
)

// TestOperatorAmong500Jobs is an operator's bad day in a browser: among 500 jobs a running one is found and cancelled, another is paused and resumed, one that
// does not listen is stopped by force, a sign-in is ended, and every trouble stands in the strip. The audit has each act.
func TestOperatorAmong500Jobs(t *testing.T) {
	f := floor.Open(t)
	b := open(t, f.URL)
	b.signIn("/admin/console/jobs/")
	b.until("all jobs are counted", `document.querySelector(".gr-count").textContent.trim() === "500"`)
	find := func(text string) {
		b.goTo("/admin/console/jobs/")
		b.write(".gr-search input", text)
		b.until("it is found among 500", `document.querySelectorAll("tr[data-key]").length === 1 && location.search.includes("q=")`)
	}
	state := func(words string) {
		t.Helper()
		b.until("it is "+words, `document.querySelector("tr[data-key] [data-col=state]").textContent.trim() === "`+words+`"`)
	}
	act := func(verb string) {
		t.Helper()
		b.click(`[data-verb=` + verb + `]`)
		b.until("it asks, and the answer is no unless one says yes", `document.querySelector("dialog:modal") && document.activeElement.matches("[data-no]")`)
		b.click(`dialog [data-yes]`)
		b.until("the question is gone", `!document.querySelector("dialog")`)
	}

	find("needle")
	state("running")
	act("cancel")
	state("cancelled")

	find("deaf")
	act("cancel")
	state("cancelling")

	find("walk along")
	state("running")
	act("pause")
	state("paused")
	act("resume")
	state("running")

	find("deaf")
	state("stuck")
	b.until("the strip tells", `document.querySelector("[data-attention]")?.textContent.includes("Deaf to its cancel")`)
	act("stop")
	state("given up")

	f.Still()
	f.Flood()
	b.goTo("/admin/console/")
	for _, words := range []string{"widget.still~", "widget.flooded~", "messages waiting", "widget.fragile~"} {
		b.until("the strip tells of "+words, `document.querySelector("[data-attention]")?.textContent.includes("`+words+`")`)
	}
	b.picture("attention")
	b.goTo("/admin/console/actors/?sort=restarts")
	b.until("the restarted actor stands first, with its failure", `(r => r.querySelector("[data-col=actor]").title.concat(r.querySelector("[data-col=actor]").textContent).includes("fragile") &&
		r.querySelector("[data-col=restarts]").textContent.trim() === "1" && r.querySelector("[data-col=failure]").textContent.includes("the shelf gave way"))(document.querySelector("tr[data-key]"))`)

	b.goTo("/admin/console/sessions/?q=op0")
	act("kick")
	b.until("no page of it is left", `!document.querySelector("tr[data-key]")`)
	if got := f.Victim.Get("/admin/").Status; got != 303 {
		t.Errorf("the ended sign-in still opens pages: %d", got)
	}
	f.Audited("console: cancel: Needle", "console: pause: Walk", "console: resume: Walk", "console: cancel: Deaf", "console: stop: Deaf", "console: kick op0")
}

// TestConsoleKeys goes over the console without a mouse.
func TestConsoleKeys(t *testing.T) {
	f := floor.Open(t)
	b := open(t, f.URL)
	b.signIn("/admin/console/")
	press := func(keys string) {
		t.Helper()
		for _, key := range keys {
			b.do(chromedp.KeyEvent(string(key)))
		}
	}
	b.until("the keys are listened to", `document.querySelector("[data-console-keys]")`)
	b.picture("overview")
	press("?")
	b.until("the help lists them", `document.querySelector("dialog:modal")?.textContent.includes("pause or resume a job")`)
	b.picture("help")
	b.do(chromedp.KeyEvent(kb.Escape))
	press("gj")
	b.until("the jobs", `location.pathname.endsWith("/console/jobs/") && document.documentElement.dataset.live === "on"`)
	b.picture("jobs")
	press("f")
	b.until("unfinished", `location.search.includes("state=unfinished") && document.querySelector("select").value === "unfinished"`)
	press("f")
	b.until("the filter of states goes on", `location.search.includes("state=queued")`)
	press("jjc")
	b.until("it asks, and the answer is no unless one says yes", `document.querySelector("dialog:modal") && document.activeElement.matches("[data-no]")`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("no", `!document.querySelector("dialog")`)
	press(" j c")
	b.until("two are marked, and two are asked about", `document.querySelector("dialog:modal")?.textContent.includes("Cancel 2 jobs?")`)
	b.picture("two")
	b.click(`dialog [data-yes]`)
	b.until("they are cancelled", `!document.querySelector("dialog") && document.querySelector(".gr-count").textContent.trim() === "494"`)
	press("je")
	b.until("steps of the job in hand", `document.querySelector("[data-job] [data-steps] li")`)
	b.picture("steps")
	press("q")
	b.until("closed", `!document.querySelector("[data-job]")`)
	press("P")
	b.until("held", `location.search.includes("hold=")`)
	press("P")
	b.until("it moves again", `!location.search.includes("hold")`)
	press("+")
	b.until("every two seconds", `location.search.includes("every=2") && !location.search.includes("hold")`)
	press("2")
	b.until("the actors", `location.pathname.endsWith("/console/actors/") && document.documentElement.dataset.live === "on"`)
	press("jl")
	b.until("the branch is open", `document.querySelectorAll("tr[data-key]").length > 3`)
	b.picture("tree")
	press("h")
	b.until("and closed", `document.querySelectorAll("tr[data-key]").length === 3`)
	press("s")
	b.until("by mailbox", `location.search.includes("sort=mailbox") && document.querySelector("[data-sort][aria-current=true]").textContent.includes("mailbox")`)
	press("s")
	b.until("by rate", `location.search.includes("sort=rate")`)
	press("jt")
	b.until("a trace asks too", `document.querySelector("dialog:modal")?.textContent.includes("Trace")`)
	b.click(`dialog [data-yes]`)
	b.until("it is told", `document.querySelector(".gr-toast")?.textContent.includes("traced")`)
	press("gt")
	b.until("messages come in", `location.pathname.endsWith("/console/trace/") && document.querySelector("tr[data-key] [data-col=message]")`)
	b.picture("trace")
	press("8")
	b.until("the log", `location.pathname.endsWith("/console/log/")`)
	b.goTo("/admin/console/find/?q=needle")
	b.until("the needle", `document.querySelector("tr[data-key]")?.textContent.includes("Needle")`)
	for _, look := range []func(){b.narrow, b.dark, b.wide} {
		look()
		for _, page := range []string{"", "actors/?open=jobs", "jobs/?state=running", "sessions/", "trace/", "find/?q=op1", "nodes/", "log/"} {
			b.goTo("/admin/console/" + page)
			if over := b.eval(`document.documentElement.scrollWidth - innerWidth`); over != "0" && over[0] != '-' {
				t.Errorf("%s: %s px stick out", page, over)
			}
			b.picture("look-" + strings.NewReplacer("/", "_", "?", "_", "=", "_").Replace(page) + b.eval(`innerWidth + "-" + matchMedia("(prefers-color-scheme: dark)").matches`))
		}
	}
}
