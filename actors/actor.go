package actors

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/asynkron/protoactor-go/actor"
)

// Actor is a piece of state and the one function that touches it. Receive is called with one message at a time, never twice at once, and must not
// wait: whatever takes time runs elsewhere and sends its result back.
type Actor interface{ Receive(c *Context) }

// The messages of an actor's life. They are delivered to Receive like any other; Started comes first, Stopped last.
type (
	// Started is an actor's first message, and the first one of the fresh instance after a restart.
	Started struct{}
	// Restarting is the last message of an instance that failed. Its children are about to end.
	Restarting struct{}
	// Stopping says that the actor ends. Its children end next; no message but ChildEnded and Stopped follows.
	Stopping struct{}
	// Stopped is the last message; the children have ended.
	Stopped struct{}
	// ChildEnded says that a child ended: it was stopped, stopped itself, or failed too often.
	ChildEnded struct{ Child Ref }
)

// Errors of spawning.
var (
	// ErrName is returned for a name that is taken, or that has a slash in it.
	ErrName = errors.New("actors: name cannot be used")
	// ErrClosed is returned for a spawn in a closed System, or under an actor that is ending.
	ErrClosed = errors.New("actors: closed")
)

// Context is what an actor knows while it handles a message. It must not be used once Receive has returned, nor from another goroutine.
type Context struct {
	e   *entry
	msg any
}

// Message is the message in hand.
func (c *Context) Message() any { return c.msg }

// Self is the actor's own address.
func (c *Context) Self() Ref { return Ref{c.e.at} }

// System is where the actor lives. Unlike the Context it may be kept and used from anywhere.
func (c *Context) System() *System { return c.e.sys }

// Log is a logger that names the actor.
func (c *Context) Log() *slog.Logger { return c.e.log() }

// Send sends a message; see System.Send.
func (c *Context) Send(to Ref, msg any) { c.e.sys.Send(to, msg) }

// Stop ends the actor after the message in hand. Messages that are queued behind it become dead letters.
func (c *Context) Stop() {
	lib := c.e.box.lib()
	lib.Stop(lib.Self())
}

// StopChild ends a child once the messages that are queued for it were handled. It is told by ChildEnded.
func (c *Context) StopChild(child Ref) { c.e.sys.Stop(child) }

// Spawn starts a child. The kind is a word for logs and the console ("widget"); the name is unique among the actor's children, "" means that one
// is made up. produce makes the instance, again at each restart, in the child's own goroutine; a panic in it is a failure of the child. Returning
// the same instance each time keeps its state over restarts.
func (c *Context) Spawn(kind, name string, produce func() Actor) (Ref, error) {
	if c.e.phase.Load() >= phaseStopping {
		return Ref{}, fmt.Errorf("%w: %s is ending and cannot have another child", ErrClosed, c.Self())
	}
	e, err := c.e.sys.prepare(c.e.at.id, kind, name, produce)
	if err != nil {
		return Ref{}, err
	}
	e.parent = c.e.at
	if _, err := c.e.box.lib().SpawnNamed(c.e.sys.props, e.name()); err != nil {
		c.e.sys.names.remove(e)
		return Ref{}, fmt.Errorf("%w: %q: %w", ErrName, e.at.id, err)
	}
	c.e.children = append(c.e.children, e.at)
	return Ref{e.at}, nil
}

// prepare takes the name of a new actor.
func (s *System) prepare(under, kind, name string, produce func() Actor) (*entry, error) {
	if strings.Contains(name, "/") {
		return nil, fmt.Errorf("%w: %q has a slash, which separates parents from children", ErrName, name)
	}
	seq := s.spawned.Add(1)
	if name == "" {
		name = kind + "~" + strconv.FormatUint(seq, 36)
	}
	e := &entry{sys: s, at: &target{id: under + "/" + name}, kind: kind, seq: seq, produce: produce}
	if !s.names.add(e) {
		return nil, fmt.Errorf("%w: %q is taken by an actor that has not ended", ErrName, e.at.id)
	}
	return e, nil
}

// shell is the library's actor around ours: one for each incarnation.
type shell struct {
	sys  *System
	user Actor // nil until Started
	ctx  Context
}

// Receive tells the library's messages of life from everything else.
func (h *shell) Receive(c actor.Context) {
	if h.ctx.e == nil {
		e := h.sys.names.get(c.Self().Id)
		if e == nil {
			return
		}
		h.ctx.e = e
	}
	switch m := c.Message().(type) {
	case *actor.Started:
		h.start()
	case *actor.Restarting:
		h.ctx.e.phase.Store(phaseRestarting)
		h.last(Restarting{})
	case *actor.Stopping:
		h.ctx.e.phase.Store(phaseStopping)
		h.last(Stopping{})
	case *actor.Stopped:
		h.last(Stopped{})
		h.ctx.e.finish() // before the library tells the parent, who may want the name at once
	case *actor.Terminated:
		h.childEnded(m)
	default:
		h.ctx.msg = m
		h.user.Receive(&h.ctx)
		h.ctx.msg = nil
	}
}

func (h *shell) start() {
	e := h.ctx.e
	if e.phase.Swap(phaseAlive) == phaseNew {
		e.sys.emit(Event{Kind: Spawned, Actor: Ref{e.at}, Class: e.kind, Parent: Ref{e.parent}})
	} else if n := e.restarted(); n > 0 {
		e.sys.emit(Event{Kind: Restarted, Actor: Ref{e.at}, Class: e.kind, Parent: Ref{e.parent}, Count: n})
	}
	h.user = e.produce()
	h.ctx.msg = Started{}
	h.user.Receive(&h.ctx)
	h.ctx.msg = nil
}

func (h *shell) childEnded(m *actor.Terminated) {
	e := h.ctx.e
	at := slices.IndexFunc(e.children, func(c *target) bool { return c.id == m.Who.GetId() })
	if at < 0 {
		return
	}
	child := Ref{e.children[at]}
	e.children = slices.Delete(e.children, at, at+1)
	switch e.phase.Load() {
	case phaseAlive, phaseTraced:
		if h.user != nil {
			h.ctx.msg = ChildEnded{child}
			h.user.Receive(&h.ctx)
			h.ctx.msg = nil
		}
	case phaseStopping:
		h.last(ChildEnded{child})
	}
}

// last delivers a message in which a panic must not reach the library: there it would leave an actor that can never end.
func (h *shell) last(msg any) {
	if h.user == nil || h.ctx.e.muted {
		return
	}
	e, ok := h.ctx.e, false
	defer func() {
		if ok {
			return
		}
		if r := recover(); r != nil {
			e.failed(r, msg)
		}
	}()
	h.ctx.msg = msg
	h.user.Receive(&h.ctx)
	h.ctx.msg = nil
	ok = true
}
