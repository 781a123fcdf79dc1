package pages

import (
	"math"
	"time"
)

// pace is how fast a count grows: the mean of what was measured, of which what is older weighs less, by a factor of e each 15 s. A short measurement
// counts for as little as it was short, so a first burst (rows that were done before and are skipped) is soon made up for.
type pace struct {
	done, spent float64 // rows and seconds, so weighed
}

const (
	paceMemory = 15 * time.Second
	// paceEarliest is how much has to be measured before a pace is told.
	paceEarliest = time.Second
)

// after is the pace once more rows were done in some time.
func (p pace) after(rows int64, took time.Duration) pace {
	keep := math.Exp(-took.Seconds() / paceMemory.Seconds())
	p.done, p.spent = keep*p.done+float64(rows), keep*p.spent+took.Seconds()
	if most := paceMemory.Seconds(); p.spent > most { // one long measurement
		p.done, p.spent = p.done*most/p.spent, most
	}
	return p
}

// perSecond is in rows, and 0 as long as too little was measured.
func (p pace) perSecond() float64 {
	if p.spent < paceEarliest.Seconds() {
		return 0
	}
	return p.done / p.spent
}
