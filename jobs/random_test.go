package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// TestRandom does random things to a small supervisor and checks the invariants of the registry after each:
//
//	I1 every living body has an entry   I2 never more than Keep entries    I3 a final state is final
//	I4 after Drain nothing runs         I5 exactly one settled publication I6 an entry that is gone had ended, and its body had returned
//	P4 a resumable run does no row twice, however it is paused and resumed, and none is left out when it succeeded
//
// SEEDS says how many seeds; the default is for every day.
func TestRandom(t *testing.T) {
	seeds := 10
	if n, err := strconv.Atoi(os.Getenv("SEEDS")); err == nil {
		seeds = n
	}
	for seed := range seeds {
		const keep = 12
		inRoom(t, Config{Keep: keep, Slots: 4, UnfinishedPerUser: 8}, func(r *room) {
			rnd := rand.New(rand.NewPCG(uint64(seed), 7))
			w := &world{living: map[string]bool{}, last: map[string]Snapshot{}, rows: map[string]map[int64]int{}}
			users := []*widgets.User{ann, bob, {ID: "eve", Name: "Eve", Rights: []string{"shop.refund"}}}
			var ids []string
			watcher := r.follow(w)
			for range 300 {
				switch rnd.IntN(10) {
				case 0, 1, 2, 3:
					id, err := r.sup.Start(r.t.Context(), Request{
						Action: w.action(rnd), User: users[rnd.IntN(3)],
						Selection: Selection{Source: table(1 + rnd.IntN(5)), All: true}, Token: strconv.Itoa(rnd.IntN(60)),
					})
					switch {
					case err == nil && slices.Contains(ids, id): // a resent token
					case err == nil:
						ids = append(ids, id)
						r.sys.Subscribe(Topic(id), watcher)
					case !errors.Is(err, ErrBusy):
						t.Fatal(err)
					}
				case 4, 5, 6:
					if len(ids) > 0 {
						verb := []func(context.Context, string, *widgets.User) (Snapshot, error){
							r.sup.Cancel, r.sup.Pause, r.sup.Pause, r.sup.Resume, r.sup.Resume, r.sup.Stop, r.sup.Release,
						}[rnd.IntN(7)]
						var said UserError
						_, err := verb(r.t.Context(), ids[rnd.IntN(len(ids))], []*widgets.User{ann, chief}[rnd.IntN(2)])
						if err != nil && !errors.Is(err, ErrNotFound) && !errors.As(err, &said) {
							t.Fatal(err)
						}
					}
				case 7:
					if len(ids) > 0 {
						_, _ = r.sup.Get(ids[rnd.IntN(len(ids))], chief)
					}
				default:
					time.Sleep(time.Duration(rnd.IntN(9000)) * time.Millisecond)
				}
				synctest.Wait()
				w.check(t, seed, r.sup.List(chief), ids, keep)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			if err := r.sup.Drain(ctx); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			w.check(t, seed, r.sup.List(chief), ids, keep)
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.living) > 0 {
				t.Errorf("seed %d: I4: %d bodies live after Drain", seed, len(w.living))
			}
			if strings.Contains(r.logs.String(), "job lost") {
				t.Errorf("seed %d: P6: a run was lost to another node, and there is none", seed)
			}
			for _, s := range r.sup.List(chief) {
				if !s.Settled() {
					t.Errorf("seed %d: I4: %s is %s after Drain", seed, s.ID, s.State)
				}
			}
		})
		if t.Failed() {
			return
		}
	}
}

// world is what the bodies and the watcher know.
type world struct {
	mu     sync.Mutex
	rows   map[string]map[int64]int // of resumable runs: how often each row was done
	living map[string]bool
	last   map[string]Snapshot
}

// action is a plain one, or one that can be paused.
func (w *world) action(rnd *rand.Rand) Action {
	name := "a" + strconv.Itoa(rnd.IntN(3))
	if rnd.IntN(2) == 0 {
		return plain(name, w.body(rnd.IntN(7)))
	}
	fails := rnd.IntN(3) == 0
	return On(Action{Name: name, MaxConcurrent: 1000, Resumable: true}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error {
		defer w.lives(j)()
		for o, err := range rows.All(ctx) {
			if err != nil {
				return err
			}
			if fails && o.ID == 3 && j.Attempt() == 1 {
				return errors.New("bad")
			}
			time.Sleep(time.Duration(o.ID) * time.Second)
			w.mu.Lock()
			if w.rows[j.ID()] == nil {
				w.rows[j.ID()] = map[int64]int{}
			}
			w.rows[j.ID()][o.ID]++
			w.mu.Unlock()
		}
		return nil
	})
}

// lives notes that a body is there, until it returns.
func (w *world) lives(j *Job) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.living[j.ID()] = true
	return func() {
		w.mu.Lock()
		delete(w.living, j.ID())
		w.mu.Unlock()
	}
}

// body makes one of several kinds of bodies, good and bad.
func (w *world) body(kind int) func(ctx context.Context, j *Job, rows Rows[order]) error {
	return func(ctx context.Context, j *Job, rows Rows[order]) error {
		defer w.lives(j)()
		switch kind {
		case 0:
			time.Sleep(time.Minute) // deaf
			return nil
		case 1:
			panic("bad")
		case 2:
			return errors.New("bad")
		case 3:
			j.Update(1, 1, "done")
			return nil
		}
		return each(ctx, j, rows)
	}
}

// follow is a watcher of any number of runs.
func (r *room) follow(w *world) actors.Ref {
	r.t.Helper()
	ref, err := r.sys.Group(actors.Sessions).Spawn("watcher", "", func() actors.Actor {
		return receiver(func(c *actors.Context) {
			n, ok := c.Message().(actors.News)
			if !ok {
				return
			}
			s := n.Value.(Snapshot)
			w.mu.Lock()
			defer w.mu.Unlock()
			before := w.last[s.ID]
			if resumed := before.State == Failed && s.State == Queued; before.State.Final() && !resumed && (before.State != s.State || before.Current != s.Current) {
				r.t.Errorf("I3: %s was %s and is %s", s.ID, before.State, s.State)
			}
			if s.Version <= before.Version {
				r.t.Errorf("version %d of %s came after %d", s.Version, s.ID, before.Version)
			}
			w.last[s.ID] = s
			if s.State.Final() && before.Settled() {
				r.t.Errorf("I5: %s settled twice", s.ID)
			}
			if s.State == Succeeded && w.rows[s.ID] != nil && int64(len(w.rows[s.ID])) != s.Total {
				r.t.Errorf("P4: %s succeeded with %d of %d rows done", s.ID, len(w.rows[s.ID]), s.Total)
			}
			for row, n := range w.rows[s.ID] {
				if n > 1 {
					r.t.Errorf("P4: %s did row %d %d times", s.ID, row, n)
				}
			}
		})
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return ref
}

func (w *world) check(t *testing.T, seed int, all []Snapshot, ids []string, keep int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(all) > keep {
		t.Errorf("seed %d: I2: %d entries", seed, len(all))
	}
	here := map[string]Snapshot{}
	for _, s := range all {
		here[s.ID] = s
	}
	for id := range w.living {
		if s, ok := here[id]; !ok || s.Settled() {
			t.Errorf("seed %d: I1: the body of %s lives, its entry is %q", seed, id, s.State)
		}
	}
	for _, id := range ids {
		_, kept := here[id]
		last, seen := w.last[id]
		if !kept && seen && !last.Settled() {
			t.Errorf("seed %d: I6: %s is gone and was %s", seed, id, last.State)
		}
	}
}
