package e2e

import (
	"strings"
	"testing"
)

// TestExportOfASelection fetches the files that the list offers as the browser would, and the selected rows by the form that the bulk bar posts.
func TestExportOfASelection(t *testing.T) {
	s := serveShop(t, 2_000, nil)
	b := open(t, s.url)
	b.signIn("/admin/shop/orders/?q=status:paid&cols=number,status")
	b.until("the list is drawn", `document.querySelectorAll("tr[data-key]").length === 25`)
	b.click(`.gr-head .gr-dropdown summary`)
	b.picture("menu")
	b.eval(`void fetch(document.querySelector("[data-export=csv]").href).then(async (r) => { window.file = [r.status, r.headers.get("content-disposition"), await r.text()] })`)
	b.until("the file is there", `window.file`)
	if got := b.eval(`window.file[1]`); !strings.HasPrefix(got, `attachment; filename="orders-`) || !strings.HasSuffix(got, `.csv"`) {
		t.Errorf("disposition %q", got)
	}
	lines := strings.Split(strings.TrimSpace(b.eval(`window.file[2]`)), "\r\n")
	if lines[0] != "number,status" || len(lines) < 100 || b.eval(`window.file[0]`) != "200" {
		t.Errorf("%d lines, %q", len(lines), lines[0])
	}
	for _, line := range lines[1:] {
		if !strings.HasSuffix(line, ",paid") {
			t.Fatalf("a row that the list does not show: %q", line)
		}
	}
	b.eval(`document.querySelectorAll("tbody input.gr-check")[1].click()`)
	b.until("one is selected", `document.querySelector(".gr-bulk")?.innerText.includes("1 selected")`)
	b.picture("selected")
	b.eval(`(() => { const f = document.querySelector("#export"); void fetch(document.querySelector(".gr-bulk [data-export=json]").formAction, { method: "post", body: new URLSearchParams(new FormData(f)) }).then(async (r) => { window.rows = await r.json() }) })()`)
	b.until("the rows are there", `window.rows`)
	if b.eval(`window.rows.length`) != "1" || b.eval(`window.rows[0].number`) != b.text(`tr[data-key]:has(:checked) [data-col=number]`) {
		t.Errorf("selected: %s", b.eval(`JSON.stringify(window.rows)`))
	}
	if b.eval(`location.pathname`) != "/admin/shop/orders/" {
		t.Error("the page was left")
	}
}
