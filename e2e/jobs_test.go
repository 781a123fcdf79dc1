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
