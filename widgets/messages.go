package widgets

import (
	"context"
	"sync/atomic"

	"greenroom/widgets/view"
)

// Render is one drawn state of an instance. It is immutable and shared by everyone who gets it.
type Render struct {
	// Version is one more than that of the instance's render before. An instance that was started again goes on with numbers that no other has, so
	// that a diff of its new life is never taken for one of the old.
	Version uint64
	Tree    *view.Tree
	// Diff turns the render before this one into this one; nil when there is none, as for the first. It is encoded once, for all viewers.
	Diff []byte

	// shared renders remember the last way from an older one: pages that lag behind mostly do so together.
	shared  bool
	catchUp atomic.Pointer[catchUp]
}

// catchUp is how a page at version from gets to a render.
type catchUp struct {
	from   uint64
	diff   []byte
	change view.Change
}

// Since returns what turns a page that shows from into one that shows r: r.Diff itself where from is the render before, else a diff made for this
// purpose. The bytes must not be changed.
func (r *Render) Since(from *Render) ([]byte, view.Change) {
	if r.Diff != nil && r.Version == from.Version+1 {
		return r.Diff, view.Patched
	}
	if known := r.catchUp.Load(); known != nil && known.from == from.Version {
		return known.diff, known.change
	}
	diff, change := view.AppendDiff(nil, from.Tree, r.Tree)
	if r.shared {
		r.catchUp.Store(&catchUp{from.Version, diff, change})
	}
	return diff, change
}

// Sink takes what an instance draws; a session's outbox is one. Deliver must not block. r is nil when nothing changed; reply is nil when no event
// was answered. What Deliver is given stays unchanged for ever.
type Sink interface {
	Deliver(slot int, r *Render, reply *Reply)
}

// Reply answers an event after the render that it caused.
type Reply struct {
	Slot int
	Ref  int64
	// Err is a text for the person, "" when the event was handled.
	Err     string
	Effects Effects
	// Unasked says that no event is answered: there are toasts of a Notice only, and Ref means nothing.
	Unasked bool
}

// Input is an event for an instance: who sent it gets the Reply under Ref. Payload is a JSON object.
type Input struct {
	Name    string
	Payload []byte
	Ref     int64
}

// Requery tells an instance the list's query from now on; it mounts again.
type Requery struct{ Query Query }

// RetryEvent is the event of the error card's button. Every instance answers it by mounting again.
const RetryEvent = "retry"

type (
	// join and leave add a viewer to a shared instance and take it away again; joins are answered by the newest render.
	join  struct{ viewer viewer }
	leave struct{ viewer viewer }
	// outcome is what a task sends back when it ended.
	outcome struct {
		run   uint64
		state any
		err   error
		fx    Effects
		// panicked holds the panic's value, and stack where it was.
		panicked any
		stack    []byte
		// span is the context of the task's span, which end ends; both are nil where nobody traces.
		span context.Context //nolint:containedctx // it goes with the message from the task to its actor
		end  func(error)
	}
	// wake is a timer's message: the pace is over, it is time to refresh, or the back-off after a failure ended.
	wake struct{ why wakeup }
)

type wakeup uint8

const (
	wakePace wakeup = iota
	wakeRefresh
	wakeBackoff
)

// viewer is one place where an instance is shown.
type viewer struct {
	sink Sink
	slot int
}

// within is the context of what the outcome leads to.
func (o outcome) within() context.Context {
	if o.end == nil {
		return context.Background()
	}
	return o.span
}

// close ends the span of the task, if there is one.
func (o outcome) close() {
	if o.end != nil {
		o.end(o.err)
	}
}
