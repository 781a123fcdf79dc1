package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// errHere: the run was fetched, and this process has it now.
var errHere = errors.New("jobs: the run is here")

// leave does with a run that another process has what somebody wants: it is left in the Store, where that process finds it within a second, or whoever
// takes the run over. A run that failed and is to go on is fetched instead: errHere.
func (s *Supervisor) leave(ctx context.Context, id string, w wish) (Snapshot, error) {
	for try := 0; ; try++ {
		r, err := s.stored(ctx, id, w.by)
		if err != nil {
			return Snapshot{}, err
		}
		if w.verb == resume && r.State == Failed {
			if err := s.fetch(ctx, id, w.by); err != nil {
				return Snapshot{}, err
			}
			return Snapshot{}, errHere
		}
		from := r.At()
		if err := s.wished(ctx, &r, w); err != nil {
			return Snapshot{}, err
		}
		if from == r.At() {
			return r.Snapshot, nil
		}
		err = s.keeper.store.Transition(ctx, from, r, w.who())
		switch moved := errors.Is(err, ErrMoved) || errors.Is(err, ErrFenced); {
		case err == nil:
			s.cfg.Log.Info("job asked elsewhere", "verb", string(w.verb), "job", r.ID, "action", r.Action, "owner", r.OwnerID, "by", w.who(), "node", r.Node)
			actors.Publish(s.sys, EveryTopic, r.Snapshot)
			return r.Snapshot, nil
		case !moved || try == 5:
			return Snapshot{}, fmt.Errorf("%s job %s: %w", w.verb, id, err)
		}
	}
}

// follow has the pages here hear of a run that another process has, as long as there are any.
func (k *keeper) follow(r Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.watched[r.ID] = r
}

// look publishes what other processes did with the runs that somebody watches here.
func (k *keeper) look() {
	k.mu.Lock()
	watched := maps.Clone(k.watched)
	k.mu.Unlock()
	for id, before := range watched {
		if k.sys.Subscribers(Topic(id)) > 0 && k.news(before) {
			continue
		}
		k.mu.Lock()
		delete(k.watched, id)
		k.mu.Unlock()
	}
}

// news publishes a run if it has changed, and reports whether there may be more.
func (k *keeper) news(before Record) bool {
	var now Record
	read := k.within(func(ctx context.Context) (err error) {
		now, err = k.store.Get(ctx, before.ID)
		return err
	}, "read a run that somebody watches")
	if !read {
		return true
	}
	if now.Node == k.node {
		return false // it has a worker here
	}
	now.Archived = true
	if now.At() != before.At() || now.Current != before.Current || now.Total != before.Total || now.Failed != before.Failed || now.Message != before.Message {
		k.follow(now)
		actors.Publish(k.sys, Topic(now.ID), now.Snapshot)
	}
	return !now.State.Final()
}

// wished changes a record as the verb does, or says why it cannot be done. It is left as it is when the wish is fulfilled already.
func (s *Supervisor) wished(ctx context.Context, r *Record, m wish) error {
	w := worker{life: life{stamp{state: r.State}}, now: r.Snapshot}
	if m.verb == force && r.State != Cancelled {
		events, err := s.keeper.store.Events(ctx, r.ID)
		if err != nil {
			return err
		}
		w.now.Stuck = r.State.Works() && len(events) > 0 && time.Since(events[len(events)-1].Time) >= stuckAfter
	}
	if m.verb == release {
		return UserError("Another server runs this. Its slot can be released there only.")
	}
	if err := w.refuse(m); err != nil {
		return err
	}
	if m.verb == resume && r.State == Paused {
		_, req, err := s.rebuilt(ctx, *r)
		if err == nil {
			_, err = s.cfg.permitted(ctx, &req.Action, req.User, req.Decide)
		}
		if err != nil {
			return s.cannot(*r, err)
		}
	}
	if !w.life.take(m.verb) {
		return nil // its wish is fulfilled
	}
	r.State = w.life.state
	r.Epoch += w.life.epoch
	r.Position, r.Stuck = 0, false
	switch m.verb {
	case stop:
		r.Reason, r.Note, r.CancelledBy = m.reason, m.note, name(m)
	case force:
		r.Reason, r.CancelledBy = ReasonForced, name(m)
		r.Note = "Given up. If its server still runs, its code may still have effects; what it reports is no longer counted."
	case pause:
		r.Note = "Paused by " + name(m) + "."
	case resume:
		r.Reason, r.Note, r.Error, r.Incident = "", "", "", ""
	}
	if r.State.Final() {
		r.Ended = time.Now()
	}
	return nil
}

// rebuilt is rebuild without the keys.
func (s *Supervisor) rebuilt(ctx context.Context, r Record) (*Job, Request, error) {
	job, req, err := s.rebuild(ctx, r, s.revive)
	if err == nil {
		job.pinned.release()
	}
	return job, req, err
}

// cannot says in words why a run of the Store is nothing that can go on here.
func (s *Supervisor) cannot(r Record, err error) error {
	var invalid *widgets.Invalid
	switch {
	case errors.Is(err, ErrDenied), errors.Is(err, errWithdrawn):
		return UserError("Who started it no longer has the permission for it.")
	case errors.Is(err, errFull):
		return busy("The unfinished actions hold too many rows already; try again when some have finished")
	case errors.Is(err, errNotResumable), errors.As(err, &invalid):
		return UserError("Its rows are no longer known here. Start the action again from its list.")
	}
	s.cfg.Log.Warn("job cannot be fetched from the store", "job", r.ID, "action", r.Action, "err", err)
	return UserError("It cannot go on here: the action or its table has changed. Start it again from its list.")
}

// fetch takes a run that has ended from the Store into this process, as if it had just ended here.
func (s *Supervisor) fetch(ctx context.Context, id string, by *widgets.User) error {
	r, err := s.stored(ctx, id, by)
	switch {
	case err != nil:
		return err
	case !r.State.Final():
		return UserError("It has not ended yet. Run it again when it has.")
	}
	job, req, err := s.rebuild(ctx, r, s.revive)
	if err != nil {
		return s.cannot(r, err)
	}
	req.same = job.pinned.share()
	r.Archived, r.Node = false, s.keeper.node
	refused, err := actors.Ask(ctx, s.sys, s.ref, func(reply actors.Reply[error]) any {
		return fetched{revived{job, req, &memo{keeper: s.keeper, record: r, base: r.Epoch, at: r.At(), job: job}}, reply}
	})
	if err = errors.Join(err, refused); err != nil {
		job.pinned.release()
	}
	return err
}

// fetched comes from fetch.
type fetched struct {
	revived
	reply actors.Reply[error]
}

// fetched takes in a run that has ended, for as long as others that have.
func (r *registry) fetched(c *actors.Context, m fetched) {
	now := m.kept.record.Snapshot
	switch {
	case r.draining:
		m.reply.Send(busy("The server is about to restart; try again in a minute"))
		return
	case r.runs[now.ID] != nil: // another was quicker
		m.job.pinned.release()
		m.reply.Send(nil)
		return
	case len(r.runs)+len(r.reserved) >= r.cfg.Keep && !r.evict():
		m.reply.Send(busy(fmt.Sprintf("%d actions are unfinished; try later", len(r.runs)+len(r.reserved))))
		return
	}
	u, err := r.spawn(c, m.job, m.req, now, m.kept)
	if err != nil {
		m.reply.Send(err)
		return
	}
	u.gone, u.job, u.token, u.state = true, nil, "", now.State
	u.latest.Store(&now)
	r.runs[u.id] = u
	r.touch(u)
	r.sys.After(r.cfg.Retain, r.self, expire{u.id, u.lives})
	m.reply.Send(nil)
}
