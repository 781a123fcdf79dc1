package actors

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// EventKind is what happened to an actor.
type EventKind string

// The kinds of events.
const (
	Spawned    EventKind = "spawned"
	Ended      EventKind = "ended"
	Failed     EventKind = "failed"      // it panicked; Restarted or GaveUp follows unless it was ending
	Restarted  EventKind = "restarted"   // Count says how often so far
	GaveUp     EventKind = "gave up"     // it failed Count times in a row; Ended follows
	DeadLetter EventKind = "dead letter" // a message for an actor that had ended, or for nobody
)

// Event is something that happened to an actor. It never holds a message, only the type of one.
type Event struct {
	Kind    EventKind
	At      time.Time
	Actor   Ref
	Class   string // the actor's kind
	Parent  Ref
	Message string // type of the message
	Reason  string
	Stack   string
	Count   int
}

type events struct {
	mu   sync.Mutex
	subs atomic.Pointer[[]*func(Event)]
}

// Events calls f for everything that happens to actors, in the goroutine where it happens: f must be quick, must not wait and may be called from
// several goroutines at once. Without a listener only failures, restarts and dead letters are counted; see Counts.
func (s *System) Events(f func(Event)) (cancel func()) {
	s.events.change(func(subs []*func(Event)) []*func(Event) { return append(slices.Clone(subs), &f) })
	return func() {
		s.events.change(func(subs []*func(Event)) []*func(Event) {
			return slices.DeleteFunc(slices.Clone(subs), func(g *func(Event)) bool { return g == &f })
		})
	}
}

func (ev *events) change(to func([]*func(Event)) []*func(Event)) {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	var subs []*func(Event)
	if p := ev.subs.Load(); p != nil {
		subs = *p
	}
	subs = to(subs)
	if len(subs) == 0 {
		ev.subs.Store(nil)
		return
	}
	ev.subs.Store(&subs)
}

func (s *System) emit(e Event) {
	s.records.note(s, e)
	if e.Kind == GaveUp {
		s.log.Error("actor gave up", "actor", e.Actor.String(), "kind", e.Class, "failures", e.Count, "reason", e.Reason)
	}
	subs := s.events.subs.Load()
	if subs == nil {
		return
	}
	e.At = s.now()
	for _, f := range *subs {
		s.tell(*f, e)
	}
}

// tell keeps a listener's panic away from the actor that the event is about.
func (s *System) tell(f func(Event), e Event) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("actors: a listener of Events panicked", "reason", r)
		}
	}()
	f(e)
}

// deadLetter reports a message that reached nobody. While the System closes that is how it should be, and only listeners hear of it.
func (s *System) deadLetter(to Ref, msg any) {
	if !s.closing.Load() {
		s.records.letter(s, to, msg)
		if s.log.Enabled(context.Background(), slog.LevelDebug) {
			s.log.Debug("dead letter", "to", to.String(), "message", typeName(msg))
		}
	}
	if s.events.subs.Load() != nil {
		s.emit(Event{Kind: DeadLetter, Actor: to, Message: typeName(msg)})
	}
}
