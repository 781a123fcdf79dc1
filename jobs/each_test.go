package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/widgets"
)

// over starts an action whose body is Each.
func (r *room) over(src *memory, f func(ctx context.Context, j *Job, o order) error, options ...EachOption) string {
	r.t.Helper()
	a := On(Action{Name: "each", Resumable: true}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error {
		return Each(ctx, rows, func(ctx context.Context, o order) error { return f(ctx, j, o) }, options...)
	})
	id, err := r.sup.Start(r.t.Context(), Request{Action: a, User: ann, Selection: Selection{Source: src, All: true}})
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// TestEach: serial and parallel, with rows that vanish, fail and take their time, paused and resumed at random: every row is done exactly once, and the
// counts are exact at the end.
func TestEach(t *testing.T) {
	for seed := range uint64(20) {
		inRoom(t, Config{Retain: time.Hour}, func(r *room) {
			rnd, body := rand.New(rand.NewPCG(seed, 3)), rand.New(rand.NewPCG(seed, 4))
			n := 1 + rnd.IntN(2500)
			src := table(n)
			var mu sync.Mutex
			seen, working, most := map[int64]int{}, 0, 0
			workers := rnd.IntN(9)
			id := r.over(src, func(_ context.Context, _ *Job, o order) error {
				mu.Lock()
				seen[o.ID]++
				working++
				most = max(most, working)
				slow := time.Duration(body.IntN(1000)) * time.Millisecond
				mu.Unlock()
				time.Sleep(slow)
				mu.Lock()
				defer mu.Unlock()
				working--
				if o.ID%10 == 3 {
					return errors.New("no")
				}
				return nil
			}, Parallel(workers))
			vanished := map[int]bool{}
			for range rnd.IntN(300) {
				vanished[1+rnd.IntN(n)] = true
			}
			for row := range vanished {
				src.delete(row) // some of them may have been read already
			}
			for range 10 {
				time.Sleep(time.Duration(rnd.IntN(100_000)) * time.Millisecond)
				if _, err := r.sup.Pause(r.t.Context(), id, ann); err != nil {
					break // it has ended
				}
				time.Sleep(2 * time.Second)
				if s := r.get(id); s.State == Paused && s.Current != int64(len(seen))+s.Vanished { // nothing is under way
					t.Errorf("seed %d: paused with %d done: %+v", seed, len(seen), s)
				}
				if s, err := r.sup.Resume(r.t.Context(), id, ann); err != nil && !s.State.Final() && r.get(id).State != Succeeded {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
			s := r.wait(id)
			failed := 0
			for row, times := range seen {
				if times != 1 {
					t.Errorf("seed %d: row %d was done %d times", seed, row, times)
				}
				if row%10 == 3 {
					failed++
				}
			}
			if s.State != Succeeded || s.Current != int64(n) || s.Vanished != int64(n-len(seen)) || s.Failed != int64(failed) {
				t.Errorf("seed %d: %d of %d seen: %+v", seed, len(seen), n, s)
			}
			if most > max(1, workers) {
				t.Errorf("%d at a time, not %d", most, workers)
			}
		})
	}
}

// TestEachWaitsForASlowRow: others go on, though no more than so many ahead of it.
func TestEachWaitsForASlowRow(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		gate := make(chan struct{})
		var done int64
		var mu sync.Mutex
		id := r.over(table(3000), func(_ context.Context, _ *Job, o order) error {
			if o.ID == 11 {
				<-gate
			}
			mu.Lock()
			done++
			mu.Unlock()
			return nil
		}, Parallel(4))
		time.Sleep(time.Second)
		if s := r.get(id); done != 10+ahead-1 || s.Current != 10 {
			t.Errorf("%d done, %+v", done, s)
		}
		close(gate)
		if s := r.wait(id); s.State != Succeeded || s.Current != 3000 || done != 3000 {
			t.Errorf("%d done, %+v", done, s)
		}
	})
}

func TestEachKeepsTheRate(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		id := r.over(table(100), func(context.Context, *Job, order) error { return nil }, Rate(10), Parallel(5))
		time.Sleep(5*time.Second + 50*time.Millisecond)
		if s := r.get(id); s.Current < 50 || s.Current > 53 {
			t.Errorf("%d rows in 5 s", s.Current)
		}
		if s := r.must(r.sup.Pause(r.t.Context(), id, ann)); s.State != Pausing {
			t.Errorf("%+v", s)
		}
		if s := r.get(id); s.State != Paused { // at once, although the next row is due later
			t.Errorf("%+v", s)
		}
		r.must(r.sup.Resume(r.t.Context(), id, ann))
		if s := r.wait(id); s.State != Succeeded || s.Ended.Sub(s.Started) > 5*time.Second {
			t.Errorf("%+v", s)
		}
	})
}

// TestMaxFailures ends the run as failed; it goes on behind them.
func TestMaxFailures(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for _, workers := range []int{1, 3} {
			broken := true
			id := r.over(table(50), func(_ context.Context, _ *Job, o order) error {
				if broken {
					return UserError(fmt.Sprintf("=No %d", o.ID))
				}
				return nil
			}, MaxFailures(5), Parallel(workers))
			s := r.wait(id)
			if s.State != Failed || !strings.HasPrefix(s.Error, "Stopped: ") || s.Failed < 5 || s.Failed > 8 || s.Current != s.Failed {
				t.Errorf("%+v", s)
			}
			data, err := r.sup.File(id, FailedFile, ann)
			if lines := strings.Split(string(data), "\r\n"); err != nil || lines[0] != "row,error,attempt" || lines[1] != "1,'=No 1,1" && workers == 1 ||
				len(lines) != int(s.Failed)+2 {
				t.Errorf("%q %v", data, err)
			}
			broken = false
			r.must(r.sup.Resume(r.t.Context(), id, ann))
			if s := r.wait(id); s.State != Succeeded || s.Current != 50 || s.Failed > 8 {
				t.Errorf("%+v", s)
			}
		}
	})
}

// TestEachPanics: the run fails with the panic, and no call is left.
func TestEachPanics(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for _, workers := range []int{1, 4} {
			id := r.over(table(100), func(_ context.Context, _ *Job, o order) error {
				time.Sleep(time.Second)
				if o.ID == 20 {
					panic("bad")
				}
				return nil
			}, Parallel(workers))
			if s := r.wait(id); s.State != Failed || s.Reason != ReasonPanic || s.Current != 19 {
				t.Errorf("%+v", s)
			}
			id = r.over(table(100), func(ctx context.Context, _ *Job, _ order) error {
				<-ctx.Done()
				return ctx.Err()
			}, Parallel(workers))
			synctest.Wait()
			r.must(r.sup.Cancel(r.t.Context(), id, ann))
			if s := r.wait(id); s.State != Cancelled || s.Current != 0 || s.Failed != 0 {
				t.Errorf("%+v", s)
			}
		}
	})
}

// TestFiles: what a body leaves is its owner's, outlives the run by an hour, and has bounds.
func TestFiles(t *testing.T) {
	inRoom(t, Config{FileBytes: 1 << 20}, func(r *room) {
		write := func(j *Job, name string, n int) error {
			w, err := j.Create(name)
			if err != nil {
				return err
			}
			if _, err := io.WriteString(w, strings.Repeat("x", n)); err != nil {
				return err
			}
			return w.Close()
		}
		make := func(n int) string {
			return r.start(plain("export", func(_ context.Context, j *Job, _ Rows[order]) error {
				for _, bad := range []string{"", "../x", "a/b", ".x", "x\n"} {
					if _, err := j.Create(bad); err == nil {
						t.Errorf("a file named %q", bad)
					}
				}
				if err := write(j, "list.txt", 1); err != nil {
					return err
				}
				if err := write(j, "list.txt", n); err != nil {
					return err
				}
				j.Result("Wrote the list.")
				return nil
			}), ann, 1)
		}
		first := make(600_000)
		s := r.wait(first)
		if len(s.Files) != 1 || s.Files[0] != (File{"list.txt", 600_000}) || s.Result != "Wrote the list." {
			t.Errorf("%+v", s)
		}
		for name, who := range map[string]*widgets.User{"list.txt": bob, "else": ann, FailedFile: ann} {
			if _, err := r.sup.File(first, name, who); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if s := r.wait(make(600_000)); !r.sup.Remembers() && (s.State != Failed || !strings.Contains(s.Error, "no room")) {
			t.Errorf("%+v", s)
		}
		time.Sleep(50 * time.Minute)
		if data, err := r.sup.File(first, "list.txt", ann); !r.gone(first) || err != nil || len(data) != 600_000 {
			t.Errorf("%d bytes, %v", len(data), err)
		}
		if s := r.wait(make(600_000)); s.State != Succeeded { // what is forgotten makes room
			t.Errorf("%+v", s)
		}
		time.Sleep(2 * time.Hour)
		if data, err := r.sup.File(first, "list.txt", ann); r.sup.Remembers() && len(data) != 600_000 || !r.sup.Remembers() && !errors.Is(err, ErrNotFound) {
			t.Errorf("%d bytes, %v", len(data), err)
		}
		if r.sup.vault.used != 0 || len(r.sup.vault.of) != 0 {
			t.Errorf("%d bytes are left", r.sup.vault.used)
		}
	})
}

// ledger is a table whose transactions are counted.
type ledger struct {
	*memory
	committed, taken int
}

func (l *ledger) Tx(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	if err := f(ctx, nil); err != nil {
		l.taken++
		return err
	}
	l.committed++
	return nil
}

// TestTx: a dry run takes back what it did, and so does a run that was given up.
func TestTx(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		src := &ledger{memory: table(3)}
		gate := make(chan struct{})
		a := On(Action{Name: "pay", DryRun: true}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error {
			return Each(ctx, rows, func(ctx context.Context, o order) error {
				return j.Tx(ctx, func(context.Context, *sql.Tx) error {
					if o.ID == 2 && !j.DryRun() {
						<-gate
					}
					return nil
				})
			})
		})
		start := func(dry bool) string {
			id, err := r.sup.Start(r.t.Context(), Request{Action: a, User: ann, Selection: Selection{Source: src, All: true}, DryRun: dry})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		if s := r.wait(start(true)); s.State != Succeeded || !s.DryRun || src.committed != 0 || src.taken != 3 || s.Failed != 0 {
			t.Errorf("%+v %+v", src, s)
		}
		id := start(false)
		synctest.Wait()
		r.must(r.sup.Cancel(r.t.Context(), id, ann))
		time.Sleep(11 * time.Second)
		r.must(r.sup.Stop(r.t.Context(), id, chief))
		close(gate)
		synctest.Wait()
		if src.committed != 1 || src.taken != 4 {
			t.Errorf("%+v", src)
		}
		_, err := r.sup.Start(r.t.Context(), Request{Action: plain("b", each), User: ann, Selection: Selection{Source: src, All: true}, DryRun: true})
		r.refused("dry run of what has none", err)
	})
}
