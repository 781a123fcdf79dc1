package load

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Report is what Run found: of every key a value for each run.
type Report struct {
	values map[string][]float64
}

func (r *Report) add(m map[string]float64) {
	if r.values == nil {
		r.values = map[string][]float64{}
	}
	for key, value := range m {
		r.values[key] = append(r.values[key], value)
	}
}

// Value is the median over the runs of a key such as connect.cpu_us_per_page; ok tells whether it was measured.
func (r *Report) Value(key string) (median float64, ok bool) {
	_, median, _, ok = r.spread(key)
	return median, ok
}

func (r *Report) spread(key string) (least, median, most float64, ok bool) {
	return spread(r.values[key])
}

// spread sorts out values; with an even number of them the lower middle is the median.
func spread(values []float64) (least, median, most float64, ok bool) {
	all := slices.Sorted(slices.Values(values))
	if len(all) == 0 {
		return 0, 0, 0, false
	}
	return all[0], all[(len(all)-1)/2], all[len(all)-1], true
}

// bar is a promise about a key: measured values up to Must hold it, up to Good are what we want.
type bar struct {
	key, says  string
	must, good float64
	least      bool // measured values from must on hold it
}

var bars = []bar{
	{"connect.rss_kib_per_page", "memory an idle page, KiB", 16, 10, false},
	{"connect.cpu_us_per_page", "server CPU a connect, µs", 400, 300, false},
	{"event.cpu_us_per_event", "server CPU an event, µs", 35, 22, false},
	{"fanout.ratio", "server CPU a delivery, × the bare write", 2, 1.3, false},
	{"stall.rss_growth_kib_per_page", "growth a page that stops reading, KiB", 1024, 200, false},
	{"list.cpu_ms.first", "server CPU a list page, first, ms", 3, 3, false},
	{"list.cpu_ms.quarter", "server CPU a list page, a quarter down, ms", 3, 3, false},
	{"list.cpu_ms.deep", "server CPU a list page, at 99 %, ms", 3, 3, false},
	{"list.cpu_ms.diff", "server CPU of the next list page over the socket, ms", 1, 1, false},
	{"list.cpu_ms.search", "server CPU a search for a rare word, ms", 400, 400, false},
	{"job.frames_per_s", "frames a second of a job's page", 10, 10, false},
}

// JSON writes the medians nested by the words of their keys, and under "runs" every value where there were several runs.
func (r *Report) JSON(w io.Writer) error {
	tree := map[string]any{}
	several := map[string][]float64{}
	for key, values := range r.values {
		at, words := tree, strings.Split(key, ".")
		for _, word := range words[:len(words)-1] {
			below, ok := at[word].(map[string]any)
			if !ok {
				below = map[string]any{}
				at[word] = below
			}
			at = below
		}
		at[words[len(words)-1]], _ = r.Value(key)
		if len(values) > 1 {
			several[key] = values
		}
	}
	if len(several) > 0 {
		tree["runs"] = several
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(tree)
}

// Table writes the bars that were measured, then everything else that was.
func (r *Report) Table(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	held := map[string]bool{}
	for _, b := range bars {
		held[b.key] = true
	}
	fmt.Fprintln(out, "bar\tmust\tgood\tmin\tmedian\tmax\t")
	for _, r := range r.Rows() {
		fmt.Fprintf(out, "%s\t%s %g\t%s %g\t%.4g\t%.4g\t%.4g\t%s\n", r.What, r.Sign(), r.Must, r.Sign(), r.Good, r.Min, r.Median, r.Max, r.Verdict())
	}
	fmt.Fprintln(out, "also measured\t\t\tmin\tmedian\tmax\t")
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		if least, median, most, _ := r.spread(key); !held[key] {
			fmt.Fprintf(out, "%s\t\t\t%.6g\t%.6g\t%.6g\t\n", key, least, median, most)
		}
	}
	return out.Flush()
}
