package e2e

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFilesAreUploadedAndDownloaded sends files as a browser does: a picture, larger than a form may be; what is no picture; what is too large.
func TestFilesAreUploadedAndDownloaded(t *testing.T) {
	s := serveLibrary(t)
	b := open(t, s.url)
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	large := append(bytes.Clone(picture.Bytes()), make([]byte, 3<<19)...) // 1.5 MiB, still a picture at its beginning
	send := func(path string) {
		t.Helper()
		b.goTo("/admin/main/articles/1/change/")
		b.do(chromedp.SetUploadFiles(chromedp.CSS(`[data-file=cover] input[type=file]`), []string{path}))
		b.click(`[data-file=cover] button`)
	}
	b.signIn("/admin/main/articles/1/change/")
	send(file("Über uns.png", large))
	b.until("it is there", `document.querySelector("[data-file=cover] a")?.innerText === "Über uns.png" && document.querySelector(".gr-toast")?.innerText.includes("saved")`)
	b.live()
	b.looks(func(name string) {
		b.eval(`document.querySelector(".gr-files").scrollIntoView({block: "center"})`)
		b.picture(name)
	})
	b.eval(`(window.got = "", fetch(document.querySelector("[data-file=cover] a").href).then(async r => { window.got = [r.status, r.headers.get("content-type"), r.headers.get("content-disposition"), r.headers.get("x-content-type-options"), (await r.arrayBuffer()).byteLength].join(" | ") }))`)
	b.until("it was downloaded", `window.got`)
	if got := b.eval(`window.got`); !strings.HasPrefix(got, "200 | image/png | attachment; filename*=utf-8''%C3%9Cber%20uns.png | nosniff | ") || !strings.HasSuffix(got, " | "+strconv.Itoa(len(large))) {
		t.Errorf("got %s, of %d bytes", got, len(large))
	}
	if got := b.eval(`fetch("/admin/main/articles/2/file/cover").then(r => { window.other = r.status })`); got == "" {
		t.Error("no answer")
	}
	b.until("a row without a file has none", `window.other === 404`)

	send(file("page.html", []byte("<!doctype html><script>alert(1)</script>")))
	b.until("what is no picture is refused", `document.querySelector("main, body").innerText.includes("type text/html")`)
	send(file("huge.png", append(bytes.Clone(picture.Bytes()), make([]byte, 2<<20)...)))
	b.until("what is too large is refused", `document.body.innerText.includes("Too large")`)
	send(file("enormous.png", append(bytes.Clone(picture.Bytes()), make([]byte, 3<<20)...)))
	b.until("before it is read whole, if need be", `document.body.innerText.includes("Too large") || location.href.startsWith("chrome-error")`)

	b.goTo("/admin/main/articles/1/change/")
	b.write(`input[name=title]`, "Unsaved")
	b.until("edits are saved before a file is sent", `getComputedStyle(document.querySelector(".gr-file form")).display === "none"`)
	b.click(`form.gr-form > .gr-actions [value=continue]`)
	b.until("they are", `document.querySelector(".gr-banner")?.innerText.includes("Saved")`)
	b.click(`[data-file=cover] [name=remove]`)
	b.until("it is gone from the row", `document.querySelector("[data-file=cover]")?.innerText.includes("none")`)
}
