package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
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

// TestRandom does random things to small supervisors and checks the invariants of the registry after each:
//
//	I1 every living body has an entry   I2 never more than Keep entries    I3 a final state is final
//	I4 after Drain nothing runs         I5 exactly one settled publication I6 an entry that is gone had ended, and its body had returned
//	P4 a resumable run does no row twice, however it is paused and resumed, and none is left out when it succeeded
//
// SEEDS says how many schedules; the default is for every day, and task race makes 10,000. One in a hundred is long, on a registry of 12, the others
// crowd a registry of 3 to 6. Every other one is with a Store.
func TestRandom(t *testing.T) {
	seeds := 200
	if n, err := strconv.Atoi(os.Getenv("SEEDS")); err == nil {
		seeds = n
	}
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers {
		t.Run(strconv.Itoa(worker), func(t *testing.T) {
			t.Parallel()
			const together = 100 // to a system of actors, which costs as much as a schedule
			for from := worker; from < seeds && !t.Failed(); from += workers * together {
				synctest.Test(t, func(t *testing.T) {
					r := &room{t: t, logs: &logs{}}
					r.open()
					for seed := from; seed < min(seeds, from+workers*together) && !t.Failed(); seed += workers {
						r.randomly(seed)
					}
					r.close()
				})
			}
		})
	}
}

// randomly runs the schedule of one seed.
func (r *room) randomly(seed int) {
	t := r.t
	t.Helper()
	r.logs = &logs{}
	rnd := rand.New(rand.NewPCG(uint64(seed), 7))
	cfg, acts := Config{Keep: 3 + rnd.IntN(4), Slots: 1 + rnd.IntN(3), UnfinishedPerUser: 2 + rnd.IntN(2)}, 40
	if seed%100 < 2 {
		cfg, acts = Config{Keep: 12, Slots: 4, UnfinishedPerUser: 8}, 300
	}
	var store Store
	if seed%2 == 1 {
		store = NewMemory()
	}
	r.supervise(cfg, store, nil, func() {
		w := &world{living: map[string]bool{}, last: map[string]Snapshot{}, rows: map[string]map[int64]int{}}
		s := &schedule{room: r, rnd: rnd, world: w, watcher: r.follow(w)}
		for range acts {
			s.act()
			synctest.Wait()
			w.check(t, seed, r.sup.List(chief), s.ids, cfg.Keep)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if err := r.sup.Drain(ctx); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		all := r.sup.List(chief)
		w.check(t, seed, all, s.ids, cfg.Keep)
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.living) > 0 {
			t.Errorf("seed %d: I4: %d bodies live after Drain", seed, len(w.living))
		}
		if strings.Contains(r.logs.String(), "job lost") {
			t.Errorf("seed %d: P6: a run was lost to another node, and there is none", seed)
		}
		r.sys.Stop(s.watcher)
		for _, s := range all {
			if !s.Settled() {
				t.Errorf("seed %d: I4: %s is %s after Drain", seed, s.ID, s.State)
			}
		}
	})
	if t.Failed() {
		t.Logf("seed %d", seed)
	}
}

// schedule is a sequence of random acts on one supervisor.
type schedule struct {
	*room
	rnd     *rand.Rand
	world   *world
	watcher actors.Ref
	ids     []string // of what was started
}

// act starts something, meddles with something, looks at something, or lets time pass.
func (s *schedule) act() {
	s.t.Helper()
	switch s.rnd.IntN(10) {
	case 0, 1, 2, 3:
		s.start()
	case 4, 5, 6:
		if len(s.ids) > 0 {
			s.meddle(s.ids[s.rnd.IntN(len(s.ids))])
		}
	case 7:
		if len(s.ids) > 0 {
			_, _ = s.sup.Get(s.ids[s.rnd.IntN(len(s.ids))], chief)
		}
	default:
		time.Sleep(time.Duration(s.rnd.IntN(9000)) * time.Millisecond)
	}
}

func (s *schedule) start() {
	s.t.Helper()
	users := []*widgets.User{ann, bob, {ID: "eve", Name: "Eve", Rights: []string{"shop.refund"}}}
	id, err := s.sup.Start(s.t.Context(), Request{
		Action: s.world.action(s.rnd), User: users[s.rnd.IntN(3)],
		Selection: Selection{Source: table(1 + s.rnd.IntN(5)), All: true}, Token: strconv.Itoa(s.rnd.IntN(60)),
	})
	switch {
	case err == nil && slices.Contains(s.ids, id): // a resent token
	case err == nil:
		s.ids = append(s.ids, id)
		s.sys.Subscribe(Topic(id), s.watcher)
	case !errors.Is(err, ErrBusy):
		s.t.Fatal(err)
	}
}

func (s *schedule) meddle(id string) {
	s.t.Helper()
	verb := []func(context.Context, string, *widgets.User) (Snapshot, error){
		s.sup.Cancel, s.sup.Pause, s.sup.Pause, s.sup.Resume, s.sup.Resume, s.sup.Stop, s.sup.Release,
	}[s.rnd.IntN(7)]
	var said UserError
	_, err := verb(s.t.Context(), id, []*widgets.User{ann, chief}[s.rnd.IntN(2)])
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.As(err, &said) {
		s.t.Fatal(err)
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
