package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// The size of a panel of Lines.
const (
	Width  = 460.0
	Height = 300.0
)

// Line is one curve. X grows; Y has as many values.
type Line struct {
	Name string
	X, Y []float64
}

// Plot is a panel with curves.
type Plot struct {
	Title, X, Y string
	// Names are written below the X axis instead of numbers; Line.X are their places in it then, from 0.
	Names []string
	// LogX and LogY make an axis logarithmic; values on it must be above 0.
	LogX, LogY bool
	Lines      []Line
}

// Lines draws a plot, Width by Height.
func Lines(p Plot) string {
	const left, right, top, bottom = 52.0, 14.0, 44.0, 42.0
	leastX, mostX, leastY, mostY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, l := range p.Lines {
		for i := range l.X {
			leastX, mostX = min(leastX, l.X[i]), max(mostX, l.X[i])
			leastY, mostY = min(leastY, l.Y[i]), max(mostY, l.Y[i])
		}
	}
	if math.IsInf(leastX, 0) {
		leastX, mostX, leastY, mostY = 1, 1, 1, 1
	}
	x := newAxis(leastX, mostX, left, Width-left-right, p.LogX)
	if p.Names != nil {
		x = axis{-0.5, float64(len(p.Names)) - 0.5, left, Width - left - right, false}
	}
	y := newAxis(leastY, mostY, Height-bottom, -(Height - top - bottom), p.LogY)
	var b strings.Builder
	b.WriteString(text(left, 16, "start", "14", p.Title))
	b.WriteString(text(Width-right, Height-6, "end", "11", p.X))
	b.WriteString(text(6, 34, "start", "11", p.Y))
	for _, v := range y.ticks() {
		b.WriteString(line(left, y.place(v), Width-right, y.place(v), rule))
		b.WriteString(text(left-6, y.place(v)+4, "end", "11", short(v)))
	}
	if p.Names != nil {
		for i, name := range p.Names {
			b.WriteString(text(x.place(float64(i)), Height-bottom+16, "middle", "11", name))
		}
	} else {
		for _, v := range x.ticks() {
			b.WriteString(text(x.place(v), Height-bottom+16, "middle", "11", short(v)))
		}
	}
	// The names stand at the right of the heading's second line, from the last to the first.
	at := Width - right
	for i, l := range slices.Backward(p.Lines) {
		colour := colours[i%len(colours)]
		var points []string
		for n := range l.X {
			px, py := x.place(l.X[n]), y.place(l.Y[n])
			points = append(points, fmt.Sprintf("%.1f,%.1f", px, py))
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"><title>%s: %s at %s</title></circle>`, px, py, colour, escape(l.Name), short(l.Y[n]), short(l.X[n]))
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.Join(points, " "), colour)
		b.WriteString(text(at, 34, "end", "11", l.Name))
		at -= 6.4*float64(len([]rune(l.Name))) + 10
		fmt.Fprintf(&b, `<rect x="%.1f" y="26" width="9" height="9" fill="%s"/>`, at-5, colour)
		at -= 16
	}
	return b.String()
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

// Sheet puts panels of Width by Height into one SVG, so many beside each other.
func Sheet(columns int, panels ...string) string {
	columns = max(1, min(columns, len(panels)))
	rows := (len(panels) + columns - 1) / columns
	var b strings.Builder
	w, h := Width*float64(columns), Height*float64(max(rows, 1))
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" font-family="system-ui, sans-serif">`+"\n", w, h, w, h)
	for i, p := range panels {
		fmt.Fprintf(&b, `<g transform="translate(%g %g)">%s</g>`+"\n", Width*float64(i%columns), Height*float64(i/columns), p)
	}
	b.WriteString("</svg>\n")
	return b.String()
}
