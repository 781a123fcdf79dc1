package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// healthy is how long an actor must run without a failure for its earlier ones to be forgotten.
const healthy = time.Minute

// guardian decides what happens to an actor that failed, whoever its parent is. (A pointer, since the library keeps guardians in a map.)
type guardian struct{ sys *System }

// HandleFailure is called by the library after the failed actor's mailbox was suspended, in the parent's goroutine or in the actor's own.
func (g *guardian) HandleFailure(_ *actor.ActorSystem, _ actor.Supervisor, child *actor.PID, _ *actor.RestartStatistics, _, _ any) {
	e := g.sys.names.get(child.Id)
	if e == nil || e.box.lib().Self() != child {
		return // there is none, or an older actor's failure; this one has taken its name since
	}
	if gaveUp, last, n := g.decide(e); gaveUp {
		g.sys.emit(Event{
			Kind: GaveUp, Actor: Ref{e.at}, Class: e.kind, Parent: Ref{e.parent}, Count: n,
			Message: last.Message, Reason: last.Reason, Stack: last.Stack,
		})
		e.box.PostSystemMessage(&actor.Stop{})
	}
}

// decide restarts the actor now or later, or says that it failed once too often.
func (g *guardian) decide(e *entry) (giveUp bool, last Failure, n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		return false, last, 0
	}
	t := e.trouble // there is some: a failure is recorded before it is handled
	if !t.at.IsZero() && t.last.At.Sub(t.at) > healthy {
		t.row = 0
	}
	t.at = t.last.At
	t.row++
	if t.row > g.sys.cfg.Restarts {
		return true, *t.last, t.row
	}
	if !e.asked && !g.sys.closing.Load() {
		t.retry = g.sys.retries.after(g.sys.backoff(t.row), e.restart)
	}
	if t.retry == nil {
		e.box.PostSystemMessage(&actor.Restart{}) // who waits for its end does not wait for the back-off
	}
	return false, last, 0
}

// restart ends the back-off.
func (e *entry) restart() {
	e.takeRetry()
	e.box.PostSystemMessage(&actor.Restart{})
}

// hurry ends the back-off before its time, for who waits for the actor's end.
func (e *entry) hurry() {
	if retry := e.takeRetry(); retry != nil && retry.stop() {
		e.box.PostSystemMessage(&actor.Restart{})
	}
}

// takeRetry returns the restart that waits, nil if none does, and leaves none.
func (e *entry) takeRetry() *timer {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.trouble == nil {
		return nil
	}
	retry := e.trouble.retry
	e.trouble.retry = nil
	return retry
}

// backoff is how long the n-th failure in a row delays the restart.
func (s *System) backoff(n int) time.Duration {
	d := s.cfg.Backoff
	for range n - 1 {
		if d *= 2; d >= s.cfg.MaxBackoff {
			return s.cfg.MaxBackoff
		}
	}
	return d
}
