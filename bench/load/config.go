package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Config says what to run; check it with Check. The zero value of everything but Scenario works when Target is set.
type Config struct {
	// Scenario is one of Scenarios, or "all".
	Scenario string
	// Target is the command line that starts a bench/target; it is not used when URL is set.
	Target []string
	// URL is a running server's, such as http://127.0.0.1:8080, and User and Password sign in there. Only connect can be run against it.
	URL, User, Password string
	// Path is the page that is opened. Empty means /admin/.
	Path string
	// PID is the process of the server at URL, when it runs on this machine; 0 means unknown, and then neither CPU nor memory is told.
	PID int
	// AllowRemote permits a URL whose host is not this machine.
	AllowRemote bool
	// Orders is how many orders the shop of list, job and mixed has, at most 100,000,000. Zero means 1,000,000.
	Orders int
	// Shop is a file that keeps that shop between runs of the program: it is made when it is not there, and mixed writes to it. Empty means one that is thrown away,
	// which takes about a minute a million orders.
	Shop string
	// Think is how long an operator of mixed thinks between two steps, on average, at most 1 min. Zero means 1 s.
	Think time.Duration
	// Ramp is the time over which the operators of mixed come in, evenly, before anything is measured, at most Longest. Zero means 2 s.
	Ramp time.Duration
	// Pages is how many pages connect, fanout and stall open, at most 18,000. Zero means 1,000 for connect, 1,000 for fanout, 100 for stall.
	Pages int
	// Widgets is how many counters a page has besides its three widgets, at most 200. Zero means none.
	Widgets int
	// Connections is how many pages send events at the same time, and how many operators mixed has, at most 1,000. Zero means 64.
	Connections int
	// Duration is how long events, updates and stalls last, at most 10 min. Zero means 10 s, and 20 s for stall.
	Duration time.Duration
	// Rate makes event and mixed an open loop of so many events or steps a second over all connections. Zero means a closed loop: the next follows the answer, for
	// an operator after a Think.
	Rate int
	// Runs repeats each scenario, each time on a new server, at most 20. Zero means once.
	Runs int
	// Profile is a folder for CPU and heap profiles of the started server. Empty means none; profiling costs a little.
	Profile string
	// Progress hears what is going on, a short line at a time. Nil means nobody.
	Progress func(string)
}

// Scenarios are what can be run.
var scenarios = []string{"connect", "event", "fanout", "stall", "list", "job", "mixed"}

// shops are those that need the shop.
var shops = []string{"list", "job", "mixed"}

// The bounds of a run.
const (
	mostPages       = 18_000
	mostConnections = 1_000
	longest         = 10 * time.Minute
	mostRuns        = 20
	mostOrders      = 100_000_000
)

// Check fills in what is zero and tells, in one error, all that cannot be run.
func (c *Config) Check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if c.Scenario != "all" && !slices.Contains(scenarios, c.Scenario) {
		fault("%q is no scenario; there are %s, and all", c.Scenario, strings.Join(scenarios, ", "))
	}
	for _, b := range []struct {
		flag  string
		value int
		most  int
	}{{"pages", c.Pages, mostPages}, {"connections", c.Connections, mostConnections}, {"rate", c.Rate, 1_000_000}, {"runs", c.Runs, mostRuns}, {"orders", c.Orders, mostOrders}, {"widgets", c.Widgets, 200}} {
		if b.value < 0 || b.value > b.most {
			fault("--%s %d: want 1 to %d, or 0 for the default", b.flag, b.value, b.most)
		}
	}
	if c.Duration < 0 || c.Duration > longest {
		fault("--duration %s: want up to %s", c.Duration, longest)
	}
	if c.Ramp < 0 || c.Ramp > longest {
		fault("--ramp %s: want up to %s", c.Ramp, longest)
	}
	if c.Think < 0 || c.Think > time.Minute {
		fault("--think %s: want up to 1m", c.Think)
	}
	c.Orders, c.Think, c.Ramp = cmp.Or(c.Orders, 1_000_000), cmp.Or(c.Think, time.Second), cmp.Or(c.Ramp, 2*time.Second)
	if c.Path == "" {
		c.Path = "/admin/"
	}
	c.Runs = max(c.Runs, 1)
	if c.Connections == 0 {
		c.Connections = 64
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	if c.URL != "" {
		faults = append(faults, c.checkURL())
	} else if len(c.Target) == 0 {
		fault("neither a --url nor a server to start")
	}
	return errors.Join(faults...)
}

// checkURL holds the address against what the client can do, and against pointing it at somebody else by mistake.
func (c *Config) checkURL() error {
	at, err := url.Parse(c.URL)
	switch {
	case err != nil || at.Scheme != "http" || at.Host == "":
		return fmt.Errorf("--url %s: want http://HOST:PORT; the client speaks plain HTTP, so aim behind whatever ends TLS", c.URL)
	case c.Scenario != "connect":
		return fmt.Errorf("%s needs the widgets of the server that bench starts itself; against --url only connect can be run", c.Scenario)
	case c.User == "" || c.Password == "":
		return errors.New("--url needs --user and --password of somebody who can sign in there")
	case c.Profile != "":
		return errors.New("--profile works for the server that bench starts; drop --url")
	case c.AllowRemote:
		return nil
	}
	if host := at.Hostname(); host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("--url %s is not on this machine; --allow-remote if that server is yours to load", c.URL)
	}
	return nil
}

// pages is how many pages a scenario opens.
func (c *Config) pages(scenario string) int {
	switch {
	case c.Pages > 0:
		return c.Pages
	case scenario == "stall":
		return 100
	}
	return 1_000
}

// lasts is how long a scenario's work goes on.
func (c *Config) lasts(scenario string) time.Duration {
	switch {
	case c.Duration > 0:
		return c.Duration
	case scenario == "stall":
		return 20 * time.Second
	}
	return 10 * time.Second
}

// sleep waits, or returns early with ctx's error.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
