package jobs

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// Reviver makes the Request of a run whose process has died anew: the action by its name, the table by its ID, and the owner as they are now. Keys and
// input are stored, so that Selection needs a Source and a Scope only. An error says that the run cannot go on.
type Reviver func(ctx context.Context, r Record) (Request, error)

// rescuesMax is how often a run is begun anew at the same row because its process died; it may be the run that kills them.
const rescuesMax = 3

// Remember gives runs a place that outlives the process; it is called once, before the first Start. From then on every step of a run is stored before
// anybody hears of it, and a body begins only when that is stored. Runs that a process left unfinished are taken over: those of Resumable actions that
// revive knows go on from their cursor, at least once for the rows of the last second; all others end as Failed with ReasonNodeLost. Nil revives none.
func (s *Supervisor) Remember(store Store, revive Reviver) {
	k := newKeeper(s.sys, store, &s.cfg)
	k.revive = func(ctx context.Context, r Record) { s.takeOver(ctx, r, revive) }
	s.keeper, s.revive = k, revive
	s.sys.Send(s.ref, remember{k})
	// Writes to the Store; ends with Drain, which waits for it, or with the supervisor's actor.
	go k.run()
}

// remember tells the registry's actor whom to end with itself.
type remember struct{ keeper *keeper }

// record stores a new run, before the supervisor's actor has it.
func (s *Supervisor) record(ctx context.Context, job *Job, req *Request, now Snapshot) (*memo, error) {
	k := s.keeper
	select {
	case <-k.up:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-k.done:
		return nil, busy("The server is about to restart; try again in a minute")
	}
	r := Record{Snapshot: now, Token: req.Token, Epoch: 1, Node: k.node, Cursor: "0"}
	r.State = Queued
	var keys [][]byte
	if r.Durable = now.Resumable && !secret(req.Action.Fields()); r.Durable {
		r.Input = req.Input
		for _, c := range job.pinned.chunks {
			keys = append(keys, c.pack())
		}
	}
	stored, err := k.store.Create(ctx, r, keys)
	if err != nil {
		return nil, fmt.Errorf("the run is not stored: %w", err)
	}
	return &memo{keeper: k, record: stored, base: 1, at: stored.At(), job: job}, nil
}

// secret reports whether a form asks for what must not be stored.
func secret(fields []Field) bool {
	for _, f := range fields {
		if f.Kind == FieldPassword {
			return true
		}
	}
	return false
}

// withdraw ends a run that was stored and then refused.
func (k *memo) withdraw() {
	r := k.record
	r.State, r.Reason, r.Note, r.Ended = Cancelled, ReasonShutdown, "The server restarted before this was started.", time.Now()
	k.keeper.put(&step{from: k.at, to: r, done: make(chan struct{}), told: func(error, *Record) {}}, nil, actors.Ref{})
}

// takeOver decides what becomes of a run whose process has died, or was ended.
func (s *Supervisor) takeOver(ctx context.Context, r Record, revive Reviver) {
	before := r
	err := s.goOn(ctx, &r, revive)
	if err == nil {
		return
	}
	r = before
	r.Ended, r.Reason = time.Now(), ReasonNodeLost
	switch r.State {
	case Running, Pausing:
		r.State = Failed
		r.Note = "The server that ran this went down."
		if r.Total > 0 {
			r.Note += fmt.Sprintf(" At least %s of %s rows were done by then.", grouped(r.Current), grouped(r.Total))
		}
	case Cancelling:
		r.State, r.Reason = Cancelled, ReasonPerson
		r.Note = "The server went down while this was being cancelled."
	default:
		r.State = Cancelled
		r.Note = "The server went down while this waited."
	}
	s.cfg.Log.Warn("job interrupted", "job", r.ID, "action", r.Action, "owner", r.OwnerID, "state", string(r.State), "current", r.Current, "total", r.Total, "why", err)
	if err := s.keeper.store.Transition(ctx, before.At(), r, ""); err != nil {
		s.cfg.Log.Error("jobs: a step is not stored", "job", r.ID, "to", string(r.State), "err", err)
		return
	}
	actors.Publish(s.sys, Topic(r.ID), r.Snapshot)
	actors.Publish(s.sys, OwnerTopic(r.OwnerID), r.Snapshot)
	actors.Publish(s.sys, EveryTopic, r.Snapshot)
}

var errNotResumable = errors.New("jobs: the action cannot go on from where it stopped")

// goOn begins a run anew from its cursor, or says why not.
func (s *Supervisor) goOn(ctx context.Context, r *Record, revive Reviver) error {
	switch {
	case r.State == Cancelling:
		return ErrCancelled
	case r.State == Running && r.Rescues >= rescuesMax && r.RescuedAt == r.Cursor:
		return fmt.Errorf("jobs: its process died %d times at the same row", r.Rescues+1)
	}
	job, req, err := s.rebuild(ctx, *r, revive)
	if err != nil {
		return err
	}
	from := r.At()
	switch r.State {
	case Running:
		if r.RescuedAt != r.Cursor {
			r.Rescues, r.RescuedAt = 0, r.Cursor
		}
		r.Rescues++
		r.State = Queued
	case Pausing:
		r.State = Paused
	default: // it waits, and goes on waiting
	}
	if r.State != from.State {
		r.Note = "The server that ran this went down; it goes on."
		if err := s.keeper.store.Transition(ctx, from, *r, ""); err != nil {
			job.pinned.release()
			return err
		}
	}
	s.cfg.Log.Info("job goes on", "job", r.ID, "action", r.Action, "owner", r.OwnerID, "cursor", r.Cursor, "total", r.Total, "rescues", r.Rescues)
	s.sys.Send(s.ref, revived{job, req, &memo{keeper: s.keeper, record: *r, base: r.Epoch, at: r.At(), job: job}})
	return nil
}

// rebuild makes the Request and the next attempt of a run that this process does not have. The caller releases the job's keys.
func (s *Supervisor) rebuild(ctx context.Context, r Record, revive Reviver) (*Job, Request, error) {
	if revive == nil || !r.Durable {
		return nil, Request{}, errNotResumable
	}
	req, err := revive(ctx, r)
	if err == nil {
		err = req.Action.Check()
	}
	if err == nil && (!req.Action.Resumable || req.User == nil || req.User.ID != r.OwnerID) {
		err = errNotResumable
	}
	if err != nil {
		return nil, req, err
	}
	input, invalid := req.Action.Parse(r.Input)
	if invalid != nil {
		return nil, req, invalid
	}
	req.Input, req.Token, req.rerunOf, req.DryRun = r.Input, r.Token, r.RerunOf, r.DryRun
	cursor, err := strconv.ParseInt(r.Cursor, 10, 64)
	if err != nil {
		return nil, req, fmt.Errorf("jobs: the cursor %q is none", r.Cursor)
	}
	keys, err := s.keeper.store.Keys(ctx, r.ID)
	if err != nil {
		return nil, req, err
	}
	job := newJob(r.ID, &req, input, s.cfg.Log, s.vault)
	if job.left, err = s.keeper.store.Files(ctx, r.ID); err != nil {
		return nil, req, err
	}
	if job.pinned, err = unpack(keys, &s.budget); err != nil {
		return nil, req, err
	}
	job.cell.seed(r.Snapshot, cursor)
	return job, req, nil
}

// revived comes from the keeper: a run that another process began.
type revived struct {
	job  *Job
	req  Request
	kept *memo
}

// pack writes a chunk of keys for the Store: whether they are integers, how many they are, and the keys.
func (c chunk) pack() []byte {
	packed := []byte{0}
	if c.integers {
		packed[0] = 1
	}
	return append(binary.AppendUvarint(packed, uint64(c.n)), c.data...)
}

// unpack reads what pack wrote.
func unpack(all [][]byte, b *budget) (*pinned, error) {
	p := &pinned{budget: b}
	for _, packed := range all {
		if len(packed) < 2 {
			return nil, errChunk
		}
		n, size := binary.Uvarint(packed[1:])
		if size <= 0 || n > chunkKeys {
			return nil, errChunk
		}
		c := chunk{integers: packed[0] == 1, n: int(n), data: packed[1+size:]}
		p.chunks, p.n = append(p.chunks, c), p.n+int64(n)
		p.bytes += int64(len(c.data)) + chunkBytes
	}
	if !b.take(p.bytes) {
		return nil, errFull
	}
	return p, nil
}

// stored reads a run, whoever has it. Who may not see it hears the same as if it did not exist.
func (s *Supervisor) stored(ctx context.Context, id string, by *widgets.User) (Record, error) {
	if s.keeper == nil {
		return Record{}, ErrNotFound
	}
	r, err := s.keeper.store.Get(ctx, id)
	if err == nil && !mayTouch(by, r.OwnerID) {
		err = ErrNotFound
	}
	r.Archived = true
	return r, err
}

// ErrNoHistory is returned by History when runs are not remembered.
var ErrNoHistory = errors.New("jobs: runs are not remembered")

// History reads a page of the runs that the Store remembers, unfinished ones included, the newest first: the person's own, or the Owner's that q names,
// or everybody's, for who has Supervise.
func (s *Supervisor) History(ctx context.Context, by *widgets.User, q History) ([]Snapshot, error) {
	switch {
	case s.keeper == nil:
		return nil, ErrNoHistory
	case by == nil || by.ID == "":
		return nil, ErrDenied
	case !by.Has(Supervise):
		q.Owner = by.ID
	}
	all, err := s.keeper.store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	page := make([]Snapshot, len(all))
	for i, r := range all {
		page[i] = r.Snapshot
		page[i].Archived = true
	}
	return page, nil
}

// Remembers reports whether there is a History.
func (s *Supervisor) Remembers() bool { return s.keeper != nil }
