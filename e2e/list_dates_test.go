package e2e

import (
	"strconv"
	"testing"
)

// TestDatesLeadThroughAList goes from a year to a day and back, in one page, with the way in the address.
func TestDatesLeadThroughAList(t *testing.T) {
	s := serveShop(t, 200, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/")
	b.until("the years are above the list", `/^20\d\d \d+$/.test(document.querySelector("[data-dates] a")?.innerText.trim())`)
	b.eval(`window.marker = "not reloaded"`)
	b.picture("years")
	sum := `[...document.querySelectorAll("[data-dates] .gr-count")].reduce((n, el) => n + Number(el.innerText), 0)`
	if got := b.eval(sum); got != "200" {
		t.Errorf("the years have %s rows of 200", got)
	}
	last := `[...document.querySelectorAll("[data-dates] a:has(.gr-count)")].at(-1)`
	step := func(level int) {
		t.Helper()
		want := b.eval(last + `.querySelector(".gr-count").innerText`)
		b.eval(last + `.click()`)
		b.until("the list is there", `location.search.includes("f.created_at=") && document.querySelectorAll("[data-dates] [data-key^=way]").length === `+strconv.Itoa(level+1))
		b.until("as many rows as were promised", `document.querySelector("h1 .gr-count").innerText === "`+want+`"`)
	}
	step(1)
	b.picture("months")
	step(2)
	b.picture("days")
	b.narrow()
	b.dark()
	if b.eval(`document.documentElement.scrollWidth > innerWidth`) == "true" {
		t.Error("the page scrolls sideways on a phone")
	}
	b.picture("days-narrow-dark")
	b.wide()
	b.light()
	step(3)
	b.picture("day")
	b.eval(`document.querySelector("[data-dates] a").click()`)
	b.until("all dates are back", `!location.search.includes("created_at") && !document.querySelector("[data-dates] [data-key^=way]")`)
	if b.eval(`window.marker`) != "not reloaded" {
		t.Error("the page was loaded anew")
	}
}
