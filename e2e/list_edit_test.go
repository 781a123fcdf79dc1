package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestACellIsEditedWithMouseAndKeyboard changes orders in the list of the shop, whose numbers and states are edited in place.
func TestACellIsEditedWithMouseAndKeyboard(t *testing.T) {
	s := serveShop(t, 30, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	b.until("cells can be edited", `document.querySelector("td[data-col=note][tabindex]")`)
	b.do(chromedp.DoubleClick(chromedp.CSS(`td[data-col=note]`), chromedp.NodeVisible))
	b.until("the keyboard is in the cell", `document.activeElement.matches("form.gr-cell [name=value]")`)
	b.eval(`document.activeElement.select()`)
	b.do(chromedp.KeyEvent("Ring twice"))
	b.picture("open")
	b.do(chromedp.KeyEvent("\r"))
	b.until("it is saved, and the keyboard stays in its place", `document.querySelector("td[data-col=note]").innerText === "Ring twice" && document.activeElement.dataset.col === "note"`)
	if b.eval(`location.pathname`) != "/admin/shop/orders/" {
		t.Error("the click has opened the row")
	}
	b.do(chromedp.KeyEvent("\r"))
	b.until("Enter opens the cell", `document.activeElement.matches("form.gr-cell [name=value]")`)
	b.do(chromedp.KeyEvent("x"))
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("Escape closes it", `!document.querySelector("form.gr-cell") && document.activeElement.dataset.col === "note" && document.activeElement.innerText === "Ring twice"`)
	b.do(chromedp.KeyEvent(kb.F2))
	b.until("F2 opens it", `document.activeElement.matches("form.gr-cell [name=value]")`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("it is closed", `!document.querySelector("form.gr-cell")`)
	b.narrow()
	b.dark()
	b.click(`td[data-col=note]`)
	b.until("it is open on a phone", `document.activeElement.matches("form.gr-cell [name=value]")`)
	b.picture("narrow")
}
