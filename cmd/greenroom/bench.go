package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"greenroom/bench/load"
)

// targetName is the word after bench by which the command starts itself as the server to measure; it is not for people.
const targetName = "target"

// bench measures a server that it starts itself, or connects pages to a running one.
func bench(ctx context.Context, con console, args []string) error {
	if len(args) > 0 && args[0] == targetName {
		return benchTarget(ctx, con, args[1:])
	}
	f := flags(con, "bench", `Measure greenroom on this machine: greenroom bench SCENARIO [flags], where SCENARIO is one of
  connect   open pages of three small widgets: server CPU a connect, memory an idle page
  event     pages press a button: server CPU an event, and how long the answer takes
  fanout    a widget that all pages share changes: server CPU a delivery, beside a bare write(2) to the same sockets
  stall     pages stop reading while their widget changes 1,000 times a second: what the server's memory grows by
  list      lists of a million orders are loaded: server CPU of the first page, a deep one, a search, the next page over the socket
  job       an action runs over a million orders: rows a second, how soon it begins and shows progress
  mixed     operators look orders up, search, sort, open, edit and run actions, with time to think: how long each step takes
  all       these, one after the other
The last three make a shop first, which takes about a minute; --shop keeps it. It starts a server of its own on loopback, with its files in a temporary folder, and ends it. Linux only.`)
	cfg := load.Config{}
	f.StringVar(&cfg.URL, "url", "", "`URL` of a running server to connect pages to instead; only the scenario connect, since the others need widgets of their own")
	f.StringVar(&cfg.User, "user", "", "`NAME` to sign in with at --url; its cap of open pages bounds --pages")
	f.StringVar(&cfg.Password, "password", "", "`TEXT` to sign in with at --url; better in GREENROOM_PASSWORD, where other users of the machine cannot see it")
	f.StringVar(&cfg.Path, "path", "/admin/", "`PATH` of the page to open")
	f.IntVar(&cfg.PID, "pid", 0, "process `ID` of the server at --url, if it runs on this machine: then its CPU and memory are told")
	f.BoolVar(&cfg.AllowRemote, "allow-remote", false, "allow a --url on another machine, which must be yours to load")
	f.IntVar(&cfg.Pages, "pages", 0, "open `N` pages, up to 18,000; 0 means 1,000, and 100 for stall")
	f.IntVar(&cfg.Connections, "connections", 64, "`N` pages that send events, or operators of mixed, up to 1,000")
	f.IntVar(&cfg.Orders, "orders", 1_000_000, "how many `N` orders the shop of list, job and mixed has")
	f.StringVar(&cfg.Shop, "shop", "", "`FILE` that keeps that shop for the next time; mixed writes to it")
	f.DurationVar(&cfg.Think, "think", time.Second, "`TIME` that an operator of mixed thinks between two steps, on average")
	f.DurationVar(&cfg.Ramp, "ramp", 2*time.Second, "`TIME` over which the operators of mixed come in before anything is measured")
	f.DurationVar(&cfg.Duration, "duration", 0, "`TIME` that events and updates last, up to 10m; 0 means 10s, and 20s for stall")
	f.IntVar(&cfg.Rate, "rate", 0, "events or steps a second over all connections, by a timetable that does not wait for answers, `N`; 0 means that each page waits for its answer, and each operator then thinks")
	f.IntVar(&cfg.Runs, "runs", 1, "run each scenario `N` times, up to 20, and tell the least, the median and the most")
	f.StringVar(&cfg.Profile, "profile", "", "write CPU and heap profiles of the started server to `DIR`")
	asHTML := f.String("html", "", "write a page with charts to `FILE`, besides")
	asJSON := f.Bool("json", false, "print JSON instead of the table, which then goes to standard error")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		cfg.Scenario, args = args[0], args[1:]
	}
	if err := parse(f, args); err != nil {
		return err
	}
	if cfg.Scenario == "" {
		return usagef("no scenario; one of connect, event, fanout, stall, list, job, mixed, all")
	}
	if cfg.Password == "" && cfg.URL != "" {
		cfg.Password = os.Getenv("GREENROOM_PASSWORD")
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program, to start it as the server: %w", err)
	}
	cfg.Target = []string{self, "bench", targetName}
	if err := cfg.Check(); err != nil {
		return usagef("%v", err)
	}
	status := newStatusLine(con.err)
	cfg.Progress = status.show
	report, err := load.Run(ctx, cfg)
	status.clear()
	if err != nil {
		return err
	}
	if *asHTML != "" {
		var page bytes.Buffer
		if err := errors.Join(report.HTML(&page), os.WriteFile(*asHTML, page.Bytes(), 0o644)); err != nil { //nolint:gosec // there is nothing secret in it
			return err
		}
	}
	if !*asJSON {
		return report.Table(con.out)
	}
	if err := report.Table(con.err); err != nil {
		return err
	}
	return report.JSON(con.out)
}
