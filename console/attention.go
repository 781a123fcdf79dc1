package console

import (
	"fmt"
	"time"

	"greenroom/actors"
	"greenroom/jobs"
)

// When something needs attention.
const (
	// slowMessage is how long an actor may be at one message, counted from the look that found it there: none waits in Receive, so whatever is at one for
	// two looks stands still. A little less than their interval, so that the second tells.
	slowMessage = fresh
	// fullMailbox is how many messages may wait for one actor.
	fullMailbox = 1000
	// lately is how far back failures count, and manyDead how many dead letters in that time are too many.
	lately   = 5 * time.Minute
	manyDead = 100
	// lateLease is how little may be left of a node's lease.
	lateLease = 4 * time.Second
	// mostAlerts bounds the strip.
	mostAlerts = 10
)

// Alert is something that needs attention: what, and where to look.
type Alert struct {
	Text string `json:"text"`
	// Page and Find lead to the row.
	Page string `json:"page"`
	Find string `json:"find,omitempty"`

	owner string // of the job that it is about
}

// attention finds what an operator should look at, the worst first.
func (c *Console) attention(now time.Time, t *Totals, busiest, fullest actors.View, all []jobs.Snapshot) []Alert {
	var alerts []Alert
	add := func(a Alert) {
		if len(alerts) < mostAlerts {
			alerts = append(alerts, a)
		}
	}
	for _, j := range all {
		switch {
		case j.Stuck:
			add(Alert{Text: fmt.Sprintf("Job %q was asked to end and does not: its body does not look at its context", j.Label), Page: Jobs, Find: j.ID, owner: j.OwnerID})
		case j.Zombie:
			add(Alert{Text: fmt.Sprintf("Job %q was given up and its code still runs", j.Label), Page: Jobs, Find: j.ID, owner: j.OwnerID})
		}
	}
	for _, a := range busiest.Actors {
		if a.BusyFor >= slowMessage {
			add(Alert{Text: fmt.Sprintf("%s is at the message %s for %s", a.Actor, a.Last, span(a.BusyFor)), Page: Actors, Find: a.Actor.String()})
		}
	}
	for _, a := range fullest.Actors {
		if a.Queued >= fullMailbox {
			add(Alert{Text: fmt.Sprintf("%s has %s messages waiting", a.Actor, count(uint64(a.Queued))), Page: Actors, Find: a.Actor.String()})
		}
	}
	told := map[string]bool{}
	for _, m := range c.cfg.System.Mishaps() {
		if now.Sub(m.At) > lately || told[m.Actor] {
			continue
		}
		told[m.Actor] = true
		what := "failed and was restarted"
		if m.GaveUp {
			what = "failed too often and ended"
		}
		add(Alert{Text: fmt.Sprintf("%s %s %s ago", m.Actor, what, span(now.Sub(m.At))), Page: Failures, Find: m.Actor})
	}
	dead := 0
	for _, d := range c.cfg.System.DeadLetters() {
		if now.Sub(d.At) <= lately {
			dead++
		}
	}
	if dead >= manyDead {
		add(Alert{Text: fmt.Sprintf("%d dead letters and more within %s", dead, span(lately)), Page: Dead})
	}
	if limit := c.cfg.MaxPages; limit > 0 && t.Pages*5 >= limit*4 {
		add(Alert{Text: fmt.Sprintf("%d of %d pages are open", t.Pages, limit), Page: Sessions})
	}
	return alerts
}
