package actors

import (
	"errors"
	"reflect"
	"runtime"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
)

// errGoexit is the failure of a Receive that ended its goroutine, as a test's FailNow does.
var errGoexit = errors.New("actors: Receive called runtime.Goexit")

// poison is the message that ends an actor in order.
type poison struct{}

var poisonMessage = &poison{}

// box is an actor's mailbox: unbounded, in order, the library's own messages first. It also stands between the mailbox and the library's half of the
// actor, and so sees every message. Most actors are idle with nothing waiting, and most that are not have one message: that one has its place in the
// box, and only what comes on top of it costs memory, which is given back when the box is empty.
type box struct {
	sys   *System
	e     *entry               // from RegisterHandlers on
	inner actor.MessageInvoker // the library's half of the actor, which is its actor.Context too

	mu        sync.Mutex
	first     any      // the oldest message; nil when none waits
	more      *backlog // nil when nothing waits but first
	running   bool     // a goroutine of the crew is at it, or is about to be
	suspended bool     // an actor that failed handles the library's messages only
}

// backlog is what waits in a box besides its first message.
type backlog struct {
	system  []any // the library's messages
	user    []any // from taken on
	taken   int
	systems int // taken of system
}

var backlogs = sync.Pool{New: func() any { return &backlog{} }}

// keptBacklog is how many messages a backlog that is lent again has room for at most.
const keptBacklog = 64

// PostUserMessage queues a message and never waits.
func (b *box) PostUserMessage(msg any) {
	b.mu.Lock()
	if b.first == nil {
		b.first = msg // nothing of the user's waits in more either: what waits is moved up when first is taken
	} else {
		m := b.backlog()
		if len(m.user) == cap(m.user) && m.taken > len(m.user)/2 {
			// A box that is never empty must not keep room for all that ever was in it.
			n := copy(m.user, m.user[m.taken:])
			clear(m.user[n:])
			m.user, m.taken = m.user[:n], 0
		}
		m.user = append(m.user, msg)
	}
	b.wake()
}

// PostSystemMessage queues a message of the library's, which goes before all others.
func (b *box) PostSystemMessage(msg any) {
	b.mu.Lock()
	m := b.backlog()
	m.system = append(m.system, msg)
	b.wake()
}

// backlog returns more, which it makes if there is none. It is called with the lock.
func (b *box) backlog() *backlog {
	if b.more == nil {
		b.more = backlogs.Get().(*backlog)
	}
	return b.more
}

// wake has the box emptied, unless somebody is at it. It is called with the lock and releases it.
func (b *box) wake() {
	idle := !b.running
	b.running = true
	b.mu.Unlock()
	if idle {
		b.sys.crew.run(b)
	}
}

// take takes the next message, and whether it is the library's; ok is false when the box has none that may be handled now, and then nobody is at it.
func (b *box) take() (msg any, system, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.more
	switch {
	case m != nil && m.systems < len(m.system):
		msg, system = m.system[m.systems], true
		m.system[m.systems] = nil
		m.systems++
	case b.first != nil && !b.suspended:
		msg = b.first
		b.first = nil
		if m != nil && m.taken < len(m.user) {
			b.first = m.user[m.taken]
			m.user[m.taken] = nil
			m.taken++
		}
	default:
		b.running = false
		return nil, false, false
	}
	if m != nil && m.systems == len(m.system) && m.taken == len(m.user) {
		b.more = nil
		m.free()
	}
	return msg, system, true
}

// free lends an empty backlog to the next box that needs one.
func (m *backlog) free() {
	if cap(m.system)+cap(m.user) > keptBacklog {
		return
	}
	m.system, m.user, m.systems, m.taken = m.system[:0], m.user[:0], 0, 0
	backlogs.Put(m)
}

// UserMessageCount is how many messages wait, without the library's own.
func (b *box) UserMessageCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	if b.first != nil {
		n++
	}
	if b.more != nil {
		n += len(b.more.user) - b.more.taken
	}
	return n
}

// Start is called by the library once, after the first message was posted; there is nothing to do.
func (b *box) Start() {}

// throughput is how many messages are handled before other goroutines may run.
const throughput = 300

// run handles messages until none is left. A Goexit inside takes the goroutine away: then another one goes on.
func (b *box) run() {
	done := false
	defer func() {
		if !done {
			b.sys.crew.run(b)
		}
	}()
	for n := 1; ; n++ {
		msg, system, ok := b.take()
		switch {
		case !ok:
			done = true
			return
		case system:
			b.system(msg)
		default:
			b.InvokeUserMessage(msg)
		}
		if n%throughput == 0 {
			runtime.Gosched()
		}
	}
}

func (b *box) system(msg any) {
	switch msg.(type) {
	case *actor.SuspendMailbox:
		b.suspend(true)
	case *actor.ResumeMailbox:
		b.suspend(false)
	default:
		b.InvokeSystemMessage(msg)
	}
}

func (b *box) suspend(yes bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.suspended = yes
}

// RegisterHandlers is called once, by the spawner's goroutine, before the actor's first message is posted.
func (b *box) RegisterHandlers(inv actor.MessageInvoker, _ actor.Dispatcher) {
	self := inv.(actor.Context).Self()
	e := b.sys.names.get(self.Id)
	b.e, b.inner = e, inv
	e.box = b
	e.born = b.sys.now().UnixNano()
	b.sys.alive.Add(1)
	e.at.live.Store(e)
}

// lib is the library's half of the actor.
func (b *box) lib() actor.Context { return b.inner.(actor.Context) }

// InvokeUserMessage hands a message to the actor, or refuses it because the actor ends. It costs two atomic stores.
func (b *box) InvokeUserMessage(md any) {
	e := b.e
	phase := e.phase.Load()
	if phase >= phaseStopping {
		e.refuse(md)
		return
	}
	msg := md
	switch m := md.(type) {
	case *poison:
		e.phase.Store(phaseStopping) // what is queued behind it is refused from here on
		b.lib().Stop(b.lib().Self())
		return
	case *question:
		msg = m.msg
	}
	e.begin(msg)
	ok := false
	defer func() {
		if ok {
			return
		}
		b.caught(recover(), msg)
		if q, asked := md.(*question); asked {
			q.fail(ErrFailed)
		}
	}()
	if phase == phaseTraced {
		began := b.sys.now()
		defer func() { b.sys.trace.note(e, msg, began, b.sys.now()) }()
	}
	b.inner.InvokeUserMessage(msg)
	ok = true
	e.end()
}

// InvokeSystemMessage hands on what drives an actor's life.
func (b *box) InvokeSystemMessage(msg any) {
	if _, restart := msg.(*actor.Restart); restart && b.e.phase.Load() >= phaseStopping {
		return // the library would bring the ended actor back to life
	}
	ok := false
	defer func() {
		if !ok {
			b.caught(recover(), msg)
		}
	}()
	b.inner.InvokeSystemMessage(msg)
	ok = true
}

// caught runs while a panic, or a Goexit if r is nil, unwinds the stack.
func (b *box) caught(r, msg any) {
	if r == nil {
		r = errGoexit
	}
	e := b.e
	e.failed(r, msg)
	e.end()
	if e.phase.Load() < phaseStopping {
		b.inner.EscalateFailure(r, msg)
		return
	}
	// Only a Goexit gets here: the ending was cut short. The actor's code is not called again, and a message about a child that never was makes
	// the library look once more whether the actor can end.
	e.muted = true
	lib := b.lib()
	for _, child := range lib.Children() {
		lib.Stop(child)
	}
	b.PostSystemMessage(&actor.Terminated{Who: actor.NewPID("", "")})
}

// typeName is what events and logs say of a message: its type, never its content.
func typeName(msg any) string {
	if msg == nil {
		return "nil"
	}
	switch msg.(type) {
	case *actor.Started:
		return "actors.Started"
	case *actor.Terminated:
		return "actors.ChildEnded"
	}
	return reflect.TypeOf(msg).String()
}
