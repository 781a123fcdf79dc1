package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"greenroom/bench/target"
)

// step is something that an operator does at his list of orders; share is how often in a hundred.
type step struct {
	name  string
	share int
	do    func(ctx context.Context, m *mix, o *operator, r *rand.Rand) error
}

// steps are a day's work: an order is looked up by its number, a word is searched for, the list is sorted anew, an order opened, its note edited in the list, an
// action run on it and watched to its end.
func steps() []step {
	return []step{
		{"find", 30, func(_ context.Context, m *mix, o *operator, r *rand.Rand) error {
			return o.do("search", map[string]string{"q": fmt.Sprintf("number:=GR-%07d", 1+r.IntN(m.orders))})
		}},
		{"search", 5, func(_ context.Context, _ *mix, o *operator, _ *rand.Rand) error {
			return o.do("search", map[string]string{"q": "needle"})
		}},
		{"sort", 20, func(_ context.Context, _ *mix, o *operator, r *rand.Rand) error {
			return o.do("go", map[string]string{"to": []string{"", "o=total_cents", "o=-total_cents", "o=number"}[r.IntN(4)]})
		}},
		{"open", 25, func(ctx context.Context, m *mix, o *operator, r *rand.Rand) error {
			form, err := o.person.sit(ctx, target.Orders+m.key(r)+"/change/")
			if err == nil {
				o.bytes += form.bytes
				form.leave()
			}
			return err
		}},
		{"edit", 15, func(_ context.Context, m *mix, o *operator, r *rand.Rand) error {
			key := m.key(r)
			if err := o.do("edit", map[string]string{"row": key, "col": "note"}); err != nil {
				return err
			}
			return o.do("edit-save", map[string]string{"key": key, "col": "note", "value": "called back, " + strconv.Itoa(r.IntN(1000))})
		}},
		{"run", 5, func(ctx context.Context, m *mix, o *operator, r *rand.Rand) error {
			if err := o.do("select", map[string]string{"key": m.key(r), "checked": "true"}); err != nil {
				return err
			}
			if err := o.do("ask", map[string]string{"action": target.Walk}); err != nil {
				return err
			}
			_, err := watch(ctx, o.person, o.goes)
			return err
		}},
	}
}

// mix is what the operators of a run share.
type mix struct {
	cfg         *Config
	orders      int
	steps       []step
	began       time.Time
	from, until time.Time // what is due between them is measured
	taken       atomic.Int64
	mu          sync.Mutex
	times       []*hdrhistogram.Histogram // by step
	done        int
	refused     int
	last        error // what was refused last
	bytes       int64
}

func (m *mix) key(r *rand.Rand) string { return strconv.Itoa(1 + r.IntN(m.orders)) }

// mixed has operators who look at lists of orders and work, with time to think. A step's time counts from when it was due: in the closed loop that is when the
// operator had thought, with a Rate it is his place in a timetable that waits for nobody, so a server that stands still is charged for all that it delayed.
func (s *run) mixed(ctx context.Context, all []*person, n int) error {
	operators := make([]*operator, n)
	defer func() {
		for _, o := range operators {
			if o != nil {
				o.leave()
			}
		}
	}()
	s.say("%d operators sit down", n)
	if err := together(openers, n, func(i int) (err error) {
		operators[i], err = all[i%len(all)].sit(ctx, target.Orders)
		return err
	}); err != nil {
		return err
	}
	m := &mix{cfg: s.cfg, orders: s.shop.orders, steps: steps(), began: time.Now()}
	for range m.steps {
		m.times = append(m.times, hdrhistogram.New(1, int64(10*time.Minute/time.Microsecond), 3))
	}
	m.from = m.began.Add(s.cfg.Ramp)
	m.until = m.from.Add(s.cfg.lasts(s.name))
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var work sync.WaitGroup
	var failed error
	for i, o := range operators {
		work.Go(func() {
			if err := m.work(ctx, i, n, o); err != nil {
				m.mu.Lock()
				failed = errors.Join(failed, err)
				m.mu.Unlock()
				stop(err)
			}
		})
	}
	cpu, rss, err := s.oversee(ctx, m)
	if err != nil {
		stop(err)
	}
	work.Wait()
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	if m.done == 0 {
		return fmt.Errorf("no step was due in %s; shorten --think", s.cfg.lasts(s.name))
	}
	lasts := m.until.Sub(m.from)
	s.out["mixed.operators"] = float64(n)
	s.out["mixed.steps_per_s"] = float64(m.done) / lasts.Seconds()
	s.out["mixed.refused"] = float64(m.refused)
	s.out["mixed.bytes_per_step"] = float64(m.bytes) / float64(m.done)
	if s.pid != 0 {
		s.out["mixed.cpu_us_per_step"] = float64(cpu.Microseconds()) / float64(m.done)
		s.out["mixed.rss_mib"] = rss / 1024
	}
	for i, step := range m.steps {
		for name, q := range map[string]float64{"p50": 50, "p90": 90, "p99": 99, "p999": 99.9} {
			if m.times[i].TotalCount() > 0 {
				s.out["mixed.ms."+step.name+"."+name] = float64(m.times[i].ValueAtPercentile(q)) / 1000
			}
		}
	}
	if m.last != nil {
		s.say("%d steps were refused, the last: %v", m.refused, m.last)
	}
	return nil
}

// oversee waits for the measured time to pass and returns what the server spent in it, and its memory at the end.
func (s *run) oversee(ctx context.Context, m *mix) (cpu time.Duration, rss float64, err error) {
	if err := sleep(ctx, time.Until(m.from)); err != nil {
		return 0, 0, err
	}
	end, err := s.profile()
	if err != nil {
		return 0, 0, err
	}
	before, err := s.pid.cpu()
	if err != nil {
		return 0, 0, err
	}
	for left := time.Until(m.until); left > 0; left = time.Until(m.until) {
		if err := sleep(ctx, min(left, time.Second)); err != nil {
			return 0, 0, err
		}
		m.mu.Lock()
		s.say("%d steps, %s left", m.done, max(0, time.Until(m.until)).Round(time.Second))
		m.mu.Unlock()
	}
	after, err := s.pid.cpu()
	if err != nil {
		return 0, 0, err
	}
	rss, err = s.pid.rss()
	return after - before, rss, errors.Join(err, end())
}

// work is the day of the i-th of n operators.
func (m *mix) work(ctx context.Context, i, n int, o *operator) error {
	r := rand.New(rand.NewPCG(1, uint64(i)))
	come := m.began.Add(m.cfg.Ramp * time.Duration(i) / time.Duration(n))
	if err := o.think(ctx, come); err != nil {
		return err
	}
	for ctx.Err() == nil {
		due := m.due(r)
		if due.After(m.until) {
			return nil
		}
		if err := o.think(ctx, due); err != nil {
			return err
		}
		at, pick := 0, r.IntN(100)
		for pick >= m.steps[at].share {
			pick -= m.steps[at].share
			at++
		}
		before := o.bytes
		err := m.steps[at].do(ctx, m, o, r)
		var no refusal
		if err != nil && !errors.As(err, &no) {
			return fmt.Errorf("%s: %w", m.steps[at].name, err)
		}
		m.note(at, due, o.bytes-before, err)
	}
	return context.Cause(ctx)
}

// due is when an operator who has just finished does his next step.
func (m *mix) due(r *rand.Rand) time.Time {
	if m.cfg.Rate > 0 {
		return m.began.Add(time.Duration(m.taken.Add(1)) * time.Second / time.Duration(m.cfg.Rate))
	}
	// People think for times of very different length, five times the usual at the most.
	return time.Now().Add(time.Duration(min(5, r.ExpFloat64()) * float64(m.cfg.Think)))
}

func (m *mix) note(step int, due time.Time, bytes int64, refused error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if due.Before(m.from) {
		return
	}
	m.done++
	m.bytes += bytes
	if refused != nil {
		m.refused, m.last = m.refused+1, refused
		return
	}
	_ = m.times[step].RecordValue(max(1, time.Since(due).Microseconds())) // ten minutes are more than patience
}
