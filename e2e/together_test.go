package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// signInAs signs in under a name.
func (b *tab) signInAs(name, path string) {
	b.t.Helper()
	b.signInWith(name, password, path)
}

// TestTwoAtOneRow: two people see each other come and go, and whose change is in the way; then one goes on through the list by keys and by Save and next.
func TestTwoAtOneRow(t *testing.T) {
	s := serveShop(t, 20, nil)
	if err := s.room.SetPassword(t.Context(), "bob", password); err != nil {
		t.Fatal(err)
	}
	ann, bob := open(t, s.url), open(t, s.url)
	ann.signIn("/admin/shop/orders/?o=number")
	ann.until("the list is drawn", `document.querySelectorAll("tr[data-key]").length === 20`)
	first, second, third := ann.eval(`document.querySelectorAll("tr[data-key]")[0].dataset.key`), ann.eval(`document.querySelectorAll("tr[data-key]")[1].dataset.key`), ann.eval(`document.querySelectorAll("tr[data-key]")[2].dataset.key`)
	ann.click(`tr[data-key="` + first + `"] a.gr-open`)
	ann.until("the form", `location.pathname.endsWith("/change/") && document.querySelector("[data-present]")`)
	ann.live()
	bob.signInAs("bob", "/admin/shop/orders/"+first+"/change/")
	bob.until("bob sees admin", `document.querySelector("[data-present]").innerText.includes("admin")`)
	ann.until("admin sees bob", `document.querySelector("[data-present]").innerText.trim() === "Also here: bob"`)
	ann.picture("present")
	ann.narrow()
	ann.dark()
	ann.picture("present-narrow-dark")
	ann.wide()
	ann.light()

	ann.write(`[name=note]`, "mine")
	ann.eval(`document.activeElement.blur()`)
	bob.write(`[name=note]`, "theirs")
	bob.click(`button[name=_then][value=continue]`)
	bob.until("it is stored", `document.querySelector(".gr-banner[role=status]")?.innerText.includes("Saved")`)
	ann.until("the bar names bob", `/^bob changed this at \d\d:\d\d:\d\d: .* → now theirs, yours mine\.$/.test(document.querySelector("[data-conflict=note] p")?.innerText)`)
	ann.picture("conflict")
	ann.narrow()
	ann.picture("conflict-narrow")
	ann.wide()
	ann.click(`[data-conflict=note] button[name=_take]`)
	ann.until("theirs is in the field", `document.querySelector("[name=note]").value === "theirs"`)

	bob.do(chromedp.Navigate("about:blank"))
	ann.until("bob is gone", `document.querySelector("[data-present]").innerText.trim() === ""`)

	at := func(key string) string {
		return `location.pathname.endsWith("/` + key + `/change/") && location.search.includes("list=o")`
	}
	ann.eval(`document.activeElement.blur()`)
	ann.do(chromedp.KeyEvent("]"))
	ann.until("the next row is open", at(second))
	ann.live()
	ann.do(chromedp.KeyEvent("["))
	ann.until("the row before is open", at(first))
	ann.live()
	ann.do(chromedp.KeyEvent("]"))
	ann.until("the next row again", at(second))
	ann.live()
	ann.write(`[name=note]`, "looked at")
	ann.click(`button[name=_then][value=next]`)
	ann.until("the third row is open", at(third))
	ann.live()
	if got := ann.text(".gr-toasts"); !strings.Contains(got, "Saved") {
		t.Errorf("toasts %q", got)
	}
}
