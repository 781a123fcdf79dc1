package widgets

import (
	"context"
	"errors"
	"time"

	"greenroom/actors"
	"greenroom/widgets/view"
)

// instance is the actor behind one shown widget. Everything in it is touched by its Receive only; a running task works on the values it was given.
type instance struct {
	hub      *Hub
	class    *Class
	in       *In // shared with the page's other instances, replaced as a whole
	audience *audience

	state   any
	mounted bool
	last    *Render

	// What waits for its turn: events in order, the newest news of each topic, and whether to mount.
	events []Input
	news   []actors.News
	stale  bool
	// running is the task at work, nil if none; run numbers the tasks, so that an outcome that comes late is known.
	running *work
	cancel  context.CancelCauseFunc
	run     uint64
	// lastNews is when a topic's news were last handled, failures counts panics in a row.
	lastNews time.Time
	pacing   bool
	failures int
	resting  bool
	// holding keeps back the render of an event's outcome, held, to go out with the event's answer: one write for both.
	holding bool
	held    *Render
	// leaveAll ends the subscriptions, stopRefresh the timer.
	leaveAll    []func()
	stopRefresh func()
}

// audience is who sees an instance. It outlives a restart of the actor, and is touched by the actor only.
type audience struct {
	viewers []viewer
	shared  bool
}

// work is a task's reason.
type work struct {
	input *Input
	mount bool
}

// Receive is the instance's table of contents.
func (i *instance) Receive(c *actors.Context) {
	switch m := c.Message().(type) {
	case actors.Started:
		i.begin(c)
	case Input:
		i.input(c, m)
	case Requery:
		i.requery(c, m)
	case actors.News:
		i.hear(c, m)
	case outcome:
		i.settle(c, m)
	case wake:
		i.wake(c, m)
	case join:
		i.join(m.viewer)
	case leave:
		i.leave(m.viewer)
	case actors.Stopping, actors.Restarting:
		i.finish()
	}
}

func (i *instance) begin(c *actors.Context) {
	if i.class.Topics != nil {
		for _, topic := range i.class.Topics(*i.in) {
			i.leaveAll = append(i.leaveAll, c.System().Subscribe(topic, c.Self()))
		}
	}
	if i.class.Refresh > 0 {
		i.stopRefresh = c.System().After(i.class.Refresh, c.Self(), wake{wakeRefresh})
	}
	i.stale = true
	i.next(c)
}

func (i *instance) finish() {
	if i.running != nil {
		i.cancel(ErrEnded)
	}
	for _, leave := range i.leaveAll {
		leave()
	}
	i.leaveAll = nil
	if i.stopRefresh != nil {
		i.stopRefresh()
	}
}

func (i *instance) input(c *actors.Context, m Input) {
	handler, known := i.class.Events[m.Name]
	if !known && m.Name != RetryEvent {
		i.answer(m.Ref, "This part of the page does not know that command. Reload the page.", Effects{})
		return
	}
	if handler.latest {
		i.supersede(m.Name)
	}
	i.events = append(i.events, m)
	i.next(c)
}

// supersede drops waiting events of a name and stops the running one: the newer event makes their results worthless.
func (i *instance) supersede(name string) {
	kept := i.events[:0]
	for _, waiting := range i.events {
		if waiting.Name == name {
			i.answer(waiting.Ref, "", Effects{})
			continue
		}
		kept = append(kept, waiting)
	}
	i.events = kept
	if i.running != nil && i.running.input != nil && i.running.input.Name == name {
		i.cancel(ErrSuperseded)
	}
}

func (i *instance) requery(c *actors.Context, m Requery) {
	i.amend(func(in *In) { in.Query = &m.Query })
	i.stale = true
	if i.running != nil && i.running.mount {
		i.cancel(ErrSuperseded)
	}
	i.next(c)
}

// amend replaces where the instance stands by a changed copy; a task at work keeps what it was given.
func (i *instance) amend(change func(*In)) {
	in := *i.in
	change(&in)
	i.in = &in
}

func (i *instance) hear(c *actors.Context, m actors.News) {
	for n := range i.news {
		if i.news[n].Topic == m.Topic {
			i.news[n] = m // the newest of a topic is enough
			return
		}
	}
	i.news = append(i.news, m)
	i.next(c)
}

func (i *instance) wake(c *actors.Context, m wake) {
	switch m.why {
	case wakePace:
		i.pacing = false
	case wakeRefresh:
		i.stale = true
		i.stopRefresh = c.System().After(i.class.Refresh, c.Self(), wake{wakeRefresh})
	case wakeBackoff:
		i.resting = false
		i.stale = true
	}
	i.next(c)
}

// next starts the next task if none is running: events first, since a person waits for them, then mounting, then news.
func (i *instance) next(c *actors.Context) {
	if i.running != nil {
		return
	}
	switch {
	case len(i.events) > 0 && (i.mounted || i.events[0].Name == RetryEvent):
		m := i.events[0]
		i.events = i.events[1:]
		i.handle(c, m)
	case i.resting:
		i.dropEvents()
	case i.stale:
		i.mount(c, nil)
	case !i.mounted:
		i.dropEvents() // the first load failed; the card's button tries again
	case len(i.news) > 0 && i.mounted:
		i.heed(c)
	}
}

func (i *instance) mount(c *actors.Context, because *Input) {
	i.stale = false
	in := i.in
	i.start(c, work{input: because, mount: true}, func(ctx context.Context, _ *Effects) (any, error) {
		return i.class.Mount(ctx, *in)
	})
}

func (i *instance) handle(c *actors.Context, m Input) {
	if m.Name == RetryEvent {
		i.resting = false
		i.mount(c, &m)
		return
	}
	in, state, handler := i.in, i.state, i.class.Events[m.Name]
	i.start(c, work{input: &m}, func(ctx context.Context, fx *Effects) (any, error) {
		return handler.run(ctx, *in, state, m.Payload, fx)
	})
}

// heed handles news, at most one round in the widget's Pace.
func (i *instance) heed(c *actors.Context) {
	now := time.Now()
	if rest := i.class.Pace - now.Sub(i.lastNews); rest > 0 && !i.lastNews.IsZero() {
		if !i.pacing {
			i.pacing = true
			c.System().After(rest, c.Self(), wake{wakePace})
		}
		return
	}
	i.lastNews = now
	if i.class.Notice == nil {
		i.news = i.news[:0]
		i.mount(c, nil)
		return
	}
	in, state, news := i.in, i.state, News{Topic: i.news[0].Topic, Value: i.news[0].Value}
	i.news = i.news[1:]
	i.start(c, work{}, func(ctx context.Context, fx *Effects) (any, error) {
		return i.class.Notice(context.WithValue(ctx, toldKey{}, fx), *in, state, news)
	})
}

// settle takes a task's outcome: the next state is drawn, a failure is shown and logged, and whoever sent the event is answered.
func (i *instance) settle(c *actors.Context, m outcome) {
	if m.run != i.run || i.running == nil {
		m.close()
		return
	}
	defer m.close()
	done := *i.running
	i.running, i.cancel = nil, nil
	problem := ""
	i.holding = done.input != nil
	switch {
	case m.panicked != nil:
		problem = i.fail(c, m.panicked, m.stack)
	case errors.Is(m.err, ErrSuperseded):
		// The newer one is waiting; the older one's sender needs no text.
	case m.err != nil:
		problem = i.refuse(done, m.err)
	default:
		i.state, i.mounted, i.failures = m.state, true, 0
		if m.fx.Address != nil {
			i.amend(func(in *In) { in.Raw = *m.fx.Address }) // where the page stands now, should it have to mount again
		}
		_, drawn := Span(m.within(), "patch", "widget", i.class.Name)
		err := i.draw()
		drawn(err)
		if err != nil {
			problem = i.fail(c, err, nil)
		}
		if done.input == nil && len(m.fx.Toasts) > 0 {
			i.deliver(nil, &Reply{Effects: Effects{Toasts: m.fx.Toasts}, Unasked: true})
		}
	}
	if i.holding {
		r := i.held
		i.holding, i.held = false, nil
		i.deliver(r, &Reply{Ref: done.input.Ref, Err: problem, Effects: m.fx})
	}
	i.next(c)
}

// draw renders the state and pushes it, unless it looks as before.
func (i *instance) draw() error {
	var last *view.Tree
	if i.last != nil {
		last = i.last.Tree
	}
	tree, err := i.class.in(i.in.Language).Rerender(last, i.state)
	if err != nil {
		return err
	}
	if tree != last {
		i.push(tree)
	}
	return nil
}

func (i *instance) push(tree *view.Tree) {
	r := &Render{Tree: tree, shared: i.audience.shared}
	if i.last == nil {
		r.Version = i.hub.lives.Add(1) << 32
	} else {
		diff, change := view.AppendDiff(nil, i.last.Tree, tree)
		switch change {
		case view.Same:
			return
		case view.Patched:
			r.Diff = diff
		}
		r.Version = i.last.Version + 1
	}
	i.last = r
	if i.holding {
		i.held = r
		return
	}
	i.deliver(r, nil)
}

// deliver hands a render, an answer, or both to who sees the instance.
func (i *instance) deliver(r *Render, reply *Reply) {
	for _, v := range i.audience.viewers {
		if reply == nil {
			v.sink.Deliver(v.slot, r, nil)
			continue
		}
		own := *reply // a shared instance has several viewers, who keep what they are given
		own.Slot = v.slot
		v.sink.Deliver(v.slot, r, &own)
	}
}

// answer replies to an event that changed nothing.
func (i *instance) answer(ref int64, problem string, fx Effects) {
	i.deliver(nil, &Reply{Ref: ref, Err: problem, Effects: fx})
}

func (i *instance) join(v viewer) {
	i.audience.viewers = append(i.audience.viewers, v)
	if i.last != nil {
		v.sink.Deliver(v.slot, i.last, nil)
	}
}

func (i *instance) leave(v viewer) {
	for n, other := range i.audience.viewers {
		if other == v {
			i.audience.viewers = append(i.audience.viewers[:n], i.audience.viewers[n+1:]...)
			return
		}
	}
}
