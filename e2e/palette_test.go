package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// palette opens the palette.
func (b *tab) palette() {
	b.t.Helper()
	b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

// TestPaletteAndKeys goes through the admin by keys alone: the palette finds rows, pages and the page's own buttons; letters after g, e, f, n and the help
// do what they say.
func TestPaletteAndKeys(t *testing.T) {
	s := serveShop(t, 200, nil)
	b := open(t, s.url)
	b.signIn("/admin/")
	b.palette()
	b.until("the palette lists pages", `document.querySelector(".gr-palette [role=option]") && document.querySelector(".gr-palette").innerText.includes("Job history")`)
	b.picture("pages")
	b.do(chromedp.KeyEvent("GR-000000"))
	b.until("it finds orders", `[...document.querySelectorAll(".gr-palette [role=group]")].some(g => g.getAttribute("aria-label") === "Orders" && g.querySelectorAll("a").length === 4)`)
	b.picture("rows")
	b.narrow()
	b.dark()
	b.until("it fits a phone", `(r => r.left >= 0 && r.right <= innerWidth && r.bottom <= innerHeight)(document.querySelector(".gr-palette").getBoundingClientRect())`)
	b.picture("rows-narrow-dark")
	b.wide()
	b.light()
	b.do(chromedp.KeyEvent(kb.ArrowDown))
	b.until("the second is chosen", `document.querySelector(".gr-palette input").getAttribute("aria-activedescendant") === "gr-found-1" && document.querySelectorAll(".gr-palette [role=option]")[1].ariaSelected === "true"`)
	want := b.eval(`document.querySelectorAll(".gr-palette [role=option]")[1].href`)
	b.do(chromedp.KeyEvent("\r"))
	b.until("the row is open", `location.href === "`+want+`" && !document.querySelector(".gr-palette")`)
	b.live()

	// Enter pressed before the answer came opens what the answer finds, not what stood there.
	b.palette()
	b.until("the palette", `document.querySelector(".gr-palette [role=option]")`)
	b.do(chromedp.KeyEvent("customers\r"))
	b.until("the customers are open", `location.pathname === "/admin/shop/customers/"`)
	b.live()

	// The page's own controls.
	b.palette()
	b.until("the palette", `document.querySelector(".gr-palette [role=option]")`)
	b.do(chromedp.KeyEvent("add customer"))
	b.until("the page's button is first", `document.querySelector(".gr-palette [role=group][aria-label='This page'] button")?.innerText.includes("Add customer")`)
	b.picture("actions")
	b.do(chromedp.KeyEvent("\r"))
	b.until("the form is open", `location.pathname === "/admin/shop/customers/add/"`)
	b.live()
	b.palette()
	b.until("the palette", `document.querySelector(".gr-palette")`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("it is closed", `!document.querySelector(".gr-palette")`)

	b.eval(`document.activeElement.blur()`)
	b.do(chromedp.KeyEvent("go"))
	b.until("g o leads to the orders", `location.pathname === "/admin/shop/orders/"`)
	b.live()
	b.do(chromedp.KeyEvent("f"))
	b.until("the first filter is open", `document.querySelector(".gr-filter[open]")`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.eval(`document.activeElement.blur()`)
	b.do(chromedp.KeyEvent("j"))
	b.do(chromedp.KeyEvent("e"))
	b.until("a cell of the first row is edited", `document.querySelector("tbody tr:first-child :is(select, input[type=text])") === document.activeElement`)
	b.do(chromedp.KeyEvent("gd")) // typing leads nowhere
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("the cell is closed", `!document.querySelector("tbody tr:first-child :is(select, input[type=text])")`)
	b.eval(`document.activeElement.blur()`)
	b.do(chromedp.KeyEvent("?"))
	b.until("the help tells all keys", `["Ctrl K", "g, then a letter", "g o", "Filter", "Add order"].every(s => document.querySelector("dialog[open]")?.innerText.includes(s))`)
	b.picture("help")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("the help is closed", `!document.querySelector("dialog[open]")`)
	b.do(chromedp.KeyEvent("gd"))
	b.until("g d leads to the dashboard", `location.pathname === "/admin/"`)
	b.live()
	b.click(`[data-gr-palette]`)
	b.until("the button opens it too", `document.querySelector(".gr-palette")`)
}
