package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"
)

// TestSecondFactorInTheBrowser sets a second factor up, signs out, and signs in with password and code.
func TestSecondFactorInTheBrowser(t *testing.T) {
	s := serveShop(t, 50, nil)
	b := open(t, s.url)
	b.signIn("/admin/account/")
	b.write(`[data-factor-begin] [name=password]`, password)
	b.click(`[data-factor-begin] [type=submit]`)
	b.until("the code is drawn", `document.querySelector("[data-qr] path")?.getBoundingClientRect().width > 150`)
	secret := b.text("[data-secret]")
	b.picture("enrol")
	b.dark()
	b.narrow()
	b.eval(`document.querySelector("[data-qr]").scrollIntoView()`)
	b.picture("enrol-dark-narrow")
	b.light()
	b.wide()
	code := func(at time.Time) string {
		text, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	now := time.Now()
	b.write(`[data-factor-confirm] [name=code]`, code(now))
	b.click(`[data-factor-confirm] [type=submit]`)
	b.until("the recovery codes are there", `document.querySelectorAll("[data-recovery] code").length === 10`)
	b.picture("recovery")
	b.narrow()
	b.picture("recovery-narrow")
	b.wide()
	b.eval(`document.querySelector("form[action$='/logout/'] button, form[action$='/logout/'] [type=submit]").click()`)
	b.until("the sign-in is asked for", `document.querySelector("input[name=username]")`)
	b.write(`input[name=username]`, "admin")
	b.write(`input[name=password]`, password)
	b.do(chromedp.KeyEvent("\r"))
	b.until("the code is asked for", `document.activeElement?.name === "code" && !document.querySelector("input[name=password]")`)
	b.picture("code")
	b.write(`input[name=code]`, "000000")
	b.do(chromedp.KeyEvent("\r"))
	b.until("a wrong one is told", `document.querySelector("#login-error")?.innerText.includes("wrong")`)
	b.dark()
	b.narrow()
	b.picture("wrong-dark-narrow")
	b.write(`input[name=code]`, code(now.Add(30*time.Second)))
	b.do(chromedp.KeyEvent("\r"))
	b.live()
}
