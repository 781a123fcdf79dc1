package load

import (
	"context"
	"errors"
	"time"
)

const (
	// healthy is how many pages read on beside those that stall.
	healthy = 10
	// stallRate is how often in a second the shared widget changes, and stallText how long its text is: enough to fill what the kernel holds for a socket.
	stallRate = 1000
	stallText = 1024
)

// stall has pages that never read while their widget changes a thousand times a second. It measures the server's memory at its highest, as it stands and not after
// a collection, and what reaches the pages that read.
func (s *run) stall(ctx context.Context, all []*person, n int) error {
	c, err := s.crowd(ctx, all, healthy)
	if err != nil {
		return err
	}
	defer c.close()
	if err := s.crowdOf(ctx, all[1:], n, true, func(p *page) error { c.keep(p); return nil }); err != nil {
		return err
	}
	if err := s.settle(ctx, c); err != nil {
		return err
	}
	before, err := s.memory()
	if err != nil {
		return err
	}
	lasts := s.cfg.lasts(s.name)
	for _, p := range c.pages {
		p.frames = 0
	}
	// A page's longest silence while others stall.
	last := make(map[*page]time.Time, healthy)
	var silence time.Duration
	c.text = func(p *page, _ []byte) error {
		now := time.Now()
		if then, ok := last[p]; ok {
			silence = max(silence, now.Sub(then))
		}
		last[p] = now
		return nil
	}
	over := s.child.ask("beat %d %d", max(1, int(lasts.Seconds()*stallRate)), stallRate)
	s.say("%d pages do not read for %s", n, lasts)
	peak, looked, began := before, time.Time{}, time.Now()
	var result *told
	var failed error
	_, err = c.run(ctx, lasts+patience, func() bool {
		if time.Since(looked) > 200*time.Millisecond {
			looked = time.Now()
			now, err := s.pid.rss()
			failed = errors.Join(failed, err)
			peak = max(peak, now)
		}
		select {
		case r := <-over:
			result = &r
			return true
		default:
			return failed != nil
		}
	})
	took := time.Since(began)
	if result == nil {
		return errors.Join(err, failed, errors.New("the server did not finish its updates"))
	}
	if err := errors.Join(err, failed, result.err); err != nil {
		return err
	}
	least := c.pages[0].frames
	for _, p := range c.pages[:healthy] {
		if p.closed {
			return errors.New("the server closed a page that reads, beside those that do not")
		}
		least = min(least, p.frames)
	}
	if least == 0 {
		return errors.New("a page that reads got nothing beside those that do not")
	}
	after, err := s.memory()
	if err != nil {
		return err
	}
	s.out["stall.pages"] = float64(n)
	s.out["stall.updates_per_s"] = float64(result.answer.Writes) / took.Seconds()
	s.out["stall.rss_growth_kib_per_page"] = (peak - before) / float64(n)
	s.out["stall.rss_left_kib_per_page"] = (after - before) / float64(n)
	s.out["stall.healthy_frames_per_s"] = float64(least) / took.Seconds()
	s.out["stall.healthy_longest_silence_ms"] = float64(silence.Microseconds()) / 1000
	return nil
}
