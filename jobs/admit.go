package jobs

import (
	"errors"
	"fmt"

	"greenroom/actors"
)

// reserve gives out a place, making room if it must.
func (r *registry) reserve(m reserve) {
	key := m.owner + "\x00" + m.token
	if m.token != "" {
		if id, ok := r.tokens[key]; ok {
			if first := r.reserved[id]; first != nil {
				first.others = append(first.others, m.reply)
				return
			}
			m.reply.Send(place{id: id, existing: true})
			return
		}
	}
	if err := r.admit(m.owner); err != nil {
		m.reply.Send(place{err: err})
		return
	}
	id := newID()
	r.reserved[id] = &reservation{owner: m.owner, token: m.token}
	r.perUser[m.owner]++
	if m.token != "" {
		r.tokens[key] = id
	}
	m.reply.Send(place{id: id})
}

func (r *registry) admit(owner string) error {
	switch {
	case r.draining:
		return busy("The server is about to restart; try again in a minute")
	case r.perUser[owner] >= r.cfg.UnfinishedPerUser:
		return busy(fmt.Sprintf("%d of your actions are unfinished; try later", r.perUser[owner]))
	case len(r.runs)+len(r.reserved) >= r.cfg.Keep && !r.evict():
		return busy(fmt.Sprintf("%d actions are unfinished; try later", len(r.runs)+len(r.reserved)))
	}
	return nil
}

// evict forgets the finished run that was looked at the longest time ago, one that nobody watches if there is such.
func (r *registry) evict() bool {
	var oldest *run
	watched := false
	for _, candidate := range r.runs {
		if !candidate.gone {
			continue
		}
		w := r.sys.Subscribers(Topic(candidate.id)) > 0
		if oldest == nil || watched && !w || watched == w && candidate.touched < oldest.touched {
			oldest, watched = candidate, w
		}
	}
	if oldest == nil {
		return false
	}
	r.log.Info("job forgotten early", "job", oldest.id, "action", oldest.action.Name, "kept", len(r.runs))
	r.forget(oldest)
	return true
}

func (r *registry) abort(m abort) {
	res := r.reserved[m.id]
	if res == nil {
		return
	}
	delete(r.reserved, m.id)
	r.finished(res.owner)
	delete(r.tokens, res.owner+"\x00"+res.token)
	for _, other := range res.others {
		other.Send(place{err: m.err})
	}
	r.idle()
}

// commit makes the run.
func (r *registry) commit(c *actors.Context, m commit) {
	res := r.reserved[m.id]
	if res == nil || r.draining {
		m.reply.Send(busy("The server is about to restart; try again in a minute"))
		return
	}
	if m.claim != nil && !m.claim.fits(r.rivals(m.now.Action, m.now.Table, m.id)) {
		m.reply.Send(errRival)
		return
	}
	u, err := r.spawn(c, m.job, m.req, m.now, m.kept)
	if err != nil {
		m.reply.Send(errors.Join(errAborted, err))
		return
	}
	delete(r.reserved, m.id)
	m.reply.Send(nil)
	for _, other := range res.others {
		other.Send(place{id: m.id, existing: true})
	}
	r.enter(u)
}

// spawn makes a run and its worker.
func (r *registry) spawn(c *actors.Context, job *Job, req Request, now Snapshot, k *memo) (*run, error) {
	u := &run{id: now.ID, owner: now.OwnerID, token: req.Token, action: job.action, table: now.Table, rows: job.pinned, job: job, state: Queued}
	w := &worker{job: job, req: req, sys: r.sys, boss: r.self, log: r.log, cfg: &r.cfg, kept: k, latest: &u.latest, now: now}
	before := now
	before.State = Queued
	ref, err := c.Spawn("job", now.ID, func() actors.Actor { return w })
	if err != nil {
		return nil, err
	}
	u.latest.CompareAndSwap(nil, &before)
	u.worker = ref
	return u, nil
}

// enter puts a run into the queue.
func (r *registry) enter(u *run) {
	r.runs[u.id] = u
	r.touch(u)
	r.queue.add(u)
	r.dispatch()
	r.queue.places(r.running, func(each *run, position int, why string) {
		if each == u {
			r.place(u, position, why)
		}
	})
}

// revived takes in a run of a process that died. It was admitted there, so that no limit holds it up here.
func (r *registry) revived(c *actors.Context, m revived) {
	now := m.kept.record.Snapshot
	if r.draining {
		m.job.pinned.release() // the Store has it, for the next process
		return
	}
	if before := r.runs[now.ID]; before != nil { // this process had lost it
		r.forget(before)
		r.sys.After(every, r.self, m)
		return
	}
	u, err := r.spawn(c, m.job, m.req, now, m.kept)
	if err != nil {
		r.log.Warn("job goes on later", "job", now.ID, "err", err)
		r.sys.After(every, r.self, m)
		return
	}
	r.perUser[u.owner]++
	if u.token != "" {
		r.tokens[u.owner+"\x00"+u.token] = u.id
	}
	r.enter(u)
}
