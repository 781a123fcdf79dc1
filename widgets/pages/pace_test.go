package pages

import (
	"math"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	steady := func(p pace, perSecond int64, d time.Duration) pace {
		for range d / (100 * time.Millisecond) {
			p = p.after(perSecond/10, 100*time.Millisecond)
		}
		return p
	}
	burst := pace{}.after(400, 100*time.Millisecond)
	for _, c := range []struct {
		name        string
		have        pace
		least, most float64
	}{
		{"nothing was measured", pace{}, 0, 0},
		{"too little was measured", burst, 0, 0},
		{"steady", steady(pace{}, 300, 3*time.Second), 299, 301},
		{"a burst is made up for within seconds", steady(burst, 300, 5*time.Second), 300, 380},
		{"and forgotten within a minute", steady(burst, 300, time.Minute), 300, 301},
		{"a page that is opened after an hour", pace{}.after(360_000, time.Hour), 99.9, 100.1},
		{"and goes on slower", steady(pace{}.after(360_000, time.Hour), 10, time.Minute), 10, 13},
		{"standing still", steady(pace{}, 300, 10*time.Second).after(0, time.Minute), 0, 6},
	} {
		if got := c.have.perSecond(); got < c.least || got > c.most || math.IsNaN(got) {
			t.Errorf("%s: %.1f/s, want %.1f to %.1f", c.name, got, c.least, c.most)
		}
	}
}
