package e2e

import (
	"context"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"greenroom/internal/floor"
)

// mostPicture is how large a picture of the documents may be, in bytes.
const mostPicture = 150_000

// TestPicturesOfTheConsole makes the pictures of docs/console.md: in the folder that PICTURES names, else in one that is thrown away, so that it is known that they
// can be made, and how large they are.
func TestPicturesOfTheConsole(t *testing.T) {
	dir := os.Getenv("PICTURES")
	if dir == "" {
		dir = t.TempDir()
	}
	f := floor.Open(t)
	b := open(t, f.URL)
	b.do(chromedp.EmulateViewport(1200, 760))
	shoot := func(name string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		defer cancel()
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if len(picture) == 0 || len(picture) > mostPicture {
			t.Errorf("%s has %d bytes, want at most %d", name, len(picture), mostPicture)
		}
		if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.signIn("/admin/console/")
	f.Still()
	f.Flood()
	b.until("trouble, and a chart", `document.querySelector("[data-attention]")?.textContent.includes("messages waiting") && document.querySelector("polyline")?.getAttribute("points").split(" ").length > 4`)
	shoot("console-overview.png")
	b.goTo("/admin/console/jobs/?state=running")
	b.until("the running jobs", `document.querySelectorAll("tr[data-key]").length > 2`)
	shoot("console-jobs.png")
	terminal(t, f, b, shoot)
}

// terminal draws what is on a terminal of 80 by 24.
func terminal(t *testing.T, f *floor.Floor, b *tab, shoot func(name string)) {
	t.Helper()
	tmux, err := exec.LookPath("tmux")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("there is no tmux; .ci/terminal installs it")
	}
	if err != nil {
		t.Skip("SKIPPED: tmux is not in PATH, so there is no picture of the terminal")
	}
	dir := filepath.Dir(f.State)
	binary, server := filepath.Join(dir, "greenroom"), filepath.Join(dir, "tmux")
	if text, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "greenroom/cmd/greenroom").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	call := func(args ...string) string {
		t.Helper()
		text, err := exec.Command(tmux, append([]string{"-S", server, "-f", "/dev/null"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %v: %v\n%s", args, err, text)
		}
		return string(text)
	}
	call("new-session", "-d", "-x", "80", "-y", "24", "env NO_COLOR=1 TERM=screen '"+binary+"' console --state '"+f.State+"'; sleep 60")
	t.Cleanup(func() { _ = exec.Command(tmux, "-S", server, "kill-server").Run() })
	awaits := func(want string) string {
		t.Helper()
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if got := call("capture-pane", "-p"); strings.Contains(got, want) {
				return got
			}
		}
		t.Fatalf("%q is not on the screen:\n%s", want, call("capture-pane", "-p"))
		return ""
	}
	awaits("LIVE 1s")
	call("send-keys", "3")
	awaits("[3 Jobs]")
	call("send-keys", "f", "f", "f")
	awaits("state: running")
	call("send-keys", "c")
	text := awaits("[y/N]")
	page := `<!doctype html><style>body{margin:16px;background:#16181d;color:#d6d9e0}pre{font:14px/18px "DejaVu Sans Mono",monospace;margin:0}</style><pre>` + html.EscapeString(text) + `</pre>`
	b.do(chromedp.EmulateViewport(740, 466), chromedp.Navigate("data:text/html;charset=utf-8,"+url.PathEscape(page)))
	shoot("console-terminal.png")
}
