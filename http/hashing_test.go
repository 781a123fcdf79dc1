package http

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestHashingIsBounded holds every turn: the next password waits, is told so after ten seconds, and is looked at when a turn comes.
func TestHashingIsBounded(t *testing.T) {
	hash := HashPassword("correct horse")
	synctest.Test(t, func(t *testing.T) {
		h := NewHashing(2)
		for range 2 {
			if err := h.take(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		if fits, err := h.Fits(t.Context(), hash, "correct horse"); fits || !errors.Is(err, errBusy) || time.Since(began) != longestQueue {
			t.Errorf("with no turn left: %v %v after %s", fits, err, time.Since(began))
		}
		if _, err := h.Hash(t.Context(), "another"); !errors.Is(err, errBusy) {
			t.Errorf("a hash with no turn left: %v", err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.Fits(gone, hash, "correct horse"); !errors.Is(err, context.Canceled) {
			t.Errorf("who went away is answered %v", err)
		}
		var waiting sync.WaitGroup
		for range 8 {
			waiting.Go(func() {
				if fits, err := h.Fits(t.Context(), hash, "correct horse"); !fits || err != nil {
					t.Errorf("when its turn came: %v %v", fits, err)
				}
			})
		}
		synctest.Wait() // all eight are in the queue
		h.leave()
		waiting.Wait()
		h.leave()
		if n := len(h.slots); n != 0 {
			t.Errorf("%d turns were not given back", n)
		}
	})
}

func TestATryThatWasNotLookedAtIsNotCounted(t *testing.T) {
	tr := newTries()
	for range 10 * freeTries {
		if wait := tr.begin("ann", "1.2.3.4"); wait > 0 {
			t.Fatalf("waits %s", wait)
		}
		tr.takeBack("ann", "1.2.3.4")
	}
	if len(tr.seen) != 0 {
		t.Errorf("kept: %v", tr.seen)
	}
}
