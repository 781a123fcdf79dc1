package actors

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// Config says how a System runs. The zero Config works.
type Config struct {
	// Logger gets failures at ERROR and dead letters at DEBUG. Nil means slog.Default().
	Logger *slog.Logger
	// Restarts is how many failures in a row (less than a minute apart) are answered with a restart; one more ends the actor. Zero means 10.
	Restarts int
	// Backoff is the delay of the first restart; each further one takes twice as long. Zero means 50 ms.
	Backoff time.Duration
	// MaxBackoff is the longest delay. Zero means 5 s.
	MaxBackoff time.Duration
}

// System is where actors live. A process has one.
type System struct {
	cfg    Config
	log    *slog.Logger
	lib    *actor.ActorSystem
	root   *actor.RootContext
	props  *actor.Props
	names  names
	types  typeTable
	topics topics
	events events
	clock  clock // of After
	// retries holds the restarts that wait; Close hurries them, and closes this clock last.
	retries clock

	crew crew

	records records
	trace   tracer
	spawned atomic.Uint64
	alive   atomic.Int64
	closing atomic.Bool

	mu     sync.Mutex
	groups []*Group // in order of creation
}

// New starts a System with its three groups.
func New(cfg Config) *System {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Restarts == 0 {
		cfg.Restarts = 10
	}
	if cfg.Backoff == 0 {
		cfg.Backoff = 50 * time.Millisecond
	}
	if cfg.MaxBackoff == 0 {
		cfg.MaxBackoff = 5 * time.Second
	}
	s := &System{cfg: cfg, log: cfg.Logger.With("logger", "greenroom.actors")}
	s.lib = actor.NewActorSystem(
		// The library's own records say less than ours, and its dead letters hold whole messages.
		actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }),
		actor.WithDeadLetterRequestLogging(false),
	)
	guard := &guardian{s}
	shrink(s.lib.ProcessRegistry.LocalPIDs)
	s.root = s.lib.Root.Copy().WithGuardian(guard)
	s.root.Self() // makes the guardian's process while there is only one goroutine: two first callers would make two
	s.props = actor.PropsFromProducer(
		func() actor.Actor { return &shell{sys: s} },
		actor.WithMailbox(func() actor.Mailbox { return &box{sys: s} }), // which finds its goroutines itself, without a dispatcher
		actor.WithSupervisor(guard),
	)
	for _, name := range []string{Sessions, Shared, Jobs} {
		s.Group(name)
	}
	return s
}

// Send puts a message into an actor's mailbox and never waits. Messages of one goroutine to one actor arrive in order. A message is shared from then
// on and must not be changed. One for an actor that has ended, for the zero Ref, or a nil message becomes a dead letter.
func (s *System) Send(to Ref, msg any) {
	if e := to.entry(); e != nil && msg != nil {
		s.post(e, msg)
		return
	}
	if q, ok := msg.(*question); ok {
		q.fail(ErrEnded)
		return
	}
	s.deadLetter(to, msg)
}

func (s *System) post(e *entry, msg any) { e.box.PostUserMessage(msg) }

// Stop ends an actor once the messages queued before were handled. It returns at once; an actor that has ended is none of its concern.
func (s *System) Stop(to Ref) {
	e := to.entry()
	if e == nil {
		return
	}
	e.mu.Lock()
	again := e.asked
	e.asked = true
	e.mu.Unlock()
	if !again {
		s.post(e, poisonMessage)
	}
	e.hurry()
}

// StopWait is Stop, and waits until the actor has ended. It must not be called from inside a Receive.
func (s *System) StopWait(ctx context.Context, to Ref) error {
	e := to.entry()
	if e == nil {
		return nil
	}
	s.Stop(to)
	select {
	case <-e.wait():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop %s: still handling %s: %w", to, e.info().Last, context.Cause(ctx))
	}
}

// Live counts the living actors.
func (s *System) Live() int { return int(s.alive.Load()) }

// Close ends every actor: the groups in reverse order of their creation, one after the other, and in a group the youngest actors first. It returns
// when all have ended, or with ctx's error and the names of those who have not; those end when they can. It may be called several times, also at
// once; each call waits.
func (s *System) Close(ctx context.Context) error {
	s.Unfollow()
	s.closing.Store(true)
	s.clock.close()
	s.mu.Lock()
	groups := slices.Clone(s.groups)
	s.mu.Unlock()
	slices.Reverse(groups)
	for _, g := range groups {
		g.close()
	}
	late := false
	for _, g := range groups {
		empty := g.stop()
		if late {
			continue
		}
		select {
		case <-empty:
		case <-ctx.Done():
			late = true // tell the others all the same
		}
	}
	s.crew.close()
	if !late || s.Live() == 0 {
		s.retries.close()
		return nil
	}
	return fmt.Errorf("actors: %s: %w", s.survivors(), context.Cause(ctx))
}

// survivors names who is alive, and what each is doing.
func (s *System) survivors() string {
	var busy, rest []string
	for _, i := range s.Actors() {
		if i.Busy {
			busy = append(busy, fmt.Sprintf("%s (handling %s)", i.Actor, i.Last))
		} else {
			rest = append(rest, i.Actor.String())
		}
	}
	sort.Strings(rest)
	all := append(busy, rest...) // the busy ones are the reason
	n := len(all)
	if n > 10 {
		all = append(all[:10], "…")
	}
	return fmt.Sprintf("%d still alive: %s", n, strings.Join(all, ", "))
}

func (s *System) now() time.Time { return time.Now() }

// Go runs f in a goroutine of the crew that also runs mailboxes. It is for what an actor must not wait for; who starts it waits for its end. A
// goroutine that was used before has the stack that such work needs, which a new one has to grow step by step.
func (s *System) Go(f func()) { s.crew.run(task(f)) }
