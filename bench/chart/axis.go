package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The colours can be told apart by people who do not see all of them, and stand out from white and from black.
var colours = []string{"#0b84c6", "#d9730d", "#2a9d62", "#b0559f", "#8a7f1d", "#c0392b"}

const (
	ink  = "#767676" // text and marks
	rule = "#76767640"
)

// axis turns values into places.
type axis struct {
	from, to    float64 // values
	start, size float64 // places; a negative size goes up
	log         bool
}

// newAxis makes an axis for values from least to most. A logarithmic one begins and ends at a power of ten; a linear one begins at 0.
func newAxis(least, most, start, size float64, log bool) axis {
	if log {
		least, most = math.Pow(10, math.Floor(math.Log10(least))), math.Pow(10, math.Ceil(math.Log10(most)-1e-9))
		if most <= least {
			most = least * 10
		}
		return axis{least, most, start, size, true}
	}
	if most <= 0 {
		most = 1
	}
	step := tick(most)
	return axis{0, math.Ceil(most/step-1e-9) * step, start, size, false}
}

func (a axis) place(v float64) float64 {
	share := (v - a.from) / (a.to - a.from)
	if a.log {
		share = (math.Log10(max(v, a.from)) - math.Log10(a.from)) / (math.Log10(a.to) - math.Log10(a.from))
	}
	return a.start + a.size*share
}

// ticks are the values that are written beside the axis.
func (a axis) ticks() []float64 {
	var all []float64
	if a.log {
		for v := a.from; v <= a.to*1.001; v *= 10 {
			all = append(all, v)
		}
		return all
	}
	step := tick(a.to)
	for n := 0; float64(n)*step <= a.to*1.001; n++ {
		all = append(all, float64(n)*step)
	}
	return all
}

// tick is a round step of which about four make most.
func tick(most float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(most/4)))
	for _, by := range []float64{1, 2, 2.5, 5} {
		if unit*by >= most/4 {
			return unit * by
		}
	}
	return unit * 10
}

// short writes a number with as few characters as tell it: 1500 is 1.5k.
func short(v float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e6, "M"}, {1e3, "k"}} {
		if math.Abs(v) >= u.size {
			return strconv.FormatFloat(v/u.size, 'g', 3, 64) + u.name
		}
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func text(x, y float64, anchor, size, s string) string {
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	return fmt.Sprintf(`<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%s" fill="%s">%s</text>`, x, y, anchor, size, ink, s)
}

func line(x1, y1, x2, y2 float64, colour string) string {
	return fmt.Sprintf(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>`, x1, y1, x2, y2, colour)
}
