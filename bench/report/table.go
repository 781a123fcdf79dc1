package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"greenroom/bench/load"
)

// against is a bar between ours and a peer's: how many times what we take the peer takes, round by round.
type against struct {
	what        string
	ours        string // a key of the load generator, or of BenchmarkJob
	theirs      string
	must, good  float64
	oursIsPeers bool // ours is among what the peers' programs measured
}

// The good of the first rows is twice what must be.
var comparisons = []against{
	{what: "jfyne/live: CPU an event", ours: "event.cpu_us_per_event", theirs: "live.cpu_us_per_event", must: 15, good: 30},
	{what: "jfyne/live: memory an idle page", ours: "connect.rss_kib_per_page", theirs: "live.rss_kib_per_page", must: 5, good: 10},
	{what: "Django: CPU a list page, first", ours: "list.cpu_ms.first", theirs: "django.first", must: 20, good: 40},
	{what: "Django: CPU a list page, at 99 %", ours: "list.cpu_ms.deep", theirs: "django.deep", must: 500, good: 1000},
	{what: "River: a progress report", ours: "progress/greenroom ns/op", theirs: "progress/river ns/op", must: 500, good: 1000, oursIsPeers: true},
	{what: "asynq: a progress report", ours: "progress/greenroom ns/op", theirs: "progress/asynq ns/op", must: 500, good: 1000, oursIsPeers: true},
}

// side is a line of the table of peers' own figures.
type side struct{ what, key string }

var sides = []side{
	{"jfyne/live, CPU an event, µs", "live.cpu_us_per_event"},
	{"jfyne/live, memory an idle page, KiB", "live.rss_kib_per_page"},
	{"jfyne/live, CPU a connect, µs", "live.cpu_us_per_page"},
	{"Django, CPU a list page, first, ms", "django.first"},
	{"Django, a quarter down, ms", "django.quarter"},
	{"Django, at 99 %, ms", "django.deep"},
	{"Django, a search for a rare word, ms", "django.search"},
	{"greenroom, a job's start to its body (SQLite), median, µs", "start/greenroom p50-µs"},
	{"River, the same (PostgreSQL)", "start/river p50-µs"},
	{"asynq, the same (Redis)", "start/asynq p50-µs"},
	{"greenroom, cancel to the end of the context, median, µs", "cancel/greenroom p50-µs"},
	{"River, the same", "cancel/river p50-µs"},
	{"asynq, the same", "cancel/asynq p50-µs"},
	{"greenroom, a progress report, ns", "progress/greenroom ns/op"},
	{"River, the same", "progress/river ns/op"},
	{"asynq, the same", "progress/asynq ns/op"},
}

// others are measured keys that no bar is about.
var others = []side{
	{"Events a second of 64 connections", "event.per_s"},
	{"Round trip of an event then, median, µs", "event.rtt_us.p50"},
	{"– 99 %, µs", "event.rtt_us.p99"},
	{"The last of 5,000 pages has an update after, ms", "fanout.last_client_ms.p50"},
	{"Rows a second of an action over all orders", "job.rows_per_s"},
	{"From the click to the action's page, ms", "job.start_ms"},
	{"From the click to the first progress, ms", "job.first_progress_ms"},
	{"20 operators: steps a second", "mixed.steps_per_s"},
	{"20 operators: CPU a step, ms", "mixed.cpu_us_per_step"},
	{"– find an order by its number, median, ms", "mixed.ms.find.p50"},
	{"– the same, 99 %, ms", "mixed.ms.find.p99"},
	{"– open an order, median, ms", "mixed.ms.open.p50"},
	{"– edit a cell, median, ms", "mixed.ms.edit.p50"},
}

// table writes everything as Markdown and reports whether a must is missed.
func (b *bench) table(w io.Writer, own []load.Row, rounds int) (missed bool) {
	fmt.Fprintf(w, "Measured %s in %d rounds on %s.\n\n", time.Now().UTC().Format("2006-01-02"), rounds, load.Machine())
	fmt.Fprintf(w, "Beside it: %s.\n", strings.Join(b.said, ", "))
	if len(b.leftOut) > 0 {
		fmt.Fprintf(w, "Left out: %s.\n", strings.Join(b.leftOut, "; "))
	}
	fmt.Fprint(w, "\n| Bar | must | good | min | median | max | |\n|---|---|---|---|---|---|---|\n")
	rows := append(b.ours.Rows(), own...)
	for _, c := range comparisons {
		if times := b.times(c); len(times) > 0 {
			rows = append(rows, load.NewRow(c.what+", × ours", c.must, c.good, true, times))
		}
	}
	for _, r := range rows {
		missed = missed || r.Verdict() == "MISSED"
		fmt.Fprintf(w, "| %s | %s %g | %s %g | %s | %s | %s | %s |\n", r.What, r.Sign(), r.Must, r.Sign(), r.Good, digits(r.Min), digits(r.Median), digits(r.Max), r.Verdict())
	}
	fmt.Fprint(w, "\n| Also measured | min | median | max |\n|---|---|---|---|\n")
	for _, s := range others {
		values := b.ours.Values(s.key)
		if s.key == "mixed.cpu_us_per_step" {
			values = scaled(values, 0.001)
		}
		line(w, s.what, values)
	}
	fmt.Fprint(w, "\n| Side by side | min | median | max |\n|---|---|---|---|\n")
	for _, s := range sides {
		line(w, s.what, b.theirs[s.key])
	}
	return missed
}

func line(w io.Writer, what string, values []float64) {
	if len(values) > 0 {
		r := load.NewRow(what, 0, 0, false, values)
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", r.What, digits(r.Min), digits(r.Median), digits(r.Max))
	}
}

func scaled(values []float64, by float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v * by
	}
	return out
}

func (b *bench) times(c against) []float64 {
	ours := b.ours.Values(c.ours)
	if c.oursIsPeers {
		ours = b.theirs[c.ours]
	}
	theirs := b.theirs[c.theirs]
	var all []float64
	for n := range min(len(ours), len(theirs)) {
		if ours[n] > 0 {
			all = append(all, theirs[n]/ours[n])
		}
	}
	return all
}

// digits writes three digits, and whole numbers from 100 on with commas.
func digits(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.3g", v)
	}
	text := fmt.Sprintf("%.0f", v)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// The lines of a document between which the table stands.
const (
	tableBegins = "<!-- written by go run ./bench/report -write -->"
	tableEnds   = "<!-- end -->"
)

// put replaces the table of a document.
func put(file, table string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(data), tableBegins)
	_, after, found := strings.Cut(rest, tableEnds)
	if !ok || !found {
		return errors.New(file + " has no lines between which the table stands: " + tableBegins + " and " + tableEnds)
	}
	return os.WriteFile(file, []byte(before+tableBegins+"\n\n"+table+"\n"+tableEnds+after), 0o644) //nolint:gosec // a document
}
