package pages

import (
	"context"
	"math"
	"strconv"
	"strings"

	"greenroom/widgets"
)

// Stat is the state of a card with one number.
type Stat struct {
	// Label says what it is, Value how much, both as people read them.
	Label, Value string
	// Delta is a word about the change ("+12 %"), Level its colour: ok, warn, danger, info or mute.
	Delta, Level string
	// Note is a small line below, "" for none.
	Note string
	// Trend is drawn as a line from left to right; fewer than two numbers draw none.
	Trend []float64
}

// statView is a Stat as stat.html draws it.
type statView struct {
	Label, Value, Delta, Pill, Note, Points, Area string
}

var statTemplate = must("stat.html")

// StatWidget makes a card of one number. The caller may set what else a Widget has: Permissions, Topics, Refresh, Shared.
func StatWidget(name, label string, load func(ctx context.Context, in widgets.In) (Stat, error)) widgets.Widget {
	return widgets.Widget{
		Name: name, Label: label, Size: widgets.SM, Bare: true, Template: statTemplate,
		Mount: func(ctx context.Context, in widgets.In) (any, error) {
			s, err := load(ctx, in)
			if err != nil {
				return nil, err
			}
			v := statView{Label: firstOf(s.Label, label), Value: s.Value, Delta: s.Delta, Pill: pill(s.Level), Note: s.Note, Points: points(s.Trend)}
			if v.Points != "" {
				v.Area = "M0,40 L" + v.Points + " 100,40 Z"
			}
			return v, nil
		},
	}
}

// points are the corners of a line through the values in a box of 100 by 40, with a margin for the stroke.
func points(values []float64) string {
	if len(values) < 2 {
		return ""
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	var b strings.Builder
	for i, v := range values {
		y := 20.0 // a flat line in the middle
		if high > low {
			y = 38 - (v-low)/(high-low)*36
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatFloat(float64(i)*100/float64(len(values)-1), 'f', 1, 64))
		b.WriteByte(',')
		b.WriteString(strconv.FormatFloat(y, 'f', 1, 64))
	}
	return b.String()
}
