package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"greenroom"
)

// TestLinesOfAnOrderAreEditedOnItsForm adds, changes and removes related rows with the order that they belong to, and looks at it in every window.
func TestLinesOfAnOrderAreEditedOnItsForm(t *testing.T) {
	s := serveShop(t, 60, nil)
	b := open(t, s.url)
	lines := s.db.Table("order_lines")
	count := func() int64 {
		t.Helper()
		n, err := lines.Count(t.Context(), greenroom.Query{Filter: greenroom.Filter{Column: "order_id", Op: "eq", Values: []string{"7"}}})
		if err != nil {
			t.Fatal(err)
		}
		return n.N
	}
	before := count()
	b.signIn("/admin/shop/orders/7/change/")
	b.until("the lines are there", fmt.Sprintf(`document.querySelectorAll("[data-inline=order_lines] tbody tr").length === %d`, before))
	b.picture("wide")

	b.click(`[name=_inline-add]`)
	b.until("a blank row has the keyboard", `document.activeElement.closest("tr.gr-lines-new") && document.activeElement.name.endsWith(".position")`)
	if b.eval(`document.querySelector(".gr-error-summary")`) != "null" {
		t.Error("a blank row is a fault already")
	}
	b.do(chromedp.KeyEvent("x\t"))
	b.until("it is told while typing", `document.querySelector("tr.gr-lines-new .gr-error").innerText.includes("whole number")`)
	b.write(`tr.gr-lines-new [name$=".position"]`, "50")
	b.write(`tr.gr-lines-new [name$=".quantity"]`, "3")
	b.write(`tr.gr-lines-new [name$=".price_cents"]`, "1250")
	b.write(`tr.gr-lines-new [name$=".product_id"]`, "1")
	b.do(chromedp.KeyEvent("\t"))
	b.until("the product is named", `document.querySelector("tr.gr-lines-new .gr-help a, tr.gr-lines-new option:checked")`)
	b.click(`tr:not(.gr-lines-new) .gr-lines-drop`)
	b.until("the first row is to go", `document.querySelector("tr.gr-lines-off .gr-lines-drop :checked") && document.querySelector("form[data-dirty]")`)
	for _, look := range []struct {
		name string
		set  func()
	}{{"wide-edited", func() {}}, {"dark", b.dark}, {"narrow-dark", b.narrow}, {"narrow", b.light}} {
		look.set()
		if over := b.eval(`document.documentElement.scrollWidth - innerWidth`); over != "0" && over[0] != '-' {
			t.Errorf("%s: %s px stick out", look.name, over)
		}
		b.eval(`document.querySelector("[data-inline=order_lines]").scrollIntoView()`)
		b.picture(look.name)
	}
	b.wide()
	b.click(`form.gr-form > .gr-actions button.gr-primary`)
	b.until("it is saved", `location.pathname.endsWith("/orders/")`)
	if after := count(); after != before {
		t.Errorf("%d lines of %d: one came, one went", after, before)
	}
	row, err := lines.Get(t.Context(), []string{"7", "50"}, everything)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(row.Values); got != "[7 50 1 3 1250]" {
		t.Errorf("stored %s", got)
	}

	// Somebody else takes the same row.
	b.goTo("/admin/shop/orders/7/change/")
	b.write(`tr[data-key="7,50"] [name$=".quantity"]`, "4")
	if err := lines.Set(t.Context(), []string{"7", "50"}, map[string]any{"quantity": 9}); err != nil {
		t.Fatal(err)
	}
	b.until("the conflict is told, and nothing typed is lost", `document.querySelector("tr[data-key='7,50'] [data-conflict]") && document.querySelector("tr[data-key='7,50'] [name$='.quantity']").value === "4"`)
	b.picture("conflict")

	b = open(t, s.url) // the other page would ask whether to leave it
	b.signIn("/admin/shop/customers/1/change/")
	b.until("the customer leads to the orders", `document.querySelector(".gr-related a[href*='orders/?f.customer_id=1'] .gr-count")`)
	b.picture("related")
	b.goTo("/admin/shop/orders/add/")
	b.picture("add")
}
