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
	asks chan chan struct{} // to save now
	quit chan struct{}
	done chan struct{}
	stop sync.Once

	saving sync.Mutex // held by save

	mu    sync.Mutex
	steps []*step
	runs  map[string]*held
	// watched are unfinished runs of other processes that somebody looked at here, as they were last.
	watched map[string]Record

	undone                 []*step // given up on for now; the keeper's goroutine only
	renewed, saved, purged time.Time
}

// step is a transition on its way to the Store.
type step struct {
	from    At
	to      Record
	by      string
	journal *journal // of the newest attempt; nil before the first
	told    func(err error, now *Record)
	done    chan struct{} // closed when err says how it went
	err     error
}

// held is an unfinished run of this process, and what is stored of it.
type held struct {
	at     At
	worker actors.Ref
	job    *Job // nil while no body works
	stored Progress
}

func newKeeper(sys *actors.System, store Store, cfg *Config) *keeper {
	return &keeper{
		store: store, node: newID(), log: cfg.Log, sys: sys, keep: cfg.History, lease: cfg.Lease, runs: map[string]*held{}, watched: map[string]Record{},
		up: make(chan struct{}), wake: make(chan struct{}, 1), asks: make(chan chan struct{}), quit: make(chan struct{}), done: make(chan struct{}),
	}
}

// put lines a step up; see watch for the others.
func (k *keeper) put(s *step, job *Job, worker actors.Ref) {
	k.mu.Lock()
	k.steps = append(k.steps, s)
	k.mu.Unlock()
	k.watch(s.to.At(), job, worker)
	select {
	case k.wake <- struct{}{}:
	default: // it is awake
	}
}

// watch says where a run is, and whose body works; nil for none. A run that has ended, or is anybody's, is not watched.
func (k *keeper) watch(at At, job *Job, worker actors.Ref) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if at.State.Final() || worker.IsZero() {
		delete(k.runs, at.ID)
		return
	}
	k.runs[at.ID] = &held{at: at, job: job, worker: worker, stored: Progress{ID: at.ID, Epoch: at.Epoch}}
}

// catchUp stores now what would be stored within a second.
func (k *keeper) catchUp(ctx context.Context) {
	saved := make(chan struct{})
	select {
	case k.asks <- saved:
	case <-k.done:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-saved:
	case <-ctx.Done():
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
		case saved := <-k.asks:
			k.save()
			close(saved)
		case <-tick.C:
			k.retry()
			if time.Since(k.saved) >= saveEvery {
				k.saved = time.Now()
				k.save()
				k.look()
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
			var now *Record
			now, s.err = k.write(s)
			s.told(s.err, now) // before the body hears of it, whose end is to be told after it
			close(s.done)
		}
	}
}

// write stores a step, and tries again while the reason is none that lasts. When another process has asked something of the run meanwhile, the step is
// taken from there if it can be; if not, now is the run as it stands.
func (k *keeper) write(s *step) (now *Record, err error) {
	k.failures(s)
	for began := time.Now(); ; {
		ctx, cancel := context.WithTimeout(context.Background(), storeWithin)
		err = k.store.Transition(ctx, s.from, s.to, s.by)
		if errors.Is(err, ErrMoved) {
			var again bool
			if now, again = k.moved(ctx, s); again {
				cancel()
				continue
			}
		}
		cancel()
		lasts := lasting(err)
		if err == nil || lasts || time.Since(began) > tryFor {
			if err != nil {
				k.log.Error("jobs: a step is not stored", "job", s.to.ID, "from", string(s.from.State), "to", string(s.to.State), "epoch", s.from.Epoch, "err", err)
			}
			if err != nil && !lasts {
				k.undone = append(k.undone, s)
			}
			return now, err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-k.quit:
			return nil, err
		}
	}
}

// moved looks where a run is that was not where a step begins. again: it was asked to end or to pause, and the step leads on from there.
func (k *keeper) moved(ctx context.Context, s *step) (now *Record, again bool) {
	r, err := k.store.Get(ctx, s.to.ID)
	if err != nil || r.Epoch != s.from.Epoch {
		return nil, false
	}
	if from := r.At(); from != s.from && r.State.Works() && from.Check(s.to) == nil {
		s.from = from
		return nil, true
	}
	return &r, false
}

// failures stores the rows that failed before a step.
func (k *keeper) failures(s *step) {
	rows := s.journal.taken()
	if len(rows) == 0 {
		return
	}
	stored := k.within(func(ctx context.Context) error {
		_, err := k.store.Save(ctx, nil, []Failures{{s.from.ID, s.from.Epoch, rows}})
		return err
	}, "take failed rows")
	if !stored {
		s.journal.back(rows)
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

// save writes how far the bodies are that have moved since and which rows failed, and hears what others did with the runs.
func (k *keeper) save() {
	k.saving.Lock()
	defer k.saving.Unlock()
	k.mu.Lock()
	for len(k.steps) > 0 { // a body is known before the Store knows that it runs
		k.mu.Unlock()
		k.flush()
		k.mu.Lock()
	}
	runs := maps.Clone(k.runs)
	k.mu.Unlock()
	var moved []Progress
	var failed []Failures
	var rest []string
	for _, id := range slices.Sorted(maps.Keys(runs)) { // two nodes that save at once take rows in the same order
		h, told := runs[id], false
		if h.job != nil {
			l := h.job.journal
			if rows := l.taken(); len(rows) > 0 {
				failed, told = append(failed, Failures{id, h.stored.Epoch, rows}), true
			}
			if p := h.job.progress(id, h.stored.Epoch); p != h.stored && (l == nil || !l.used.Load()) { // else Tx stores how far it is
				moved, told = append(moved, p), true
			}
		}
		if !told {
			rest = append(rest, id)
		}
	}
	var stand []At
	if len(moved)+len(failed) > 0 {
		ok := k.within(func(ctx context.Context) (err error) {
			stand, err = k.store.Save(ctx, moved, failed)
			return err
		}, "take progress")
		if !ok {
			for _, f := range failed {
				runs[f.ID].job.journal.back(f.Rows)
			}
			return
		}
		for _, p := range moved {
			runs[p.ID].stored = p
		}
	}
	if len(rest) > 0 {
		k.within(func(ctx context.Context) error {
			more, err := k.store.Stand(ctx, rest)
			stand = append(stand, more...)
			return err
		}, "say how runs stand")
	}
	for _, at := range stand {
		k.compare(at, runs[at.ID])
	}
}

// compare hears what became of a run that another process may have written to: taken over, it is lost; asked to end, to pause or to go on, its worker
// is told.
func (k *keeper) compare(at At, h *held) {
	switch {
	case at == h.at:
	case h.job == nil && at.Epoch != h.at.Epoch: // it waited, and is another's
		k.mu.Lock()
		if k.runs[at.ID] == h {
			delete(k.runs, at.ID)
		}
		k.mu.Unlock()
	case at.Epoch != h.at.Epoch || h.job != nil && at.State.Final():
		k.lose(at.ID, h)
	default:
		k.within(func(ctx context.Context) error {
			r, err := k.store.Get(ctx, at.ID)
			if err == nil {
				k.sys.Send(h.worker, heard{r})
			}
			return err
		}, "read a run")
	}
}

// lose ends a body whose run is another's by now.
func (k *keeper) lose(id string, h *held) {
	k.mu.Lock()
	if k.runs[id] != h || h.job == nil { // it has ended meanwhile
		k.mu.Unlock()
		return
	}
	delete(k.runs, id)
	k.mu.Unlock()
	k.sys.Send(h.worker, lost{h.stored.Epoch})
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
	runs := maps.Clone(k.runs)
	k.mu.Unlock()
	for id, h := range runs {
		k.lose(id, h)
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
