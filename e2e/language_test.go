package e2e

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"greenroom"
	"greenroom/examples/shop/seed"
	"greenroom/examples/shop/shop"
	"greenroom/widgets/lang"
)

// wants makes the browser ask for a language.
func (b *tab) wants(accept string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": accept}}); err != nil {
		b.t.Fatal(err)
	}
}

// TestAGermanSeesGerman signs in with a browser that asks for German, goes through list, form and a job, and takes English on the page of the account.
func TestAGermanSeesGerman(t *testing.T) {
	s := serveShop(t, 200, nil)
	b := open(t, s.url)
	b.wants("de-AT,de;q=0.9,en;q=0.5")
	b.do(chromedp.Navigate(b.url + "/admin/login/"))
	if got := b.text("main"); !strings.Contains(got, "Benutzername") || b.eval(`document.documentElement.lang`) != "de" {
		t.Errorf("the sign-in page is %s and says %q", b.eval(`document.documentElement.lang`), got)
	}
	b.signIn("/admin/shop/orders/")
	b.until("the list is German", `document.querySelector(".gr-pager").innerText.includes("25 von 200") && document.querySelector("[data-select-all]").ariaLabel === "Die Zeilen dieser Seite auswählen"`)
	b.picture("list")
	b.do(chromedp.KeyEvent("?"))
	b.until("the client's own texts are German", `document.querySelector("dialog h2")?.innerText === "Tastatur"`)
	b.do(chromedp.KeyEvent("\x1b"))
	b.goTo("/admin/shop/orders/?q=no+such+order")
	b.until("a list without rows is German", `document.querySelector(".gr-empty").innerText.includes("Zu „no such order“ wurde nichts gefunden.")`)
	b.goTo("/admin/shop/products/add/")
	b.click(`.gr-actions .gr-primary`)
	b.until("the errors are German", `document.querySelector(".gr-error-summary")?.innerText.includes("Bitte ausfüllen.")`)
	b.picture("form")
	b.eval(`document.querySelectorAll("form[data-dirty]").forEach(f => delete f.dataset.dirty)`)
	b.goTo("/admin/shop/orders/")
	b.click(`tbody input[type=checkbox]`)
	b.click(`[data-action=capture]`)
	b.until("the job is German", `document.querySelector("[data-job-state=failed] h1 [role=status]")?.innerText === "Fehlgeschlagen"`)
	b.picture("job")
	b.goTo("/admin/account/")
	b.picture("account")
	b.eval(`document.querySelector("#language").value = "en"`)
	b.click(`[data-language] [type=submit]`)
	b.until("the account speaks English, whatever the browser wants", `document.documentElement.lang === "en" && document.querySelector("h1").innerText.startsWith("Your account")`)
	b.goTo("/admin/shop/orders/")
	b.until("so does the list", `document.querySelector(".gr-pager").innerText.includes("25 of 200")`)
}

// servePseudo runs a shop in the language of tests, which runs from right to left and has brackets around each text.
func servePseudo(t *testing.T) *server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.db")
	fill(t, file, seed.Options{Orders: 60})
	db, err := greenroom.Open(t.Context(), "sqlite:"+file, greenroom.OpenConfig{App: "shop", WAL: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{db: db, gateway: &shop.Gateway{}}
	cfg := shop.Declare(db, s.gateway)
	cfg.Languages = []*greenroom.Language{lang.Pseudo()}
	return s.run(t, cfg)
}

// TestPagesAreMirrored looks where things stand on pages that run from right to left, wide and narrow: nothing may stick out, and every text of the
// admin's own on a list, a form and the sign-in page must have come through the catalogue.
func TestPagesAreMirrored(t *testing.T) {
	s := servePseudo(t)
	b := open(t, s.url)
	b.do(chromedp.Navigate(b.url + "/admin/login/"))
	bare := func(where string) {
		t.Helper()
		// Data, names of tables and what the shop declares have no brackets; buttons, headings of menus and placeholders are the admin's.
		got := b.eval(`[...document.querySelectorAll("main button, main summary, .gr-pager :is(a, span), .gr-top button, .gr-empty h2, .gr-tabs a")].filter(e => e.checkVisibility())
			.map(e => (e.innerText || e.ariaLabel || "").trim()).filter(x => /[a-z]{2}/i.test(x) && !x.includes("[")).join(" | ")`)
		if got != "" {
			t.Errorf("%s: not from the catalogue: %s", where, got)
		}
	}
	bare("sign-in")
	b.signIn("/admin/shop/orders/")
	if dir := b.eval(`document.documentElement.dir`); dir != "rtl" {
		t.Fatalf("dir is %q", dir)
	}
	rightOf := func(a, c string) string {
		return `document.querySelector("` + a + `").getBoundingClientRect().left >= document.querySelector("` + c + `").getBoundingClientRect().right - 1`
	}
	for what, condition := range map[string]string{
		"the navigation stands at the right":          rightOf(".gr-nav", ".gr-main"),
		"the boxes stand right of the first column":   rightOf("tbody td.gr-check", "tbody td:nth-child(3)"),
		"numbers end at the left":                     `getComputedStyle(document.querySelector("td.gr-num")).textAlign === "left"`,
		"the search's icon stands where it begins":    `document.querySelector(".gr-search input").getBoundingClientRect().width > 0 && getComputedStyle(document.querySelector(".gr-search input")).backgroundPositionX.includes("100%")`,
		"the button for a new row stands at the left": rightOf("h1", ".gr-head-actions .gr-primary"),
	} {
		b.until(what, condition)
	}
	bare("list")
	fits := func(name string) {
		t.Helper()
		if over := b.eval(`Math.max(document.documentElement.scrollWidth - innerWidth, -Math.min(...[...document.querySelectorAll("main *")].filter(e => e.checkVisibility() && !e.closest(".gr-sr, .gr-table-wrap")).map(e => e.getBoundingClientRect().left)))`); over != "0" && over[0] != '-' {
			t.Errorf("%s: %s px stick out\n%s", name, over, b.picture("over"))
		}
		b.picture(name)
	}
	fits("list")
	b.narrow()
	fits("list-narrow")
	b.click(`[data-gr-nav]`)
	b.until("the drawer comes in from the right", `document.querySelector(".gr-nav").getAnimations().length === 0 && Math.abs(document.querySelector(".gr-nav").getBoundingClientRect().right - innerWidth) <= 1`)
	b.picture("drawer")
	b.wide()
	b.goTo("/admin/shop/orders/7/change/")
	b.until("the form's side rail stands left of it, labels begin at the right", rightOf("label", ".gr-nav")+` === false && getComputedStyle(document.querySelector("label")).direction === "rtl"`)
	bare("form")
	fits("form")
	b.narrow()
	fits("form-narrow")
	b.wide()
	b.accessible("mirrored form")
}
