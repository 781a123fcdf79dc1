package actors

import (
	"errors"
	"reflect"

	"github.com/asynkron/protoactor-go/actor"
)

// errGoexit is the failure of a Receive that ended its goroutine, as a test's FailNow does.
var errGoexit = errors.New("actors: Receive called runtime.Goexit")

// poison is the message that ends an actor in order.
type poison struct{}

var poisonMessage = &poison{}

// box is the library's unbounded mailbox; it learns which actor it belongs to when the library registers the actor's context.
type box struct {
	actor.Mailbox
	sys *System
}

// RegisterHandlers is called once, by the spawner's goroutine, before Started is posted.
func (b *box) RegisterHandlers(inv actor.MessageInvoker, d actor.Dispatcher) {
	ctx := inv.(actor.Context) // the library's actorContext is both
	found, _ := b.sys.names.Load(ctx.Self().Id)
	e := found.(*entry)
	e.box, e.lib = b.Mailbox, ctx
	e.born = b.sys.now()
	b.sys.alive.Add(1)
	e.at.live.Store(e)
	b.Mailbox.RegisterHandlers(&invoker{inner: inv, e: e}, d)
}

// invoker stands between mailbox and actor, and sees every message. It costs two atomic stores a message.
type invoker struct {
	inner actor.MessageInvoker
	e     *entry
}

// InvokeUserMessage hands a message to the actor, or refuses it because the actor ends.
func (v *invoker) InvokeUserMessage(md any) {
	e := v.e
	if e.phase.Load() >= phaseStopping {
		e.refuse(md)
		return
	}
	msg := md
	switch m := md.(type) {
	case *poison:
		e.phase.Store(phaseStopping) // what is queued behind it is refused from here on
		e.lib.Stop(e.lib.Self())
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
		v.caught(recover(), msg)
		if q, asked := md.(*question); asked {
			q.fail(ErrFailed)
		}
	}()
	v.inner.InvokeUserMessage(msg)
	ok = true
	e.end()
}

// InvokeSystemMessage hands on what drives an actor's life.
func (v *invoker) InvokeSystemMessage(msg any) {
	if _, restart := msg.(*actor.Restart); restart && v.e.phase.Load() >= phaseStopping {
		return // the library would bring the ended actor back to life
	}
	ok := false
	defer func() {
		if !ok {
			v.caught(recover(), msg)
		}
	}()
	v.inner.InvokeSystemMessage(msg)
	ok = true
}

// EscalateFailure is called by the mailbox for a panic that got past caught; there is none such.
func (v *invoker) EscalateFailure(reason, msg any) { v.inner.EscalateFailure(reason, msg) }

// caught runs while a panic, or a Goexit if r is nil, unwinds the stack.
func (v *invoker) caught(r, msg any) {
	if r == nil {
		r = errGoexit
	}
	e := v.e
	e.failed(r, msg)
	e.end()
	if e.phase.Load() < phaseStopping {
		v.inner.EscalateFailure(r, msg)
		return
	}
	// Only a Goexit gets here: the ending was cut short. The actor's code is not called again, and a message about a child that never was makes
	// the library look once more whether the actor can end.
	e.muted = true
	for _, child := range e.lib.Children() {
		e.lib.Stop(child)
	}
	e.box.PostSystemMessage(&actor.Terminated{Who: actor.NewPID("", "")})
}

// dispatcher hands mailboxes to the crew.
type dispatcher struct{ sys *System }

// Schedule has run carried out; it is through when the mailbox is empty.
func (d dispatcher) Schedule(run func()) { d.sys.drive(run) }

// Throughput is how many messages are handled before other goroutines may run.
func (dispatcher) Throughput() int { return 300 }

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
