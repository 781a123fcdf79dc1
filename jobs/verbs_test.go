package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/widgets"
)

// careful is a Resumable action that takes a second for each row and counts how often each was done.
func careful(done map[int64]int) Action {
	a := On(Action{Name: "careful", Permission: "shop.refund", Resumable: true, MaxConcurrent: 1000},
		func(ctx context.Context, _ *Job, rows Rows[order], _ struct{}) error {
			for o, err := range rows.All(ctx) {
				if err != nil {
					return err
				}
				time.Sleep(time.Second)
				done[o.ID]++
			}
			return nil
		})
	return a
}

func (r *room) must(s Snapshot, err error) Snapshot {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// refused checks that a verb is refused with a sentence.
func (r *room) refused(what string, err error) {
	r.t.Helper()
	var said UserError
	if !errors.As(err, &said) || !strings.HasSuffix(string(said), ".") {
		r.t.Errorf("%s: %v", what, err)
	}
}

// TestPauseAndResume: the row in hand is finished, nothing of the run lives while it is paused, and it goes on with the next row: every row is done
// once, however often it was paused.
func TestPauseAndResume(t *testing.T) {
	inRoom(t, Config{Slots: 1}, func(r *room) {
		done := map[int64]int{}
		src := table(2100) // three chunks
		src.delete(3, 40, 1000, 1001, 2100)
		id, err := r.sup.Start(r.t.Context(), Request{Action: careful(done), User: ann, Selection: Selection{Source: src, All: true}})
		if err != nil {
			t.Fatal(err)
		}
		src.delete(7, 999, 1002)
		for i := range 100 {
			time.Sleep(time.Duration(700+i*977%38_000) * time.Millisecond)
			if s := r.must(r.sup.Pause(r.t.Context(), id, ann)); s.State.Final() {
				break
			} else if s.State != Pausing && s.State != Paused {
				t.Fatalf("%+v", s)
			}
			time.Sleep(time.Second)
			if s := r.get(id); s.State == Paused && (s.Note != "Paused by Ann." || s.Current == 0 && i > 0) {
				t.Fatalf("%+v", s)
			}
			if i == 3 { // its slot is free meanwhile
				r.wait(r.start(plain("b", each), bob, 1))
			}
			r.must(r.sup.Resume(r.t.Context(), id, ann))
		}
		s := r.wait(id)
		if s.State != Succeeded || s.Current != 2095 || s.Total != 2095 || s.Vanished != 3 || s.Attempt != 101 {
			t.Errorf("%+v", s)
		}
		for row, n := range done {
			if n != 1 {
				t.Errorf("row %d was done %d times", row, n)
			}
		}
		if len(done) != 2092 {
			t.Errorf("%d rows were done", len(done))
		}
	})
}

func TestPauseOfWhatWaits(t *testing.T) {
	inRoom(t, Config{Slots: 1, QueueTTL: time.Hour, PausedTTL: 3 * time.Hour}, func(r *room) {
		first := r.start(plain("a", each), ann, 5000)
		done := map[int64]int{}
		second := r.start(careful(done), ann, 3)
		synctest.Wait()
		if s := r.must(r.sup.Pause(r.t.Context(), second, chief)); s.State != Paused || s.Position != 0 {
			t.Errorf("%+v", s)
		}
		time.Sleep(50 * time.Minute)
		r.must(r.sup.Resume(r.t.Context(), second, ann))
		time.Sleep(20 * time.Minute) // the first wait's hour is over, the second's is not
		if s := r.get(second); s.State != Queued || len(done) > 0 {
			t.Errorf("%+v", s)
		}
		r.must(r.sup.Pause(r.t.Context(), second, ann))
		if s := r.wait(first); s.State != Succeeded {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Minute)
		if s := r.get(second); s.State != Paused || len(done) > 0 {
			t.Errorf("a paused run began: %+v", s)
		}
		time.Sleep(3 * time.Hour)
		if !r.gone(second) {
			t.Error("a run stays paused for ever")
		}
	})
}

// TestGoOnAfterAFailure: same ID, next attempt, from the row that failed; its last failure is not what the page shows then.
func TestGoOnAfterAFailure(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		done := map[int64]int{}
		broken := true
		a := On(Action{Name: "a", Resumable: true}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error {
			for o, err := range rows.All(ctx) {
				if err != nil {
					return err
				}
				if o.ID == 4 && broken {
					panic("bad")
				}
				done[o.ID]++
				j.Log(fmt.Sprint("did ", o.ID))
			}
			return nil
		})
		id := r.start(a, ann, 6)
		s := r.wait(id)
		if s.State != Failed || s.Current != 3 {
			t.Fatalf("%+v", s)
		}
		time.Sleep(20 * time.Second)
		broken = false
		if s := r.must(r.sup.Resume(r.t.Context(), id, ann)); s.State != Queued || s.Error != "" || s.Incident != "" || !s.Ended.IsZero() {
			t.Errorf("%+v", s)
		}
		time.Sleep(20 * time.Second) // the time to forget the failure comes and goes
		if s := r.get(id); s.State != Succeeded || s.Current != 6 || s.Attempt != 2 || len(s.Log) != 6 {
			t.Errorf("%+v", s)
		}
		if len(done) != 6 || done[1] != 1 || done[4] != 1 {
			t.Error(done)
		}
		time.Sleep(15 * time.Second)
		if !r.gone(id) {
			t.Error("it is kept")
		}
		if _, err := r.sup.Resume(r.t.Context(), id, ann); r.sup.Remembers() == errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

// TestResumeAsksForThePermission of the owner as they are then, whoever resumes.
func TestResumeAsksForThePermission(t *testing.T) {
	now := *ann
	who := func(_ context.Context, id string) (*widgets.User, error) {
		if id != "ann" {
			return nil, errors.New("nobody")
		}
		return &now, nil
	}
	inRoom(t, Config{Who: who}, func(r *room) {
		id := r.start(careful(map[int64]int{}), ann, 10)
		time.Sleep(2500 * time.Millisecond)
		r.must(r.sup.Pause(r.t.Context(), id, ann))
		time.Sleep(time.Second)
		now.Rights = nil
		_, err := r.sup.Resume(r.t.Context(), id, chief)
		r.refused("resume without the permission", err)
		if s := r.get(id); s.State != Paused {
			t.Errorf("%+v", s)
		}
		now.Rights = ann.Rights
		r.must(r.sup.Resume(r.t.Context(), id, chief))
		if s := r.wait(id); s.State != Succeeded {
			t.Errorf("%+v", s)
		}
	})
}

// TestStopByForce: the run is over for everybody at once, but slot and rows are free only when the body returned, and what it did since is not counted.
func TestStopByForce(t *testing.T) {
	inRoom(t, Config{Slots: 1}, func(r *room) {
		gate := make(chan struct{})
		id := r.start(plain("deaf", func(_ context.Context, j *Job, _ Rows[order]) error {
			j.Update(1, 10, "began")
			<-gate
			j.Update(9, 10, "went on")
			j.Fail("7", errors.New("late"))
			return errors.New("late")
		}), ann, 3)
		seen := r.watch(Topic(id))
		synctest.Wait()
		_, err := r.sup.Stop(r.t.Context(), id, chief)
		r.refused("stop of what was not asked to end", err)
		r.must(r.sup.Cancel(r.t.Context(), id, ann))
		time.Sleep(5 * time.Second)
		_, err = r.sup.Stop(r.t.Context(), id, chief)
		r.refused("stop within the grace", err)
		time.Sleep(6 * time.Second)
		_, err = r.sup.Stop(r.t.Context(), id, ann)
		r.refused("stop by the owner", err)
		if _, err = r.sup.Stop(r.t.Context(), id, bob); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		s := r.must(r.sup.Stop(r.t.Context(), id, chief))
		if s.State != Cancelled || s.Reason != ReasonForced || !s.Zombie || s.CancelledBy != "Chief" || s.Current != 1 || s.Settled() {
			t.Errorf("%+v", s)
		}
		waiting := r.start(plain("b", each), bob, 1)
		time.Sleep(time.Hour / 2)
		if s := r.get(waiting); s.State != Queued {
			t.Errorf("the slot was given away: %+v", s)
		}
		if _, err := r.sup.Release(r.t.Context(), id, ann); err == nil {
			t.Error("the owner released the slot")
		}
		r.must(r.sup.Release(r.t.Context(), id, chief))
		r.wait(waiting)
		time.Sleep(time.Hour)
		if s := r.get(id); !s.Zombie {
			t.Errorf("a living body was forgotten: %+v", s)
		}
		close(gate)
		if s := r.get(id); s.State != Cancelled || s.Zombie || s.Current != 1 || s.Failed != 0 || s.Message != "began" || s.Error != "" {
			t.Errorf("%+v", s)
		}
		settled := 0
		for _, s := range seen() {
			if s.Settled() {
				settled++
			}
		}
		if settled != 1 {
			t.Errorf("%d settled snapshots", settled)
		}
		time.Sleep(31 * time.Second)
		if !r.gone(id) {
			t.Error("it is kept")
		}
	})
}

// TestWrongVerbs: each is refused with a sentence, and changes nothing.
func TestWrongVerbs(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		ctx := r.t.Context()
		id := r.start(plain("a", each), ann, 3)
		synctest.Wait()
		_, err := r.sup.Pause(ctx, id, ann)
		r.refused("pause of what could not go on", err)
		_, err = r.sup.Rerun(ctx, id, ann, "")
		r.refused("rerun of what runs", err)
		if s := r.must(r.sup.Resume(ctx, id, ann)); s.State != Running {
			t.Errorf("%+v", s)
		}
		for name, verb := range map[string]func(context.Context, string, *widgets.User) (Snapshot, error){
			"cancel": r.sup.Cancel, "pause": r.sup.Pause, "resume": r.sup.Resume, "stop": r.sup.Stop, "release": r.sup.Release,
		} {
			for _, who := range []*widgets.User{bob, nil, {}} {
				if _, err := verb(ctx, id, who); !errors.Is(err, ErrNotFound) {
					t.Errorf("%s by a stranger: %v", name, err)
				}
			}
		}
		r.wait(id)
		_, err = r.sup.Pause(ctx, id, ann)
		r.refused("pause of what has ended", err)
		_, err = r.sup.Resume(ctx, id, ann)
		r.refused("resume of what has succeeded", err)
		if s := r.must(r.sup.Cancel(ctx, id, ann)); s.State != Succeeded {
			t.Errorf("%+v", s)
		}
		time.Sleep(31 * time.Second) // the refused resume did not keep it
		if !r.gone(id) {
			t.Error("it is kept")
		}
	})
}

// TestRerun starts a new run over what the selection has now, of whoever asks, if they may.
func TestRerun(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		src := table(3)
		first, err := r.sup.Start(r.t.Context(), Request{Action: plain("a", each), User: ann, Selection: Selection{Source: src, All: true}, Token: "1"})
		if err != nil {
			t.Fatal(err)
		}
		r.wait(first)
		src.delete(2)
		if _, err := r.sup.Rerun(r.t.Context(), first, chief, ""); !errors.Is(err, ErrDenied) {
			t.Errorf("rerun without the permission: %v", err)
		}
		second, err := r.sup.Rerun(r.t.Context(), first, ann, "click")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := r.sup.Rerun(r.t.Context(), first, ann, "click"); err != nil || again != second {
			t.Errorf("a double click: %s %v", again, err)
		}
		if s := r.wait(second); s.RerunOf != first || s.State != Succeeded || s.Total != 2 || second == first {
			t.Errorf("%+v", s)
		}
	})
}

// TestResumableGoesOverItsRowsOnce: a second loop would not know where to begin after a pause.
func TestResumableGoesOverItsRowsOnce(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		id := r.start(On(Action{Name: "a", Resumable: true}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error {
			if err := each(ctx, j, rows); err != nil {
				return err
			}
			return each(ctx, j, rows)
		}), ann, 2)
		if s := r.wait(id); s.State != Failed || !strings.Contains(r.logs.String(), "in one loop") {
			t.Errorf("%+v", s)
		}
	})
}
