package shop

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrOtherAmount is returned when a key that was refunded comes again with another order or amount.
var ErrOtherAmount = errors.New("shop: this refund was made before, for another amount")

// Gateway stands in for a payment provider: it lives in this process, remembers what it refunded, and takes its time. The zero Gateway
// answers at once. It is safe for concurrent use.
type Gateway struct {
	// Delay is how long a refund takes.
	Delay time.Duration
	// Gate, when set, is called in place of waiting for Delay; what it returns is the gateway's answer. Tests hold refunds back with it
	// instead of waiting on a clock. It is set before the first call.
	Gate func(ctx context.Context) error

	mu    sync.Mutex
	made  map[string]refund
	calls int
}

type refund struct {
	order, cents int64
}

// Refund sends an order's money back. key names the refund: a second call with the same key moves nothing and is no error, so a job that is
// resumed may repeat its last row. It stops waiting when ctx ends; then nothing was refunded.
func (g *Gateway) Refund(ctx context.Context, key string, order, cents int64) error {
	if cents <= 0 {
		return fmt.Errorf("shop: refund of order %d: %d cents is nothing to send back", order, cents)
	}
	g.mu.Lock()
	g.calls++
	_, known := g.made[key]
	g.mu.Unlock()
	if !known {
		if err := g.wait(ctx); err != nil {
			return fmt.Errorf("refund order %d: %w", order, err)
		}
	}

	g.mu.Lock()
	defer g.mu.Unlock()
	// Somebody else may have finished the same key in the meantime.
	if before, made := g.made[key]; made {
		if before != (refund{order, cents}) {
			return fmt.Errorf("%w (order %d, key %s)", ErrOtherAmount, order, key)
		}
		return nil
	}
	if g.made == nil {
		g.made = map[string]refund{}
	}
	g.made[key] = refund{order, cents}
	return nil
}

func (g *Gateway) wait(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if g.Gate != nil {
		return g.Gate(ctx)
	}
	if g.Delay <= 0 {
		return nil
	}
	timer := time.NewTimer(g.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ErrUnavailable is what Capture always returns.
var ErrUnavailable = errors.New("gateway: POST /v1/captures: 503 from pool payments-b: no healthy upstream")

// Capture collects an authorised payment. It never works: this stand-in has no pool of healthy servers.
func (g *Gateway) Capture(ctx context.Context, _, _ int64) error {
	if err := g.wait(ctx); err != nil {
		return err
	}
	return ErrUnavailable
}

// The parts of a reconciliation, and how long each takes: long enough to see it go on after a cancel.
const (
	parts    = 60
	partTime = 250 * time.Millisecond
)

// Reconcile compares books in several parts and tells progress of each. Like many libraries it takes no context, so it cannot be stopped.
func (g *Gateway) Reconcile(progress func(done, total int)) error {
	for part := range parts {
		if g.Gate == nil {
			time.Sleep(partTime)
		} else if err := g.Gate(context.Background()); err != nil {
			return fmt.Errorf("reconcile part %d: %w", part+1, err)
		}
		progress(part+1, parts)
	}
	return nil
}

// Calls is how often Refund was called, repeated keys and refusals included.
func (g *Gateway) Calls() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls
}

// Refunded is how many refunds were made and how many cents they come to.
func (g *Gateway) Refunded() (count int, cents int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.made {
		cents += r.cents
	}
	return len(g.made), cents
}
