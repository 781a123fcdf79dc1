package actors

import (
	"sync"
	"time"
)

// clock keeps the timers that are running, so that Close can end them.
type clock struct {
	mu     sync.Mutex
	timers map[*timer]struct{}
	closed bool
}

type timer struct {
	clock *clock
	t     *time.Timer
}

// after calls f once after d, in a goroutine of its own, unless the timer is stopped or the clock closed before; nil if it is closed already.
func (k *clock) after(d time.Duration, f func()) *timer {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil
	}
	if k.timers == nil {
		k.timers = map[*timer]struct{}{}
	}
	t := &timer{clock: k}
	t.t = time.AfterFunc(d, func() {
		if t.forget() {
			f()
		}
	})
	k.timers[t] = struct{}{}
	return t
}

// forget reports whether the timer was still wanted.
func (t *timer) forget() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if _, ok := t.clock.timers[t]; !ok {
		return false
	}
	delete(t.clock.timers, t)
	return true
}

// stop reports whether the timer was stopped before it fired.
func (t *timer) stop() bool {
	if t == nil || !t.forget() {
		return false
	}
	t.t.Stop()
	return true
}

func (k *clock) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	for t := range k.timers {
		t.t.Stop()
	}
	clear(k.timers)
}

// After sends msg to an actor once, after d. It does nothing when cancelled before, when the actor has ended by then, or when the System was closed.
// After cancel a message that was already sent may still arrive.
func (s *System) After(d time.Duration, to Ref, msg any) (cancel func()) {
	t := s.clock.after(d, func() {
		if e := to.entry(); e != nil {
			s.Send(to, msg)
		}
	})
	return func() { t.stop() }
}
