package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"greenroom/bench/target"
)

// mostWaiting is how many events of a page an open loop has under way: half of what a server lets wait before it stops reading.
const mostWaiting = 32

// clicks are a page's events: when each was due, by its number. An event's time counts from when it was due, not from when it could be sent, so a server that
// stands still is charged for every event that it delayed.
type clicks struct {
	sent, answered int
	due            []time.Time
}

// event has pages press a button. In a closed loop each presses again when it was answered; with a Rate they press by a timetable.
func (s *run) event(ctx context.Context, all []*person, n int) error {
	c, err := s.crowd(ctx, all, n)
	if err != nil {
		return err
	}
	defer c.close()
	if err := s.settle(ctx, c); err != nil {
		return err
	}
	times := hdrhistogram.New(1, int64(time.Minute/time.Microsecond), 3)
	recording := false
	answered := 0
	for _, p := range c.pages {
		if _, ok := p.slots[target.Counter]; !ok {
			return fmt.Errorf("the page has no widget %q", target.Counter)
		}
		p.state = &clicks{}
	}
	var failed error
	c.text = func(p *page, frame []byte) error {
		rest, ok := bytes.CutPrefix(frame, []byte(`["reply",`))
		if !ok {
			return nil
		}
		ref, _, found := bytes.Cut(rest, []byte("]"))
		number, err := strconv.Atoi(string(ref))
		if err != nil || !found {
			return fmt.Errorf("an event failed: %s", frame)
		}
		k := p.state.(*clicks)
		if number != k.answered+1 {
			return fmt.Errorf("event %d is answered before event %d", number, k.answered+1)
		}
		if due := k.due[0]; recording && !due.IsZero() {
			failed = errors.Join(failed, times.RecordValue(max(1, time.Since(due).Microseconds())))
		}
		k.due = k.due[1:]
		k.answered++
		answered++
		if s.cfg.Rate == 0 {
			return press(c, p, time.Now())
		}
		return nil
	}
	drive := func(d time.Duration) error {
		if s.cfg.Rate > 0 {
			return s.timetable(ctx, c, d)
		}
		_, err := c.run(ctx, d, func() bool { return c.lost > 0 })
		return err
	}
	if s.cfg.Rate == 0 {
		for _, p := range c.pages {
			if err := press(c, p, time.Now()); err != nil {
				return err
			}
		}
	}
	lasts := s.cfg.lasts(s.name)
	s.say("warming up")
	if err := drive(lasts / 5); err != nil {
		return err
	}
	end, err := s.profile()
	if err != nil {
		return err
	}
	spent, err := s.pid.cpu()
	if err != nil {
		return err
	}
	s.say("%d connections for %s", n, lasts)
	recording, answered = true, 0
	began := time.Now()
	if err := drive(lasts); err != nil {
		return err
	}
	took := time.Since(began)
	cpu, err := s.pid.cpu()
	if err = errors.Join(err, end(), failed, c.whole()); err != nil {
		return err
	}
	if answered == 0 {
		return errors.New("no event was answered")
	}
	s.out["event.connections"] = float64(n)
	s.out["event.per_s"] = float64(answered) / took.Seconds()
	s.out["event.cpu_us_per_event"] = float64((cpu - spent).Microseconds()) / float64(answered)
	for name, q := range map[string]float64{"p50": 50, "p90": 90, "p99": 99, "p999": 99.9} {
		s.out["event.rtt_us."+name] = float64(times.ValueAtPercentile(q))
	}
	return nil
}

// press sends a page's next event, which was due at a time.
func press(c *crowd, p *page, due time.Time) error {
	k := p.state.(*clicks)
	k.sent++
	k.due = append(k.due, due)
	var buffer [96]byte
	frame := append(buffer[:0], `["event",`...)
	frame = strconv.AppendInt(frame, int64(p.slots[target.Counter]), 10)
	frame = append(frame, `,"`+target.Add+`",{},`...)
	frame = append(strconv.AppendInt(frame, int64(k.sent), 10), ']')
	return c.send(p, opText, frame)
}

// timetable sends events at Rate, one page after the other. A page with too many under way lets its next ones wait, and they are late by that.
func (s *run) timetable(ctx context.Context, c *crowd, d time.Duration) error {
	began := time.Now()
	gap := time.Second / time.Duration(s.cfg.Rate)
	waiting := make([][]time.Time, len(c.pages))
	for sent := 0; ; {
		if c.lost > 0 || time.Since(began) > d {
			return nil
		}
		for ; time.Since(began) >= time.Duration(sent)*gap; sent++ {
			at := sent % len(c.pages)
			waiting[at] = append(waiting[at], began.Add(time.Duration(sent)*gap))
		}
		for n, p := range c.pages {
			for k := p.state.(*clicks); len(waiting[n]) > 0 && k.sent-k.answered < mostWaiting; waiting[n] = waiting[n][1:] {
				if err := press(c, p, waiting[n][0]); err != nil {
					return err
				}
			}
		}
		next := time.Until(began.Add(time.Duration(sent) * gap))
		if _, err := c.run(ctx, max(next, 0), func() bool { return false }); err != nil {
			return err
		}
		if next <= 0 {
			continue
		}
	}
}
