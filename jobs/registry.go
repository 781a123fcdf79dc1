package jobs

import (
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
	case fetched:
		r.fetched(c, m)
	case actors.Stopping:
		if r.keeper != nil {
			r.keeper.stop.Do(func() { close(r.keeper.quit) })
		}
	}
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
		r.sys.After(every/2, r.self, tick{}) // the first progress is seen early
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
