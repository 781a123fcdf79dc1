package http

import (
	"context"
	"runtime"
	"time"

	"greenroom/widgets"
)

// Hashing bounds how many passwords are hashed at once. Each takes 19 MiB and a processor for some 30 ms, so without a bound strangers at a login form
// could take as much memory as they have addresses. It is safe to share; all that hash passwords for one admin share one.
type Hashing struct {
	slots chan struct{}
}

// longestQueue is how long a password waits for its turn.
const longestQueue = 10 * time.Second

// errBusy is what people are told whose password could not be looked at.
const errBusy = widgets.UserError("Many people are signing in at this moment. Try again in a few seconds.")

// NewHashing makes a Hashing of n passwords at once. Zero means as many as there are processors: more would not be faster.
func NewHashing(n int) *Hashing {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	return &Hashing{make(chan struct{}, n)}
}

// take waits for a turn, which leave gives back; errBusy if none comes within longestQueue, or the error of ctx.
func (h *Hashing) take(ctx context.Context) error {
	timer := time.NewTimer(longestQueue)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return errBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hashing) leave() { <-h.slots }

// Hash is HashPassword when its turn comes.
func (h *Hashing) Hash(ctx context.Context, password string) (string, error) {
	if err := h.take(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return HashPassword(password), nil
}

// Fits is PasswordFits when its turn comes.
func (h *Hashing) Fits(ctx context.Context, hash, password string) (bool, error) {
	if err := h.take(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	return PasswordFits(hash, password), nil
}
