package load

import (
	"context"
	"time"
)

// warmPages are opened before connect measures: what the first pages of a process cost is paid once.
const warmPages = 50

// connect opens pages of three small widgets and lets them be. It measures the server's CPU from a page's GET until it is attached, and its memory once all rest.
func (s *run) connect(ctx context.Context, all []*person, n int) error {
	c, err := newCrowd()
	if err != nil {
		return err
	}
	defer c.close()
	warm := min(warmPages, n)
	if s.child == nil {
		warm = 0
	}
	if err := s.crowdOf(ctx, all[len(all)-1:], warm, false, c.add); err != nil {
		return err
	}
	if err := s.settle(ctx, c); err != nil {
		return err
	}
	before, err := s.memory()
	if err != nil {
		return err
	}
	spent, err := s.pid.cpu()
	if err != nil {
		return err
	}
	end, err := s.profile()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := s.crowdOf(ctx, all, n, false, c.add); err != nil {
		return err
	}
	took := time.Since(began)
	if err := s.settle(ctx, c); err != nil {
		return err
	}
	cpu, err := s.pid.cpu()
	if err != nil {
		return err
	}
	if err := end(); err != nil {
		return err
	}
	after, err := s.memory()
	if err != nil {
		return err
	}
	if s.cfg.Profile != "" {
		if _, err := s.child.tell("heap %s", s.name); err != nil {
			return err
		}
	}
	s.out["connect.pages"] = float64(n)
	s.out["connect.pages_per_s"] = float64(n) / took.Seconds()
	if s.pid != 0 {
		s.out["connect.cpu_us_per_page"] = float64((cpu - spent).Microseconds()) / float64(n)
		s.out["connect.rss_kib_per_page"] = (after - before) / float64(n)
	}
	return c.whole()
}
