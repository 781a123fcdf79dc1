package http

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/widgets/pages"
)

func sitePrefix(prefix string) *pages.Site { return &pages.Site{Prefix: prefix} }

func TestFailedSignInsHaveToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTries()
		for range freeTries - 1 {
			tr.failed("ann", "1.2.3.4")
		}
		if w := tr.wait("ann", "1.2.3.4"); w > 0 {
			t.Errorf("waits %s after %d failures", w, freeTries-1)
		}
		tr.failed("ann", "1.2.3.4")
		if w := tr.wait("ann", "9.9.9.9"); w != time.Second {
			t.Errorf("the account waits %s from another address, want 1 s", w)
		}
		if w := tr.wait("bob", "1.2.3.4"); w != time.Second {
			t.Errorf("the address waits %s for another account, want 1 s", w)
		}
		for range 100 {
			tr.failed("ann", "1.2.3.4")
		}
		if w := tr.wait("ann", ""); w != longestWait {
			t.Errorf("waits %s, want at most %s", w, longestWait)
		}
		tr.succeeded("ann", "1.2.3.4")
		if w := tr.wait("ann", "1.2.3.4"); w > 0 {
			t.Errorf("waits %s after a success", w)
		}
	})
}

func TestTriesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTries()
		for i := range 3 * mostTries {
			tr.failed(fmt.Sprint("account ", i), fmt.Sprint("address ", i))
		}
		if n := len(tr.seen); n > mostTries+1 {
			t.Errorf("%d counters are kept", n)
		}
	})
}
