package session

import (
	"time"

	"greenroom/widgets"
)

// flash is what somebody is to be told on the next page: "Changes saved" after the redirect that followed.
type flash struct {
	toasts []widgets.Toast
	until  time.Time
}

// flashFor is how long a message waits for its page; mostFlashes bounds how many wait in all.
const (
	flashFor    = time.Minute
	mostFlashes = 1000
)

// Keep puts toasts by for the next page of a sign-in.
func (r *Registry) Keep(signIn string, toasts []widgets.Toast) {
	if len(toasts) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if len(r.flashes) >= mostFlashes {
		for key, f := range r.flashes {
			if now.After(f.until) {
				delete(r.flashes, key)
			}
		}
	}
	if len(r.flashes) < mostFlashes {
		r.flashes[signIn] = flash{toasts, now.Add(flashFor)}
	}
}

// Flash takes what waits for a sign-in's next page.
func (r *Registry) Flash(signIn string) []widgets.Toast {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, ok := r.flashes[signIn]
	delete(r.flashes, signIn)
	if !ok || time.Now().After(f.until) {
		return nil
	}
	return f.toasts
}
