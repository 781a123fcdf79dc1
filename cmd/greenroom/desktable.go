package main

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	grconsole "greenroom/console"
)

const (
	// widest is how much of a cell is shown at most, narrowest how much a wide column gets before others are shown, in character cells.
	widest    = 44
	narrowest = 24
	gap       = 2
)

// layout sets a table in lines of at most width cells, the heading first; 0 means as wide as it takes. Columns that do not fit are left out from the
// right; the wide column gets what room is left.
func layout(t grconsole.Table, width int) []string {
	widths := make([]int, len(t.Columns))
	wide := 0
	for n, c := range t.Columns {
		if c.Wide {
			wide = n
		}
		widths[n] = ansi.StringWidth(c.Label)
		for _, r := range t.Rows {
			widths[n] = max(widths[n], min(widest, ansi.StringWidth(r.Cells[n].Text)))
		}
	}
	shown := len(widths)
	if width > 0 {
		need := func() int {
			sum := gap * (shown - 1)
			for n, w := range widths[:shown] {
				if n == wide {
					w = min(w, narrowest)
				}
				sum += w
			}
			return sum
		}
		for shown > wide+1 && need() > width {
			shown--
		}
		rest := width - gap*(shown-1)
		for n, w := range widths[:shown] {
			if n != wide {
				rest -= w
			}
		}
		widths[wide] = max(1, min(widths[wide], rest))
	}
	lines := make([]string, 0, len(t.Rows)+1)
	line := func(text func(n int) string) {
		var b strings.Builder
		for n, c := range t.Columns[:shown] {
			if n > 0 {
				b.WriteString(strings.Repeat(" ", gap))
			}
			cell := ansi.Truncate(text(n), widths[n], "…")
			pad := strings.Repeat(" ", widths[n]-ansi.StringWidth(cell))
			if c.Number {
				cell = pad + cell
			} else {
				cell += pad
			}
			b.WriteString(cell)
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	line(func(n int) string { return t.Columns[n].Label })
	for _, r := range t.Rows {
		line(func(n int) string {
			if n == 0 && (r.Depth > 0 || r.Branch != "") {
				return branchText(r)
			}
			return r.Cells[n].Text
		})
	}
	return lines
}

// branchText is a row's first cell in a tree: its parents stand above it.
func branchText(r grconsole.Row) string {
	sign := "  "
	switch {
	case r.Open:
		sign = "- "
	case r.Branch != "":
		sign = "+ "
	}
	name := r.Cells[0].Text
	if r.Depth > 0 {
		name = name[strings.LastIndexByte(name, '/')+1:]
	}
	return strings.Repeat("  ", r.Depth) + sign + name
}

// summary is the line of totals.
func summary(t grconsole.Totals) string {
	running, waiting := t.Unfinished()
	return fmt.Sprintf("pages %d  actors %d  msg/s %.0f  jobs %d run %d wait  heap %d MiB  goroutines %d  restarts %d  dead %d",
		t.Pages, t.Actors, t.MessageRate, running, waiting, t.Heap>>20, t.Goroutines, t.Restarts, t.Dead)
}
