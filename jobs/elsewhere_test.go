package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom/widgets"
)

// TestCancelElsewhere: P7. Nobody tells the process that has the run anything, and a second and a row later it does no more.
func TestCancelElsewhere(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one, two := r.process(store, revive), r.process(store, revive)
		id := one.start(action(true), ann, 100)
		time.Sleep(10*time.Second + 500*time.Millisecond)
		if _, err := two.sup.Cancel(t.Context(), id, bob); !errors.Is(err, ErrNotFound) {
			t.Errorf("somebody else's: %v", err)
		}
		s, err := two.sup.Cancel(t.Context(), id, ann)
		if err != nil || s.State != Cancelling || !s.Archived || s.CancelledBy != "Ann" {
			t.Errorf("%+v, %v", s, err)
		}
		asked := len(done())
		s = one.wait(id)
		if s.State != Cancelled || s.Reason != ReasonPerson || s.CancelledBy != "Ann" {
			t.Errorf("%+v", s)
		}
		if began := len(done()) - asked; began > 2 {
			t.Errorf("%d rows were done after it was asked to end", began)
		}
		if again, err := two.sup.Cancel(t.Context(), id, ann); err != nil || again.State != Cancelled {
			t.Errorf("a second time: %+v, %v", again, err)
		}
		kept, err := store.Get(t.Context(), id)
		if err != nil || kept.State != Cancelled || kept.CancelledBy != "Ann" || kept.Current != int64(len(done())) {
			t.Errorf("%+v, %v", kept, err)
		}
		events, err := store.Events(t.Context(), id)
		if by := slices.ContainsFunc(events, func(e Event) bool { return e.To == Cancelling && e.By == "ann" }); err != nil || !by {
			t.Errorf("%+v, %v", events, err)
		}
		one.end()
		two.end()
	})
}

// TestPauseElsewhere: what another process was asked to pause goes on when a third asks it to.
func TestPauseElsewhere(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one, two := r.process(store, revive), r.process(store, revive)
		id := one.start(action(true), ann, 100)
		for range 3 {
			time.Sleep(10*time.Second + 500*time.Millisecond)
			if s, err := two.sup.Pause(t.Context(), id, ann); err != nil || s.State != Pausing {
				t.Fatalf("%+v, %v", s, err)
			}
			time.Sleep(3 * time.Second)
			if s := one.get(id); s.State != Paused || s.Note != "Paused by Ann." {
				t.Fatalf("%+v", s)
			}
			before := len(done())
			time.Sleep(time.Minute)
			if len(done()) != before {
				t.Fatal("it goes on although it is paused")
			}
			if s, err := two.sup.Resume(t.Context(), id, ann); err != nil || s.State != Queued {
				t.Fatalf("%+v, %v", s, err)
			}
		}
		if s := one.wait(id); s.State != Succeeded || s.Current != 100 || s.Attempt != 4 {
			t.Errorf("%+v", s)
		}
		once(t, done(), 0)
		one.end()
		two.end()
	})
}

// TestWaitingElsewhere: what waits in another process is cancelled and paused there, too, and its body never begins.
func TestWaitingElsewhere(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one, two := r.process(store, revive), r.process(store, revive)
		first := one.start(action(true), ann, 100)
		ends, waits := one.start(action(true), bob, 50), one.start(action(true), bob, 60) // one at a time
		if s, err := two.sup.Cancel(t.Context(), ends, bob); err != nil || s.State != Cancelled {
			t.Fatalf("%+v, %v", s, err)
		}
		if s, err := two.sup.Pause(t.Context(), waits, bob); err != nil || s.State != Paused {
			t.Fatalf("%+v, %v", s, err)
		}
		// Nobody has told the first process yet: the slot is free at once.
		if _, err := one.sup.Cancel(t.Context(), first, ann); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		before := len(done())
		if s := one.get(ends); s.State != Cancelled || s.Reason != ReasonPerson || s.CancelledBy != "Bob" || s.Error != "" {
			t.Errorf("%+v", s)
		}
		if s := one.get(waits); s.State != Paused || s.Error != "" {
			t.Errorf("%+v", s)
		}
		if before > 2 {
			t.Errorf("%d rows were done", before)
		}
		if s, err := two.sup.Resume(t.Context(), waits, bob); err != nil || s.State != Queued {
			t.Fatalf("%+v, %v", s, err)
		}
		if s := one.wait(waits); s.State != Succeeded || s.Current != 60 {
			t.Errorf("%+v", s)
		}
		if kept, err := store.Get(t.Context(), waits); err != nil || kept.State != Succeeded {
			t.Errorf("%+v, %v", kept, err)
		}
		one.end()
		two.end()
	})
}

// TestItFinishedFirst: the body had returned before its process heard of the cancel.
func TestItFinishedFirst(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one, two := r.process(store, revive), r.process(store, revive)
		id := one.start(action(true), ann, 10)
		time.Sleep(9*time.Second + 950*time.Millisecond)
		if s, err := two.sup.Cancel(t.Context(), id, ann); err != nil || s.State != Cancelling {
			t.Fatalf("%+v, %v", s, err)
		}
		if s := one.wait(id); s.State != Succeeded || s.Current != 10 {
			t.Errorf("%+v", s)
		}
		time.Sleep(3 * time.Second)
		if kept, err := store.Get(t.Context(), id); err != nil || kept.State != Succeeded || kept.Current != 10 {
			t.Errorf("%+v, %v", kept, err)
		}
		if len(done()) != 10 {
			t.Errorf("%d rows were done", len(done()))
		}
		one.end()
		two.end()
	})
}

// TestDeafElsewhere: a supervisor gives up a body in another process. What it says counts no more.
func TestDeafElsewhere(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, _ func(bool) Action, revive Reviver, _ func() []int64) {
		one, two := r.process(store, revive), r.process(store, revive)
		deaf := On(Action{Name: "deaf"}, func(_ context.Context, j *Job, _ Rows[order], _ struct{}) error {
			for i := range int64(60) {
				j.Update(i, 60, "row")
				time.Sleep(time.Second)
			}
			return nil
		})
		id := one.start(deaf, ann, 60)
		time.Sleep(5 * time.Second)
		for name, f := range map[string]func(context.Context, string, *widgets.User) (Snapshot, error){"stop": two.sup.Stop, "release": two.sup.Release} {
			var said UserError
			if _, err := f(t.Context(), id, chief); !errors.As(err, &said) {
				t.Errorf("%s at once: %v", name, err)
			}
		}
		if _, err := two.sup.Cancel(t.Context(), id, ann); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Second)
		if _, err := two.sup.Stop(t.Context(), id, ann); err == nil {
			t.Error("its owner may not")
		}
		s, err := two.sup.Stop(t.Context(), id, chief)
		if err != nil || s.State != Cancelled || s.Reason != ReasonForced {
			t.Fatalf("%+v, %v", s, err)
		}
		kept, err := store.Get(t.Context(), id)
		if err != nil || kept.Current > 17 {
			t.Errorf("%+v, %v", kept, err)
		}
		time.Sleep(time.Minute)
		if now, err := store.Get(t.Context(), id); err != nil || now.State != Cancelled || now.Current != kept.Current || now.Epoch != kept.Epoch {
			t.Errorf("it was written to: %+v, %v", now, err)
		}
		one.end()
		two.end()
	})
}

// broken fails at a row of the first attempt, leaves a file, and gives up rows.
func broken(done *[]int64, mu *sync.Mutex) Action {
	return On(Action{Name: "walk", Permission: "shop.refund", Resumable: true}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error {
		f, err := j.Create("attempt.txt")
		if err == nil {
			_, err = f.Write([]byte(strings.Repeat("x", j.Attempt())))
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		for o, err := range rows.All(ctx) {
			switch {
			case err != nil:
				return err
			case o.ID == 50 && j.Attempt() == 1:
				return errors.New("bad")
			case o.ID%10 == 0:
				j.Fail(o.ID, UserError("=round"))
			}
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			*done = append(*done, o.ID)
			mu.Unlock()
		}
		return nil
	})
}

// TestOutOfTheHistory: a run that failed long ago goes on from the Store, in another process, with all that it left; and one that has succeeded runs again.
func TestOutOfTheHistory(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, _ func(bool) Action, _ Reviver, done func() []int64) {
		var mu sync.Mutex
		var rows []int64
		may := true
		revive := func(_ context.Context, kept Record) (Request, error) {
			if !may {
				return Request{}, ErrDenied
			}
			return Request{Action: broken(&rows, &mu), User: ann, Selection: Selection{Source: table(1000)}}, nil
		}
		one, two := r.process(store, revive), r.process(store, revive)
		id := one.start(broken(&rows, &mu), ann, 100)
		if s := one.wait(id); s.State != Failed || s.Current != 49 || s.Failed != 4 || len(s.Files) != 1 {
			t.Fatalf("%+v", s)
		}
		time.Sleep(time.Hour)
		if data, err := two.sup.File(id, FailedFile, ann); err != nil || strings.Count(string(data), "'=round,1\r\n") != 4 {
			t.Errorf("%q, %v", data, err)
		}
		if _, err := two.sup.File(id, FailedFile, bob); !errors.Is(err, ErrNotFound) {
			t.Errorf("somebody else's: %v", err)
		}
		may = false
		if _, err := two.sup.Resume(t.Context(), id, ann); err == nil || !strings.Contains(err.Error(), "permission") {
			t.Errorf("without the permission: %v", err)
		}
		may = true
		if _, err := two.sup.Resume(t.Context(), id, bob); !errors.Is(err, ErrNotFound) {
			t.Errorf("somebody else: %v", err)
		}
		if s, err := two.sup.Resume(t.Context(), id, ann); err != nil || s.State != Queued || s.Archived {
			t.Fatalf("%+v, %v", s, err)
		}
		s := two.wait(id)
		if s.State != Succeeded || s.Current != 100 || s.Failed != 10 || s.Attempt != 2 || len(s.Files) != 1 || s.Files[0].Size != 2 {
			t.Errorf("%+v", s)
		}
		once(t, rows, 0)
		time.Sleep(time.Hour)
		if data, err := one.sup.File(id, FailedFile, chief); err != nil || strings.Count(string(data), "\r\n") != 11 {
			t.Errorf("%q, %v", data, err)
		}
		if data, err := one.sup.File(id, "attempt.txt", ann); err != nil || string(data) != "xx" {
			t.Errorf("%q, %v", data, err)
		}
		again, err := one.sup.Rerun(t.Context(), id, ann, "once")
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := one.sup.Rerun(t.Context(), id, ann, "once"); err != nil || twice != again {
			t.Errorf("a double click: %s, %v", twice, err)
		}
		if s := one.wait(again); s.State != Failed || s.Total != 100 || s.RerunOf != id { // it is its first attempt
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Hour)
		if used := one.sup.budget.used.Load() + two.sup.budget.used.Load(); used != 0 {
			t.Errorf("%d bytes of keys are held", used)
		}
		_ = done
		one.end()
		two.end()
	})
}

// TestPagesElsewhere: who watches a run in a process that does not have it hears of it all the same, at the store's pace.
func TestPagesElsewhere(t *testing.T) {
	onTwo(t, func(t *testing.T, r *room, store *Memory, action func(bool) Action, revive Reviver, done func() []int64) {
		one := r.process(store, revive)
		time.Sleep(300 * time.Millisecond) // else both clocks tick at one moment, and what is read then is chance
		two := r.process(store, revive)
		id := one.start(action(true), ann, 100)
		w := two.watch(Topic(id))
		time.Sleep(10 * time.Second)
		if s := two.get(id); s.State != Running || !s.Archived {
			t.Fatalf("%+v", s)
		}
		before := two.line.reads.Load()
		one.wait(id)
		time.Sleep(2 * time.Second)
		all := w()
		if n := len(all); n < 88 || n > 93 || all[n-1].State != Succeeded || all[n-1].Current != 100 {
			t.Errorf("%d snapshots, the last %+v", n, all[n-1])
		}
		if n := two.line.reads.Load() - before; n > 95 {
			t.Errorf("%d reads in 90 seconds", n)
		}
		before = two.line.reads.Load()
		time.Sleep(time.Minute)
		if n := two.line.reads.Load() - before; n > 0 {
			t.Errorf("%d reads of a run that has ended", n)
		}
		one.end()
		two.end()
	})
}
