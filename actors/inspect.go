package actors

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// mostDead is how many dead letters are kept, mostMishaps how many failures.
	mostDead    = 200
	mostMishaps = 100
)

// DeadMessage is a message that reached nobody. It never holds the message, only its type.
type DeadMessage struct {
	At      time.Time
	To      string // the actor's path, "nobody" for the zero Ref
	Message string // its type
}

// Mishap is a failure of an actor, or its end after too many of them.
type Mishap struct {
	At      time.Time
	Actor   string // its path
	Kind    string
	Message string // the type of the message it was handling
	Reason  string
	GaveUp  bool // it ended; else it was, or will be, restarted
}

// Counts are how often something happened since the System started.
type Counts struct {
	Live                             int
	Spawned, Messages                uint64
	Failures, Restarts, GaveUp, Dead uint64
}

// records are what a System remembers of what rarely happens. Nothing in them is touched by a message that goes its usual way.
type records struct {
	failures, restarts, gaveUp, dead atomic.Uint64
	// past are the messages of the actors that ended.
	past    atomic.Uint64
	letters ring[DeadMessage]
	mishaps ring[Mishap]
}

// note counts an event; letters are noted by whoever finds them.
func (r *records) note(s *System, e Event) {
	switch e.Kind {
	case Restarted:
		r.restarts.Add(1)
		return
	case Failed:
		r.failures.Add(1)
	case GaveUp:
		r.gaveUp.Add(1)
	default:
		return
	}
	r.mishaps.add(mostMishaps, Mishap{s.now(), e.Actor.String(), e.Class, e.Message, e.Reason, e.Kind == GaveUp})
}

func (r *records) letter(s *System, to Ref, msg any) {
	r.dead.Add(1)
	r.letters.add(mostDead, DeadMessage{s.now(), to.String(), typeName(msg)})
}

// ring keeps the newest of what is added. It has no memory until there is something.
type ring[T any] struct {
	mu   sync.Mutex
	all  []T
	next int
}

func (r *ring[T]) add(most int, v T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) < most {
		r.all = append(r.all, v)
		return
	}
	r.all[r.next] = v
	r.next = (r.next + 1) % most
}

// newest lists what is kept, the newest first.
func (r *ring[T]) newest() []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Concat(r.all[r.next:], r.all[:r.next])
	slices.Reverse(all)
	return all
}

// DeadLetters lists the last 200 messages that reached nobody, the newest first. Those of a System that closes are none.
func (s *System) DeadLetters() []DeadMessage { return s.records.letters.newest() }

// Mishaps lists the last 100 failures, the newest first.
func (s *System) Mishaps() []Mishap { return s.records.mishaps.newest() }

// Counts tells how often what happened, without a look at any actor: Messages are only those of actors that ended.
func (s *System) Counts() Counts {
	r := &s.records
	return Counts{
		Live: s.Live(), Spawned: s.spawned.Load(), Messages: r.past.Load(),
		Failures: r.failures.Load(), Restarts: r.restarts.Load(), GaveUp: r.gaveUp.Load(), Dead: r.dead.Load(),
	}
}

// Describe tells about one actor; ok is false when it has ended.
func (s *System) Describe(of Ref) (i Info, ok bool) {
	if e := of.entry(); e != nil {
		return e.info(), true
	}
	return Info{}, false
}
