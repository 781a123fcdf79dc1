//go:build linux

package load_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greenroom/bench/load"
	"greenroom/bench/target"
)

// beTarget makes the test's own program the server that it measures.
const beTarget = "GREENROOM_BENCH_TARGET"

func TestMain(m *testing.M) {
	if os.Getenv(beTarget) != "" {
		if err := target.Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	m.Run()
}

func tiny(t *testing.T, scenario string) load.Config {
	t.Helper()
	t.Setenv(beTarget, "1")
	t.Setenv("TMPDIR", t.TempDir())
	return load.Config{Scenario: scenario, Target: []string{os.Args[0]}, Pages: 20, Connections: 4, Duration: 200 * time.Millisecond, Orders: 2000, Think: 20 * time.Millisecond, Ramp: 50 * time.Millisecond}
}

// TestScenarios runs each once, small: what they find is there and possible, how much it is does not matter.
func TestScenarios(t *testing.T) {
	cfg := tiny(t, "all")
	cfg.Duration = 2 * time.Second // in less, operators on a slow machine do not finish one step of each kind
	report, err := load.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"connect.pages_per_s", "event.per_s", "event.rtt_us.p50", "event.rtt_us.p99", "fanout.patch_bytes", "fanout.last_client_ms.p50",
		"stall.updates_per_s", "stall.healthy_frames_per_s", "list.cpu_ms.first", "list.cpu_ms.deep", "list.cpu_ms.search", "list.cpu_ms.diff", "job.rows_per_s",
		"job.start_ms", "job.first_progress_ms", "mixed.steps_per_s", "mixed.cpu_us_per_step", "mixed.ms.find.p50",
	} {
		if value, ok := report.Value(key); !ok || value <= 0 {
			t.Errorf("%s is %v (measured: %v); want more than 0", key, value, ok)
		}
	}
	// These may be 0 in so short a time.
	for _, key := range []string{
		"connect.cpu_us_per_page", "connect.rss_kib_per_page", "event.cpu_us_per_event", "fanout.cpu_us_per_delivery", "fanout.floor_us_per_delivery",
		"stall.rss_growth_kib_per_page",
	} {
		if _, ok := report.Value(key); !ok {
			t.Errorf("%s was not measured", key)
		}
	}
	if refused, _ := report.Value("mixed.refused"); refused > 0 {
		t.Errorf("%v steps of operators were refused", refused)
	}
	var out, table, page bytes.Buffer
	if err := errors.Join(report.JSON(&out), report.Table(&table), report.HTML(&page)); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Event struct {
			RTT struct{ P50, P99 float64 } `json:"rtt_us"`
		} `json:"event"`
	}
	if err := json.Unmarshal(out.Bytes(), &read); err != nil || read.Event.RTT.P50 <= 0 || read.Event.RTT.P99 < read.Event.RTT.P50 {
		t.Errorf("event.rtt_us is %+v, %v, in %s", read.Event.RTT, err, out.String())
	}
	for _, says := range []string{"memory an idle page", "server CPU an event", "growth a page that stops reading"} {
		if !strings.Contains(table.String(), says) {
			t.Errorf("the table has no line %q:\n%s", says, table.String())
		}
	}
	for _, says := range []string{"growth a page that stops reading", "<title>find: ", "<code>job.rows_per_s</code>"} {
		if !strings.Contains(page.String(), says) {
			t.Errorf("the page does not say %q", says)
		}
	}
	empty(t)
}

// TestOpenLoopOfOperators: steps come by a timetable, however long operators would think.
func TestOpenLoopOfOperators(t *testing.T) {
	cfg := tiny(t, "mixed")
	cfg.Rate, cfg.Think, cfg.Duration = 50, time.Minute, time.Second
	report, err := load.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if value, _ := report.Value("mixed.steps_per_s"); value < 25 || value > 75 {
		t.Errorf("%v steps a second; 50 were due", value)
	}
	empty(t)
}

// TestShopIsKept: a shop that was named is made once, and is served as it is the second time.
func TestShopIsKept(t *testing.T) {
	cfg := tiny(t, "list")
	cfg.Shop = filepath.Join(t.TempDir(), "shop.db")
	if _, err := load.Run(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Orders = 3000
	report, err := load.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if orders, _ := report.Value("list.orders"); orders != 2000 {
		t.Errorf("the shop has %v orders; it was made with 2000", orders)
	}
}

func TestOpenLoop(t *testing.T) {
	cfg := tiny(t, "event")
	cfg.Rate = 200
	report, err := load.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if value, _ := report.Value("event.per_s"); value <= 0 || value > 400 {
		t.Errorf("%v events a second were answered; 200 were sent", value)
	}
}

// TestInterrupted: Ctrl-C ends the run at once, its server with it, and leaves no files.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("a person pressed Ctrl-C")
	cfg := tiny(t, "event")
	cfg.Duration = time.Minute
	cfg.Progress = func(text string) {
		if strings.Contains(text, "connections for") {
			stop(why)
		}
	}
	if _, err := load.Run(ctx, cfg); !errors.Is(err, why) {
		t.Errorf("the run ended with %v", err)
	}
	empty(t)
}

// empty fails the test when the runs before it left something in the folder for temporary files.
func empty(t *testing.T) {
	t.Helper()
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", left, err)
	}
}

func TestCheckTellsAllFaults(t *testing.T) {
	t.Parallel()
	cfg := load.Config{Scenario: "lists", Pages: -1, Connections: 5000, Duration: time.Hour, Think: time.Hour}
	err := cfg.Check()
	if err == nil {
		t.Fatal("taken")
	}
	for _, says := range []string{`"lists" is no scenario`, "--think 1h", "--pages -1", "--connections 5000", "--duration 1h", "neither a --url nor a server"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not told: %v", says, err)
		}
	}
}
