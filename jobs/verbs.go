package jobs

import (
	"cmp"
	"log/slog"
	"slices"
	"time"
)

// wish does what somebody wants, if the run stands where that can be done, and answers at once; that the body stopped is seen later.
func (w *worker) wish(m wish) {
	if m.seen != (stamp{}) && m.seen != w.life.stamp {
		return // a timer of an earlier time
	}
	if err := w.grant(m); err != nil {
		m.reply.Send(answer{err: err})
		return
	}
	snapshot := w.now
	w.after(func() { m.reply.Send(answer{snapshot: snapshot}) })
}

// who asks in person, "" for nobody.
func (m wish) who() string {
	if m.by == nil {
		return ""
	}
	return m.by.ID
}

// grant makes the transition, or says why not.
func (w *worker) grant(m wish) error {
	inPerson := m.by != nil || m.reason == "" || m.reason == ReasonPerson
	if inPerson && !mayTouch(m.by, w.now.OwnerID) {
		return ErrNotFound
	}
	if err := w.refuse(m); err != nil {
		if m.verb == resume && w.life.state.Final() && !w.now.Zombie {
			w.sys.Send(w.boss, returned{w.now.ID}) // it had let the run go on
		}
		return err
	}
	if slices.Contains(granted[m.verb], w.life.state) && m.verb != release {
		return nil
	}
	switch m.verb {
	case pause:
		w.pause(m)
	case resume:
		w.resume(m)
	case stop:
		w.stop(m)
	case force:
		w.force(m)
	case release:
		w.release(m)
	}
	return nil
}

// refuse says in words why a verb cannot be done, nil when it can.
func (w *worker) refuse(m wish) error {
	state := w.life.state
	switch {
	case (m.verb == force || m.verb == release) && !m.by.Has(Supervise):
		return UserError("Only somebody with the permission " + Supervise + " may do that.")
	case refusals[m.verb][state] != "":
		return UserError(refusals[m.verb][state])
	case m.verb == pause && state == Running && !w.now.Resumable:
		return UserError("This action cannot be paused: it could not go on from where it stopped. It can be cancelled.")
	case m.verb == resume && state == Failed && !w.now.Resumable:
		return UserError("This action cannot go on from where it stopped. Run it again instead.")
	case m.verb == force && !w.now.Stuck && state != Cancelled:
		return UserError("It was asked to end less than 10 seconds ago. Give it a moment.")
	case m.verb == release && !w.now.Zombie:
		return UserError("Its body has returned: there is no slot to give up.")
	}
	return nil
}

func (w *worker) pause(m wish) {
	w.must(pause)
	w.now.Position = 0
	w.now.Note = cmp.Or(m.note, "Paused by "+name(m)+".")
	w.audit("job paused", m)
	if w.life.state == Paused {
		w.park(m.who())
		return
	}
	w.job.ask(toPause)
	w.went(m.who())
	w.sys.After(stuckAfter, w.self, stuck{w.life.stamp})
}

// park is the end of an attempt, not of the run: no goroutine, no slot, but its rows.
func (w *worker) park(by string) {
	w.went(by)
	w.sys.Send(w.boss, parked{w.now.ID})
	w.limit(w.cfg.PausedTTL, pausedTooLong)
}

func (w *worker) resume(m wish) {
	w.must(resume)
	w.audit("job resumed", m)
	w.job = w.job.again(w.now)
	w.seen, w.end = numbers{}, nil
	w.now.Note, w.now.Reason, w.now.Error, w.now.Incident, w.now.Ended = "", "", "", "", time.Time{}
	w.turn++
	w.sys.Send(w.boss, requeued{w.now.ID, w.job, w.turn})
	w.went(m.who())
	w.limit(w.cfg.QueueTTL, "It waited too long and was not started again.")
}

// stop ends what has no body at once, and asks a body to end.
func (w *worker) stop(m wish) {
	w.must(stop)
	w.now.Reason, w.now.Note, w.now.Position, w.now.Stuck = m.reason, m.note, 0, false
	if m.by != nil {
		w.now.CancelledBy = name(m)
		w.audit("job cancelled", m)
	}
	if w.life.state == Cancelled {
		w.now.Ended = time.Now()
		w.close()
		w.went(m.who())
		w.sys.Send(w.boss, returned{w.now.ID})
		return
	}
	cause := ErrCancelled
	if m.reason == ReasonShutdown {
		cause = ErrShutdown
	}
	w.job.ask(toEnd)
	w.end(cause)
	w.went(m.who())
	w.sys.After(stuckAfter, w.self, stuck{w.life.stamp})
}

// force gives the body up. Go cannot end it: it keeps its slot and its rows until it returns, and nothing that it says is heard any more.
func (w *worker) force(m wish) {
	w.must(force)
	w.job.fence()
	w.end(ErrGivenUp)
	w.audit("job stopped by force", m)
	w.now.Reason, w.now.CancelledBy, w.now.Stuck, w.now.Zombie, w.now.Ended = ReasonForced, name(m), false, true, time.Now()
	w.now.Note = "Given up. Its code still runs and may still have effects; what it reports is no longer counted, and its rows stay taken until it returns."
	w.went(m.who())
}

// release gives the slot of a given-up body to others; its rows stay taken.
func (w *worker) release(m wish) {
	w.audit("slot of a given-up job released", m)
	w.now.Note = "Given up, and its slot was released. Its code still runs and may still have effects; its rows stay taken until it returns."
	w.publish()
	w.sys.Send(w.boss, parked{w.now.ID})
}

// name is who wishes, as others read it.
func name(m wish) string {
	if m.by == nil {
		return "the server"
	}
	return clip(clean(m.by.Name))
}

// audit notes who did what to whose run.
func (w *worker) audit(what string, m wish) {
	w.log.Info(what, slog.String("job", w.now.ID), slog.String("action", w.now.Action), slog.String("owner", w.now.OwnerID), slog.String("by", m.who())) //nolint:sloglint // a constant at each call
}
