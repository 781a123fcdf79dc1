package e2e

import "testing"

// TestListIsArrangedAndKept goes through what stands in a list's toolbar: search syntax, a sort by two columns, columns, and a saved view that the list
// opens with.
func TestListIsArrangedAndKept(t *testing.T) {
	s := serveShop(t, 200, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	b.until("the list is drawn", `document.querySelectorAll("tr[data-key]").length === 25`)
	b.eval(`window.marker = "not reloaded"`)
	b.picture("list")

	b.click(`summary[aria-label="How to search"]`)
	b.until("the help is open", `document.querySelector("dl.gr-popup").checkVisibility()`)
	b.picture("help")
	b.write(`input[name=q]`, "status:paid")
	b.until("only paid orders are shown", `location.search.includes("q=status") && [...document.querySelectorAll("tr[data-key] [data-col=status]")].every(c => c.innerText.trim() === "paid")`)

	b.click(`summary[aria-label="Sort"]`)
	b.picture("sort")
	b.click(`.gr-popup a[data-key=customer_id]`)
	b.until("the list is sorted by two columns", `location.search.includes("customer_id") && document.querySelector("th .gr-count")`)

	b.click(`summary[aria-label="Columns"]`)
	b.picture("columns")
	b.eval(`document.querySelector(".gr-popup input[value=note]").click()`)
	b.eval(`document.querySelector(".gr-popup input[value=comfortable]").click()`)
	b.click(`[gr-submit=columns] [type=submit]`)
	b.until("the column is gone and the rows are high", `!document.querySelector("td[data-col=note]") && document.querySelector("tbody tr").offsetHeight >= 44`)

	b.click(`summary[aria-label="Saved views"]`)
	b.picture("views")
	b.write(`[gr-submit=view-save] input[name=name]`, "Paid by customer")
	b.eval(`document.querySelector("[gr-submit=view-save] input[name=opens]").click()`)
	b.click(`[gr-submit=view-save] [type=submit]`)
	b.until("it is a tab", `document.querySelector(".gr-tabs [aria-current=page]")?.innerText === "Paid by customer"`)
	b.picture("saved")
	if b.eval(`window.marker`) != "not reloaded" {
		t.Error("the page was loaded anew")
	}

	b.goTo("/admin/shop/orders/")
	b.until("the list opens with it", `document.querySelector("input[name=q]").value === "status:paid" && document.querySelector(".gr-tabs [aria-current=page]")?.innerText === "Paid by customer"`)
	b.dark()
	b.click(`summary[aria-label="Sort"]`)
	b.picture("dark")
	b.narrow()
	b.click(`summary[aria-label="Columns"]`)
	b.until("the menu is inside a phone's window", `(r => r.left >= 0 && r.right <= innerWidth)(document.querySelector("[gr-submit=columns]").getBoundingClientRect())`)
	b.picture("narrow")
	if b.eval(`document.documentElement.scrollWidth > innerWidth`) == "true" {
		t.Error("the page scrolls sideways on a phone")
	}
	b.click(`.gr-tabs a`)
	b.until("all rows are back", `document.querySelector("input[name=q]").value === "" && document.querySelector(".gr-tabs [aria-current=page]")?.innerText === "All"`)
}
