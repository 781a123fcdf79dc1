package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// metrics are a scenario's numbers by their JSON key.
type metrics map[string]float64

// run is one run of one scenario.
type run struct {
	cfg   *Config
	name  string
	shop  *shop // of the scenarios that need one
	say   func(format string, args ...any)
	child *child // nil against a URL
	base  string
	pid   process
	out   metrics
}

// Run checks cfg, runs what it says and returns the numbers. It returns early, with the cause of ctx, when ctx ends; the server that it started is gone then too.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	names := []string{cfg.Scenario}
	if cfg.Scenario == "all" {
		names = scenarios
	}
	var shop *shop
	if slices.ContainsFunc(names, func(name string) bool { return slices.Contains(shops, name) }) {
		var err error
		if shop, err = openShop(ctx, &cfg); err != nil {
			return nil, fmt.Errorf("make the shop: %w", err)
		}
		defer shop.close()
	}
	var report Report
	for _, name := range names {
		for n := range cfg.Runs {
			found, err := one(ctx, &cfg, shop, name, n)
			if err != nil {
				if ctx.Err() != nil {
					err = context.Cause(ctx)
				}
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			report.add(found)
		}
	}
	return &report, nil
}

// one runs a scenario once, against a server of its own unless a URL is given.
func one(ctx context.Context, cfg *Config, shop *shop, name string, n int) (_ metrics, err error) {
	s := &run{cfg: cfg, shop: shop, name: name, out: metrics{}, base: cfg.URL, pid: process(cfg.PID)}
	label := name
	if cfg.Runs > 1 {
		label = fmt.Sprintf("%s %d/%d", name, n+1, cfg.Runs)
	}
	s.say = func(format string, args ...any) { cfg.Progress(label + ": " + fmt.Sprintf(format, args...)) }
	pages := cfg.pages(name)
	switch name {
	case "event":
		pages = cfg.Connections
	case "stall":
		pages += healthy
	case "list", "job":
		pages = 10
	case "mixed":
		pages = 3 * cfg.Connections
	}
	if err := raiseFiles(pages); err != nil {
		return nil, err
	}
	users := usersFor(pages + warmPages)
	if slices.Contains(shops, name) {
		users = 2 // its caps are lifted
	}
	if cfg.URL == "" {
		s.say("starting a server with %d users", users)
		args := []string{"--users", strconv.Itoa(users)}
		if name == "fanout" || name == "stall" {
			args = append(args, "--shared")
		}
		if name == "stall" {
			args = append(args, "--text", strconv.Itoa(stallText))
		}
		if slices.Contains(shops, name) {
			args = append(args, "--shop", shop.file)
		}
		if cfg.Widgets > 0 {
			args = append(args, "--widgets", strconv.Itoa(cfg.Widgets))
		}
		if cfg.Profile != "" {
			args = append(args, "--profile", cfg.Profile)
		}
		if s.child, err = start(ctx, cfg.Target, args...); err != nil {
			return nil, err
		}
		defer s.child.stop()
		s.base, s.pid = s.child.url, s.child.process
	} else {
		users = 1 // whoever the flags name; his cap of pages bounds --pages
	}
	s.say("signing in")
	all, err := people(ctx, cfg, s.base, users)
	if err != nil {
		return nil, err
	}
	switch name {
	case "connect":
		err = s.connect(ctx, all, pages)
	case "event":
		err = s.event(ctx, all, pages)
	case "fanout":
		err = s.fanout(ctx, all, pages)
	case "list":
		err = s.list(ctx, all)
	case "job":
		err = s.job(ctx, all)
	case "mixed":
		err = s.mixed(ctx, all, cfg.Connections)
	default:
		err = s.stall(ctx, all, pages-healthy)
	}
	return s.out, err
}

// crowd makes an empty crowd and opens pages in it.
func (s *run) crowd(ctx context.Context, all []*person, n int) (*crowd, error) {
	c, err := newCrowd()
	if err != nil {
		return nil, err
	}
	if err := s.crowdOf(ctx, all, n, false, c.add); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// settle reads until nothing came for a while: first patches, and what else follows a page's opening.
func (s *run) settle(ctx context.Context, c *crowd) error {
	last, since := c.received, time.Now()
	quiet, err := c.run(ctx, patience, func() bool {
		if c.received != last {
			last, since = c.received, time.Now()
		}
		return time.Since(since) > 300*time.Millisecond
	})
	if err == nil && !quiet {
		err = errors.New("the pages do not come to rest; does something change on the server?")
	}
	return err
}

// memory is the server's memory after it gave back what it can.
func (s *run) memory() (float64, error) {
	if s.child != nil {
		if _, err := s.child.tell("collect"); err != nil {
			return 0, err
		}
	}
	return s.pid.rss()
}

// profile begins a CPU profile of the server when one is wanted; the function that it returns ends it.
func (s *run) profile() (end func() error, err error) {
	if s.cfg.Profile == "" {
		return func() error { return nil }, nil
	}
	_, err = s.child.tell("profile %s", s.name)
	return func() error { _, err := s.child.tell("profiled"); return err }, err
}
