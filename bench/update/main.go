// Command update prints how much faster greenroom updates a widget than html/template and jfyne/live do, beside what was promised. It runs the
// benchmarks of bench/peers several times over, so that what they share a machine with falls on all of them, and compares within each round. Exit code
// 1 means that a must is missed.
//
//	go run ./bench/update                  seven rounds, about two minutes
//	go run ./bench/update -rounds 21
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"greenroom/bench/load"
)

// bar is a promise: the metric of a workload, and what it must and should be.
type bar struct {
	workload, metric string
	must, good       float64
	least            bool // the larger the better
}

var bars = []bar{
	{"list25-cell", "× html-template", 20, 35, true},
	{"list25-cell", "× jfyne-live", 200, 400, true},
	{"tile10", "allocs/op", 2, 0, false},
	{"list100-cell", "allocs/op", 4, 2, false},
	{"list25-cell", "wire-B", 60, 30, false},
	{"list100-swap", "wire-B", 80, 40, false},
	{"list1000-cell", "ms/patch", 0.2, 0.05, false}, // script time in Chromium
}

func main() {
	rounds := flag.Int("rounds", 7, "how often everything is run")
	asJSON := flag.Bool("json", false, "print the bars as JSON instead, for bench/report")
	each := flag.String("benchtime", "100ms", "how long each benchmark runs in a round")
	flag.Parse()
	missed, err := run(os.Stdout, *rounds, *each, *asJSON)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "update:", err)
		os.Exit(2)
	case missed:
		os.Exit(1)
	}
}

func run(out io.Writer, rounds int, each string, asJSON bool) (missed bool, err error) {
	if rounds < 1 {
		return false, fmt.Errorf("-rounds %d: want 1 or more", rounds)
	}
	dir, err := os.MkdirTemp("", "greenroom-update")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	peers, ours := filepath.Join(dir, "peers.test"), filepath.Join(dir, "bench.test")
	for binary, folder := range map[string]string{peers: filepath.Join("bench", "peers"), ours: "bench"} {
		build := exec.CommandContext(context.Background(), "go", "test", "-c", "-o", binary, ".") //nolint:gosec // our own names
		build.Dir, build.Stderr = folder, os.Stderr
		if err := build.Run(); err != nil {
			return false, fmt.Errorf("build %s (run this from the repository's root): %w", folder, err)
		}
	}
	found := results{}
	for n := range rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", n+1, rounds)
		for binary, benchmarks := range map[string]string{peers: "Update", ours: "Patch"} {
			c := exec.CommandContext(context.Background(), binary, "-test.run=^$", "-test.bench="+benchmarks, "-test.benchtime="+each) //nolint:gosec // built above
			c.Stderr = os.Stderr
			if binary == ours {
				c.Dir = "bench" // the page takes the client's files from beside it
			}
			text, err := c.Output()
			if err != nil {
				return false, fmt.Errorf("%s: %w\n%s", benchmarks, err, text)
			}
			found.add(text)
		}
	}
	if asJSON {
		var rows []load.Row
		for _, b := range bars {
			rows = append(rows, load.NewRow(b.workload+" "+b.metric, b.must, b.good, b.least, found.of(b)))
		}
		return false, json.NewEncoder(out).Encode(rows)
	}
	return found.print(out), nil
}

// of is what was measured of a bar.
func (r results) of(b bar) []float64 {
	if engine, ok := strings.CutPrefix(b.metric, "× "); ok {
		return r.times(b.workload, engine)
	}
	if b.metric == "ms/patch" {
		return r[[3]string{b.workload, "chromium", b.metric}]
	}
	return r[[3]string{b.workload, "greenroom", b.metric}]
}

// results holds, for each workload, engine and unit, a number a round.
type results map[[3]string][]float64

// add reads what a run of benchmarks printed.
func (r results) add(text []byte) {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 4 || (!strings.HasPrefix(words[0], "BenchmarkUpdate/") && !strings.HasPrefix(words[0], "BenchmarkPatch/")) {
			continue
		}
		parts := strings.Split(words[0], "/")
		engine := parts[2]
		if at := strings.LastIndexByte(engine, '-'); at > 0 {
			if _, err := strconv.Atoi(engine[at+1:]); err == nil {
				engine = engine[:at] // the number of processors
			}
		}
		for n := 2; n+1 < len(words); n += 2 {
			if v, err := strconv.ParseFloat(words[n], 64); err == nil {
				key := [3]string{parts[1], engine, words[n+1]}
				r[key] = append(r[key], v)
			}
		}
	}
}

// times is how many times as long an engine takes as greenroom, round by round, sorted.
func (r results) times(workload, engine string) []float64 {
	ours, theirs := r[[3]string{workload, "greenroom", "ns/op"}], r[[3]string{workload, engine, "ns/op"}]
	var all []float64
	for n := range min(len(ours), len(theirs)) {
		all = append(all, theirs[n]/ours[n])
	}
	slices.Sort(all)
	return all
}

func (r results) print(out io.Writer) (missed bool) {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "workload\tµs\t× html-template\tmin\tmax\t× jfyne-live\tmin\tmax\tallocs\tbytes\t")
	var workloads []string
	for key := range r {
		if key[1] == "greenroom" && key[2] == "ns/op" {
			workloads = append(workloads, key[0])
		}
	}
	slices.Sort(workloads)
	for _, name := range workloads {
		h, j := r.times(name, "html-template"), r.times(name, "jfyne-live")
		fmt.Fprintf(w, "%s\t%.2f\t%.1f\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t\n", name, median(r[[3]string{name, "greenroom", "ns/op"}])/1000,
			median(h), least(h), most(h), median(j), least(j), most(j), median(r[[3]string{name, "greenroom", "allocs/op"}]), median(r[[3]string{name, "greenroom", "wire-B"}]))
	}
	fmt.Fprintln(w, "\t\t\t\t\t\t\t\t\t\t")
	fmt.Fprintln(w, "bar\tmust\tgood\tmeasured\t\t\t\t\t\t\t")
	for _, b := range bars {
		values := r.of(b)
		v := median(values)
		verdict := "good"
		switch {
		case len(values) == 0, b.least && v < b.must, !b.least && v > b.must:
			verdict, missed = "MISSED", true
		case b.least && v < b.good, !b.least && v > b.good:
			verdict = "must"
		}
		fmt.Fprintf(w, "%s %s\t%g\t%g\t%.4g\t%s\t\t\t\t\t\t\n", b.workload, b.metric, b.must, b.good, v, verdict)
	}
	_ = w.Flush()
	return missed
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func least(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return slices.Min(values)
}

func most(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return slices.Max(values)
}
