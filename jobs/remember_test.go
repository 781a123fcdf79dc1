package jobs

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// line is a Store that can be cut off from its process, and counts.
type line struct {
	Store
	cut    atomic.Bool
	writes atomic.Int64
	reads  atomic.Int64
}

var errCut = errors.New("the store does not answer")

func (l *line) write() error {
	if l.writes.Add(1); l.cut.Load() {
		return errCut
	}
	return nil
}

func (l *line) Create(ctx context.Context, r Record, keys [][]byte) (Record, error) {
	if err := l.write(); err != nil {
		return Record{}, err
	}
	return l.Store.Create(ctx, r, keys)
}

func (l *line) Transition(ctx context.Context, from At, r Record, by string) error {
	if err := l.write(); err != nil {
		return err
	}
	return l.Store.Transition(ctx, from, r, by)
}

func (l *line) Save(ctx context.Context, all []Progress, failed []Failures) ([]At, error) {
	if err := l.write(); err != nil {
		return nil, err
	}
	return l.Store.Save(ctx, all, failed)
}

func (l *line) Get(ctx context.Context, id string) (Record, error) {
	l.reads.Add(1)
	return l.Store.Get(ctx, id)
}

func (l *line) Renew(ctx context.Context, node string, ttl time.Duration) error {
	if err := l.write(); err != nil {
		return err
	}
	return l.Store.Renew(ctx, node, ttl)
}

func (l *line) Claim(ctx context.Context, node string, limit int) ([]Record, error) {
	if l.cut.Load() {
		return nil, errCut
	}
	return l.Store.Claim(ctx, node, limit) // reads, as long as nobody is dead
}

// process is one of several on a Store.
type process struct {
	*room
	line *line
}

func (r *room) process(store Store, revive Reviver) *process {
	p := &process{&room{t: r.t, logs: r.logs}, &line{Store: store}}
	log := slog.New(slog.NewTextHandler(r.logs, nil))
	p.sys = actors.New(actors.Config{Logger: log})
	p.sup = NewSupervisor(p.sys, Config{Log: log})
	p.sup.Remember(p.line, revive)
	return p
}

func (p *process) end() {
	p.t.Helper()
	if err := errors.Join(p.sup.Drain(context.Background()), p.sys.Close(context.Background())); err != nil {
		p.t.Error(err)
	}
}

// strolled is an action that notes each row when it is done with it.
func strolled(resumable bool, done *[]int64, mu *sync.Mutex) Action {
	return On(Action{Name: "walk", Permission: "shop.refund", Resumable: resumable}, func(ctx context.Context, _ *Job, rows Rows[order], _ struct{}) error {
		for o, err := range rows.All(ctx) {
			if err != nil {
				return err
			}
			time.Sleep(time.Second)
			mu.Lock()
			*done = append(*done, o.ID)
			mu.Unlock()
		}
		return nil
	})
}

// onTwo runs a test with what two processes need. Everything ends in the order that processes end.
func onTwo(t *testing.T, test func(t *testing.T, r *room, store *Memory, action func(resumable bool) Action, revive Reviver, done func() []int64)) {
	t.Helper()
	inOneRoom(t, Config{}, nil, nil, func(r *room) {
		var mu sync.Mutex
		var rows []int64
		action := func(resumable bool) Action { return strolled(resumable, &rows, &mu) }
		people := map[string]*widgets.User{"ann": ann, "bob": bob}
		revive := func(_ context.Context, kept Record) (Request, error) {
			return Request{Action: action(true), User: people[kept.OwnerID], Selection: Selection{Source: table(100)}}, nil
		}
		test(r.t, r, NewMemory(), action, revive, func() []int64 {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(rows)
		})
	})
}

// once checks that every row was done, and none twice but some of those at the cut.
func once(t *testing.T, rows []int64, repeats int) {
	t.Helper()
	times := map[int64]int{}
	for _, id := range rows {
		times[id]++
	}
	if len(times) != 100 || len(rows) > 100+repeats {
		t.Errorf("%d rows of 100 were done, %d times together, of which %d may be repeats", len(times), len(rows), repeats)
	}
}

// TestAnotherProcessGoesOn: one is cut off from the store in the middle of a run, and another goes on with it. The first stops its body before the
// second begins, and hears that it is late when the line is back.
func TestAnotherProcessGoesOn(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one, two := r.process(store, revive), r.process(store, revive)
		id := one.start(action(true), ann, 100)
		time.Sleep(30*time.Second + 500*time.Millisecond)
		one.line.cut.Store(true)
		time.Sleep(9 * time.Second)
		before := len(done())
		if before > 30+8 {
			t.Errorf("%d rows were done by a process whose lease was about to end", before)
		}
		time.Sleep(4 * time.Second)
		if s, err := two.sup.Get(id, ann); err != nil || s.State != Running || s.Attempt != 2 || s.Archived {
			t.Errorf("12 seconds later: %+v, %v", s, err)
		}
		one.line.cut.Store(false)
		s := two.wait(id)
		if s.State != Succeeded || s.Current != 100 || s.Attempt != 2 {
			t.Errorf("%+v", s)
		}
		once(t, done(), before-28)
		time.Sleep(2 * time.Second)
		if kept, err := store.Get(t.Context(), id); err != nil || kept.State != Succeeded || kept.Node == "" || kept.Rescues != 1 || kept.Current != 100 {
			t.Errorf("stored: %+v, %v", kept, err)
		}
		one.end()
		two.end()
	})
}

// TestAProcessThatWasLateGoesOn: the store did not answer for a while, and nobody else was there to take the run over.
func TestAProcessThatWasLateGoesOn(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one := r.process(store, revive)
		id := one.start(action(true), ann, 100)
		time.Sleep(30*time.Second + 500*time.Millisecond)
		one.line.cut.Store(true)
		time.Sleep(20 * time.Second)
		stopped := len(done())
		one.line.cut.Store(false)
		time.Sleep(5 * time.Second)
		if s := one.get(id); s.State != Running || s.Attempt != 2 || s.Archived {
			t.Errorf("5 seconds after the store is back: %+v", s)
		}
		if s := one.wait(id); s.State != Succeeded || s.Current != 100 {
			t.Errorf("%+v", s)
		}
		once(t, done(), stopped-28)
		one.end()
	})
}

// TestInterrupted: what cannot go on is said to be interrupted, with what is known of it, and its body is not begun again.
func TestInterrupted(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one := r.process(store, revive)
		id := one.start(action(false), ann, 100)
		waits := one.start(action(false), bob, 100)
		time.Sleep(30*time.Second + 500*time.Millisecond)
		one.line.cut.Store(true)
		two := r.process(store, revive)
		heard := two.watch(Topic(id))
		time.Sleep(13 * time.Second)
		s, err := two.sup.Get(id, ann)
		if err != nil || s.State != Failed || s.Reason != ReasonNodeLost || !s.Archived || s.Current < 29 || s.Current > 30 || !strings.Contains(s.Note, " of 100 rows") {
			t.Errorf("%+v, %v", s, err)
		}
		if s, err := two.sup.Get(waits, bob); err != nil || s.State != Cancelled || s.Reason != ReasonNodeLost {
			t.Errorf("what waited: %+v, %v", s, err)
		}
		if _, err := two.sup.Get(id, bob); !errors.Is(err, ErrNotFound) {
			t.Errorf("another's: %v", err)
		}
		if n := len(heard()); n != 1 {
			t.Errorf("told %d times", n)
		}
		if events, err := store.Events(t.Context(), id); err != nil || len(events) != 4 {
			t.Errorf("queued, running, claimed, failed: %+v, %v", events, err)
		}
		one.end()
		two.end()
		if n := len(done()); n > 40 {
			t.Errorf("%d rows were done", n)
		}
	})
}

// TestARestartLosesNothing: a process that is ended in order hands its run over, and every row is done once.
func TestARestartLosesNothing(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one := r.process(store, revive)
		id := one.start(action(true), ann, 100)
		paused := one.start(action(true), ann, 100)
		r.must(one.sup.Pause(t.Context(), paused, ann))
		time.Sleep(30*time.Second + 500*time.Millisecond)
		one.end()
		for range 3 { // more restarts than rescues
			two := r.process(store, revive)
			synctest.Wait()
			time.Sleep(10*time.Second + 500*time.Millisecond)
			if s := two.get(paused); s.State != Paused || s.Archived {
				t.Errorf("what was paused: %+v", s)
			}
			two.end()
		}
		two := r.process(store, revive)
		synctest.Wait()
		two.must(two.sup.Cancel(t.Context(), paused, ann))
		if s := two.wait(id); s.State != Succeeded || s.Current != 100 || s.Attempt != 5 {
			t.Errorf("%+v", s)
		}
		once(t, done(), 0)
		two.end()
		if kept, err := store.Get(t.Context(), id); err != nil || kept.Rescues != 0 {
			t.Errorf("stored: %+v, %v", kept, err)
		}
	})
}

// TestWhatWaitedIsNotLost: a run that had not begun when its process was ended begins in the next one.
func TestWhatWaitedIsNotLost(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one := r.process(store, revive)
		first, second := one.start(action(true), ann, 100), one.start(action(true), bob, 100)
		time.Sleep(10 * time.Second)
		one.end()
		two := r.process(store, revive)
		synctest.Wait()
		for _, id := range []string{first, second} {
			if s := two.wait(id); s.State != Succeeded || s.Current != 100 || s.Vanished != 0 {
				t.Errorf("%+v", s)
			}
		}
		if n := len(done()); n != 200 {
			t.Errorf("%d rows were done", n)
		}
		two.end()
	})
}

// TestTokensOutliveAProcess: a form that is sent again after a restart is the first one's run.
func TestTokensOutliveAProcess(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		req := Request{Action: action(false), User: ann, Selection: Selection{Source: table(3), All: true}, Token: "click"}
		one := r.process(store, revive)
		first, err := one.sup.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		one.wait(first)
		one.end()
		two := r.process(store, revive)
		if second, err := two.sup.Start(t.Context(), req); err != nil || second != first {
			t.Errorf("%q and %q, %v", first, second, err)
		}
		if n := len(done()); n != 3 {
			t.Errorf("%d rows were done", n)
		}
		all, err := two.sup.History(t.Context(), ann, History{})
		if err != nil || len(all) != 1 || !all[0].Archived || all[0].State != Succeeded {
			t.Errorf("history: %+v, %v", all, err)
		}
		if all, err := two.sup.History(t.Context(), bob, History{Owner: "ann"}); err != nil || len(all) != 0 {
			t.Errorf("another's history: %+v, %v", all, err)
		}
		if all, err := two.sup.History(t.Context(), chief, History{}); err != nil || len(all) != 1 {
			t.Errorf("everybody's: %+v, %v", all, err)
		}
		two.end()
	})
}

// TestNothingBeginsUnstored: a run that cannot be stored is refused, and one whose beginning cannot be stored does not begin.
func TestNothingBeginsUnstored(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one := r.process(store, revive)
		first := one.start(action(false), ann, 2)
		second := one.start(action(false), bob, 100) // waits for the slot
		time.Sleep(500 * time.Millisecond)
		one.line.cut.Store(true)
		if _, err := one.sup.Start(t.Context(), Request{Action: action(false), User: ann, Selection: Selection{Source: table(1), All: true}}); !errors.Is(err, errCut) {
			t.Errorf("started: %v", err)
		}
		if s := one.wait(first); s.State != Succeeded {
			t.Errorf("the first: %+v", s)
		}
		if s := one.wait(second); s.State != Failed || s.Error != FailedText {
			t.Errorf("the second: %+v", s)
		}
		if n := len(done()); n != 2 {
			t.Errorf("%d rows were done", n)
		}
		one.line.cut.Store(false)
		one.end()
	})
}

// TestWrites: a run costs four transactions of its own, and a node one and a half a second, whatever its bodies say.
func TestWrites(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, _ func(bool) Action, revive Reviver, _ func() []int64) {
		one := r.process(store, revive)
		busy := On(Action{Name: "busy", MaxConcurrent: 100}, func(ctx context.Context, j *Job, _ Rows[order], _ struct{}) error {
			for i := range int64(60_000) {
				j.Update(i, 60_000, "row")
				time.Sleep(time.Millisecond)
			}
			return nil
		})
		for range 3 {
			if _, err := one.sup.Start(t.Context(), Request{Action: busy, User: ann}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(61 * time.Second)
		if n := one.line.writes.Load(); n > 61+31+3*4 {
			t.Errorf("%d transactions", n)
		}
		one.end()
	})
}
