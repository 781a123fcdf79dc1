package chart

import (
	"fmt"
	"strings"
)

// Range is what was measured of one thing, beside what was promised.
type Range struct {
	Name             string
	Min, Median, Max float64
	Must, Good       float64
	// Least says that more is better.
	Least bool
}

// Ranges draws one line a range, each on a scale of its own from 0 to a bit beyond the promise: a bar from the least to the most, a dot at the median, a tick
// at what is good and a longer one at what must be. It is a whole SVG.
func Ranges(all []Range) string {
	const width, row, left, right = 920.0, 30.0, 330.0, 90.0
	var b strings.Builder
	height := row*float64(len(all)) + 10
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" font-family="system-ui, sans-serif">`+"\n", width, height, width, height)
	for i, r := range all {
		y := row*float64(i) + row/2 + 5
		most := 1.15 * max(r.Must, r.Good)
		over := r.Max > 2*most
		if !over {
			most = max(most, 1.05*r.Max)
		}
		x := axis{0, most, left, width - left - right, false}
		at := func(v float64) float64 { return x.place(min(v, most)) }
		colour := colours[2]
		switch {
		case r.Least && r.Median < r.Must, !r.Least && r.Median > r.Must:
			colour = colours[5]
		case r.Least && r.Median < r.Good, !r.Least && r.Median > r.Good:
			colour = colours[1]
		}
		b.WriteString(text(left-10, y+4, "end", "12", r.Name))
		b.WriteString(line(left, y, width-right, y, rule))
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="8" rx="4" fill="%s" opacity="0.45"/>`, at(r.Min), y-4, max(at(r.Max)-at(r.Min), 3), colour)
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="5" fill="%s"><title>%s: %s, from %s to %s</title></circle>`, at(r.Median), y, colour,
			escape(r.Name), short(r.Median), short(r.Min), short(r.Max))
		b.WriteString(line(at(r.Good), y-6, at(r.Good), y+6, ink))
		b.WriteString(line(at(r.Must), y-11, at(r.Must), y+11, ink))
		says := short(r.Median)
		if over {
			says += " →"
		}
		b.WriteString(text(width-right+12, y+4, "start", "12", says))
		b.WriteByte('\n')
	}
	b.WriteString("</svg>\n")
	return b.String()
}
