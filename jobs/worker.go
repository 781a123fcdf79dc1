package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// stuckAfter is how long a cancelled body may go on before the page says that it does not listen.
const stuckAfter = 10 * time.Second

// worker is the actor that a run's state belongs to. It outlives the body until the supervisor forgets the run.
type worker struct {
	job    *Job
	req    Request
	sys    *actors.System
	self   actors.Ref
	boss   actors.Ref
	log    *slog.Logger
	ttl    time.Duration // of the queue
	latest *atomic.Pointer[Snapshot]
	told   struct { // what the owner's topic heard last
		state State
		stuck bool
	}

	now     Snapshot // the next one to publish
	seen    numbers
	end     context.CancelCauseFunc
	started bool // the body's goroutine was started
}

// Receive is a table of contents. A bug in here must not restart the actor, which would forget the run.
func (w *worker) Receive(c *actors.Context) {
	defer guard(w.log, "job", w.now.ID)
	switch m := c.Message().(type) {
	case actors.Started:
		w.self = c.Self()
		w.step(Queued)
		w.sys.After(w.ttl, w.self, cancel{reason: ReasonExpired, note: "It waited too long and was not started."})
	case wait:
		w.wait(m)
	case start:
		w.start()
	case sample:
		w.sample()
	case cancel:
		w.cancel(m)
	case look:
		w.look(m)
	case stuck:
		w.stuck()
	case done:
		w.done(m)
	case actors.Stopping:
		if w.end != nil {
			w.end(ErrShutdown)
		}
	}
}

// guard keeps a panic of ours in one message.
func guard(log *slog.Logger, args ...any) {
	if r := recover(); r != nil {
		log.Error("jobs: bug", append(args, "reason", fmt.Sprint(r), "stack", string(debug.Stack()))...)
	}
}

// step is the only place where a state changes.
func (w *worker) step(to State) {
	if !w.now.State.can(to) {
		panic(fmt.Sprintf("jobs: %s cannot become %s", w.now.State, to)) // ours to mend; guard reports it
	}
	w.now.State = to
	w.publish()
	w.sys.Send(w.boss, changed{w.now.ID, to})
}

// publish lets the world see the run as it is.
func (w *worker) publish() {
	s := w.now
	w.latest.Store(&s)
	actors.Publish(w.sys, Topic(s.ID), s)
	if w.told.state != s.State || w.told.stuck != s.Stuck {
		w.told.state, w.told.stuck = s.State, s.Stuck
		actors.Publish(w.sys, OwnerTopic(s.OwnerID), s)
	}
}

func (w *worker) wait(m wait) {
	if w.now.State == Queued && (w.now.Position != m.position || w.now.Note != m.why) {
		w.now.Position, w.now.Note = m.position, m.why
		w.publish()
	}
}

// start begins the body.
func (w *worker) start() {
	if w.now.State != Queued {
		return // cancelled while the slot was on its way: the supervisor hears of that
	}
	w.now.Started, w.now.Position, w.now.Note = time.Now(), 0, ""
	ctx, end := context.WithCancelCause(widgets.WithActor(context.Background(), w.req.actor))
	w.job.ctx, w.job.cancel, w.end, w.started = ctx, end, end, true
	w.job.cell.want.Store(true)
	w.step(Running)
	w.log.Info("job started", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "table", w.now.Table, "rows", w.job.pinned.n)
	w.job.begin(ctx, w.body, func(out outcome, f final) {
		end(nil)
		w.sys.Send(w.self, done{out, f})
	})
}

var errWithdrawn = UserError("The permission was withdrawn while this action waited.")

// body runs outside the actor.
func (w *worker) body(ctx context.Context) error {
	if w.req.Decide != nil && !w.req.Decide(ctx).Allow {
		return errWithdrawn
	}
	return w.job.action.run(ctx, w.job)
}

// sample publishes progress, at the supervisor's tick.
func (w *worker) sample() {
	if w.now.State.Final() || !w.started {
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
		w.now.Message = clean(message)
	}
	w.take(n)
	w.publish()
}

func (w *worker) take(n numbers) {
	w.seen = n
	w.now.Current, w.now.Total, w.now.Failed, w.now.Vanished = n.current, n.total, n.failed, n.vanished
}

// cancel answers at once; that the body stopped is seen later.
func (w *worker) cancel(m cancel) {
	if m.reason == ReasonPerson && !mayTouch(m.by, w.now.OwnerID) {
		m.reply.Send(answer{err: ErrNotFound})
		return
	}
	switch {
	case m.reason == ReasonExpired && w.now.State != Queued:
	case w.now.State == Queued || w.now.State == Paused:
		w.blame(m)
		w.now.Position, w.now.Note, w.now.Ended = 0, m.note, time.Now()
		w.close()
		w.step(Cancelled)
		w.sys.Send(w.boss, returned{w.now.ID})
	case w.now.State == Running || w.now.State == Pausing:
		w.blame(m)
		w.now.Note = m.note
		w.job.cell.stopping.Store(true)
		cause := ErrCancelled
		if m.reason == ReasonShutdown {
			cause = ErrShutdown
		}
		w.end(cause)
		w.step(Cancelling)
		w.sys.After(stuckAfter, w.self, stuck{})
	}
	m.reply.Send(answer{snapshot: w.now})
}

// blame notes who ends the run.
func (w *worker) blame(m cancel) {
	w.now.Reason = m.reason
	if m.by != nil {
		w.now.CancelledBy = clip(clean(m.by.Name))
		w.log.Info("job cancelled", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "by", m.by.ID)
	}
}

func (w *worker) look(m look) {
	if !mayTouch(m.by, w.now.OwnerID) {
		m.reply.Send(answer{err: ErrNotFound})
		return
	}
	m.reply.Send(answer{snapshot: w.now})
	w.sys.Send(w.boss, touched{w.now.ID})
}

// mayTouch: the owner, and who supervises.
func mayTouch(by *widgets.User, owner string) bool {
	return by != nil && by.ID != "" && (by.ID == owner || by.Has(Supervise))
}

func (w *worker) stuck() {
	if w.now.State == Cancelling {
		w.now.Stuck = true
		w.now.Note = "Still working: this action does not check whether it was cancelled."
		w.publish()
	}
}

// done is the body's end, and so the run's.
func (w *worker) done(m done) {
	w.take(m.final.numbers)
	w.now.Message, w.now.Log, w.now.Skipped = clean(m.final.message), m.final.log, m.final.skipped
	w.now.Ended = time.Now()
	w.now.Stuck = false
	to := w.verdict(m)
	w.close()
	w.step(to)
	w.log.Info("job ended", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "state", string(to), "reason", w.now.Reason,
		"current", w.now.Current, "total", w.now.Total, "failed", w.now.Failed, "took", w.now.Ended.Sub(w.now.Started))
	w.sys.Send(w.boss, returned{w.now.ID})
}

// verdict says how the run ended.
func (w *worker) verdict(m done) State {
	asked := w.now.State == Cancelling
	finished := m.final.exhausted || w.now.Total > 0 && w.now.Current >= w.now.Total
	switch out := m.out; {
	case out.reason != "":
		return w.failed(out, out.reason)
	case out.err == nil && (!asked || finished):
		w.now.Reason, w.now.Note, w.now.CancelledBy = "", "", ""
		if asked {
			w.now.Note = "It finished before the cancel took effect."
		}
		return Succeeded
	case asked:
		w.now.Note = w.cancelNote()
		if out.err != nil && !isStop(out.err) {
			w.report(out, ReasonError)
		}
		return Cancelled
	case errors.Is(out.err, errWithdrawn):
		return w.failed(out, ReasonDenied)
	}
	return w.failed(m.out, ReasonError)
}

func (w *worker) cancelNote() string {
	if w.now.Reason == ReasonShutdown {
		return "The server went down while this ran."
	}
	return ""
}

// isStop: the body only passed on that it was cancelled.
func isStop(err error) bool {
	return errors.Is(err, ErrCancelled) || errors.Is(err, ErrShutdown) || errors.Is(err, context.Canceled)
}

// failed keeps what went wrong to the log, and says little on the page.
func (w *worker) failed(out outcome, reason string) State {
	w.now.Reason, w.now.Note = reason, ""
	if said, ok := out.err.(UserError); ok && out.reason == "" { //nolint:errorlint // only the outermost was written for people
		w.now.Error = clip(clean(string(said)))
		w.log.Warn("job refused", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "err", out.err)
		return Failed
	}
	w.now.Error, w.now.Incident = FailedText, w.report(out, reason)
	return Failed
}

// report writes the one record that says everything.
func (w *worker) report(out outcome, reason string) (incident string) {
	incident = widgets.Incident()
	w.log.Error("job failed", "incident", incident, "job", w.now.ID, "action", w.now.Action, "table", w.now.Table, "owner", w.now.OwnerID,
		"reason", reason, "current", w.now.Current, "total", w.now.Total, "err", out.err, "stack", string(out.stack))
	return incident
}

// close lets go of what only the body needed. A stray goroutine of the body may still hold it.
func (w *worker) close() {
	w.job.pinned.release()
	w.job, w.req = nil, Request{}
}
