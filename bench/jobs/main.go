// Command jobs measures what was promised of jobs: what a body's calls cost, how soon it begins and hears of a cancel, and how long 10,000 rows take.
// Exit code 1 means that a must is missed.
//
//	go run ./bench/jobs                    five rounds, some two minutes
//	go run ./bench/jobs -rounds 1 -json
//
// PostgreSQL and MariaDB take part when GREENROOM_POSTGRES and GREENROOM_MYSQL name them. How few frames and transactions a job makes is not measured here
// but tested, in virtual time: TestConflation and TestWrites of package jobs.
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
	"strconv"
	"strings"
	"text/tabwriter"

	"greenroom/bench/load"
)

// bars are the promises, by the benchmark and its unit.
var bars = []struct {
	benchmark, unit string
	says            string
	must, good      float64
}{
	{"Advance", "ns/op", "Job.Advance, ns", 15, 8},
	{"Advance", "allocs/op", "Job.Advance, allocations", 0, 0},
	{"Update", "ns/op", "Job.Update with a text that is there, ns", 60, 30},
	{"Update", "allocs/op", "Job.Update, allocations", 0, 0},
	{"RowsLoop", "ns/op", "the loop's own cost of a row, ns", 25, 12},
	{"RowsLoop", "allocs/op", "the loop's allocations a row", 0, 0},
	{"Start/memory", "p99-ms", "start to body, in memory, 99 %, ms", 2, 1},
	{"Start/SQLite", "p99-ms", "start to body, SQLite, 99 %, ms", 10, 5},
	{"Start/PostgreSQL", "p99-ms", "start to body, PostgreSQL, 99 %, ms", 15, 8},
	{"Start/MariaDB", "p99-ms", "start to body, MariaDB, 99 %, ms", 15, 8},
	{"Cancel/memory", "p99-ms", "cancel to the context's end, in memory, 99 %, ms", 1, 0.5},
	{"Cancel/SQLite", "p99-ms", "cancel to the context's end, SQLite, 99 %, ms", 1, 0.5},
	{"Cancel/PostgreSQL", "p99-ms", "cancel to the context's end, PostgreSQL, 99 %, ms", 1, 0.5},
	{"Cancel/MariaDB", "p99-ms", "cancel to the context's end, MariaDB, 99 %, ms", 1, 0.5},
	{"Bulk/SQLite", "whole-ms", "10,000 rows by 500 a transaction, SQLite, ms", 1000, 500},
	{"Bulk/SQLite", "first-ms", "– until the first are told, SQLite, ms", 100, 75},
	{"Bulk/PostgreSQL", "whole-ms", "10,000 rows by 500 a transaction, PostgreSQL, ms", 1000, 500},
	{"Bulk/PostgreSQL", "first-ms", "– until the first are told, PostgreSQL, ms", 100, 75},
	{"Bulk/MariaDB", "whole-ms", "10,000 rows by 500 a transaction, MariaDB, ms", 1000, 500},
	{"Bulk/MariaDB", "first-ms", "– until the first are told, MariaDB, ms", 100, 75},
}

func main() {
	rounds := flag.Int("rounds", 5, "how often everything is run")
	asJSON := flag.Bool("json", false, "print the bars as JSON instead, for bench/report")
	each := flag.String("benchtime", "1s", "how long each benchmark runs in a round")
	flag.Parse()
	missed, err := run(os.Stdout, *rounds, *each, *asJSON)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "jobs:", err)
		os.Exit(2)
	case missed:
		os.Exit(1)
	}
}

func run(out io.Writer, rounds int, each string, asJSON bool) (missed bool, err error) {
	if rounds < 1 {
		return false, fmt.Errorf("-rounds %d: want 1 or more", rounds)
	}
	dir, err := os.MkdirTemp("", "greenroom-jobs")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	benchmarks := map[string]string{"./jobs": "^Benchmark(Advance|Update|RowsLoop)$", "./bench/jobs": "."}
	for folder := range benchmarks {
		build := exec.CommandContext(context.Background(), "go", "test", "-c", "-o", filepath.Join(dir, binary(folder)), folder) //nolint:gosec // our own names
		if build.Stderr = os.Stderr; build.Run() != nil {
			return false, fmt.Errorf("%s does not build (run this from the repository's root)", folder)
		}
	}
	found := map[string][]float64{}
	for n := range rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", n+1, rounds)
		for folder, which := range benchmarks {
			c := exec.CommandContext(context.Background(), filepath.Join(dir, binary(folder)), "-test.run=^$", "-test.bench="+which, "-test.benchtime="+each, "-test.benchmem") //nolint:gosec // built above
			c.Stderr = os.Stderr
			text, err := c.Output()
			if err != nil {
				return false, fmt.Errorf("%s: %w\n%s", folder, err, text)
			}
			read(found, text)
		}
	}
	var measured []load.Row
	for _, b := range bars {
		if values := found[b.benchmark+" "+b.unit]; len(values) > 0 {
			measured = append(measured, load.NewRow(b.says, b.must, b.good, false, values))
		}
	}
	if asJSON {
		return false, json.NewEncoder(out).Encode(measured)
	}
	return print(out, measured), nil
}

func binary(folder string) string {
	return strings.ReplaceAll(strings.TrimPrefix(folder, "./"), "/", "-") + ".test"
}

// read adds what a run of benchmarks printed, by benchmark and unit.
func read(found map[string][]float64, text []byte) {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(words[0], "Benchmark")
		if at := strings.LastIndexByte(name, '-'); at > 0 {
			name = name[:at] // the number of processors
		}
		for n := 2; n+1 < len(words); n += 2 {
			if v, err := strconv.ParseFloat(words[n], 64); err == nil {
				key := name + " " + words[n+1]
				found[key] = append(found[key], v)
			}
		}
	}
}

// print writes the table and reports whether a must is missed.
func print(out io.Writer, measured []load.Row) (missed bool) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "bar\tmust\tgood\tmin\tmedian\tmax\t")
	for _, r := range measured {
		fmt.Fprintf(w, "%s\t%s %g\t%s %g\t%.3g\t%.3g\t%.3g\t%s\n", r.What, r.Sign(), r.Must, r.Sign(), r.Good, r.Min, r.Median, r.Max, r.Verdict())
		missed = missed || r.Verdict() == "MISSED"
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "jobs:", err)
	}
	return missed
}
