package shop_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/examples/shop/shop"
)

func TestGatewayTakesItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := &shop.Gateway{Delay: 2 * time.Millisecond}
		start := time.Now()
		for order := range int64(10) {
			if err := g.Refund(t.Context(), "job:"+string(rune('a'+order)), order+1, 100); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 20*time.Millisecond {
			t.Errorf("10 refunds took %v, want 20ms", took)
		}
		if count, cents := g.Refunded(); count != 10 || cents != 1_000 || g.Calls() != 10 {
			t.Errorf("refunded %d orders, %d cents, in %d calls", count, cents, g.Calls())
		}
	})
}

func TestGatewayStopsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("somebody pressed cancel")
		ctx, cancel := context.WithCancelCause(t.Context())
		g := &shop.Gateway{Delay: time.Hour}
		time.AfterFunc(time.Second, func() { cancel(why) })
		if err := g.Refund(ctx, "k", 1, 100); !errors.Is(err, why) {
			t.Errorf("a cancelled refund said %v, want the cause", err)
		}
		if err := g.Refund(ctx, "k", 1, 100); !errors.Is(err, why) {
			t.Errorf("a refund under an ended context said %v, want the cause", err)
		}
		if count, _ := g.Refunded(); count != 0 {
			t.Errorf("%d refunds were made all the same", count)
		}
	})
}

func TestGatewayKnowsKeys(t *testing.T) {
	t.Parallel()
	g := &shop.Gateway{}
	for range 3 {
		if err := g.Refund(t.Context(), "job:1", 1, 250); err != nil {
			t.Fatal(err)
		}
	}
	if count, cents := g.Refunded(); count != 1 || cents != 250 {
		t.Errorf("refunded %d orders, %d cents, want 1 and 250", count, cents)
	}
	if err := g.Refund(t.Context(), "job:1", 1, 300); !errors.Is(err, shop.ErrOtherAmount) {
		t.Errorf("another amount under the same key said %v", err)
	}
	if err := g.Refund(t.Context(), "job:2", 2, 0); err == nil {
		t.Error("a refund of nothing was taken")
	}
}

func TestGatewayGate(t *testing.T) {
	t.Parallel()
	gate, arrived := make(chan struct{}), make(chan struct{})
	g := &shop.Gateway{Delay: time.Hour, Gate: func(ctx context.Context) error {
		arrived <- struct{}{}
		select {
		case <-gate:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}}
	var wg sync.WaitGroup
	for range 2 { // the same refund twice at the same time: one of them moves the money
		wg.Go(func() {
			if err := g.Refund(t.Context(), "job:1", 1, 100); err != nil {
				t.Error(err)
			}
		})
	}
	<-arrived
	<-arrived
	if count, _ := g.Refunded(); count != 0 {
		t.Error("refunded before the gate opened")
	}
	close(gate)
	wg.Wait()
	if count, _ := g.Refunded(); count != 1 || g.Calls() != 2 {
		t.Errorf("%d refunds in %d calls, want 1 in 2", count, g.Calls())
	}
}
