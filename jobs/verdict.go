package jobs

import (
	"context"
	"errors"
	"time"

	"greenroom/widgets"
)

// done is the end of a body, and so of the attempt; unless the body had been given up, and all that it says with it.
func (w *worker) done(m done) {
	if m.epoch != w.life.epoch {
		w.late(m)
		return
	}
	w.take(m.final.numbers)
	w.now.Message, w.now.Log, w.now.Skipped = clean(m.final.message), m.final.log, m.final.skipped
	w.now.Result, w.now.Files, w.now.Stuck = clean(m.final.result), m.final.files, false
	asked := w.life.state
	v := w.verdict(m)
	w.must(v)
	if w.life.state == Paused {
		w.end = nil
		w.log.Info("job parked", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "current", w.now.Current, "total", w.now.Total)
		w.park("")
		return
	}
	w.now.Ended = time.Now()
	if w.end = nil; w.life.state != Failed || !w.now.Resumable {
		w.close()
	}
	w.went("")
	w.log.Info("job ended", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "state", string(w.now.State), "reason", w.now.Reason,
		"asked", string(asked), "current", w.now.Current, "total", w.now.Total, "failed", w.now.Failed, "took", w.now.Ended.Sub(w.now.Started))
	w.sys.Send(w.boss, returned{w.now.ID})
}

// late is the return of a body that was given up: only now are its slot and its rows free.
func (w *worker) late(m done) {
	w.now.Zombie = false
	w.now.Note = "Given up; its code has returned since."
	w.log.Warn("given-up job returned", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "after", time.Since(w.now.Ended), "err", m.out.err)
	w.close()
	w.publish()
	w.sys.Send(w.boss, returned{w.now.ID})
}

// verdict says what the body's return means.
func (w *worker) verdict(m done) verb {
	asked := w.life.state != Running
	finished := m.final.exhausted || w.now.Total > 0 && w.now.Current >= w.now.Total
	switch out := m.out; {
	case out.reason != "":
		return w.failed(out, out.reason)
	case out.err == nil && (!asked || finished):
		w.now.Reason, w.now.Note, w.now.CancelledBy = "", "", ""
		if asked {
			w.now.Note = "It finished before the cancel took effect."
			if w.life.state == Pausing {
				w.now.Note = "It finished before the pause took effect."
			}
		}
		return succeed
	case w.life.state == Cancelling:
		w.now.Note = w.cancelNote()
		if out.err != nil && !isStop(out.err) {
			w.report(out, ReasonError)
		}
		return halt
	case w.life.state == Pausing && (out.err == nil || isStop(out.err)):
		return halt
	case errors.Is(out.err, ErrFenced), isStop(out.err) && errors.Is(context.Cause(w.job.ctx), ErrFenced): // the body may know only that it was stopped
		return w.failed(out, ReasonFenced)
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

// isStop: the body only passed on that it was asked to end, or was asked before it could begin.
func isStop(err error) bool {
	return errors.Is(err, ErrMoved) || errors.Is(err, ErrCancelled) || errors.Is(err, ErrShutdown) || errors.Is(err, ErrPaused) || errors.Is(err, context.Canceled)
}

// failed keeps what went wrong to the log, and says little on the page.
func (w *worker) failed(out outcome, reason string) verb {
	w.now.Reason, w.now.Note = reason, ""
	if said, ok := out.err.(UserError); ok && out.reason == "" { //nolint:errorlint // only the outermost was written for people
		w.now.Error = clip(clean(string(said)))
		w.log.Warn("job refused", "job", w.now.ID, "action", w.now.Action, "owner", w.now.OwnerID, "err", out.err)
		return fail
	}
	w.now.Error, w.now.Incident = FailedText, w.report(out, reason)
	return fail
}

// report writes the one record that says everything.
func (w *worker) report(out outcome, reason string) (incident string) {
	incident = widgets.Incident()
	w.log.Error("job failed", "incident", incident, "job", w.now.ID, "action", w.now.Action, "table", w.now.Table, "owner", w.now.OwnerID,
		"reason", reason, "attempt", w.now.Attempt, "current", w.now.Current, "total", w.now.Total, "err", out.err, "stack", string(out.stack))
	return incident
}
