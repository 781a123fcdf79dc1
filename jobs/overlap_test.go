package jobs

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/widgets"
)

func keys(from, to int) (all []widgets.Key) {
	for n := from; n < to; n++ {
		all = append(all, widgets.Key{strconv.Itoa(n)})
	}
	return all
}

// TestAlreadyRunning: two runs of a dangerous action never have a row in common, from the start of the one until its body really returned.
func TestAlreadyRunning(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		src := table(100)
		gate := make(chan struct{})
		a := On(Action{Name: "refund", Danger: true, Resumable: true, MaxConcurrent: 10}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error {
			if j.User().ID == "bob" {
				<-gate
			}
			return each(ctx, j, rows)
		})
		start := func(by *widgets.User, from, to int) (string, error) {
			return r.sup.Start(r.t.Context(), Request{Action: a, User: by, Selection: Selection{Source: src, Keys: keys(from, to)}})
		}
		first, err := start(ann, 1, 21)
		if err != nil {
			t.Fatal(err)
		}
		_, err = start(bob, 9, 49)
		var running *AlreadyRunning
		if !errors.As(err, &running) || running.ID != first || running.Rows != 12 || running.Of != 40 || !errors.Is(err, ErrBusy) ||
			running.Error() != `"Refund" is already running on 12 of these 40 rows` {
			t.Errorf("%v", err)
		}
		second, err := start(bob, 21, 49)
		if err != nil {
			t.Fatal(err)
		}
		other := plain("other", each)
		other.Danger = true
		if _, err := r.sup.Start(r.t.Context(), Request{Action: other, User: ann, Selection: Selection{Source: src, Keys: keys(1, 21)}}); err != nil {
			t.Errorf("another action: %v", err)
		}
		// A paused run keeps its rows, and so does one that was given up.
		time.Sleep(1500 * time.Millisecond)
		r.must(r.sup.Pause(r.t.Context(), first, ann))
		r.must(r.sup.Cancel(r.t.Context(), second, bob))
		time.Sleep(11 * time.Second)
		r.must(r.sup.Stop(r.t.Context(), second, chief))
		for _, from := range []int{20, 48} {
			if _, err := start(ann, from, from+1); !errors.As(err, &running) || running.Error() != `"Refund" is already running on this row` {
				t.Errorf("row %d: %v", from, err)
			}
		}
		close(gate)
		r.must(r.sup.Cancel(r.t.Context(), first, ann))
		synctest.Wait()
		if _, err := start(ann, 1, 49); err != nil {
			t.Error(err)
		}
	})
}

// TestNoTwoAtOnce: of many equal starts at the same moment one is admitted, and a failed run that goes on is compared with what has come meanwhile.
func TestNoTwoAtOnce(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		src := table(10)
		broken := true
		a := On(Action{Name: "refund", Unique: PerRows, Resumable: true}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error {
			if broken {
				return UserError("No.")
			}
			return each(ctx, j, rows)
		})
		request := Request{Action: a, User: ann, Selection: Selection{Source: src, All: true}}
		failed, err := r.sup.Start(r.t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		r.wait(failed)
		broken = false
		src.gate = make(chan struct{})
		var started sync.WaitGroup
		results := make(chan error, 10)
		for range cap(results) {
			started.Go(func() {
				_, err := r.sup.Start(r.t.Context(), request)
				results <- err
			})
		}
		synctest.Wait()
		close(src.gate) // all of them have their rows now
		started.Wait()
		admitted := 0
		for range cap(results) {
			if err := <-results; err == nil {
				admitted++
			} else if !errors.Is(err, ErrBusy) {
				t.Error(err)
			}
		}
		if admitted != 1 {
			t.Errorf("%d were admitted", admitted)
		}
		var running *AlreadyRunning
		if _, err := r.sup.Resume(r.t.Context(), failed, ann); !errors.As(err, &running) || running.Rows != 10 {
			t.Error(err)
		}
		time.Sleep(15 * time.Second)
		r.must(r.sup.Resume(r.t.Context(), failed, ann))
		once := a
		once.Unique = PerAction
		if _, err := r.sup.Start(r.t.Context(), Request{Action: once, User: ann, Selection: Selection{Source: table(1), All: true}}); err == nil ||
			!errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		r.wait(failed)
	})
}
