package jobs

import (
	"errors"
	"strconv"
	"time"

	"greenroom/widgets"
)

// memo is a worker's side of the keeper: what is stored of its run, and what waits until it is.
type memo struct {
	keeper *keeper
	record Record // what no Snapshot holds
	base   int64  // the record's epoch when the worker's life was at 0
	at     At     // where the Store has the run, or will have it when all is written
	job    *Job   // of the newest attempt

	heard   bool       // what is done now is stored already
	pending int        // steps on their way
	last    *step      // the newest of them
	unsaid  []Snapshot // to publish
	later   []func()   // what else waits
}

// stored comes from the keeper: a step was written, or was not; then now may be the run as it stands.
type stored struct {
	from At
	err  error
	now  *Record
}

// heard comes from the keeper: another process has written to the run, without taking it over.
type heard struct{ now Record }

// lost comes from the keeper: the run was taken over, or will be, under a newer epoch than this one.
type lost struct{ epoch int64 }

// keep stores where the run stands. What the world hears of it waits until that is done; see held.
func (w *worker) keep(by string) {
	k := w.kept
	if k == nil {
		return
	}
	if w.job != nil {
		k.job = w.job
	}
	r := k.record
	r.Snapshot, r.State, r.Epoch = w.now, w.life.state, k.base+w.life.epoch
	if k.job != nil {
		r.Cursor = strconv.FormatInt(k.job.cell.cursor.Load(), 10)
	}
	watched := k.job
	if !r.State.Works() {
		watched = nil
	}
	switch told := k.at.State == r.State; {
	case told && (k.heard || r.State.Final()): // the Store said so
		k.keeper.watch(k.at, watched, w.self)
		return
	case k.heard && !k.at.State.Works() && r.State.Works(): // that the body was begun is not stored, and never will be
		return
	}
	if k.record.Durable && (w.now.Reason == ReasonShutdown || w.now.Reason == ReasonFenced) {
		switch {
		case w.now.Reason == ReasonFenced: // this process was late, and another may have come already; else anybody may
			r.State, r.Node = Queued, ""
		case r.State == Cancelling:
			return // for the Store it runs, until it has stopped
		case k.at.State == Queued || k.at.State == Paused:
			r.State = k.at.State
		default:
			r.State = Queued
		}
		// The next process goes on with it.
		r.Reason, r.Note, r.Error, r.Incident, r.Ended = "", "The server restarted while this was unfinished; it goes on.", "", "", time.Time{}
	}
	s := &step{from: k.at, to: r, by: by, done: make(chan struct{})}
	if k.job != nil {
		s.journal = k.job.journal
	}
	s.told = func(err error, now *Record) { w.sys.Send(w.self, stored{s.from, err, now}) }
	k.at, k.last = r.At(), s
	k.pending++
	k.keeper.put(s, watched, w.self)
	if w.job == nil {
		k.job = nil // there is no next attempt
	}
}

// held reports whether something is not stored yet.
func (w *worker) held() bool { return w.kept != nil && w.kept.pending > 0 }

// hold keeps a Snapshot until it may be published: each change, and of what else happens in one state the newest.
func (k *memo) hold(s Snapshot) {
	if n := len(k.unsaid); n > 0 && k.unsaid[n-1].State == s.State && k.unsaid[n-1].Stuck == s.Stuck && k.unsaid[n-1].Zombie == s.Zombie {
		k.unsaid[n-1] = s
		return
	}
	k.unsaid = append(k.unsaid, s)
}

// after runs f when everything so far is stored.
func (w *worker) after(f func()) {
	if w.held() {
		w.kept.later = append(w.kept.later, f)
		return
	}
	f()
}

func (w *worker) stored(m stored) {
	k := w.kept
	k.pending--
	if m.err != nil {
		k.at = m.from
	}
	if errors.Is(m.err, ErrFenced) {
		w.lost(lost{k.base + w.life.epoch})
	}
	if k.pending > 0 {
		return
	}
	if m.now != nil {
		w.heard(heard{*m.now})
	}
	if k.pending > 0 {
		return
	}
	later := k.later
	k.later = nil
	unsaid := k.unsaid
	k.unsaid = nil
	for _, s := range unsaid {
		w.say(s)
	}
	for _, f := range later {
		f()
	}
}

// heard does here what somebody wanted in another process.
func (w *worker) heard(m heard) {
	k, now := w.kept, m.now
	verbs := map[State]verb{Cancelling: stop, Cancelled: stop, Pausing: pause, Paused: pause, Queued: resume}
	v, known := verbs[now.State]
	if k == nil || k.pending > 0 || now.At() == k.at || now.Epoch != k.at.Epoch || !known {
		return
	}
	k.at = now.At()
	if to, ok := transitions[v][w.life.state]; !ok || v == resume && w.job == nil {
		w.log.Warn("job: cannot do what another server was asked for", "job", w.now.ID, "state", string(w.life.state), "asked", string(now.State), "to", string(to))
		return
	}
	wish := wish{verb: v, by: &widgets.User{Name: now.CancelledBy}, reason: now.Reason, note: now.Note}
	k.heard = true
	defer func() { k.heard = false }()
	switch v {
	case stop:
		w.stop(wish)
	case pause:
		w.pause(wish)
	case resume:
		w.resume(wish)
	}
}

// lost ends the body of a run that this process no longer has. What became of the run, the Store knows.
func (w *worker) lost(m lost) {
	if w.kept == nil || w.end == nil || w.life.state.Final() || m.epoch != w.kept.base+w.life.epoch {
		return
	}
	w.log.Error("job lost to another node", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "epoch", m.epoch)
	w.job.ask(toEnd)
	w.end(ErrFenced)
}

// wait waits until the step that begins a body is in the Store: a body never runs that the Store does not know to run.
func (k *memo) wait() func() error {
	if k == nil {
		return func() error { return nil }
	}
	s, gone := k.last, k.keeper.done
	return func() error {
		select {
		case <-s.done:
			return s.err
		case <-gone:
			return ErrShutdown
		}
	}
}
