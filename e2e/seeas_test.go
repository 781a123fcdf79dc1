package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// add adds a user on the page of users, with rights, and returns their password.
func (b *tab) add(name string, rights ...string) (secret string) {
	b.t.Helper()
	b.goTo("/admin/users/")
	b.write(`[data-add] [name=name]`, name)
	b.click(`[data-add] [type=submit]`)
	b.until("the password is shown", `document.querySelector("[data-new-password]")`)
	secret = b.text("[data-new-password]")
	b.goTo("/admin/users/?name=" + name)
	b.eval(fmt.Sprintf(`document.querySelector("#rights").value = %q`, strings.Join(rights, "\n")))
	b.click(`[data-user] [type=submit]`)
	b.until("the rights are saved", `document.querySelector(".gr-banner")?.innerText.includes("Saved")`)
	return secret
}

// signInWith signs somebody in, in a browser of their own.
func (b *tab) signInWith(name, secret, path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.url+path), chromedp.WaitVisible(chromedp.CSS(`input[name=username]`)))
	b.write(`input[name=username]`, name)
	b.write(`input[name=password]`, secret)
	b.do(chromedp.KeyEvent("\r"))
	b.live()
}

// TestSeeingAsAnotherInTheBrowser goes from a user's page into their admin and back.
func TestSeeingAsAnotherInTheBrowser(t *testing.T) {
	s := serveShop(t, 50, nil)
	b := open(t, s.url)
	b.signIn("/admin/")
	b.add("ben", "shop.view_orders", "shop.view_customers")
	b.goTo("/admin/users/?name=ben")
	b.eval(`document.querySelector("[data-see-as]").scrollIntoView()`)
	b.pictures("user")
	b.accessible("a user's page")
	b.write(`[data-see-as] [name=reason]`, "Ticket 7: cannot find an order")
	b.click(`[data-see-as] [type=submit]`)
	b.until("the dashboard is ben's", `location.pathname === "/admin/" && document.querySelector("[data-seeing]")?.innerText.includes("You are admin and see the admin as ben")`)
	b.live()
	b.pictures("dashboard")
	b.accessible("the dashboard as another")
	b.goTo("/admin/shop/orders/")
	b.until("the list is ben's", `document.querySelector("[data-seeing]") && document.querySelector("tr[data-key]") && !document.querySelector("a[href$='/orders/add/']")`)
	b.pictures("list")
	b.do(chromedp.Navigate(b.url + "/admin/users/"))
	b.until("users are not ben's to manage", `document.body.innerText.includes("Not allowed") && document.querySelector("[data-seeing] button")`)
	b.pictures("refused")
	b.accessible("an error page as another")
	b.click(`[data-seeing] button`)
	b.until("ben's page is there again", `location.search === "?name=ben" && document.querySelector("[data-user]") && !document.querySelector("[data-seeing]")`)
	b.goTo("/admin/audit/?deed=see-as")
	b.until("the audit names both", `document.querySelector("tbody").innerText.includes("admin as ben") && document.querySelector("tbody").innerText.includes("Ticket 7")`)
	b.pictures("audit")
}

// pictures are one as it is, and one dark and narrow, and the other two.
func (b *tab) pictures(name string) {
	b.t.Helper()
	b.picture(name)
	b.dark()
	b.picture(name + "-dark")
	b.narrow()
	b.picture(name + "-dark-narrow")
	b.light()
	b.picture(name + "-narrow")
	b.wide()
}
