package jobs

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"greenroom/actors"
)

// A node renews its lease five times while it runs, and stops its bodies when three fifths have passed without that.
const (
	renewals = 5
	lateness = 3
)

const (
	saveEvery = time.Second
	// storeWithin bounds one transaction, and tryFor how long a step is tried that the Store refuses for a reason of its own.
	storeWithin = 5 * time.Second
	tryFor      = 5 * time.Second
)

// keeper writes to the Store what becomes of runs: each step in the order that it was taken, and once a second how far all bodies are, in one transaction.
// It has a goroutine of its own, since actors wait for nothing.
type keeper struct {
	store  Store
	node   string
	log    *slog.Logger
	revive func(ctx context.Context, r Record) // takes a claimed run over
	sys    *actors.System
	keep   time.Duration
	lease  time.Duration

	up   chan struct{} // closed when the node has a lease
	wake chan struct{}
	quit chan struct{}
	done chan struct{}
	stop sync.Once

	saving sync.Mutex // held by save

	mu     sync.Mutex
	steps  []*step
	bodies map[string]*body

	undone                 []*step // given up on for now; the keeper's goroutine only
	renewed, saved, purged time.Time
}

// step is a transition on its way to the Store.
type step struct {
	from At
	to   Record
	by   string
	told func(error)
	done chan struct{} // closed when err says how it went
	err  error
}

// body is one that runs, and what is stored of it.
type body struct {
	job    *Job
	worker actors.Ref
	stored Progress
}

func newKeeper(sys *actors.System, store Store, cfg *Config) *keeper {
	return &keeper{
		store: store, node: newID(), log: cfg.Log, sys: sys, keep: cfg.History, lease: cfg.Lease, bodies: map[string]*body{},
		up: make(chan struct{}), wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
}

// put lines a step up. A nil job ends the watch over the run's body, another begins it.
func (k *keeper) put(s *step, job *Job, worker actors.Ref) {
	k.mu.Lock()
	k.steps = append(k.steps, s)
	if job == nil {
		delete(k.bodies, s.to.ID)
	} else {
		k.bodies[s.to.ID] = &body{job: job, worker: worker, stored: Progress{ID: s.to.ID, Epoch: s.to.Epoch}}
	}
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default: // it is awake
	}
}

// close ends the keeper after the steps that are lined up, and gives the lease back: what the node still has is anybody's.
func (k *keeper) close(ctx context.Context) error {
	k.stop.Do(func() { close(k.quit) })
	select {
	case <-k.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// run is the keeper's goroutine.
func (k *keeper) run() {
	defer close(k.done)
	tick := time.NewTicker(min(saveEvery, k.lease/renewals))
	defer tick.Stop()
	for up := false; ; {
		if time.Since(k.renewed) >= k.lease/renewals && k.renew() {
			if !up {
				up = true
				close(k.up)
			}
			k.sweep()
		}
		k.flush()
		select {
		case <-k.wake:
		case <-tick.C:
			k.retry()
			if time.Since(k.saved) >= saveEvery {
				k.saved = time.Now()
				k.save()
			}
			k.late()
			k.purge()
		case <-k.quit:
			k.flush()
			k.retry()
			k.within(func(ctx context.Context) error { return k.store.Renew(ctx, k.node, 0) }, "give the lease back")
			return
		}
	}
}

// within runs one transaction and reports whether it went well.
func (k *keeper) within(f func(ctx context.Context) error, what string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), storeWithin)
	defer cancel()
	err := f(ctx)
	if err != nil {
		k.log.Error("jobs: the store refuses", "what", what, "err", err)
	}
	return err == nil
}

// flush writes the steps that are lined up.
func (k *keeper) flush() {
	for {
		k.mu.Lock()
		steps := k.steps
		k.steps = nil
		k.mu.Unlock()
		if len(steps) == 0 {
			return
		}
		for _, s := range steps {
			s.err = k.write(s)
			close(s.done)
			s.told(s.err)
		}
	}
}

// write stores a step, and tries again while the reason is none that lasts.
func (k *keeper) write(s *step) error {
	for began := time.Now(); ; {
		ctx, cancel := context.WithTimeout(context.Background(), storeWithin)
		err := k.store.Transition(ctx, s.from, s.to, s.by)
		cancel()
		lasts := lasting(err)
		if err == nil || lasts || time.Since(began) > tryFor {
			if err != nil {
				k.log.Error("jobs: a step is not stored", "job", s.to.ID, "from", string(s.from.State), "to", string(s.to.State), "epoch", s.from.Epoch, "err", err)
			}
			if err != nil && !lasts {
				k.undone = append(k.undone, s)
			}
			return err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-k.quit:
			return err
		}
	}
}

// retry writes what could not be written, now that it may be. What the runs did since does not fit any more, and is refused.
func (k *keeper) retry() {
	if len(k.undone) == 0 {
		return
	}
	undone := k.undone
	k.undone = nil
	for i, s := range undone {
		ctx, cancel := context.WithTimeout(context.Background(), storeWithin)
		err := k.store.Transition(ctx, s.from, s.to, s.by)
		cancel()
		if err != nil && !lasting(err) {
			k.undone = undone[i:]
			return
		}
	}
}

// lasting reports whether an error of the Store stays the same however often it is asked.
func lasting(err error) bool {
	return errors.Is(err, ErrFenced) || errors.Is(err, ErrMoved) || errors.Is(err, ErrStep) || errors.Is(err, ErrNotFound)
}

// save writes how far the bodies are that have moved since, and hears which of them are no longer ours.
func (k *keeper) save() {
	k.saving.Lock()
	defer k.saving.Unlock()
	k.mu.Lock()
	for len(k.steps) > 0 { // a body is known before the Store knows that it runs
		k.mu.Unlock()
		k.flush()
		k.mu.Lock()
	}
	bodies := maps.Clone(k.bodies)
	k.mu.Unlock()
	var moved []Progress
	for _, b := range bodies {
		if l := b.job.journal; l != nil && l.used.Load() {
			continue // Tx stores how far it is
		}
		if p := b.job.progress(b.stored.ID, b.stored.Epoch); p != b.stored {
			moved = append(moved, p)
		}
	}
	if len(moved) == 0 {
		return
	}
	slices.SortFunc(moved, func(a, b Progress) int { // two nodes that save at once take rows in the same order
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	var stand []At
	ok := k.within(func(ctx context.Context) (err error) {
		stand, err = k.store.Save(ctx, moved)
		return err
	}, "take progress")
	if !ok {
		return
	}
	for _, p := range moved {
		bodies[p.ID].stored = p
	}
	for _, at := range stand {
		if b := bodies[at.ID]; at.Epoch != b.stored.Epoch || at.State.Final() {
			k.lose(at.ID, b)
		}
	}
}

// lose ends a body whose run is another's by now.
func (k *keeper) lose(id string, b *body) {
	k.mu.Lock()
	if k.bodies[id] != b { // it has ended meanwhile
		k.mu.Unlock()
		return
	}
	delete(k.bodies, id)
	k.mu.Unlock()
	k.sys.Send(b.worker, lost{b.stored.Epoch})
}

// progress is what the Store keeps of a body once a second.
func (j *Job) progress(id string, epoch int64) Progress {
	cursor := j.cell.cursor.Load() // before the counts: what is stored as done must have been counted
	n := j.cell.read()
	return Progress{
		ID: id, Epoch: epoch, Current: n.current, Total: n.total, Failed: n.failed, Vanished: n.vanished, Message: clean(j.cell.spoken()),
		Cursor: strconv.FormatInt(cursor, 10),
	}
}

func (k *keeper) renew() bool {
	asked := time.Now()
	ok := k.within(func(ctx context.Context) error { return k.store.Renew(ctx, k.node, k.lease) }, "renew the lease")
	if ok {
		k.renewed = asked
	}
	return ok
}

// late ends all bodies when the lease is about to run out: another node will take their runs over.
func (k *keeper) late() {
	if k.renewed.IsZero() || time.Since(k.renewed) < k.lease*lateness/renewals {
		return
	}
	k.mu.Lock()
	bodies := maps.Clone(k.bodies)
	k.mu.Unlock()
	for id, b := range bodies {
		k.lose(id, b)
	}
}

// sweep takes over what nodes that have died left behind.
func (k *keeper) sweep() {
	for {
		var mine []Record
		ok := k.within(func(ctx context.Context) (err error) {
			mine, err = k.store.Claim(ctx, k.node, sweepAtOnce)
			return err
		}, "hand over what dead nodes ran")
		if !ok {
			return
		}
		for _, r := range mine {
			k.within(func(ctx context.Context) error {
				k.revive(ctx, r)
				return nil
			}, "")
		}
		if len(mine) < sweepAtOnce {
			return
		}
	}
}

const sweepAtOnce = 50

// purge forgets what ended long ago, a bounded part an hour at a time.
func (k *keeper) purge() {
	if time.Since(k.purged) < time.Hour {
		return
	}
	k.purged = time.Now()
	for n := int64(purgeAtOnce); n == purgeAtOnce; {
		if !k.within(func(ctx context.Context) (err error) {
			n, err = k.store.Purge(ctx, time.Now().Add(-k.keep))
			return err
		}, "forget old runs") {
			return
		}
	}
}
