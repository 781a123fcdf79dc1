package e2e

import "testing"

// TestOthersChangesFlashAndNewRowsWait looks at a list while another person of the admin and another program change its table.
func TestOthersChangesFlashAndNewRowsWait(t *testing.T) {
	s := serveShop(t, 60, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	b.until("the list is drawn and says that it is live", `document.querySelectorAll("tr[data-key]").length === 25 && document.querySelector(".gr-live").checkVisibility()`)
	first := b.eval(`document.querySelector("tbody tr").dataset.key`)
	s.exec(t, `UPDATE orders SET status = CASE status WHEN 'paid' THEN 'new' ELSE 'paid' END WHERE id = `+first)
	b.until("the row flashes", `document.querySelector("tbody tr.gr-flash")?.getAnimations().length === 1`)
	b.picture("flash")
	s.exec(t, `INSERT INTO orders (number, customer_id, status, total_cents, currency, created_at)
		SELECT 'NEW-' || id, customer_id, 'new', 100, 'EUR', datetime('now', '+1 year') FROM orders WHERE id < 4`)
	b.until("three rows wait", `document.querySelector(".gr-waiting button")?.innerText === "3 new — show"`)
	if got := b.eval(`document.querySelector("tbody tr").dataset.key`); got != first {
		t.Errorf("the first row is %s, was %s", got, first)
	}
	b.picture("waiting")
	b.narrow()
	b.picture("narrow")
	b.dark()
	b.picture("dark")
	b.wide()
	b.click(`.gr-waiting button`)
	b.until("they are shown", `document.querySelector("tbody tr").innerText.includes("NEW-") && !document.querySelector(".gr-waiting button")`)

	b.reduceMotion()
	s.exec(t, `UPDATE orders SET status = CASE status WHEN 'paid' THEN 'new' ELSE 'paid' END WHERE number LIKE 'NEW-%'`)
	b.until("the rows are marked, and stand still", `document.querySelectorAll("tr.gr-flash").length === 3 && document.getAnimations().length === 0`)
}
