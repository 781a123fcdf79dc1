package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// stuckAfter is how long a body that was asked to end may go on before the page says that it does not listen, and before it may be stopped by force.
const stuckAfter = 10 * time.Second

// worker is the actor that a run's state belongs to. It outlives the body until the supervisor forgets the run.
type worker struct {
	life   life
	job    *Job // of the present attempt, or of the next one; nil when there can be none
	req    Request
	sys    *actors.System
	self   actors.Ref
	boss   actors.Ref
	log    *slog.Logger
	cfg    *Config
	kept   *memo // nil when runs are not remembered
	latest *atomic.Pointer[Snapshot]
	told   struct { // what the owner's topic heard last
		state         State
		stuck, zombie bool
	}

	now  Snapshot // the next one to publish
	seen numbers
	end  context.CancelCauseFunc // of the body's context; nil while there is none
	turn int                     // counts the waits for a slot
}

// Receive is a table of contents. A bug in here must not restart the actor, which would forget the run.
func (w *worker) Receive(c *actors.Context) {
	defer guard(w.log, "job", w.now.ID)
	switch m := c.Message().(type) {
	case actors.Started:
		w.self = c.Self()
		w.admitted()
	case wait:
		w.wait(m)
	case start:
		w.start(m)
	case sample:
		w.sample()
	case wish:
		w.wish(m)
	case look:
		w.look(m)
	case recall:
		w.recall(m)
	case stuck:
		w.stuck(m)
	case done:
		w.done(m)
	case stored:
		w.stored(m)
	case lost:
		w.lost(m)
	case heard:
		w.heard(m)
	case actors.Stopping:
		w.stopping()
	}
}

// guard keeps a panic of ours in one message.
func guard(log *slog.Logger, args ...any) {
	if r := recover(); r != nil {
		log.Error("jobs: bug", append(args, "reason", fmt.Sprint(r), "stack", string(debug.Stack()))...)
	}
}

// admitted is the run's beginning here: the Store has it already, if there is one, and has it paused if it was when its last process died.
func (w *worker) admitted() {
	if w.kept != nil && w.kept.at.State.Final() {
		w.life.state = w.kept.at.State // it was fetched from the Store
		w.told.state = w.life.state
		if w.life.state != Failed || !w.now.Resumable {
			w.close()
		}
		return
	}
	w.life.take(admit)
	if w.kept != nil {
		w.kept.keeper.watch(w.kept.at, nil, w.self)
	}
	if w.kept != nil && w.kept.at.State == Paused {
		w.must(pause)
		w.now.State = Paused
		w.publish()
		w.sys.Send(w.boss, changed{w.now.ID, Paused})
		w.sys.Send(w.boss, parked{w.now.ID})
		w.limit(w.cfg.PausedTTL, pausedTooLong)
		return
	}
	w.now.State = w.life.state
	w.publish()
	w.sys.Send(w.boss, changed{w.now.ID, w.now.State})
	w.limit(w.cfg.QueueTTL, "It waited too long and was not started.")
}

const pausedTooLong = "It was paused for too long."

// went tells the world of a transition, when it is stored.
func (w *worker) went(by string) {
	w.now.State = w.life.state
	w.keep(by)
	w.publish()
	w.sys.Send(w.boss, changed{w.now.ID, w.now.State})
}

// must makes a transition that our own order of things guarantees; guard reports it when it does not.
func (w *worker) must(v verb) {
	if from := w.life.state; !w.life.take(v) {
		panic(fmt.Sprintf("jobs: %s does not fit %s", v, from))
	}
}

// limit ends the present wait when it takes longer.
func (w *worker) limit(after time.Duration, note string) {
	w.sys.After(after, w.self, wish{verb: stop, reason: ReasonExpired, note: note, seen: w.life.stamp})
}

// publish lets the world see the run as it is.
func (w *worker) publish() {
	w.now.Version++
	if w.held() {
		w.kept.hold(w.now)
		return
	}
	w.say(w.now)
}

func (w *worker) say(s Snapshot) {
	w.latest.Store(&s)
	actors.Publish(w.sys, Topic(s.ID), s)
	if w.told.state != s.State || w.told.stuck != s.Stuck || w.told.zombie != s.Zombie {
		w.told.state, w.told.stuck, w.told.zombie = s.State, s.Stuck, s.Zombie
		actors.Publish(w.sys, OwnerTopic(s.OwnerID), s)
		actors.Publish(w.sys, EveryTopic, s)
	}
}

func (w *worker) wait(m wait) {
	if w.life.state == Queued && (w.now.Position != m.position || w.now.Note != m.why) {
		w.now.Position, w.now.Note = m.position, m.why
		w.publish()
	}
}

// start begins the body.
func (w *worker) start(m start) {
	if m.turn != w.turn || !w.life.take(begin) {
		return // cancelled or paused while the slot was on its way: the supervisor hears of that
	}
	w.now.Started, w.now.Position, w.now.Note = time.Now(), 0, ""
	w.now.Attempt++
	ctx, end := context.WithCancelCause(widgets.WithActor(context.Background(), w.actor()))
	job, epoch := w.job, w.life.epoch
	job.ctx, job.cancel, job.attempt, w.end = ctx, end, w.now.Attempt, end
	job.cell.want.Store(true)
	job.journal = w.kept.journal(epoch)
	w.went("")
	w.log.Info("job started", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "table", w.now.Table, "rows", job.pinned.n,
		"attempt", w.now.Attempt, "from", job.cell.cursor.Load())
	body := w.body(job)
	job.begin(ctx, body, func(out outcome, f final) {
		end(nil)
		w.sys.Send(w.self, done{epoch, out, f})
	})
}

// actor is on whose behalf the body works: of who started it, or of its owner where another process began the run.
func (w *worker) actor() widgets.Actor {
	a := w.req.actor
	if a.UserID == "" {
		a = widgets.In{User: w.req.User}.Actor()
	}
	a.Via = w.now.Action + " " + w.now.ID
	if w.now.ApprovedBy != "" {
		a.Via += ", approved by " + w.now.ApprovedBy
	}
	return a
}

var errWithdrawn = UserError("The permission was withdrawn while this action waited.")

// body is what runs outside the actor: permission first, at each attempt.
func (w *worker) body(job *Job) func(ctx context.Context) error {
	decide, user, scope := w.req.Decide, w.req.User, w.req.Scope
	now := w.cfg.permitted
	begun := w.kept.wait()
	return func(ctx context.Context) error {
		if err := begun(); err != nil {
			return err
		}
		rows, err := now(ctx, job.action, user, decide)
		if err != nil {
			return err
		}
		job.scope = scope.And(rows)
		return job.action.run(ctx, job)
	}
}

// sample publishes progress, at the supervisor's tick.
func (w *worker) sample() {
	if w.end == nil || w.life.state.Final() {
		return
	}
	w.job.cell.want.Store(true)
	n := w.job.cell.read()
	if n == w.seen {
		return
	}
	var message string
	if n.changes != w.seen.changes {
		message, w.now.Log, w.now.Skipped = w.job.cell.lines(w.now.Log)
		w.now.Message, w.now.Result = clean(message), clean(w.job.cell.said())
		w.now.Files = w.job.files()
	}
	w.take(n)
	w.publish()
}

func (w *worker) take(n numbers) {
	w.seen = n
	w.now.Current, w.now.Total, w.now.Failed, w.now.Vanished = n.current, n.total, n.failed, n.vanished
}

func (w *worker) look(m look) {
	if !mayTouch(m.by, w.now.OwnerID) {
		m.reply.Send(answer{err: ErrNotFound})
		return
	}
	m.reply.Send(answer{snapshot: w.now})
	w.sys.Send(w.boss, touched{w.now.ID})
}

func (w *worker) recall(m recall) {
	if !mayTouch(m.by, w.now.OwnerID) {
		m.reply.Send(origin{err: ErrNotFound})
		return
	}
	o := origin{req: w.req, snapshot: w.now}
	if w.job != nil {
		o.pinned = w.job.pinned
	}
	m.reply.Send(o)
}

// mayTouch: the owner, and who supervises.
func mayTouch(by *widgets.User, owner string) bool {
	return by != nil && by.ID != "" && (by.ID == owner || by.Has(Supervise))
}

func (w *worker) stuck(m stuck) {
	if w.life.stamp == m.seen {
		w.now.Stuck = true
		w.now.Note = "Still working: this action does not check whether it was cancelled."
		if w.life.state == Pausing {
			w.now.Note = "Still working: the row in hand takes long."
		}
		w.publish()
	}
}

// stopping is the end of the system, or of the run's time in memory.
func (w *worker) stopping() {
	if w.end != nil {
		w.end(ErrShutdown)
	}
	if w.job != nil {
		w.job.pinned.release()
	}
}

// close lets go of what only the body needed. A stray goroutine of the body may still hold it.
func (w *worker) close() {
	if w.job != nil {
		w.job.pinned.release()
	}
	w.job, w.end = nil, nil
}
