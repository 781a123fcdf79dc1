package e2e

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// turnstile lets refunds through one by one: a refund waits until the test lets it pass, whatever happens to its context, as a slow provider would.
type turnstile chan struct{}

func (c turnstile) gate(context.Context) error { <-c; return nil }

// pass lets n refunds through; it returns when the last one was taken.
func (c turnstile) pass(n int) {
	for range n {
		c <- struct{}{}
	}
}

func TestMainPath(t *testing.T) {
	refunds := make(turnstile)
	s := serveShop(t, 10_000, refunds.gate)
	b := open(t, s.url)

	b.signIn("/admin/shop/orders/")
	b.until("the list is drawn", `document.querySelectorAll("tr[data-key]").length === 25`)

	// Search: the rows that come are those that match, and the address has it.
	b.write(`input[name=q]`, "needle")
	b.until("only matches are shown", `location.search.includes("q=needle") && [...document.querySelectorAll("tr[data-key] [data-col=note]")].every(c => c.textContent.includes("needle"))`)
	if focus := b.eval(`document.activeElement.name + ":" + document.activeElement.value`); focus != "q:needle" {
		t.Errorf("the search box lost focus or text: %s", focus)
	}
	b.write(`input[name=q]`, "")
	b.until("all are shown again", `document.querySelectorAll("tr[data-key]").length === 25 && !location.search.includes("needle")`)

	// Sort: a round trip on the socket, kept in the address.
	b.click(`th a[gr-value-to*="total_cents"]`)
	b.until("the cheapest come first", `location.search.includes("o=total_cents")`)
	b.until("and are in order", `(() => { const cents = [...document.querySelectorAll("[data-col=total_cents]")].map(c => Number(c.textContent.replace(/[^0-9]/g, ""))); return cents.length === 25 && cents.every((c, i) => !i || cents[i-1] <= c) })()`)

	// Select all matching: ten thousand rows, and not one id over the wire.
	b.click(`[data-select-all]`)
	b.until("the page is selected", `document.querySelectorAll("tr[data-key] input:checked").length === 25`)
	b.click(`[gr-click="select-all"]`)
	b.until("all are selected", `document.querySelector(".gr-bulk")?.innerText.includes("10,000")`)

	before := refunded(t, s)
	b.click(`[data-action=refund]`)
	b.write(`[name=reason]`, "a test")
	b.click(`[gr-submit="run"] [type=submit]`)
	b.until("the progress page is there", `location.pathname.includes("/progress/") && document.querySelector("[data-job-state=running]")`)
	b.live()

	// The bar moves as refunds pass.
	refunds.pass(3)
	b.until("the bar moved", `document.querySelector("progress").value >= 3`)
	first := progress(t, b)
	refunds.pass(40)
	b.until("the bar moved further", fmt.Sprintf(`document.querySelector("progress").value >= %d`, first+30))

	// A refresh shows the same job.
	b.goTo(b.eval(`location.pathname`))
	if state := b.eval(`document.querySelector("[data-job-state]").dataset.jobState`); state != "running" {
		t.Fatalf("after a refresh the job is %s", state)
	}

	// Cancel: the provider holds a refund, so the page must not say that it is over.
	b.click(`[data-verb=cancel]`)
	b.until("the page says cancelling", `document.querySelector("[data-job-state=cancelling]")`)
	refunds.pass(1)
	b.until("the page says cancelled", `document.querySelector("[data-job-state=cancelled]")`)

	// The count is true: what the gateway refunded is what the database says.
	made, _ := s.gateway.Refunded()
	if after := refunded(t, s); after-before != made || made != 44 {
		t.Errorf("%d orders became refunded, the gateway refunded %d, want 44", after-before, made)
	}
	if shown := progress(t, b); shown < made {
		t.Errorf("the page says %d, the gateway refunded %d", shown, made)
	}
	b.picture("cancelled")
}

func progress(t *testing.T, b *tab) int {
	t.Helper()
	n, err := strconv.Atoi(b.eval(`document.querySelector("progress").value`))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func refunded(t *testing.T, s *server) int {
	t.Helper()
	return orders(t, s, "refunded")
}

// orders counts those of a status.
func orders(t *testing.T, s *server, status string) int {
	t.Helper()
	table := s.db.Table("orders")
	facets, err := table.Facets(t.Context(), queryAll, "status", 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facets {
		if f.Value.String() == status {
			return int(f.N)
		}
	}
	return 0
}

func TestSecondBrowserSeesTheListChange(t *testing.T) {
	s := serveShop(t, 200, nil)
	watching, editing := open(t, s.url), open(t, s.url)
	watching.signIn("/admin/shop/orders/")
	watching.eval(`window.marker = "not reloaded"`)
	row := `tr[data-key="200"] [data-col=status]`
	old := watching.text(row)

	editing.signIn("/admin/shop/orders/200/change/")
	status := "cancelled"
	if old == status {
		status = "shipped"
	}
	editing.eval(fmt.Sprintf(`(() => { const s = document.querySelector("select[name=status]"); s.value = %q; s.dispatchEvent(new Event("change", {bubbles: true})); })()`, status))
	editing.click(`[data-widget=form] .gr-actions > button.gr-primary`)
	editing.until("it is saved and back on the list", `location.pathname.endsWith("/orders/")`)

	watching.until("the other browser sees it", fmt.Sprintf(`document.querySelector(%q).innerText.trim() === %q`, row, status))
	if watching.eval(`window.marker`) != "not reloaded" {
		t.Error("the page was loaded anew")
	}
}

func TestPageResumesAfterItsSocketWasCut(t *testing.T) {
	s := serveShop(t, 200, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	b.eval(`window.marker = "not reloaded"`)
	s.wire.interrupt()
	b.until("the page says that it is offline", `document.documentElement.dataset.live === "off"`)
	b.until("with a banner", `[...document.querySelectorAll(".gr-banner")].some(n => n.checkVisibility() && n.innerText.includes("Reconnecting"))`)
	// Changed while the page is away, and seen when it is back.
	if err := s.db.Table("orders").Set(t.Context(), []string{"200"}, map[string]any{"note": "written meanwhile"}); err != nil {
		t.Fatal(err)
	}
	s.wire.mend()
	b.live()
	b.until("the change arrives", `document.querySelector('tr[data-key="200"] [data-col=note]').innerText.includes("written meanwhile")`)
	b.write(`input[name=q]`, "GR-0000199")
	b.until("events work again", `document.querySelectorAll("tr[data-key]").length === 1`)
	if b.eval(`window.marker`) != "not reloaded" {
		t.Error("the page was loaded anew")
	}
}

func TestFormTellsWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	s := serveShop(t, 50, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/customers/1/change/")
	b.write(`input[name=email]`, "lucia.hoffmann.2@example.com") // somebody else's, and unique
	b.write(`input[name=city]`, "Ålesund")
	b.click(`[data-widget=form] .gr-actions > button.gr-primary`)
	b.until("the error stands beside the field", `document.querySelector("[data-error-for=email]")?.innerText.trim().length > 0`)
	if typed := b.eval(`document.querySelector("input[name=city]").value`); typed != "Ålesund" {
		t.Errorf("the other field became %q", typed)
	}
	b.write(`input[name=email]`, "someone@example.org")
	b.click(`[data-widget=form] .gr-actions > button.gr-primary`)
	b.until("it is saved", `location.pathname.endsWith("/customers/")`)
	row, err := s.db.Table("customers").Get(t.Context(), []string{"1"}, everything)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, v := range row.Values {
		all = append(all, v.String())
	}
	if got := strings.Join(all, "|"); !strings.Contains(got, "someone@example.org") || !strings.Contains(got, "Ålesund") {
		t.Errorf("saved %s", got)
	}
}

func TestDeleteAsksAndDeletes(t *testing.T) {
	s := serveShop(t, 50, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/7/delete/")
	if said := b.text("main"); !strings.Contains(said, "GR-0000007") || !strings.Contains(strings.ToLower(said), "order lines") {
		t.Errorf("the page asks: %s", said)
	}
	b.click(`main button[type=submit]`)
	b.until("it is back on the list", `location.pathname.endsWith("/orders/")`)
	if _, err := s.db.Table("orders").Get(t.Context(), []string{"7"}, everything); err == nil {
		t.Error("the order is still there")
	}
}

func TestWidgetsAboveTheListFollowItsQuery(t *testing.T) {
	s := serveShop(t, 300, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	all := b.text(`[data-widget=revenue]`)
	b.write(`input[name=q]`, "GR-0000007")
	b.until("one order is left", `document.querySelectorAll("tr[data-key]").length === 1`)
	b.until("the revenue is that of the list", fmt.Sprintf(`document.querySelector("[data-widget=revenue]").innerText.trim() !== %q`, all))
	if got := b.text(`[data-widget=revenue]`); !strings.Contains(got, "1 order") {
		t.Errorf("revenue says %s", got)
	}
}

func TestFailingActionTellsNothingButAnIncident(t *testing.T) {
	s := serveShop(t, 60, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	b.click(`tr[data-key] input[type=checkbox]`)
	b.click(`[data-action=capture]`)
	b.until("the job failed", `document.querySelector("[data-job-state=failed]")`)
	if said := b.text("main"); !strings.Contains(said, "server logs") || strings.Contains(said, "payments-b") {
		t.Errorf("the page says: %s", said)
	}
}

func TestActionThatIgnoresCancelIsNotCalledCancelled(t *testing.T) {
	parts := make(turnstile)
	s := serveShop(t, 60, parts.gate)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	b.click(`tr[data-key] input[type=checkbox]`)
	b.click(`[data-action=reconcile]`)
	b.until("it runs", `document.querySelector("[data-job-state=running]")`)
	b.live()
	parts.pass(1)
	b.click(`[data-verb=cancel]`)
	b.until("the page says cancelling", `document.querySelector("[data-job-state=cancelling]")`)
	parts.pass(3) // the body goes on all the same, and the page must not say that it stopped
	b.until("progress goes on", `document.querySelector("progress").value >= 4`)
	if state := b.eval(`document.querySelector("[data-job-state]").dataset.jobState`); state != "cancelling" {
		t.Errorf("while the body runs the page says %s", state)
	}
	close(parts)
	b.until("the end is told", `!document.querySelector("[data-job-state=cancelling]")`)
	if state := b.eval(`document.querySelector("[data-job-state]").dataset.jobState`); state != "succeeded" && state != "cancelled" {
		t.Errorf("it ended as %s", state)
	}
}
