package jobs

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"greenroom/actors"
)

// every is the time between two looks at the running bodies' cells.
const every = 100 * time.Millisecond

// registry is the supervisor's actor: it knows every run, hands out slots, and forgets.
type registry struct {
	sys   *actors.System
	cfg   Config
	vault *vault
	log   *slog.Logger
	self  actors.Ref

	runs     map[string]*run
	reserved map[string]*reservation
	tokens   map[string]string // owner and token to ID
	perUser  map[string]int    // unfinished
	queue    queue
	running  map[string]*run // a body, or its slot, is there
	ticking  bool
	moved    bool  // places in the queue changed since the last tick
	clock    int64 // counts touches
	draining bool
	keeper   *keeper // to end with
	drained  []actors.Reply[struct{}]
}

// run is what the supervisor knows of a run besides what its worker does.
type run struct {
	id, owner, token string
	action           *Action
	table            string
	rows             *pinned
	job              *Job
	worker           actors.Ref
	latest           atomic.Pointer[Snapshot]
	state            State
	gone             bool // it has ended and its body returned, or never began
	turn             int  // counts the waits for a slot
	lives            int  // counts how often it went on after its end
	seen             numbers
	touched          int64
	position         int
	why              string
}

// reservation is a place whose keys are being pinned.
type reservation struct {
	owner, token string
	others       []actors.Reply[place] // who came with the same token meanwhile
}

func newRegistry(sys *actors.System, cfg Config, v *vault) *registry {
	return &registry{
		sys: sys, cfg: cfg, vault: v, log: cfg.Log, runs: map[string]*run{}, reserved: map[string]*reservation{}, tokens: map[string]string{},
		perUser: map[string]int{}, running: map[string]*run{}, queue: newQueue(cfg),
	}
}

// Receive is a table of contents. A bug in here must not restart the supervisor, which would end every run.
func (r *registry) Receive(c *actors.Context) {
	defer guard(r.log)
	switch m := c.Message().(type) {
	case actors.Started:
		r.self = c.Self()
	case reserve:
		r.reserve(m)
	case commit:
		r.commit(c, m)
	case abort:
		r.abort(m)
	case changed:
		r.changed(m)
	case rivals:
		m.reply.Send(r.rivals(m.action, m.table, m.but))
	case readmit:
		r.readmit(m)
	case returned:
		r.returned(m)
	case parked:
		r.parked(m)
	case requeued:
		r.requeued(m)
	case touched:
		r.touch(r.runs[m.id])
	case expire:
		if u := r.runs[m.id]; u != nil && u.lives == m.lives {
			r.forget(u)
		}
	case tick:
		r.tick()
	case list:
		r.list(m)
	case drain:
		r.drain(m)
	case remember:
		r.keeper = m.keeper
	case revived:
		r.revived(c, m)
	case actors.Stopping:
		if r.keeper != nil {
			r.keeper.stop.Do(func() { close(r.keeper.quit) })
		}
	}
}

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

// place tells a run that it waits.
func (r *registry) place(u *run, position int, why string) {
	if u.position != position || u.why != why {
		u.position, u.why = position, why
		r.sys.Send(u.worker, wait{position, why})
	}
}

// dispatch starts what may start; the others learn their new places at the next tick.
func (r *registry) dispatch() {
	for u := r.queue.pick(r.running); u != nil; u = r.queue.pick(r.running) {
		r.running[u.id] = u
		r.sys.Send(u.worker, start{u.turn})
	}
	r.moved = true
	if len(r.running) > 0 && !r.ticking {
		r.ticking = true
		r.sys.After(every, r.self, tick{})
	}
}

// tick has the workers look at the cells that were written to.
func (r *registry) tick() {
	r.ticking = len(r.running) > 0
	if !r.ticking {
		return
	}
	for _, u := range r.running {
		u.job.cell.want.Store(true)
		if n := u.job.cell.read(); n != u.seen {
			u.seen = n
			r.sys.Send(u.worker, sample{})
		}
	}
	if r.moved {
		r.moved = false
		r.queue.places(r.running, r.place)
	}
	r.sys.After(every, r.self, tick{})
}

func (r *registry) changed(m changed) {
	if u := r.runs[m.id]; u != nil {
		u.state = m.state
		r.touch(u)
	}
}

// returned: from here on the run only waits to be forgotten.
func (r *registry) returned(m returned) {
	u := r.runs[m.id]
	if u == nil || u.gone {
		return
	}
	u.gone = true
	u.job = nil
	r.queue.remove(u)
	delete(r.running, u.id)
	r.finished(u.owner)
	r.touch(u)
	u.lives++
	r.sys.After(r.cfg.Retain, r.self, expire{u.id, u.lives})
	r.dispatch()
	r.idle()
}

// parked: the run goes on some day, or its body is given up; its slot is free.
func (r *registry) parked(m parked) {
	u := r.runs[m.id]
	if u == nil || u.gone {
		return
	}
	r.queue.remove(u)
	delete(r.running, u.id)
	u.position, u.why = 0, ""
	r.dispatch()
}

// rivals are the unfinished runs of an action on a table; one whose body has not returned is unfinished.
func (r *registry) rivals(action, table, but string) []rival {
	var all []rival
	for _, u := range r.runs {
		if !u.gone && u.id != but && u.action.Name == action && u.table == table {
			all = append(all, rival{u.id, u.rows})
		}
	}
	return all
}

// readmit lets a run go on. From here on it is not forgotten, unless its worker refuses and says that it is over.
func (r *registry) readmit(m readmit) {
	u := r.runs[m.id]
	switch {
	case u == nil:
		m.wish.reply.Send(answer{err: ErrNotFound})
		return
	case r.draining:
		m.wish.reply.Send(answer{err: UserError("The server is about to restart; try again in a minute.")})
		return
	case m.claim != nil && !m.claim.fits(r.rivals(u.action.Name, u.table, u.id)):
		m.wish.reply.Send(answer{err: errRival})
		return
	case u.gone:
		u.gone = false
		u.lives++
		r.perUser[u.owner]++
	}
	r.sys.Send(u.worker, m.wish)
}

// requeued: a run that was paused or failed waits for a slot again.
func (r *registry) requeued(m requeued) {
	u := r.runs[m.id]
	if u == nil || u.gone {
		return
	}
	u.job, u.turn, u.seen = m.job, m.turn, numbers{}
	r.queue.add(u)
	r.touch(u)
	if r.draining {
		r.sys.Send(u.worker, wish{verb: stop, reason: ReasonShutdown, note: "The server restarts."})
		return
	}
	r.dispatch()
	r.queue.places(r.running, func(each *run, position int, why string) {
		if each == u {
			r.place(u, position, why)
		}
	})
}

func (r *registry) finished(owner string) {
	if r.perUser[owner]--; r.perUser[owner] <= 0 {
		delete(r.perUser, owner)
	}
}

// touch keeps a run from being the next to be evicted.
func (r *registry) touch(u *run) {
	if u != nil {
		r.clock++
		u.touched = r.clock
	}
}

// forget removes a run that has ended; its last Snapshot is in every watcher's mailbox by then.
func (r *registry) forget(u *run) {
	if u == nil || !u.gone {
		return
	}
	delete(r.runs, u.id)
	r.vault.forgotten(u.id)
	if u.token != "" {
		delete(r.tokens, u.owner+"\x00"+u.token)
	}
	r.sys.Stop(u.worker)
}

func (r *registry) list(m list) {
	var all []Snapshot
	for _, u := range r.runs {
		if !mayTouch(m.by, u.owner) || m.own && m.by.ID != u.owner {
			continue
		}
		all = append(all, *u.latest.Load())
		if !m.quiet {
			r.touch(u)
		}
	}
	m.reply.Send(all)
}

// drain ends everything; the answer is given when nothing is left.
func (r *registry) drain(m drain) {
	r.draining = true
	r.drained = append(r.drained, m.reply)
	for _, u := range r.runs {
		if !u.gone {
			r.sys.Send(u.worker, wish{verb: stop, reason: ReasonShutdown, note: "The server restarts."})
		}
	}
	r.idle()
}

// idle answers who waits for the drain.
func (r *registry) idle() {
	if !r.draining || len(r.reserved) > 0 {
		return
	}
	for _, u := range r.runs {
		if !u.gone {
			return
		}
	}
	for _, reply := range r.drained {
		reply.Send(struct{}{})
	}
	r.drained = nil
}
