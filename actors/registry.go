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
	phaseRestarting
	phaseStopping
	phaseEnded
)

var phaseNames = [...]string{"new", "alive", "restarting", "stopping", "ended"}

// entry is all that we keep of an actor besides what the library does.
type entry struct {
	sys     *System
	at      *target
	kind    string
	seq     uint64
	parent  *target // nil for an actor of a group
	group   *Group  // nil for a child
	produce func() Actor
	born    time.Time
	box     actor.Mailbox
	lib     actor.Context

	phase atomic.Int32
	pulse atomic.Uint64 // messages begun <<17 | type of the last one <<1 | busy

	// The actor's own goroutine only.
	count    uint64
	lastType reflect.Type
	lastID   uint64
	children map[string]Ref
	muted    bool // the actor's code is not called any more

	mu       sync.Mutex
	logger   *slog.Logger
	asked    bool // to stop
	failures int  // in a row
	failedAt time.Time
	restarts int
	failure  *Failure
	retry    *timer
	subs     []*subscription // few: an actor listens to a handful of topics
	ended    bool            // finish has begun
	gone     bool            // finish is through
	done     chan struct{}   // made by who waits first
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
	s.names.Range(func(_, v any) bool {
		if e := v.(*entry); e.at.live.Load() != nil {
			all = append(all, e.info())
		}
		return true
	})
	sort.Slice(all, func(i, j int) bool { return all[i].Actor.at.id < all[j].Actor.at.id })
	return all
}

// Find returns the living actor with a path, else the zero Ref.
func (s *System) Find(id string) Ref {
	if v, ok := s.names.Load(id); ok {
		if e := v.(*entry); e.at.live.Load() != nil {
			return Ref{e.at}
		}
	}
	return Ref{}
}

func (e *entry) info() Info {
	pulse := e.pulse.Load()
	i := Info{
		Actor: Ref{e.at}, Parent: Ref{e.parent}, Kind: e.kind, State: phaseNames[e.phase.Load()], Since: e.born,
		Messages: pulse >> 17, Busy: pulse&1 == 1, Queued: e.box.UserMessageCount(),
	}
	if i.Messages > 0 {
		i.Last = e.sys.types.name(pulse >> 1 & 0xffff)
	}
	e.mu.Lock()
	i.Restarts, i.Failure = e.restarts, e.failure
	e.mu.Unlock()
	return i
}

func (e *entry) begin(msg any) {
	if t := reflect.TypeOf(msg); t != e.lastType {
		e.lastType, e.lastID = t, e.sys.types.id(t)
	}
	e.count++
	e.pulse.Store(e.count<<17 | e.lastID<<1 | 1)
}

func (e *entry) end() { e.pulse.Store(e.count<<17 | e.lastID<<1) }

func (e *entry) name() string { return path.Base(e.at.id) }

func (e *entry) log() *slog.Logger {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.logger == nil {
		e.logger = e.sys.log.With("actor", e.at.id, "kind", e.kind)
	}
	return e.logger
}

// failed records and reports a panic; it runs before the stack is unwound.
func (e *entry) failed(reason, msg any) {
	f := &Failure{At: e.sys.now(), Message: typeName(msg), Reason: fmt.Sprint(reason), Stack: string(debug.Stack())}
	e.mu.Lock()
	e.failure = f
	e.mu.Unlock()
	e.log().Error("actor failed", "message", f.Message, "reason", f.Reason, "stack", f.Stack)
	e.sys.emit(Event{Kind: Failed, Actor: Ref{e.at}, Class: e.kind, Parent: Ref{e.parent}, Message: f.Message, Reason: f.Reason, Stack: f.Stack})
}

// restarted counts a restart.
func (e *entry) restarted() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.restarts++
	return e.restarts
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
	subs, retry, again := e.subs, e.retry, e.ended
	e.subs, e.retry, e.ended = nil, nil, true
	e.mu.Unlock()
	if again {
		return
	}
	e.phase.Store(phaseEnded)
	e.at.live.Store(nil)
	e.sys.names.CompareAndDelete(e.at.id, e)
	for _, sub := range subs {
		sub.drop()
	}
	retry.stop()
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
