// Command bars runs the update benchmarks of the module bench/peers several times, and sets what they say beside the promises: how much faster than
// html/template and jfyne/live, how many allocations, how many bytes. It exits with 1 when a must is missed. Run it in the module's root.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bars:", err)
		os.Exit(1) //nolint:gocritic // the signal's handling ends with the process
	}
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	f := flag.NewFlagSet("bars", flag.ContinueOnError)
	dir := f.String("dir", "bench/peers", "the module of the peers")
	count := f.Int("count", 5, "how many times each benchmark runs")
	every := f.String("benchtime", "300ms", "how long, or how often (100x), a benchmark runs")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *count < 1 || *count > 100 {
		return fmt.Errorf("-count %d: want 1 to 100", *count)
	}
	// Each count is a run of its own: an engine's numbers are compared with the others' of the same minute.
	var runs []results
	for n := range *count {
		fmt.Fprintf(progress, "run %d of %d\n", n+1, *count)
		command := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=^BenchmarkUpdate$", "-benchmem", "-benchtime="+*every, "-count=1", ".") //nolint:gosec // our own flags
		command.Dir, command.Stderr = *dir, progress
		text, err := command.Output()
		if err != nil {
			return errors.Join(fmt.Errorf("the benchmarks of %s failed: %w", *dir, err), errors.New(string(text)))
		}
		runs = append(runs, parse(text))
	}
	return table(out, runs)
}

// results are a run's numbers: by workload/engine, then by unit.
type results map[string]map[string]float64

// parse reads what go test prints of benchmarks.
func parse(text []byte) results {
	found := results{}
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) < 4 {
			continue
		}
		name, ok := strings.CutPrefix(fields[0], "BenchmarkUpdate/")
		if !ok {
			continue
		}
		// The number of processors follows the last '-', unless there is one.
		if at := strings.LastIndexByte(name, '-'); at > strings.LastIndexByte(name, '/') {
			if _, err := strconv.Atoi(name[at+1:]); err == nil {
				name = name[:at]
			}
		}
		units := map[string]float64{}
		for n := 2; n+1 < len(fields); n += 2 {
			if value, err := strconv.ParseFloat(fields[n], 64); err == nil {
				units[fields[n+1]] = value
			}
		}
		found[name] = units
	}
	return found
}

// bar is a promise. value takes it from a run; ok is false when the run has not what it needs.
type bar struct {
	says       string
	must, good float64
	// least says that more is better.
	least bool
	value func(results) (value float64, ok bool)
}

func bars() []bar {
	return []bar{
		{"list25-cell, times faster than html/template", 20, 35, true, ratio("list25-cell", "html-template")},
		{"list25-cell, times faster than jfyne/live", 200, 400, true, ratio("list25-cell", "jfyne-live")},
		{"tile10, allocations an update", 2, 0, false, number("tile10", "allocs/op")},
		{"list100-cell, allocations an update", 4, 2, false, number("list100-cell", "allocs/op")},
		{"list25-cell, bytes of the patch", 60, 30, false, number("list25-cell", "wire-B")},
		{"list100-swap, bytes of the patch", 80, 40, false, number("list100-swap", "wire-B")},
	}
}

func ratio(workload, engine string) func(results) (float64, bool) {
	return func(r results) (float64, bool) {
		ours, theirs := r[workload+"/greenroom"]["ns/op"], r[workload+"/"+engine]["ns/op"]
		return theirs / ours, ours > 0 && theirs > 0
	}
}

func number(workload, unit string) func(results) (float64, bool) {
	return func(r results) (float64, bool) {
		value, ok := r[workload+"/greenroom"][unit]
		return value, ok
	}
}

// table prints the bars and then every workload's ratios. The error names the musts that the median misses.
func table(out io.Writer, runs []results) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "bar\tmust\tgood\tmin\tmedian\tmax\t")
	var missed []error
	for _, b := range bars() {
		all, err := collect(runs, b.value)
		if err != nil {
			missed = append(missed, fmt.Errorf("%s: %w", b.says, err))
			continue
		}
		sign, median, verdict := "≤", all[(len(all)-1)/2], "MISSED"
		holds := func(limit float64) bool { return median <= limit }
		if b.least {
			sign, holds = "≥", func(limit float64) bool { return median >= limit }
		}
		switch {
		case holds(b.good):
			verdict = "good"
		case holds(b.must):
			verdict = "must"
		default:
			missed = append(missed, fmt.Errorf("missed: %s: %.4g, must be %s %g", b.says, median, sign, b.must))
		}
		fmt.Fprintf(w, "%s\t%s %g\t%s %g\t%.4g\t%.4g\t%.4g\t%s\n", b.says, sign, b.must, sign, b.good, all[0], median, all[len(all)-1], verdict)
	}
	fmt.Fprintln(w, "\nworkload\tµs\t× html/template\t× jfyne/live\tallocs\tbytes\t")
	for _, workload := range []string{"tile10", "progress50", "list25-cell", "list100-cell", "list100-insert", "list100-remove", "list100-swap"} {
		fmt.Fprintf(w, "%s\t%.4g\t%.4g\t%.4g\t%.4g\t%.4g\t\n", workload, median(runs, number(workload, "ns/op"))/1000,
			median(runs, ratio(workload, "html-template")), median(runs, ratio(workload, "jfyne-live")),
			median(runs, number(workload, "allocs/op")), median(runs, number(workload, "wire-B")))
	}
	return errors.Join(append(missed, w.Flush())...)
}

// collect takes a value from each run, least first.
func collect(runs []results, value func(results) (float64, bool)) ([]float64, error) {
	var all []float64
	for _, r := range runs {
		one, ok := value(r)
		if !ok {
			return nil, errors.New("the benchmarks do not print it")
		}
		all = append(all, one)
	}
	slices.Sort(all)
	return all, nil
}

// median is 0 where the benchmarks do not print a value.
func median(runs []results, value func(results) (float64, bool)) float64 {
	all, err := collect(runs, value)
	if err != nil {
		return 0
	}
	return all[(len(all)-1)/2]
}
