package widgets

import (
	"context"
	"errors"
	"runtime/debug"

	"greenroom/actors"
)

var (
	// ErrEnded is the cause of a task's context once its page is gone.
	ErrEnded = errors.New("widgets: the page is gone")
	// ErrTimeout is the cause once a task took longer than the widget's Timeout.
	ErrTimeout = errors.New("widgets: took too long")
	// ErrSuperseded is the cause once a newer event of the same name, or a newer query, made the task's result worthless.
	ErrSuperseded = errors.New("widgets: superseded by a newer query")
)

var errGoexit = errors.New("widgets: the handler ended its goroutine (runtime.Goexit)")

// start runs f outside Receive and sends its outcome to the instance. One task runs at a time; its context ends with the page, after the
// widget's Timeout, or when something newer supersedes it.
func (i *instance) start(c *actors.Context, w work, f func(ctx context.Context, fx *Effects) (any, error)) {
	ctx, cancel := context.WithCancelCause(context.Background()) // finish ends it with the page
	ctx, release := context.WithTimeoutCause(ctx, i.class.Timeout, ErrTimeout)
	in := i.in
	if !i.audience.shared { // what a shared widget does is nobody's doing in particular
		ctx = WithActor(ctx, in.Actor())
	}
	ctx, end := i.span(ctx, w)
	i.run++
	i.running, i.cancel = &w, cancel
	run, self, system := i.run, c.Self(), c.System()
	// Serves one mount, event or news; ends when f returns, which its context asks for at the latest when the page goes; Hub.Wait waits for it.
	i.hub.tasks.Add(1)
	system.Go(func() {
		defer i.hub.tasks.Done()
		defer cancel(nil)
		defer release()
		out := outcome{run: run, err: errGoexit, span: ctx, end: end}
		defer func() {
			if p := recover(); p != nil {
				out.panicked, out.stack, out.err = p, debug.Stack(), nil
			}
			if !errors.Is(context.Cause(ctx), ErrEnded) {
				system.Send(self, out)
			} else if end != nil {
				end(ErrEnded) // nobody draws it any more
			}
		}()
		out.state, out.err = f(ctx, &out.fx)
		if errors.Is(out.err, ErrDenied) && !i.audience.shared {
			i.hub.refused(ctx, *in, i.class.Name, w)
		}
		if out.err != nil && ctx.Err() != nil {
			out.err = errors.Join(context.Cause(ctx), out.err)
		}
	})
}

// span begins the span of a task, which settle ends once its outcome is drawn; end is nil where nobody traces.
func (i *instance) span(ctx context.Context, w work) (within context.Context, end func(error)) {
	t := i.hub.Tracer
	if t == nil {
		return ctx, nil
	}
	name, event := "news", ""
	switch {
	case w.input != nil:
		name, event = "event", w.input.Name
	case w.mount:
		name = "mount"
	}
	return t.Start(WithTracer(ctx, t), name, "widget", i.class.Name, "event", event)
}
