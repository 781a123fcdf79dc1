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
	found, ok := g.sys.names.Load(child.Id)
	if !ok {
		return
	}
	e := found.(*entry)
	if e.lib.Self() != child {
		return // an older actor's failure; this one has taken its name since
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
	if !e.failedAt.IsZero() && e.failure.At.Sub(e.failedAt) > healthy {
		e.failures = 0
	}
	e.failedAt = e.failure.At
	e.failures++
	if e.failures > g.sys.cfg.Restarts {
		return true, *e.failure, e.failures
	}
	if !e.asked && !g.sys.closing.Load() {
		e.retry = g.sys.retries.after(g.sys.backoff(e.failures), e.restart)
	}
	if e.retry == nil {
		e.box.PostSystemMessage(&actor.Restart{}) // who waits for its end does not wait for the back-off
	}
	return false, last, 0
}

// restart ends the back-off.
func (e *entry) restart() {
	e.mu.Lock()
	e.retry = nil
	e.mu.Unlock()
	e.box.PostSystemMessage(&actor.Restart{})
}

// hurry ends the back-off before its time, for who waits for the actor's end.
func (e *entry) hurry() {
	e.mu.Lock()
	retry := e.retry
	e.retry = nil
	e.mu.Unlock()
	if retry != nil && retry.stop() {
		e.box.PostSystemMessage(&actor.Restart{})
	}
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
