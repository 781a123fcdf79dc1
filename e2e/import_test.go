package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// choose puts a file into the page's file input.
func (b *tab) choose(name string, data []byte) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{file}))
}

// TestImportOfAFile goes from the list to a file, its preview, its run, and the rows that failed.
func TestImportOfAFile(t *testing.T) {
	s := serveShop(t, 5, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/products/")
	b.click(`.gr-head a[href$="/import/"]`)
	b.until("the page of the import", `document.querySelector("#upload")`)
	b.live()
	b.picture("choose")
	b.choose("latin.csv", []byte("Name,SKU\ncaf\xe9,x\n"))
	b.click(`#upload [type=submit]`)
	b.until("the page says what is wrong with it", `document.querySelector("[role=alert]")?.innerText.includes("Line 2 is not in UTF-8")`)
	b.live()
	b.picture("refused")

	b.choose("products.csv", []byte("\xef\xbb\xbfSKU;Name;Kind;Price cents;Stock;Active\n"+
		"TP-1;Teapot;kitchen;4200;7;yes\nCP-1;\"Cup; blue\";kitchen;900;many;no\nBW-1;Bowl;bath;1200;3;1\nPL-1;Plate;kitchen;1500\nRG-1;Rug;textiles;9900;;true\n"))
	b.click(`#upload [type=submit]`)
	b.until("the file is shown", `document.querySelector("#import") && document.querySelector("[role=alert]").innerText.includes("Every row needs Category")`)
	b.live()
	b.picture("mapping")
	b.eval(`(() => { const s = document.querySelector("select[name='cell.2']"); s.value = "category"; s.dispatchEvent(new Event("change", { bubbles: true })) })()`)
	b.until("the preview says what would fail", `document.querySelector("[data-note]")?.innerText.includes("3 rows would fail") && !document.querySelector("[role=alert]")`)
	for name, look := range map[string][]func(){"wide": {b.wide, b.light}, "narrow": {b.narrow}, "dark": {b.wide, b.dark}, "narrow-dark": {b.narrow, b.dark}} {
		for _, set := range look {
			set()
		}
		if over := b.eval(`document.documentElement.scrollWidth - innerWidth`); over != "0" && over[0] != '-' {
			t.Errorf("%s: %s px stick out", name, over)
		}
		b.picture("preview-" + name)
	}
	b.wide()
	b.light()
	b.click(`#import [type=submit].gr-primary`)
	b.until("the run has ended", `document.querySelector("[data-job-state=succeeded]")`)
	if got := b.text("[data-result]"); got != "Added 2 products, 3 failed." {
		t.Errorf("result %q", got)
	}
	b.picture("done")
	b.eval(`void fetch(document.querySelector("a[href$='failed.csv']").href).then(async (r) => { window.failed = await r.text() })`)
	b.until("the failed rows are there", `window.failed`)
	failed := strings.Split(strings.TrimSpace(b.eval(`window.failed`)), "\r\n")
	if len(failed) != 4 || failed[0] != "SKU;Name;Kind;Price cents;Stock;Active;not imported because" || !strings.HasPrefix(failed[1], `CP-1;"Cup; blue";kitchen;900;many;no;`) ||
		!strings.Contains(failed[3], "4 cells") {
		t.Errorf("failed rows %q", failed)
	}
	b.goTo("/admin/shop/products/?q=sku:=TP-1")
	b.until("the row is in the list", `document.querySelector("td[data-col=sku]")?.innerText.trim() === "TP-1"`)
	b.goTo("/admin/audit/")
	b.until("the audit has the import and its rows", `document.body.innerText.includes("Import of products.csv: 5 rows")`)
	b.picture("audit")
}

// TestAFileTooLargeIsRefused: the browser shows why, not a broken connection.
func TestAFileTooLargeIsRefused(t *testing.T) {
	s := serveShop(t, 5, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/products/import/")
	b.choose("large.csv", bytes.Repeat([]byte("0123456789abcde\n"), 17<<16))
	b.click(`#upload [type=submit]`)
	b.until("an answer came", `document.title && !document.querySelector("#upload")`)
	if got := b.text("body"); !strings.Contains(got, "16 MiB") {
		t.Errorf("the browser shows %q\n%s", got, b.picture("large"))
	}
}
