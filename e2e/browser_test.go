package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"greenroom/internal/chromium"
)

// patience bounds every wait of a test. It is a limit for a machine under load, not a measure: what is waited for usually comes in milliseconds.
const patience = 30 * time.Second

var browser context.Context // the browser that all tests share, each in a tab and cookie jar of its own

func TestMain(m *testing.M) { os.Exit(inChromium(m)) }

func inChromium(m *testing.M) int {
	ctx, stop, err := chromium.Start()
	switch {
	case errors.Is(err, chromium.ErrMissing) && os.Getenv("CI") != "true":
		fmt.Fprintf(os.Stderr, "\n*** SKIPPED: ALL BROWSER TESTS. %v.\n\n", err)
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, "FAIL: the browser tests need Chromium:", err)
		return 1
	}
	defer stop()
	browser = ctx
	return m.Run()
}

// tab is a page in a browser profile of its own.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string
}

// open makes a tab on a server. Uncaught errors of the page and refused content (CSP) fail the test.
func open(t *testing.T, url string) *tab {
	t.Helper()
	return another(browser, t, url, chromedp.WithNewBrowserContext())
}

// another is open beside what else the context has open, with the same cookies.
func another(beside context.Context, t *testing.T, url string, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(beside, options...)
	t.Cleanup(cancel)
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.Exception.Description)
		case *log.EventEntryAdded:
			if e.Entry.Source == log.EntrySourceSecurity {
				t.Errorf("the browser refused: %s", e.Entry.Text)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &tab{t, ctx, url}
	b.do(func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
		return chromedp.Void{}, err
	}, chromedp.EmulateViewport(1400, 900))
	return b
}

// do runs actions within patience.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%v\n%s", err, b.picture("failed"))
	}
}

// goTo loads a path, and waits until the page is live.
func (b *tab) goTo(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.url + path))
	b.live()
}

// live waits until the page's socket is attached.
func (b *tab) live() {
	b.t.Helper()
	b.until("the page is live", `document.documentElement.dataset.live === "on"`)
}

// until waits for a JavaScript condition. The page may be loaded anew meanwhile.
func (b *tab) until(what, condition string) {
	b.t.Helper()
	end := time.Now().Add(patience)
	var err error
	for time.Now().Before(end) {
		var ok bool
		ok, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool](`Boolean(`+condition+`)`))
		if err == nil && ok {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.t.Fatalf("waited in vain until %s (%s): %v\n%s\n%s", what, condition, err, b.text("main"), b.picture("failed"))
}

// text is what an element says, "" if there is none.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return b.eval(fmt.Sprintf(`(document.querySelector(%q)?.innerText ?? "").trim()`, selector))
}

// eval evaluates an expression to a string.
func (b *tab) eval(expression string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](`String(`+expression+`)`))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// click clicks what a selector finds first, as a person would: it must be visible.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// write types text into a field in place of what is there.
func (b *tab) write(selector, text string) {
	b.t.Helper()
	b.do(chromedp.Focus(chromedp.CSS(selector), chromedp.NodeVisible))
	b.eval(fmt.Sprintf(`document.querySelector(%q).select?.()`, selector))
	if text == "" {
		text = "\b"
	}
	b.do(chromedp.KeyEvent(text))
}

// signIn signs in on the login page, which the path leads to.
func (b *tab) signIn(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.url+path), chromedp.WaitVisible(chromedp.CSS(`input[name=username]`)))
	b.write(`input[name=username]`, "admin")
	b.write(`input[name=password]`, password)
	b.do(chromedp.KeyEvent("\r"))
	b.live()
}

// picture writes a screenshot where SCREENSHOTS says and returns where it is.
func (b *tab) picture(name string) string {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return "(set SCREENSHOTS to a folder for a picture of the page)"
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err.Error()
	}
	path := dir + "/" + strings.ReplaceAll(b.t.Name(), "/", "-") + "-" + name + ".png"
	if err := os.WriteFile(path, png, 0o600); err != nil {
		return err.Error()
	}
	return path
}

// narrow makes the window a phone's.
func (b *tab) narrow() {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(390, 844))
}

// wide makes it a desktop's again.
func (b *tab) wide() {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(1400, 900))
}

// dark makes the browser ask for the dark look.
func (b *tab) dark() {
	b.t.Helper()
	b.media("prefers-color-scheme", "dark")
}

// light makes it ask for the light one again.
func (b *tab) light() {
	b.t.Helper()
	b.media("prefers-color-scheme", "light")
}

// reduceMotion makes the browser ask for a page that stands still.
func (b *tab) reduceMotion() {
	b.t.Helper()
	b.media("prefers-reduced-motion", "reduce")
}

func (b *tab) media(feature, value string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}
