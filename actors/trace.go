package actors

import (
	"errors"
	"sync"
	"time"
)

const (
	// mostTraced is how many messages a trace keeps, tracedASecond how many it notes in one second, and longestTrace how long it lasts.
	mostTraced    = 500
	tracedASecond = 200
	longestTrace  = time.Minute
)

// ErrTracing is returned while another trace runs.
var ErrTracing = errors.New("actors: there is a trace already; one runs at a time")

// Traced is a message that a traced actor handled. It never holds the message, only its type.
type Traced struct {
	At      time.Time
	Actor   string
	Message string
	Took    time.Duration
	// Queued is how many messages waited behind it.
	Queued int
}

// Trace is what became of the last one.
type Trace struct {
	// Of is the path or kind, "" before the first trace; Until is when it ends, or ended, by itself.
	Of    string
	Until time.Time
	On    bool
	// Actors are how many are followed, Seen how many messages they have handled, and Kept the last 500 of those that were noted, the newest first.
	Actors, Seen int
	Kept         []Traced
}

// tracer notes the messages of a few actors for a while. Whoever is not traced does not meet it.
type tracer struct {
	mu     sync.Mutex
	now    Trace
	of     []*entry
	end    *time.Timer
	second int64 // since 1970, and how many were noted in it
	noted  int
	kept   ring[Traced]
}

// Follow traces the actor with a path, or those of a kind that live now, for that long, at most a minute. It returns how many they are.
func (s *System) Follow(of string, d time.Duration) (int, error) {
	t := &s.trace
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now.On {
		return 0, ErrTracing
	}
	d = min(d, longestTrace)
	t.of = nil
	s.names.each(func(e *entry) {
		if (e.at.id == of || e.kind == of) && e.phase.CompareAndSwap(phaseAlive, phaseTraced) {
			t.of = append(t.of, e)
		}
	})
	if len(t.of) == 0 {
		return 0, ErrEnded
	}
	t.kept = ring[Traced]{}
	t.now = Trace{Of: of, Until: s.now().Add(d), On: true, Actors: len(t.of)}
	t.end = time.AfterFunc(d, s.Unfollow)
	return len(t.of), nil
}

// Unfollow ends the trace, if there is one.
func (s *System) Unfollow() {
	t := &s.trace
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.now.On {
		return
	}
	t.end.Stop()
	t.now.On = false
	for _, e := range t.of {
		e.phase.CompareAndSwap(phaseTraced, phaseAlive)
	}
	t.of = nil
}

// Followed tells of the trace that runs, or ran last.
func (s *System) Followed() Trace {
	t := &s.trace
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now
	now.Kept = t.kept.newest()
	return now
}

func (t *tracer) note(e *entry, msg any, began, ended time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.now.On {
		return
	}
	t.now.Seen++
	if second := ended.Unix(); second != t.second {
		t.second, t.noted = second, 0
	}
	if t.noted++; t.noted > tracedASecond {
		return
	}
	t.kept.add(mostTraced, Traced{began, e.at.id, typeName(msg), ended.Sub(began), e.box.UserMessageCount()})
}
