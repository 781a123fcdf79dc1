package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

const axePath = "../http/client/node_modules/axe-core/axe.min.js"

// axe is the source of axe-core, which npm fetches as the client's own development dependency. Nothing of it is served. A machine without npm skips,
// one that calls itself CI fails.
var axe = sync.OnceValues(func() (string, error) {
	if _, err := os.Stat(axePath); err != nil {
		if _, err := exec.LookPath("npm"); err != nil {
			return "", fmt.Errorf("axe-core is not installed and there is no npm to fetch it with (Debian: apt-get install nodejs npm): %w", err)
		}
		fetch := exec.CommandContext(context.Background(), "npm", "ci", "--no-audit", "--no-fund")
		fetch.Dir = "../http/client"
		if out, err := fetch.CombinedOutput(); err != nil {
			return "", fmt.Errorf("npm ci in http/client: %w\n%s", err, out)
		}
	}
	source, err := os.ReadFile(axePath)
	return string(source), err
})

// accessible runs axe-core over the page as it is, in each of the four looks: every rule of WCAG 2.0, 2.1 and 2.2, A and AA, and what axe calls best
// practice (landmarks, order of headings). Each finding fails the test.
func (b *tab) accessible(name string) {
	b.t.Helper()
	b.accessibleIn(name, "document")
}

// accessibleIn looks at a part of the page, a JavaScript expression: what an open menu covers is not what a person has before them.
func (b *tab) accessibleIn(name, part string) {
	b.t.Helper()
	source, err := axe()
	if err != nil {
		if os.Getenv("CI") == "true" {
			b.t.Fatal(err)
		}
		b.t.Skipf("*** SKIPPED: accessibility: %v", err)
	}
	for _, look := range []struct {
		name string
		set  func()
	}{{"narrow", b.narrow}, {"narrow, dark", b.dark}, {"dark", b.wide}, {"wide", b.light}} {
		look.set()
		if b.eval(part+`.checkVisibility?.()`) == "false" {
			continue // a phone does not show it
		}
		if b.eval(`typeof axe`) != "object" { // the page may have been loaded anew
			b.do(discard(chromedp.Evaluate[bool](source + `; true`)))
		}
		b.eval(`document.getAnimations().filter(a => a.effect.getTiming().iterations < 9).forEach(a => a.finish())`) // a toast that fades in is pale
		b.eval(`void axe.run(` + part + `, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]})
			.then(r => { window.axeSays = JSON.stringify({checks: r.passes.length, violations: r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.target.join(" ") + ": " + n.failureSummary)}))}) },
				e => { window.axeSays = JSON.stringify({failed: String(e)}) })`)
		b.until("axe has looked at "+name+", "+look.name, `window.axeSays`)
		var said struct {
			Failed     string
			Checks     int
			Violations []struct {
				ID, Help string
				Nodes    []string
			}
		}
		if err := json.Unmarshal([]byte(b.eval(`window.axeSays`)), &said); err != nil {
			b.t.Fatal(err)
		}
		b.eval(`delete window.axeSays`)
		if said.Failed != "" || said.Checks < 5 {
			b.t.Fatalf("%s, %s: axe looked at %d rules only: %s", name, look.name, said.Checks, said.Failed)
		}
		for _, v := range said.Violations {
			b.t.Errorf("%s, %s: %s (%s)\n\t%s", name, look.name, v.ID, v.Help, strings.ReplaceAll(strings.Join(v.Nodes, "\n"), "\n", "\n\t"))
		}
	}
}

// discard is an action whose result nobody needs.
func discard[T any](a chromedp.Action[T]) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, at *chromedp.Target) (chromedp.Void, error) {
		_, err := a(ctx, at)
		return chromedp.Void{}, err
	}
}

// TestEveryPageIsAccessible opens every kind of page, light and dark, 1400 and 390 px wide, with its menus, dialogs, errors and selections.
func TestEveryPageIsAccessible(t *testing.T) {
	refunds := make(turnstile)
	s := serveShop(t, 200, refunds.gate)
	b := open(t, s.url)
	b.do(chromedp.Navigate(b.url + "/admin/login/"))
	b.accessible("sign-in")
	b.write(`[name=username]`, "admin")
	b.write(`[name=password]`, "wrong")
	b.do(chromedp.KeyEvent("\r"))
	b.until("the mistake is told", `document.querySelector("[role=alert]")`)
	b.accessible("sign-in with an error")
	b.signIn("/admin/")

	for _, page := range []struct{ name, path string }{
		{"dashboard", "/admin/"},
		{"list", "/admin/shop/orders/"},
		{"list, found, filtered and sorted", "/admin/shop/orders/?q=GR-000000&o=status,-total_cents&status=paid"},
		{"list without rows", "/admin/shop/orders/?q=no+such+order"},
		{"list with a composite key", "/admin/shop/order_lines/"},
		{"form", "/admin/shop/orders/7/change/"},
		{"form of a new row", "/admin/shop/products/add/"},
		{"delete", "/admin/shop/orders/7/delete/"},
		{"history", "/admin/shop/orders/7/history/"},
		{"job list", "/admin/jobs/"},
		{"job history", "/admin/jobs/history/"},
		{"audit", "/admin/audit/"},
		{"account", "/admin/account/"},
		{"users", "/admin/users/"},
		{"user", "/admin/users/?name=admin"},
		{"groups", "/admin/groups/"},
		{"console", "/admin/console/"},
		{"console, actors", "/admin/console/actors/?sort=messages"},
		{"console, jobs", "/admin/console/jobs/"},
		{"console, sessions", "/admin/console/sessions/"},
		{"console, failures", "/admin/console/failures/"},
	} {
		b.goTo(page.path)
		b.accessible(page.name)
	}
	b.do(chromedp.Navigate(b.url + "/admin/no/such/page/"))
	b.accessible("not found")

	b.goTo("/admin/shop/products/add/")
	b.click(`.gr-actions .gr-primary`)
	b.until("the errors are told", `document.querySelector(".gr-error-summary a")`)
	b.accessible("form with errors")
	b.eval(`document.querySelectorAll("form[data-dirty]").forEach(f => delete f.dataset.dirty)`) // else leaving it asks

	b.goTo("/admin/shop/orders/")
	for menu := range strings.SplitSeq(b.eval(`[...document.querySelectorAll("main details > summary, header details > summary")].map((e, i) => (e.dataset.nth = i)).join(" ")`), " ") {
		b.eval(`document.querySelectorAll("details[open]").forEach(d => d.open = false)`)
		b.eval(`document.querySelector("summary[data-nth='` + menu + `']").click()`)
		b.until("the menu is open", `document.querySelector("details[open]")`)
		b.accessibleIn("list, menu "+menu, `document.querySelector("details[open]")`)
	}
	b.goTo("/admin/shop/orders/")
	b.click(`td[data-col=note][tabindex]`)
	b.until("a cell is open", `document.querySelector("form.gr-cell")`)
	b.accessible("list, a cell is edited")
	b.goTo("/admin/shop/orders/")
	b.click(`[data-select-all]`)
	b.until("rows are selected", `document.querySelector("[data-action=refund]")`)
	b.accessible("list with a selection")
	b.click(`[data-action=refund]`)
	b.until("it asks", `document.querySelector("dialog:modal")`)
	b.accessible("an action asks")
	b.write(`[name=reason]`, "a test")
	b.click(`[gr-submit="run"] [type=submit]:last-of-type`)
	b.until("it runs", `document.querySelector("[data-job-state=running]")`)
	b.live()
	refunds.pass(3)
	b.accessible("job")
	at := b.eval(`location.pathname`)
	b.goTo("/admin/jobs/")
	b.accessible("jobs, one of them runs")
	b.goTo("/admin/console/jobs/")
	b.click(`[data-verb=cancel]`)
	b.until("it asks", `document.querySelector("dialog:modal")`)
	b.accessible("the console asks")
	b.goTo(at)
	refunds.pass(22)
	b.until("it is done", `document.querySelector("[data-job-state=succeeded]")`)
	b.accessible("job that is done")
	b.goTo("/admin/")
	b.click(`.gr-tray > summary`)
	b.accessibleIn("tray", `document.querySelector("details[open]")`)
}
