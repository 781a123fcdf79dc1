package pages

import (
	"math"
	"strconv"
	"strings"
)

// axis is the range that a chart's values are drawn in.
type axis struct {
	low, high float64
	ticks     []float64 // from the highest to the lowest, evenly
}

// axisOf finds a range of round numbers around all values, with three to six ticks.
func axisOf(c Chart) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range c.Series {
		for _, v := range s.Values {
			if !gone(v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if low > high { // gaps only
		low, high = 0, 0
	}
	if !c.Float || c.Kind != Lines {
		low, high = min(low, 0), max(high, 0)
	}
	if low == high {
		high = low + 1
	}
	step := roundStep((high - low) / 4)
	first, last := math.Floor(low/step), math.Ceil(high/step)
	a := axis{low: first * step, high: last * step}
	for n := last; n >= first && len(a.ticks) < 12; n-- {
		a.ticks = append(a.ticks, n*step)
	}
	return a
}

// roundStep is the least of 1, 2, 2.5 and 5 times a power of ten that is not less than a step.
func roundStep(step float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, times := range []float64{1, 2, 2.5, 5} {
		if step <= times*power*(1+1e-9) {
			return times * power
		}
	}
	return 10 * power
}

// y is a value's place in the drawing, counted from above.
func (a axis) y(v float64) float64 { return (a.high - v) / (a.high - a.low) * chartHeight }

func gone(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// unit writes a coordinate.
func unit(v float64) string {
	text := strconv.FormatFloat(v, 'f', 1, 64)
	return strings.TrimSuffix(text, ".0")
}

// plainNumber writes up to two decimals, and groups of three.
func plainNumber(v float64) string {
	text := strconv.FormatFloat(math.Abs(v), 'f', 2, 64)
	whole, rest, _ := strings.Cut(text, ".")
	rest = strings.TrimRight(rest, "0")
	if rest != "" {
		rest = "." + rest
	}
	sign := ""
	if v < 0 && text != "0.00" {
		sign = "-"
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	return sign + whole + rest
}

// shortNumber writes a number beside an axis: 950, 1.2k, 3M.
func shortNumber(v float64) string {
	for _, in := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(v) >= in.size {
			return strconv.FormatFloat(math.Round(v/in.size*100)/100, 'f', -1, 64) + in.name
		}
	}
	return plainNumber(v)
}
