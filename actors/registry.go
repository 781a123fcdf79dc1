package actors

import (
	"fmt"
	"log/slog"
	"path"
	"reflect"
	"runtime/debug"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// The phases of an actor's life, in order except for restarts.
const (
	phaseNew int32 = iota
	phaseAlive
	phaseTraced // alive, and its messages are noted; it ends with the next phase at the latest
	phaseRestarting
	phaseStopping
	phaseEnded
)

var phaseNames = [...]string{"new", "alive", "alive", "restarting", "stopping", "ended"}

// entry is all that we keep of an actor besides what the library does. A page has several, most of them idle for hours: what few actors need is behind
// a pointer.
type entry struct {
	sys     *System
	at      *target
	parent  *target // nil for an actor of a group
	group   *Group  // nil for a child
	kind    string
	seq     uint64
	produce func() Actor
	born    int64 // Unix time in nanoseconds
	box     *box

	pulse atomic.Uint64 // messages begun <<17 | type of the last one <<1 | busy
	phase atomic.Int32

	// The actor's own goroutine only.
	muted    bool // the actor's code is not called any more
	lastType reflect.Type
	children []*target

	mu      sync.Mutex
	asked   bool            // to stop
	ended   bool            // finish has begun
	gone    bool            // finish is through
	subs    []*subscription // few: an actor listens to a handful of topics
	trouble *trouble        // nil for an actor that never failed
	done    chan struct{}   // made by who waits first
}

// trouble is what an actor that failed has behind it; the entry's lock guards it.
type trouble struct {
	last     *Failure
	at       time.Time // of the failure before
	row      int       // failures in a row
	restarts int
	retry    *timer // the restart that waits; nil if none does
}

// Failure is an actor's last panic.
type Failure struct {
	At      time.Time
	Message string // the type of the message it was handling
	Reason  string
	Stack   string
}

// Info is what the console shows of an actor.
type Info struct {
	Actor    Ref
	Parent   Ref // zero for an actor of a group
	Kind     string
	State    string // alive, restarting, stopping
	Since    time.Time
	Messages uint64 // begun so far
	Queued   int    // waiting in the mailbox
	Last     string // type of the message in hand, else of the last one
	Busy     bool   // a message is being handled
	Restarts int
	Failure  *Failure // nil if it never failed
}

// Actors lists the living actors, sorted by path. It costs about 1 µs an actor and does not disturb them.
func (s *System) Actors() []Info {
	var all []Info
	s.names.each(func(e *entry) {
		if e.at.live.Load() != nil {
			all = append(all, e.info())
		}
	})
	sort.Slice(all, func(i, j int) bool { return all[i].Actor.at.id < all[j].Actor.at.id })
	return all
}

// Find returns the living actor with a path, else the zero Ref.
func (s *System) Find(id string) Ref {
	if e := s.names.get(id); e != nil && e.at.live.Load() != nil {
		return Ref{e.at}
	}
	return Ref{}
}

func (e *entry) info() Info {
	pulse := e.pulse.Load()
	i := Info{
		Actor: Ref{e.at}, Parent: Ref{e.parent}, Kind: e.kind, State: phaseNames[e.phase.Load()], Since: time.Unix(0, e.born),
		Messages: pulse >> 17, Busy: pulse&1 == 1, Queued: e.box.UserMessageCount(),
	}
	if i.Messages > 0 {
		i.Last = e.sys.types.name(pulse >> 1 & 0xffff)
	}
	e.mu.Lock()
	if t := e.trouble; t != nil {
		i.Restarts, i.Failure = t.restarts, t.last
	}
	e.mu.Unlock()
	return i
}

// begin and end write pulse, which only the actor's goroutine does.
func (e *entry) begin(msg any) {
	pulse := e.pulse.Load()
	id := pulse >> 1 & 0xffff
	if t := reflect.TypeOf(msg); t != e.lastType {
		e.lastType, id = t, e.sys.types.id(t)
	}
	e.pulse.Store((pulse>>17+1)<<17 | id<<1 | 1)
}

func (e *entry) end() { e.pulse.Store(e.pulse.Load() &^ 1) }

func (e *entry) name() string { return path.Base(e.at.id) }

func (e *entry) log() *slog.Logger { return e.sys.log.With("actor", e.at.id, "kind", e.kind) }

// failed records and reports a panic; it runs before the stack is unwound.
func (e *entry) failed(reason, msg any) {
	f := &Failure{At: e.sys.now(), Message: typeName(msg), Reason: fmt.Sprint(reason), Stack: string(debug.Stack())}
	e.mu.Lock()
	if e.trouble == nil {
		e.trouble = &trouble{}
	}
	e.trouble.last = f
	e.mu.Unlock()
	e.log().Error("actor failed", "message", f.Message, "reason", f.Reason, "stack", f.Stack)
	e.sys.emit(Event{Kind: Failed, Actor: Ref{e.at}, Class: e.kind, Parent: Ref{e.parent}, Message: f.Message, Reason: f.Reason, Stack: f.Stack})
}

// restarted counts a restart, which follows a failure.
func (e *entry) restarted() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.trouble.restarts++
	return e.trouble.restarts
}

// refuse answers for a message that came too late.
func (e *entry) refuse(md any) {
	switch m := md.(type) {
	case *poison, News:
	case *question:
		m.fail(ErrEnded)
	default:
		e.sys.deadLetter(Ref{e.at}, md)
	}
}

// wait returns a channel that is closed once the actor ended.
func (e *entry) wait() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.done == nil {
		e.done = make(chan struct{})
		if e.gone {
			close(e.done)
		}
	}
	return e.done
}

// finish runs once, after Stopped was handled and before the parent is told.
func (e *entry) finish() {
	e.mu.Lock()
	subs, again := e.subs, e.ended
	e.subs, e.ended = nil, true
	e.mu.Unlock()
	if again {
		return
	}
	e.phase.Store(phaseEnded)
	e.at.live.Store(nil)
	e.sys.names.remove(e)
	e.sys.records.past.Add(e.pulse.Load() >> 17)
	for _, sub := range subs {
		sub.drop()
	}
	e.takeRetry().stop()
	// A suspended mailbox would keep what is queued, and whoever asked would wait: resumed, it hands everything to refuse.
	e.box.PostSystemMessage(&actor.ResumeMailbox{})
	e.sys.emit(Event{Kind: Ended, Actor: Ref{e.at}, Class: e.kind, Parent: Ref{e.parent}})
	e.sys.alive.Add(-1)
	if e.group != nil {
		e.group.remove(e)
	}
	e.mu.Lock()
	e.gone = true
	if e.done != nil {
		close(e.done)
	}
	e.mu.Unlock()
}

// typeTable gives message types small numbers.
type typeTable struct {
	ids   sync.Map // reflect.Type to uint64
	mu    sync.Mutex
	names []string
}

func (t *typeTable) id(typ reflect.Type) uint64 {
	if id, ok := t.ids.Load(typ); ok {
		return id.(uint64)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, ok := t.ids.Load(typ); ok {
		return id.(uint64)
	}
	id := uint64(len(t.names))
	if id > 0xffff {
		return 0xffff // more types than a program has
	}
	t.names = append(t.names, typ.String())
	t.ids.Store(typ, id)
	return id
}

func (t *typeTable) name(id uint64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id < uint64(len(t.names)) {
		return t.names[id]
	}
	return ""
}
