package e2e

import "testing"

// TestAChangeIsPutBack saves a change at a form, and puts it back on the row's history; the audit's page has both.
func TestAChangeIsPutBack(t *testing.T) {
	s := serveShop(t, 200, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/7/change/")
	was := b.eval(`document.querySelector("textarea[name=note], input[name=note]").value`)
	b.write(`[name=note]`, "changed by hand")
	b.click(`[name=_then][value=continue]`)
	b.until("it is saved", `[...document.querySelectorAll("[role=status]")].some((el) => el.innerText.includes("Saved"))`)
	b.click(`.gr-tabs a:not([aria-current])`)
	b.until("the history has it", `document.querySelector("[data-field=note]")?.innerText.includes("changed by hand")`)
	b.live()
	b.picture("history")
	b.eval(`window.marker = "not reloaded"`)
	b.click(`[data-revert=note]`)
	b.until("a second line is there", `document.querySelectorAll("[data-line]").length === 2`)
	if b.eval(`window.marker`) != "not reloaded" {
		t.Error("the page was loaded anew")
	}
	b.dark()
	b.picture("history-dark")
	b.narrow()
	b.picture("history-narrow")
	b.goTo("/admin/audit/?deed=change")
	b.until("the audit has both", `document.querySelectorAll("[data-line]").length === 2`)
	b.eval(`document.querySelectorAll("tbody details").forEach(d => d.open = true)`)
	b.picture("audit-narrow")
	b.wide()
	b.picture("audit-dark")
	b.goTo("/admin/shop/orders/7/change/")
	if now := b.eval(`document.querySelector("[name=note]").value`); now != was {
		t.Errorf("the note is %s, was %s", now, was)
	}
}

// TestAccountsInTheBrowser adds a user and changes one's own password.
func TestAccountsInTheBrowser(t *testing.T) {
	s := serveShop(t, 50, nil)
	b := open(t, s.url)
	b.signIn("/admin/users/")
	b.live()
	b.write(`[data-add] [name=name]`, "nora")
	b.click(`[data-add] [type=submit]`)
	b.until("the password is shown", `document.querySelector("[data-new-password]")?.innerText.length === 16`)
	b.picture("added")
	b.goTo("/admin/groups/")
	b.live()
	b.write(`form[data-add] [name=name]`, "readers")
	b.write(`form[data-add] [name=rights]`, "*.view_*")
	b.click(`form[data-add] [type=submit]`)
	b.until("the group is there, on a page that was loaded anew", `document.querySelector("[data-group=readers]") && document.querySelector("form[data-add] [name=name]").value === ""`)
	b.live()
	b.picture("groups")
	b.goTo("/admin/users/?name=nora")
	b.live()
	b.click(`[name=groups]`)
	b.click(`[data-user] .gr-primary`)
	b.until("it is saved", `document.querySelector("[role=status]")?.innerText.includes("Saved") && document.querySelector("[name=groups]").checked`)
	b.picture("user")
	b.goTo("/admin/account/")
	b.live()
	b.write(`[name=old]`, "not the password")
	b.write(`[name=new]`, "a fresh password")
	b.write(`[name=again]`, "a fresh password")
	b.click(`[data-password] [type=submit]`)
	b.until("the mistake is told", `document.querySelector("[role=alert]")?.innerText.includes("not right")`)
	b.picture("account")
}
