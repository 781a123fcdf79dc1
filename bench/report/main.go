// Command report measures everything that was promised, greenroom's peers beside it in the same rounds, and prints one table: what must be, what is good, what was
// measured, with the versions of all that took part. Exit code 1 means that a must is missed.
//
//	go run ./bench/report                        about a quarter of an hour; five rounds
//	go run ./bench/report -write                 also puts the table into docs/performance.md
//	go run ./bench/report -rounds 1 -quick       sees that everything runs
//
// It builds greenroom and the peers, and runs them in turns, so that what they share a machine with falls on all of them. What is not installed (Django, Redis,
// a PostgreSQL in GREENROOM_POSTGRES, Chromium) is left out, and the table says so.
//
//	bench/load ─► connect event fanout stall list job mixed ─┐
//	bench/peers ─► live, django/admin.py, BenchmarkJob ──────┼─► rows ─► table ─► docs/performance.md
//	bench/update ─► html/template, jfyne/live, Chromium ─────┤
//	bench/jobs ─► starts, cancels, 10,000 rows, each store ──┘
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"greenroom/bench/load"
)

func main() {
	rounds := flag.Int("rounds", 5, "how often everything is run")
	quick := flag.Bool("quick", false, "few pages, a small shop and short times: the figures mean nothing")
	write := flag.Bool("write", false, "put the table into docs/performance.md")
	shop := flag.String("shop", "", "a file that keeps the shop of a million orders for the next time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	missed, err := run(ctx, *rounds, *quick, *write, *shop)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(2)
	case missed:
		os.Exit(1)
	}
}

// bench is one run of everything.
type bench struct {
	dir    string // for what is built
	shop   string
	quick  bool
	ours   load.Report
	theirs map[string][]float64 // of peers, by a word for what it is
	// said are the versions of those who took part, left out is why others did not.
	said, leftOut []string
}

func run(ctx context.Context, rounds int, quick, write bool, shop string) (missed bool, err error) {
	if rounds < 1 || rounds > 20 {
		return false, fmt.Errorf("-rounds %d: want 1 to 20", rounds)
	}
	b := &bench{quick: quick, shop: shop, theirs: map[string][]float64{}}
	if b.dir, err = os.MkdirTemp("", "greenroom-report"); err != nil {
		return false, err
	}
	defer os.RemoveAll(b.dir) //nolint:errcheck // a temporary folder
	if b.shop == "" {
		b.shop = filepath.Join(b.dir, "shop.db")
	}
	if err := b.build(ctx); err != nil {
		return false, err
	}
	began := time.Now()
	for n := range rounds {
		progress("round %d of %d, after %s", n+1, rounds, time.Since(began).Round(time.Second))
		for _, scenario := range []string{"connect", "event", "fanout", "stall", "list", "job", "mixed"} {
			if err := b.load(ctx, scenario); err != nil {
				return false, err
			}
		}
		if err := errors.Join(b.live(ctx), b.django(ctx), b.jobs(ctx)); err != nil {
			return false, err
		}
	}
	updates, err := b.own(ctx, "update", rounds, "100ms")
	if err != nil {
		return false, err
	}
	runs, err := b.own(ctx, "jobs", rounds, "1s")
	if err != nil {
		return false, err
	}
	var table bytes.Buffer
	missed = b.table(&table, append(updates, runs...), rounds)
	fmt.Print(table.String())
	if write {
		return missed, put(filepath.Join("docs", "performance.md"), table.String())
	}
	return missed, nil
}

func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// build makes what is run from source.
func (b *bench) build(ctx context.Context) error {
	peers := filepath.Join("bench", "peers")
	for _, one := range []struct {
		folder, binary string
		args           []string
	}{
		{".", "greenroom", []string{"build", "./cmd/greenroom"}},
		{".", "update", []string{"build", "./bench/update"}},
		{".", "jobs", []string{"build", "./bench/jobs"}},
		{peers, "live", []string{"build", "./live"}},
		{peers, "peers.test", []string{"test", "-c", "."}},
	} {
		last := len(one.args) - 1
		args := append(one.args[:last:last], "-o", b.binary(one.binary), one.args[last])
		c := exec.CommandContext(ctx, "go", args...) //nolint:gosec // our own words
		c.Dir, c.Stderr = one.folder, os.Stderr
		if err := c.Run(); err != nil {
			return fmt.Errorf("build %s (run this from the repository's root): %w", one.binary, err)
		}
	}
	c := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "github.com/jfyne/live", "github.com/riverqueue/river", "github.com/hibiken/asynq")
	c.Dir = peers
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("read the peers' versions: %w", err)
	}
	for version := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		b.said = append(b.said, strings.TrimPrefix(version, "github.com/"))
	}
	return nil
}

func (b *bench) binary(name string) string { return filepath.Join(b.dir, name) }

// load runs a scenario once more.
func (b *bench) load(ctx context.Context, scenario string) error {
	cfg := load.Config{Scenario: scenario, Target: []string{b.binary("greenroom"), "bench", "target"}, Shop: b.shop, Duration: 8 * time.Second}
	switch scenario {
	case "connect":
		cfg.Pages = 10_000
	case "fanout":
		cfg.Pages = 5_000
	case "stall":
		cfg.Duration = 20 * time.Second
	case "mixed":
		cfg.Connections = 20
	}
	if b.quick {
		cfg.Pages, cfg.Connections, cfg.Duration, cfg.Orders, cfg.Think = 50, 4, 500*time.Millisecond, 5000, 50*time.Millisecond
	}
	progress("  %s", scenario)
	report, err := load.Run(ctx, cfg)
	if err == nil {
		b.ours.Join(report)
	}
	return err
}
