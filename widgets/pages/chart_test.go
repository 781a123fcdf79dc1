package pages

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"greenroom/widgets"
)

func TestAnAxisHasRoundNumbers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		chart Chart
		want  []string
	}{
		"from zero":          {Chart{Series: []Series{{Values: []float64{3, 87}}}}, []string{"100", "75", "50", "25", "0"}},
		"below zero":         {Chart{Series: []Series{{Values: []float64{-40, 60}}}}, []string{"75", "50", "25", "0", "-25", "-50"}},
		"only below":         {Chart{Series: []Series{{Values: []float64{-9, -1}}}}, []string{"0", "-2.5", "-5", "-7.5", "-10"}},
		"all zero":           {Chart{Series: []Series{{Values: []float64{0, 0}}}}, []string{"1", "0.75", "0.5", "0.25", "0"}},
		"large":              {Chart{Series: []Series{{Values: []float64{1234567}}}}, []string{"1.5M", "1M", "500k", "0"}},
		"near its values":    {Chart{Kind: Lines, Float: true, Series: []Series{{Values: []float64{1000, 1004}}}}, []string{"1k", "1k", "1k", "1k", "1k"}},
		"bars begin at zero": {Chart{Float: true, Series: []Series{{Values: []float64{90, 100}}}}, []string{"100", "75", "50", "25", "0"}},
		"gaps only":          {Chart{Series: []Series{{Values: []float64{math.NaN(), math.Inf(1)}}}}, []string{"1", "0.75", "0.5", "0.25", "0"}},
	} {
		var got []string
		for _, tick := range axisOf(c.chart).ticks {
			got = append(got, shortNumber(tick))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAChartIsDrawn(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	lines, err := Chart{Kind: Areas, Labels: []string{"a", "b", "c", "d"}, Series: []Series{{"In", []float64{0, 100, nan, 50}}, {"Out", []float64{1, 1, 1, 1}}}}.view("Flow", nil)
	must0(t, err)
	if got, want := lines.Series[0].Line, "M20,200L60,0M140,100"; got != want {
		t.Errorf("the line %q, want %q: a gap ends it", got, want)
	}
	if got, want := lines.Series[0].Area, "M20,200L60,0L60,200L20,200Z"; got != want {
		t.Errorf("the area %q, want %q: what stands alone has none", got, want)
	}
	if got, want := lines.Spots[2].Title, "c: In –, Out 1"; got != want {
		t.Errorf("the pointer is told %q, want %q", got, want)
	}
	bars, err := Chart{Labels: []string{"a", "b"}, Series: []Series{{"", []float64{-50, 50}}}}.view("Balance", nil)
	must0(t, err)
	if bars.Zero != "M0,100H80" || bars.Legend || bars.Series[0].Name != "Balance" {
		t.Errorf("%+v", bars)
	}
	if up, down := bars.Series[0].Bars[1], bars.Series[0].Bars[0]; up.Y != "0" || up.Height != "100" || down.Y != "100" || down.Height != "100" {
		t.Errorf("bars stand on the line at zero: %+v %+v", up, down)
	}
	var many Chart
	for i := range 30 {
		many.Labels = append(many.Labels, string(rune('A'+i)))
	}
	many.Series = []Series{{Values: make([]float64, 30)}}
	v, err := many.view("", nil)
	must0(t, err)
	marks := 0
	for _, s := range v.Spots {
		if s.Mark != "" {
			marks++
		}
	}
	if marks > 2*mostMarks || v.Spots[29].Mark == "" {
		t.Errorf("%d marks; the last one is %q", marks, v.Spots[29].Mark)
	}
	for want, c := range map[string]Chart{
		"none of bars":     {Kind: "pie"},
		"too many to tell": {Series: make([]Series, 5)},
		"too many to see":  {Labels: make([]string, 401)},
		"2 values for 1":   {Labels: []string{"a"}, Series: []Series{{"s", []float64{1, 2}}}},
	} {
		if _, err := c.view("", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want a word about %q", err, want)
		}
	}
}

func TestCardsOnAPage(t *testing.T) {
	t.Parallel()
	chart := ChartWidget("chart", "Sales", func(context.Context, widgets.In) (Chart, error) {
		return Chart{Labels: []string{"Mon", "Tue"}, Series: []Series{{"Sold", []float64{1200, 3400}}}, Text: "More on Tuesday than on Monday."}, nil
	})
	table := TableWidget("table", "Best", func(context.Context, widgets.In) (Board, error) {
		return Board{
			Columns: []BoardColumn{{Label: "Name"}, {Label: "State"}, {Label: "Sold", Number: true}}, More: "/admin/main/orders/",
			Rows: []BoardRow{{Key: "7", URL: "/admin/main/orders/7/change/", Cells: []any{"<Lamp>", Pill{"ok", "paid"}, 12}}},
		}, nil
	})
	lame := TableWidget("lame", "Lame", func(context.Context, widgets.In) (Board, error) {
		return Board{Columns: []BoardColumn{{Label: "Name"}}, Rows: []BoardRow{{Cells: []any{1, 2}}}}, nil
	})
	broken := ChartWidget("broken", "Broken", func(context.Context, widgets.In) (Chart, error) {
		return Chart{}, errors.New("the warehouse is closed")
	})
	last := StatWidget("first", "First", total)
	last.Order = -1
	h := open(t, func(h *house) { h.site.Widgets = []widgets.Widget{chart, table, lame, broken, last} })
	text := h.show(h.site.Dashboard(widgets.In{User: ann, Prefix: "/admin"})).document()
	strict(t, text)
	for _, want := range []string{
		`<link rel="stylesheet" href="charts.css">`, `role="img" aria-label="More on Tuesday than on Monday."`, "<title>Tue: 3,400</title>", `>Mon</th>`,
		"&lt;Lamp&gt;</a>", `gr-pill gr-ok`, `>Show all</a>`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, "warehouse") || strings.Count(text, "gr-error-card") != 2 {
		t.Error("what went wrong is told to people, or not at all")
	}
	if strings.Index(text, `data-widget="first"`) > strings.Index(text, `data-widget="chart"`) {
		t.Error("Order does not sort")
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestACardThatLoadsSaysSo(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := StatWidget("slow", "Slow", func(ctx context.Context, _ widgets.In) (Stat, error) {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return Stat{Value: "at last"}, nil
	})
	h := open(t, func(h *house) { h.site.Widgets = []widgets.Widget{slow, StatWidget("quick", "Quick", total)} })
	t.Cleanup(func() { close(release) })
	dash := h.show(h.site.Dashboard(widgets.In{User: ann, Prefix: "/admin"}))
	dash.await("the quick card", func() bool { return strings.Contains(dash.document(), ">42<") }) // a page does not wait long for a card
	text := dash.document()
	slowPart, quickPart, _ := strings.Cut(text[strings.Index(text, `data-widget="slow"`):], `data-widget="quick"`)
	if !strings.Contains(slowPart, "Loading…") || !strings.Contains(slowPart, "gr-skeleton") {
		t.Errorf("a card that loads: %s", slowPart)
	}
	if !strings.Contains(quickPart, ">42<") || strings.Contains(quickPart, "Loading…") {
		t.Errorf("a card beside it: %s", quickPart)
	}
}
