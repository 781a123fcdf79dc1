package pages

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// ChartKind is how a Chart draws its series.
type ChartKind string

// The kinds of charts. The zero kind is Bars.
const (
	Bars  ChartKind = "bars"
	Lines ChartKind = "lines"
	Areas ChartKind = "areas" // lines with the space below them tinted
)

// What a chart holds at most: more series cannot be told apart by colour, more points not by eye.
const (
	mostSeries = 4
	mostPoints = 400
)

// Chart is the state of a card with a drawing of numbers.
type Chart struct {
	Kind ChartKind
	// Labels name the points from left to right, Series have a value for each of them. A chart has at most four series of 400 points.
	Labels []string
	Series []Series
	// Text says in a sentence what the drawing shows. It stands below it, and is what a screen reader tells of the picture.
	Text string
	// Format writes a value for people; nil writes 1,234.5. Short does it beside the axis, where there is little room; nil writes 1.2k.
	Format, Short func(float64) string
	// Float lets the axis of Lines begin near the least value instead of at zero, which makes small changes look large.
	Float bool
	// Empty is shown when there are no points. Empty means "Nothing to show yet."
	Empty string
}

// Series is a row of numbers in a Chart. A NaN leaves a gap.
type Series struct {
	Name   string
	Values []float64
}

// chartStyles is in the client's folder later.
const chartStyles = "charts.css"

var chartTemplate = must("chart.html")

// ChartWidget makes a card with a chart, drawn on the server; below it the same figures stand in a table. The caller may set what else a Widget has:
// Size, Permissions, Topics, Refresh, Shared.
func ChartWidget(name, label string, load func(ctx context.Context, in widgets.In) (Chart, error)) widgets.Widget {
	return widgets.Widget{
		Name: name, Label: label, Template: chartTemplate, Styles: []string{chartStyles},
		Mount: func(ctx context.Context, in widgets.In) (any, error) {
			c, err := load(ctx, in)
			if err != nil {
				return nil, err
			}
			v, err := c.view(label, in.Language)
			if err != nil {
				return nil, fmt.Errorf("pages: chart %q: %w", name, err)
			}
			return v, nil
		},
	}
}

// chartView is what chart.html draws.
type chartView struct {
	Label, Text, Empty string
	Legend             bool
	Width              string
	Ticks              []string
	Grid               []string // lines at them, as paths
	Zero               string   // the line at zero, if values stand on both sides of it
	Series             []seriesView
	Spots              []spotView
	Rows               []figureView
}

type (
	seriesView struct {
		Name, Class, Line, Area string
		Bars                    []barView
		Dots                    []string
	}
	barView struct{ Key, X, Y, Width, Height string }
	// spotView is the part of the drawing that belongs to one label: what a pointer over it is told, and what stands below it.
	spotView   struct{ X, Title, Mark string }
	figureView struct {
		Label  string
		Values []string
	}
)

// The drawing's own units: a label is spotWidth wide. It is stretched to the card.
const (
	spotWidth   = 40
	chartHeight = 200
	mostMarks   = 6  // labels below the drawing, and twice as many short ones
	shortMark   = 4  // characters
	mostDots    = 40 // of a line
)

func (c Chart) view(label string, l *lang.Language) (*chartView, error) {
	switch {
	case c.Kind == "":
		c.Kind = Bars
	case c.Kind != Bars && c.Kind != Lines && c.Kind != Areas:
		return nil, fmt.Errorf("kind %q is none of bars, lines, areas", c.Kind)
	}
	switch {
	case len(c.Series) > mostSeries:
		return nil, fmt.Errorf("%d series are too many to tell apart: at most %d", len(c.Series), mostSeries)
	case len(c.Labels) > mostPoints:
		return nil, fmt.Errorf("%d points are too many to see: at most %d; add them up by week or month", len(c.Labels), mostPoints)
	}
	for _, s := range c.Series {
		if len(s.Values) != len(c.Labels) {
			return nil, fmt.Errorf("series %q has %d values for %d labels", s.Name, len(s.Values), len(c.Labels))
		}
	}
	v := &chartView{Label: firstOf(c.Text, label), Text: c.Text, Legend: len(c.Series) > 1}
	if len(c.Labels) == 0 || len(c.Series) == 0 {
		v.Empty = firstOf(c.Empty, l.T("Nothing to show yet."))
		return v, nil
	}
	if c.Format == nil {
		c.Format = plainNumber
	}
	if c.Short == nil {
		c.Short = shortNumber
	}
	a := axisOf(c)
	v.Width = strconv.Itoa(spotWidth * len(c.Labels))
	for _, tick := range a.ticks {
		v.Ticks, v.Grid = append(v.Ticks, c.Short(tick)), append(v.Grid, "M0,"+unit(a.y(tick))+"H"+v.Width)
	}
	if a.low < 0 && a.high > 0 {
		v.Zero = "M0," + unit(a.y(0)) + "H" + v.Width
	}
	for n, s := range c.Series {
		drawn := seriesView{Name: firstOf(s.Name, label), Class: "gr-c" + strconv.Itoa(n+1)}
		if c.Kind == Bars {
			drawn.Bars = c.bars(a, n)
		} else {
			drawn.trace(a, s.Values, c.Kind == Areas)
		}
		v.Series = append(v.Series, drawn)
	}
	c.label(v)
	return v, nil
}

// bars of a series; those of several stand side by side.
func (c Chart) bars(a axis, n int) []barView {
	const gap = 8
	width := float64(spotWidth-gap) / float64(len(c.Series))
	var bars []barView
	for i, value := range c.Series[n].Values {
		if gone(value) {
			continue
		}
		top, foot := a.y(max(value, 0)), a.y(min(value, 0))
		bars = append(bars, barView{
			Key: strconv.Itoa(i), X: unit(float64(i*spotWidth) + gap/2 + float64(n)*width), Y: unit(top), Width: unit(max(width-1, 1)), Height: unit(foot - top),
		})
	}
	return bars
}

// trace draws a series as a line through the middle of its spots. A gap ends it; what stands alone is a dot.
func (s *seriesView) trace(a axis, values []float64, filled bool) {
	var line, area strings.Builder
	foot := unit(a.y(min(max(0, a.low), a.high)))
	at := func(i int) string { return unit(float64(i*spotWidth) + spotWidth/2) }
	start := -1
	closed := func(end int) {
		if filled && start >= 0 && end > start {
			fmt.Fprintf(&area, "L%s,%sL%s,%sZ", at(end), foot, at(start), foot)
		}
		start = -1
	}
	for i, value := range values {
		if gone(value) {
			closed(i - 1)
			continue
		}
		word := "L"
		if start < 0 {
			word, start = "M", i
		}
		point := word + at(i) + "," + unit(a.y(value))
		line.WriteString(point)
		if filled && (i > start || i+1 < len(values) && !gone(values[i+1])) {
			area.WriteString(point)
		}
		alone := start == i && (i+1 == len(values) || gone(values[i+1]))
		if len(values) <= mostDots || alone {
			s.Dots = append(s.Dots, dot(at(i), unit(a.y(value))))
		}
	}
	closed(len(values) - 1)
	s.Line, s.Area = line.String(), area.String()
}

// dot is a line without length: its round ends are a dot, however the drawing is stretched.
func dot(x, y string) string { return "M" + x + "," + y + "h0" }

// label writes what stands below the drawing, what a pointer is told, and the table.
func (c Chart) label(v *chartView) {
	marks := mostMarks
	if !slices.ContainsFunc(c.Labels, func(name string) bool { return utf8.RuneCountInString(name) > shortMark }) {
		marks *= 2
	}
	step := (len(c.Labels) + marks - 1) / marks
	for i, name := range c.Labels {
		spot := spotView{X: strconv.Itoa(i * spotWidth)}
		if (len(c.Labels)-1-i)%step == 0 { // the newest always has its label
			spot.Mark = name
		}
		row := figureView{Label: name}
		var said []string
		for _, s := range c.Series {
			text := none
			if !gone(s.Values[i]) {
				text = c.Format(s.Values[i])
			}
			row.Values = append(row.Values, text)
			if v.Legend {
				text = s.Name + " " + text
			}
			said = append(said, text)
		}
		spot.Title = name + ": " + strings.Join(said, ", ")
		v.Spots, v.Rows = append(v.Spots, spot), append(v.Rows, row)
	}
}
