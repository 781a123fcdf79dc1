// Package chart draws the figures of a measurement as SVG, on the server: curves over an axis that may be logarithmic, and ranges beside what was promised. What it
// returns needs nothing else, no script, no style sheet and no font, and can be read on white and on black.
//
//	Lines, Ranges ─► <g> of a known size ─► Sheet ─► a file, or a part of an HTML page
package chart
