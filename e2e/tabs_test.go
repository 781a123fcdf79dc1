package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// yes is the button of a question that says yes.
const yes = `dialog [value=yes]`

// beside opens another tab of the same browser, with the same sign-in.
func (b *tab) beside(path string) *tab {
	b.t.Helper()
	other := another(b.ctx, b.t, b.url)
	other.goTo(path)
	return other
}

// race has two tabs click something at once, each as soon as it can: neither knows what the other does.
func race(a *tab, first string, b *tab, second string) {
	a.t.Helper()
	a.until("it can be clicked in the first tab", fmt.Sprintf(`document.querySelector(%q)`, first))
	b.until("it can be clicked in the second tab", fmt.Sprintf(`document.querySelector(%q)`, second))
	var both sync.WaitGroup
	for who, selector := range map[*tab]string{a: first, b: second} {
		both.Go(func() { who.eval(fmt.Sprintf(`document.querySelector(%q)?.click()`, selector)) })
	}
	both.Wait()
}

// agree waits until both tabs show one of some states, the same one, and nothing that was not written for people. It returns the state.
func agree(a, b *tab, states ...string) string {
	a.t.Helper()
	var any []string
	for _, s := range states {
		any = append(any, "[data-job-state="+s+"]")
	}
	for _, who := range []*tab{a, b} {
		who.until("it shows the end of the race", fmt.Sprintf(`document.querySelector(%q)`, strings.Join(any, ", ")))
		if said := who.text(".gr-toasts"); strings.Contains(said, "wrong") || strings.Contains(said, "incident") {
			a.t.Errorf("the loser of the race is told %q", said)
		}
	}
	const state = `document.querySelector("[data-job-state]").dataset.jobState`
	b.until("both tabs say the same", fmt.Sprintf(`%s === %q`, state, a.eval(state)))
	return a.eval(state)
}

// TestVerbsFromTwoTabs: every verb from two tabs at once, the same one and ones that contradict each other. Each has one effect, both tabs show it, and
// whoever came second is told nothing or a sentence.
func TestVerbsFromTwoTabs(t *testing.T) {
	refunds := make(turnstile)
	s := serveShop(t, 60, refunds.gate)
	a := open(t, s.url)
	a.signIn("/admin/shop/orders/")
	b := a.beside("/admin/shop/orders/")

	// Both start the same action on the same rows: it must not run twice, and the loser is led to the one that runs.
	for _, who := range []*tab{a, b} {
		who.click(`[data-select-all]`)
		who.click(`[data-action=refund]`)
		who.write(`[name=reason]`, "a race")
	}
	race(a, `[gr-submit="run"] .gr-primary`, b, `[gr-submit="run"] .gr-primary`)
	const there, refused = `location.pathname.includes("/progress/")`, `document.querySelector("main").innerText.includes("lready running on 25 of these 25 rows")`
	for _, who := range []*tab{a, b} {
		who.until("it is there or refused", there+` || `+refused)
	}
	winner, loser := a, b
	if a.eval(there) != "true" {
		winner, loser = b, a
	}
	if loser.eval(there) == "true" {
		t.Fatal("both started the action")
	}
	loser.picture("tabs-refused")
	loser.click(`dialog a[href*="/progress/"]`)
	loser.until("it is led to the job", there)
	if mine, other := winner.eval(`location.pathname`), loser.eval(`location.pathname`); mine != other {
		t.Errorf("the loser is led to %s, what runs is %s", other, mine)
	}
	a, b = winner, loser
	a.live()
	b.live()
	agree(a, b, "running")

	race(a, `[data-verb=pause]`, b, `[data-verb=pause]`)
	agree(a, b, "pausing")
	refunds.pass(1)
	agree(a, b, "paused")
	race(a, `[data-verb=resume]`, b, `[data-verb=resume]`)
	agree(a, b, "running")

	// Pause against cancel: a cancel that comes first ends it, and one that comes second does so too.
	race(a, `[data-verb=pause]`, b, `[data-verb=cancel]`)
	agree(a, b, "cancelling")
	refunds.pass(1)
	agree(a, b, "cancelled")

	// Both run it again: Danger admits one, whichever tab is led to it.
	before := a.eval(`location.pathname`)
	a.click(`[data-verb=rerun]`)
	b.click(`[data-verb=rerun]`)
	race(a, yes, b, yes)
	moved := fmt.Sprintf(`location.pathname !== %q`, before)
	told := `document.querySelector(".gr-toasts")?.innerText.includes("lready running")`
	for _, who := range []*tab{a, b} {
		who.until("it runs again or is refused", moved+` || `+told)
	}
	if a.eval(moved) != "true" {
		a, b = b, a
	}
	if at := b.eval(`location.pathname`); at != before && at != a.eval(`location.pathname`) {
		t.Error("it was run again twice")
	}
	b.goTo(a.eval(`location.pathname`))
	a.live()
	agree(a, b, "running")

	// Resume against cancel, from a pause.
	a.click(`[data-verb=pause]`)
	agree(a, b, "pausing")
	refunds.pass(1)
	agree(a, b, "paused")
	race(a, `[data-verb=resume]`, b, `[data-verb=cancel]`)
	if agree(a, b, "cancelled", "cancelling", "running") != "cancelled" {
		refunds.pass(1)
	}
	agree(a, b, "cancelled")
	if n := s.ask(t, `SELECT count(*) - count(DISTINCT order_id) FROM order_activity WHERE kind = 'refunded' AND message = 'a race'`); n != 0 {
		t.Errorf("%d refunds were booked twice", n)
	}
}

// TestForceFromTwoTabs gives a body up that does not listen, twice at once, and then its slot.
func TestForceFromTwoTabs(t *testing.T) {
	parts := make(turnstile)
	s := serveShop(t, 60, parts.gate)
	a := open(t, s.url)
	a.signIn("/admin/shop/orders/")
	a.click(`tr[data-key] input[type=checkbox]`)
	a.click(`[data-action=reconcile]`)
	a.until("it runs", `document.querySelector("[data-job-state=running]")`)
	b := a.beside(a.eval(`location.pathname`))
	a.live()
	race(a, `[data-verb=cancel]`, b, `[data-verb=cancel]`)
	agree(a, b, "cancelling")
	for _, who := range []*tab{a, b} {
		who.until("it is stuck", `document.querySelector("[data-verb=stop]")`)
		who.click(`[data-verb=stop]`)
	}
	race(a, yes, b, yes)
	agree(a, b, "cancelled")
	b.picture("tabs-given-up")
	a.click(`[data-verb=release]`)
	b.click(`[data-verb=release]`)
	race(a, yes, b, yes)
	for _, who := range []*tab{a, b} {
		who.until("its slot is given away", `document.querySelector("main").innerText.includes("its slot was released")`)
	}
	close(parts)
	for _, who := range []*tab{a, b} {
		who.until("its return is told", `document.querySelector("main").innerText.includes("Its code has returned") || document.querySelector("main").innerText.includes("has returned since")`)
	}
}
