package e2e

import "testing"

// TestJobsInABrowser pauses a run from its page, goes on with it from the list of jobs, and is told of its end on another page. With SCREENSHOTS set it
// leaves pictures, wide and narrow, light and dark.
func TestJobsInABrowser(t *testing.T) {
	refunds := make(turnstile)
	s := serveShop(t, 60, refunds.gate)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	b.click(`[data-select-all]`)
	b.click(`[data-action=refund]`)
	b.write(`[name=reason]`, "a test")
	b.click(`[gr-submit="run"] [type=submit]`)
	b.until("it runs", `location.pathname.includes("/progress/") && document.querySelector("[data-job-state=running]")`)
	b.live()
	refunds.pass(5)
	b.until("the tray counts it", `document.querySelector("[data-tray='1']")`)
	looks := func(name string) {
		t.Helper()
		for _, look := range []struct {
			name string
			set  func()
		}{{"narrow", b.narrow}, {"narrow-dark", b.dark}, {"dark", b.wide}, {"wide", b.light}} {
			look.set()
			if over := b.eval(`document.documentElement.scrollWidth - innerWidth`); over != "0" && over[0] != '-' {
				t.Errorf("%s, %s: %s px stick out\n%s", name, look.name, over, b.picture("over-"+name))
			}
			b.picture(look.name + "-" + name)
		}
	}
	looks("job-running")
	at := b.eval(`location.pathname`)
	b.click(`[data-verb=pause]`)
	b.until("it pauses", `document.querySelector("[data-job-state=pausing]")`)
	refunds.pass(1)
	b.until("it is paused", `document.querySelector("[data-job-state=paused]")`)
	looks("job-paused")
	b.goTo("/admin/jobs/")
	b.live()
	looks("jobs")
	b.click(`tr [data-verb=resume]`)
	b.until("it runs again", `document.querySelector("tr[data-job-state=running]")`)
	b.goTo("/admin/")
	b.live()
	b.click(`.gr-tray > summary`)
	looks("tray")
	refunds.pass(19)
	b.until("its end is told", `document.querySelector(".gr-toast")?.innerText.includes("25 of 25")`)
	b.picture("toast")
	b.goTo(at)
	b.until("it is done", `document.querySelector("[data-job-state=succeeded]")`)
	looks("job-done")
}

// TestDryRunInABrowser tries the action before it is run: nothing changes, and the rows that would fail can be downloaded.
func TestDryRunInABrowser(t *testing.T) {
	s := serveShop(t, 60, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	run := func(button string) {
		t.Helper()
		b.goTo("/admin/shop/orders/")
		b.live()
		b.click(`[data-select-all]`)
		b.until("all of the page are selected", `document.querySelector(".gr-bulk")?.innerText.includes("25")`)
		b.click(`[data-action=pack]`)
		b.click(`[gr-submit="run"] ` + button)
		b.until("it is done", `location.pathname.includes("/progress/") && document.querySelector("[data-job-state=succeeded]")`)
	}
	before := orders(t, s, "packed")
	run(`[name=dry]`)
	b.until("it says that it was a dry run", `document.querySelector("[data-dry]") && document.querySelector("a[download][href$='failed.csv']")`)
	b.picture("dry")
	if after := orders(t, s, "packed"); after != before {
		t.Errorf("a dry run packed %d orders", after-before)
	}
	run(`.gr-primary`)
	if after := orders(t, s, "packed"); after <= before {
		t.Errorf("%d orders are packed, as before", after)
	}
	b.eval(`void fetch(document.querySelector("a[download]").href).then(r => r.text()).then(t => document.body.dataset.csv = t)`)
	b.until("the failed rows are downloaded", `document.body.dataset.csv?.startsWith("row,error,attempt\r\n")`)
}
