package load

import (
	_ "embed" // the page
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"greenroom/bench/chart"
)

//go:embed report.html
var reportPage string

// percentiles are the last words of the keys that a histogram has.
var percentiles = []string{"p50", "p90", "p99", "p999"}

// HTML writes the report as one page that needs nothing else: the bars as ranges, each histogram as a curve, and all that was measured as a table.
func (r *Report) HTML(w io.Writer) error {
	t, err := template.New("report").Parse(reportPage)
	if err != nil {
		return err
	}
	type value struct {
		Key              string
		Min, Median, Max float64
	}
	data := struct {
		Machine, Date string
		Rows          []Row
		Ranges        template.HTML
		Curves        []template.HTML
		Values        []value
	}{Machine: Machine(), Date: time.Now().UTC().Format("2006-01-02 15:04 MST"), Rows: r.Rows()}
	var ranges []chart.Range
	for _, row := range data.Rows {
		ranges = append(ranges, chart.Range{Name: row.What, Min: row.Min, Median: row.Median, Max: row.Max, Must: row.Must, Good: row.Good, Least: row.Least})
	}
	data.Ranges = template.HTML(chart.Ranges(ranges)) //nolint:gosec // chart escapes what it writes
	for _, plot := range r.curves() {
		data.Curves = append(data.Curves, template.HTML(chart.Sheet(1, chart.Lines(plot)))) //nolint:gosec // as above
	}
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		least, median, most, _ := r.spread(key)
		data.Values = append(data.Values, value{key, least, median, most})
	}
	return t.Execute(w, data)
}

// curves are the histograms: those whose keys differ in one word, as mixed.ms.find and mixed.ms.open, share a plot.
func (r *Report) curves() []chart.Plot {
	lines := map[string][]chart.Line{}
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		histogram, ok := strings.CutSuffix(key, ".p50")
		if !ok {
			continue
		}
		words := strings.Split(histogram, ".")
		name, of := words[len(words)-1], strings.Join(words[:len(words)-1], ".")
		var l chart.Line
		for i, p := range percentiles {
			if v, ok := r.Value(histogram + "." + p); ok {
				l.X, l.Y = append(l.X, float64(i)), append(l.Y, max(v, 0.001))
			}
		}
		if len(l.X) < 2 {
			continue
		}
		l.Name = name
		lines[of] = append(lines[of], l)
	}
	var plots []chart.Plot
	for _, of := range slices.Sorted(maps.Keys(lines)) {
		unit := "ms"
		if strings.Contains(of+lines[of][0].Name, "us") {
			unit = "µs"
		}
		plots = append(plots, chart.Plot{Title: of, Y: unit, X: "of all are faster", Names: []string{"50 %", "90 %", "99 %", "99.9 %"}, LogY: true, Lines: lines[of]})
	}
	return plots
}
