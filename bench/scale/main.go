// Command scale measures how costs grow: with the pages of a process, the widgets of a page, the rows of a widget, the jobs that run, the rows of a table. It
// writes one SVG of all curves and prints the figures.
//
//	go run ./bench/scale                    docs/scale.svg, in about four minutes
//	go run ./bench/scale -rows 10000000     tables up to ten million rows: some ten minutes and 3 GB more
//	go run ./bench/scale -quick -o x.svg    sees that everything runs
package main

import (
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

	"greenroom/bench/chart"
	"greenroom/bench/load"
)

func main() {
	file := flag.String("o", filepath.Join("docs", "scale.svg"), "the file to write")
	rows := flag.Int("rows", 1_000_000, "the largest table")
	quick := flag.Bool("quick", false, "the smallest sizes only: the figures mean nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *file, *rows, *quick); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

// scale runs the load generator against servers that it builds.
type scale struct {
	binary string
	quick  bool
}

func run(ctx context.Context, file string, rows int, quick bool) error {
	dir, err := os.MkdirTemp("", "greenroom-scale")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	s := &scale{filepath.Join(dir, "greenroom"), quick}
	build := exec.CommandContext(ctx, "go", "build", "-o", s.binary, "./cmd/greenroom") //nolint:gosec // our own names
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build greenroom (run this from the repository's root): %w", err)
	}
	var panels []string
	for _, draw := range []func() (chart.Plot, error){
		func() (chart.Plot, error) {
			return s.curve(ctx, chart.Plot{Title: "Pages of a process: memory", X: "pages", Y: "KiB a page"}, s.sizes(100, 1_000, 5_000, 10_000, 18_000), "connect",
				map[string]string{"idle page": "connect.rss_kib_per_page"}, func(c *load.Config, n int) { c.Pages = n })
		},
		func() (chart.Plot, error) {
			return s.curve(ctx, chart.Plot{Title: "Pages that share a widget", X: "pages", Y: "CPU µs a delivery"}, s.sizes(1, 10, 100, 1_000, 5_000, 18_000), "fanout",
				map[string]string{"update": "fanout.cpu_us_per_delivery", "bare write(2)": "fanout.floor_us_per_delivery"}, func(c *load.Config, n int) { c.Pages = n })
		},
		func() (chart.Plot, error) {
			return s.curve(ctx, chart.Plot{Title: "Connections that send events", X: "connections", Y: "CPU µs an event"}, s.sizes(1, 10, 64, 256, 1_000), "event",
				map[string]string{"event": "event.cpu_us_per_event"}, func(c *load.Config, n int) { c.Connections = n })
		},
		func() (chart.Plot, error) {
			return s.curve(ctx, chart.Plot{Title: "Widgets of a page", X: "widgets besides the first three", Y: "KiB a page, CPU µs a connect"}, s.sizes(1, 10, 30, 100), "connect",
				map[string]string{"KiB": "connect.rss_kib_per_page", "µs": "connect.cpu_us_per_page"}, func(c *load.Config, n int) { c.Widgets, c.Pages = n, 500 })
		},
		func() (chart.Plot, error) { return rowsOfWidget(s.sizes(1, 10, 25, 100, 300, 1_000)) },
		func() (chart.Plot, error) { return jobsAtOnce(ctx, s.sizes(1, 10, 50, 100, 250, 500)) },
		func() (chart.Plot, error) {
			sizes := s.sizes(1_000, 10_000, 100_000, 1_000_000, 10_000_000)
			for len(sizes) > 1 && sizes[len(sizes)-1] > rows {
				sizes = sizes[:len(sizes)-1]
			}
			return s.curve(ctx, chart.Plot{Title: "Rows of a table", X: "rows", Y: "CPU ms a list page", LogY: true}, sizes, "list",
				map[string]string{"first": "list.cpu_ms.first", "at 99 %": "list.cpu_ms.deep", "search": "list.cpu_ms.search"}, func(c *load.Config, n int) { c.Orders = n })
		},
	} {
		plot, err := draw()
		if err != nil {
			return err
		}
		plot.LogX = true
		tell(plot)
		panels = append(panels, chart.Lines(plot))
	}
	return os.WriteFile(file, []byte(chart.Sheet(2, panels...)), 0o644) //nolint:gosec // a picture
}

// sizes are all of them, or the two smallest.
func (s *scale) sizes(all ...int) []int {
	if s.quick {
		return all[:2]
	}
	return all
}

// curve runs a scenario at each size, three times, and takes the medians of the keys that are to be drawn, by their names.
func (s *scale) curve(ctx context.Context, plot chart.Plot, sizes []int, scenario string, keys map[string]string, set func(*load.Config, int)) (chart.Plot, error) {
	lines := map[string]*chart.Line{}
	for _, n := range sizes {
		fmt.Fprintf(os.Stderr, "%s: %d\n", plot.Title, n)
		cfg := load.Config{Scenario: scenario, Target: []string{s.binary, "bench", "target"}, Duration: 2 * time.Second, Runs: 3}
		if s.quick {
			cfg.Duration, cfg.Runs = 200*time.Millisecond, 1
		}
		set(&cfg, n)
		report, err := load.Run(ctx, cfg)
		if err != nil {
			return plot, err
		}
		for name, key := range keys {
			v, ok := report.Value(key)
			if !ok {
				return plot, errors.New("there is no " + key)
			}
			if lines[name] == nil {
				lines[name] = &chart.Line{Name: name}
			}
			lines[name].X, lines[name].Y = append(lines[name].X, float64(n)), append(lines[name].Y, v)
		}
	}
	for _, name := range sorted(lines) {
		plot.Lines = append(plot.Lines, *lines[name])
	}
	return plot, nil
}

// tell prints a plot's figures.
func tell(p chart.Plot) {
	fmt.Printf("%s (%s)\n", p.Title, p.Y)
	for _, l := range p.Lines {
		var values []string
		for i := range l.X {
			values = append(values, fmt.Sprintf("%.0f: %.4g", l.X[i], l.Y[i]))
		}
		fmt.Printf("  %s  %s\n", l.Name, strings.Join(values, "  "))
	}
}
