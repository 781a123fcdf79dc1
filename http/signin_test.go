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
		for n := range freeTries {
			if w := tr.begin("ann", "1.2.3.4"); w > 0 {
				t.Errorf("waits %s after %d failures", w, n)
			}
		}
		if w := tr.begin(" ANN", "9.9.9.9"); w != time.Second {
			t.Errorf("the account waits %s from another address, want 1 s", w)
		}
		if w := tr.begin("bob", "1.2.3.4"); w != time.Second {
			t.Errorf("the address waits %s for another account, want 1 s", w)
		}
		for range 100 {
			time.Sleep(tr.begin("ann", "1.2.3.4"))
		}
		if w := tr.begin("ann", ""); w != longestWait {
			t.Errorf("waits %s, want at most %s", w, longestWait)
		}
		tr.succeeded("ann", "1.2.3.4")
		if w := tr.begin("ann", "1.2.3.4"); w > 0 {
			t.Errorf("waits %s after a success", w)
		}
		for range freeTries {
			tr.begin("eve", "2001:db8::1")
		}
		if w := tr.begin("bob", "2001:db8::dead:beef"); w != time.Second {
			t.Errorf("another address of the same /64 waits %s, want 1 s", w)
		}
	})
}

func TestTriesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTries()
		for i := range 3 * mostTries {
			tr.begin(fmt.Sprint("account ", i), fmt.Sprint("address ", i))
		}
		if n := len(tr.seen); n > mostTries+1 {
			t.Errorf("%d counters are kept", n)
		}
	})
}
