package chromium

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrMissing is returned where no Chromium is installed.
var ErrMissing = errors.New("no chromium, chromium-browser or google-chrome is in PATH; install it (Debian: apt-get install chromium) or name it in CHROMIUM")

// Find returns the program's path: the one named in the variable CHROMIUM, else the first in PATH. ErrMissing if there is none.
func Find() (string, error) {
	if named := os.Getenv("CHROMIUM"); named != "" {
		return named, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrMissing
}

// Start starts a browser without a window, and returns the context of its first tab. Stop ends the browser. ErrMissing if there is none.
func Start() (tab context.Context, stop func(), err error) {
	path, err := Find()
	if err != nil {
		return nil, nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true),
	)
	allocator, stopBrowser := chromedp.NewExecAllocator(context.Background(), options...)
	tab, stopTab := chromedp.NewContext(allocator)
	stop = func() { stopTab(); stopBrowser() }
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		stop()
		return nil, nil, fmt.Errorf("Chromium does not start: %w", err) //nolint:staticcheck // a name
	}
	return tab, stop, nil
}
