package http

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

// tries counts sign-ins by account and by address: five that fail are free, then each costs a pause that doubles, up to five minutes. A try counts as
// failed from its beginning until succeeded takes it back, so that a hundred at once are no more than a hundred one after the other.
type tries struct {
	mu   sync.Mutex
	seen map[string]try
}

type try struct {
	failures int
	until    time.Time
}

const (
	freeTries   = 5
	longestWait = 5 * time.Minute
	// mostTries bounds the memory of the counters; beyond it those whose pause is over are forgotten.
	mostTries = 10_000
)

func newTries() *tries { return &tries{seen: map[string]try{}} }

// counters are the keys of an account, however it is spelled, and of the network that a caller has for itself: an IPv6 subscriber has a whole /64.
func counters(account, caller string) [2]string {
	if at, err := netip.ParseAddr(caller); err == nil && at.Is6() && !at.Is4In6() {
		if net, err := at.WithZone("").Prefix(64); err == nil {
			caller = net.String()
		}
	}
	return [2]string{"a:" + strings.ToLower(strings.TrimSpace(account)), "c:" + caller}
}

// begin counts a try in, or returns how long it has to wait; then it must not be made.
func (t *tries) begin(account, caller string) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	keys := counters(account, caller)
	for _, key := range keys {
		wait = max(wait, time.Until(t.seen[key].until))
	}
	if wait > 0 {
		return wait
	}
	if len(t.seen) >= mostTries {
		for key, one := range t.seen {
			if time.Now().After(one.until) {
				delete(t.seen, key)
			}
		}
	}
	for _, key := range keys {
		one := t.seen[key]
		one.failures++
		if over := one.failures - freeTries; over >= 0 {
			one.until = time.Now().Add(min(time.Second<<min(over, 20), longestWait))
		}
		t.seen[key] = one
	}
	return 0
}

// takeBack undoes one begin, of a try that was not looked at.
func (t *tries) takeBack(account, caller string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range counters(account, caller) {
		one := t.seen[key]
		if one.failures--; one.failures <= 0 {
			delete(t.seen, key)
			continue
		}
		if one.failures < freeTries {
			one.until = time.Time{}
		}
		t.seen[key] = one
	}
}

// succeeded forgets what was counted.
func (t *tries) succeeded(account, caller string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range counters(account, caller) {
		delete(t.seen, key)
	}
}
