package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"greenroom/bench/target"
)

// A block is a number of updates in a row, then as many rounds of the floor; long enough for the clock of /proc, short enough for both to see the same machine.
const deliveriesOfBlock = 50_000

// fanout changes a widget that all pages share, one update at a time, and in turn has the server write frames of the same size to the same sockets with write(2)
// alone: what a delivery costs, and what none can cost less than.
func (s *run) fanout(ctx context.Context, all []*person, n int) error {
	c, err := s.crowd(ctx, all, n)
	if err != nil {
		return err
	}
	defer c.close()
	if err := s.settle(ctx, c); err != nil {
		return err
	}
	if _, ok := c.pages[0].slots[target.Beat]; !ok {
		return fmt.Errorf("the page has no widget %q", target.Beat)
	}
	size, heard, other := 0, 0, 0
	c.text = func(_ *page, frame []byte) error {
		switch {
		case bytes.HasPrefix(frame, []byte(`["patch",`)):
			size = max(size, len(frame))
			heard++
		case bytes.HasPrefix(frame, []byte(`["floor",`)):
			heard++
		default:
			other++
		}
		return nil
	}
	// One command, and the wait until every page has what it caused. The pages are read all the while, in both cases: a delivery costs more when its
	// receiver is awake.
	round := func(command string, args ...any) (time.Duration, error) {
		heard = 0
		began := time.Now()
		over := s.child.ask(command, args...)
		var failed error
		said, reached := false, time.Duration(0)
		whole, err := c.run(ctx, patience, func() bool {
			select {
			case t := <-over:
				said, failed = true, t.err
			default:
			}
			if reached == 0 && heard >= n {
				reached = time.Since(began)
			}
			return said && (reached > 0 || failed != nil) || c.lost > 0
		})
		if err = errors.Join(err, failed, c.whole()); err == nil && !whole {
			err = fmt.Errorf("an update reached %d of %d pages in %s", heard, n, patience)
		}
		return reached, err
	}
	if _, err := round("beat 1 0"); err != nil {
		return err
	}
	sockets, err := s.child.tell("sockets")
	if err != nil {
		return err
	}
	if sockets.Writes != n {
		return fmt.Errorf("the server has %d sockets open for %d pages", sockets.Writes, n)
	}
	var lasts []float64
	var patches, floors cost
	rounds := max(1, min(50, deliveriesOfBlock/n))
	s.say("%d pages, patches of %d bytes", n, size)
	for end := time.Now().Add(s.cfg.lasts(s.name)); time.Now().Before(end) || floors.times == 0; {
		if err := s.block(&patches, rounds, n, true, func() error {
			took, err := round("beat 1 0")
			lasts = append(lasts, float64(took.Microseconds())/1000)
			return err
		}); err != nil {
			return err
		}
		if err := s.block(&floors, rounds, n, false, func() error { _, err := round("floor %d", size); return err }); err != nil {
			return err
		}
	}
	slices.Sort(lasts)
	s.out["fanout.pages"] = float64(n)
	s.out["fanout.patch_bytes"] = float64(size)
	s.out["fanout.cpu_us_per_delivery"] = patches.each()
	s.out["fanout.floor_us_per_delivery"] = floors.each()
	if floors.spent > 0 {
		s.out["fanout.ratio"] = patches.each() / floors.each()
	}
	s.out["fanout.last_client_ms.p50"] = lasts[len(lasts)/2]
	return nil
}

// cost is CPU time and what it was spent on.
type cost struct {
	spent time.Duration
	times int
}

func (c cost) each() float64 { return float64(c.spent.Microseconds()) / float64(c.times) }

// block does something some rounds and adds the server's CPU time to a cost.
func (s *run) block(to *cost, rounds, deliveries int, profiled bool, do func() error) error {
	end := func() error { return nil }
	var err error
	if profiled && to.times == 0 { // one block is enough to see what it is spent on
		if end, err = s.profile(); err != nil {
			return err
		}
	}
	before, err := s.pid.cpu()
	if err != nil {
		return err
	}
	for range rounds {
		if err := do(); err != nil {
			return err
		}
	}
	after, err := s.pid.cpu()
	to.spent += after - before
	to.times += rounds * deliveries
	return errors.Join(err, end())
}
