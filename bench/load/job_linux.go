package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	"greenroom/bench/target"
)

// mostOfJob is how long one run over all orders may take.
const mostOfJob = 5 * time.Minute

// job starts an action on every order, from the form that a browser posts, and watches its page until it says that all is done; then again, until the time is over.
// Its rows a second hold all of that: the pinning of the keys, the rows read in chunks, the progress. The action itself does nothing.
func (s *run) job(ctx context.Context, all []*person) error {
	p := all[0]
	document, err := p.get(ctx, target.Orders)
	if err != nil {
		return err
	}
	csrf := inputValue.FindSubmatch(csrfInput.Find(document))
	if csrf == nil {
		return errors.New("the list of orders has no CSRF token")
	}
	form := url.Values{"csrf": {string(csrf[1])}, "event": {"run"}, "action": {target.Walk}, "all": {"1"}}
	end, err := s.profile()
	if err != nil {
		return err
	}
	var starts, firsts []float64
	var cpu, ran, watched time.Duration
	patches := 0
	for until := time.Now().Add(s.cfg.lasts(s.name)); len(starts) == 0 || time.Now().Before(until); {
		s.say("run %d over %d orders", len(starts)+1, s.shop.orders)
		before, err := s.pid.cpu()
		if err != nil {
			return err
		}
		// A token of its own: the same form twice is one run.
		form.Set("token", fmt.Sprintf("%s-%d", s.name, time.Now().UnixNano()))
		began := time.Now()
		at, err := p.post(ctx, target.Orders, form)
		if err != nil {
			return err
		}
		starts = append(starts, float64(time.Since(began).Microseconds())/1000)
		w, err := watch(ctx, p, at)
		if err != nil {
			return err
		}
		ran += w.ended.Sub(began)
		watched += w.ended.Sub(w.opened)
		firsts = append(firsts, float64(w.first.Sub(began).Microseconds())/1000)
		patches += w.patches
		after, err := s.pid.cpu()
		if err != nil {
			return err
		}
		cpu += after - before
	}
	slices.Sort(starts)
	slices.Sort(firsts)
	rows := float64(s.shop.orders * len(starts))
	s.out["job.rows"] = float64(s.shop.orders)
	s.out["job.runs"] = float64(len(starts))
	s.out["job.rows_per_s"] = rows / ran.Seconds()
	s.out["job.start_ms"] = starts[len(starts)/2]
	s.out["job.first_progress_ms"] = firsts[len(firsts)/2]
	// The first and the last frame of a run tell that it began and ended; those between are progress.
	s.out["job.frames_per_s"] = float64(max(0, patches-2*len(starts))) / max(watched.Seconds(), 0.001)
	if s.pid != 0 {
		s.out["job.cpu_us_per_row"] = float64(cpu.Microseconds()) / rows
	}
	return end()
}

// watched is what a job's page showed: when it was open, when it first changed, when the run was over.
type watched struct {
	opened, first, ended time.Time
	patches              int
}

func watch(ctx context.Context, p *person, path string) (w watched, err error) {
	document, err := p.get(ctx, path)
	if err != nil {
		return w, err
	}
	w.opened = time.Now()
	over := func(text []byte, before, after string) (bool, error) {
		for _, state := range []string{"failed", "cancelled"} {
			if bytes.Contains(text, []byte(before+state+after)) {
				return false, fmt.Errorf("the action ended as %s: see %s", state, path)
			}
		}
		return bytes.Contains(text, []byte(before+"succeeded"+after)), nil
	}
	if done, err := over(document, `data-job-state="`, `"`); done || err != nil {
		w.first, w.ended = w.opened, w.opened
		return w, err
	}
	page, err := p.attach(ctx, document, false)
	if err != nil {
		return w, err
	}
	o, err := p.take(page)
	if err != nil {
		return w, err
	}
	defer o.leave()
	for end := time.Now().Add(mostOfJob); ; {
		if ctx.Err() != nil {
			return w, context.Cause(ctx)
		}
		if time.Now().After(end) {
			return w, fmt.Errorf("a run over all orders is not done after %s", mostOfJob)
		}
		frame, err := o.next(time.Now().Add(time.Second))
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return w, err
		}
		if w.patches = o.patches; w.patches > 0 && w.first.IsZero() {
			w.first = time.Now()
		}
		if done, err := over(frame, `"`, `"`); done || err != nil {
			w.ended = time.Now()
			return w, err
		}
	}
}
