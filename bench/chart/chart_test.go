package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"greenroom/bench/chart"
)

// elements reads an SVG as XML and counts its elements by name.
func elements(t *testing.T, svg string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for in := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok {
			count[e.Name.Local]++
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	p := chart.Lines(chart.Plot{
		Title: "cost <of> pages", X: "pages", Y: "µs & KiB", LogX: true,
		Lines: []chart.Line{{"a & b", []float64{1, 100, 18_000}, []float64{3, 2, 4}}, {"c", []float64{1}, []float64{0}}},
	})
	got := elements(t, chart.Sheet(2, p, p, chart.Lines(chart.Plot{Title: "nothing"})))
	if got["circle"] != 8 || got["polyline"] != 4 || got["g"] != 3 {
		t.Errorf("%v", got)
	}
	if strings.Contains(p, "NaN") || strings.Contains(p, "Inf") {
		t.Errorf("a place is no number: %s", p)
	}
	for _, says := range []string{">1<", ">10k<", ">100k<"} {
		if !strings.Contains(p, says) {
			t.Errorf("the axis does not say %s: %s", says, p)
		}
	}
}

// TestRanges: a value far beyond its promise does not squeeze the scale, it is told by an arrow.
func TestRanges(t *testing.T) {
	t.Parallel()
	svg := chart.Ranges([]chart.Range{{Name: "x", Min: 1, Median: 2, Max: 3, Must: 4, Good: 3}, {Name: "y", Min: 900, Median: 950, Max: 1000, Must: 20, Good: 35, Least: true}})
	if got := elements(t, svg); got["circle"] != 2 || got["rect"] != 2 {
		t.Errorf("%v", got)
	}
	if strings.Count(svg, "→") != 1 {
		t.Errorf("the arrow: %s", svg)
	}
}
