package widgets

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"greenroom/actors"
	"greenroom/widgets/view"
)

// Hub starts instances, keeps the shared ones, and waits for the tasks of all. There is one in a process.
type Hub struct {
	// Audit is told of what was refused. It is set before the first Open; nil means that nobody is.
	Audit Audit
	// Tracer is told of what instances do. It is set before the first Open; nil means that nobody is.
	Tracer Tracer

	system *actors.System
	log    *slog.Logger
	card   *view.Template
	tasks  sync.WaitGroup
	lives  atomic.Uint64 // counts first renders, for Render.Version

	mu     sync.Mutex
	shared map[sharedBy]*common
}

// sharedBy tells shared instances apart: widgets of two declarations may have one name.
type sharedBy struct {
	class *Class
	key   string
}

// common is a shared instance and how many pages show it.
type common struct {
	ref     actors.Ref
	viewers int
}

// NewHub makes a Hub. A nil log is slog.Default.
func NewHub(system *actors.System, log *slog.Logger) (*Hub, error) {
	if log == nil {
		log = slog.Default()
	}
	compiled, err := view.Compile(cardTemplate)
	if err != nil {
		return nil, fmt.Errorf("widgets: the error card: %w", err)
	}
	return &Hub{system: system, log: log, card: compiled, shared: map[sharedBy]*common{}}, nil
}

// Open shows a class at a place: it starts an instance as a child of c's actor, or joins the shared one. closer leaves the shared one:
// an instance that is a child ends with its parent too. Instances of a page share in, and none changes it.
func (h *Hub) Open(c *actors.Context, class *Class, in *In, sink Sink, slot int) (ref actors.Ref, closer func(), err error) {
	v := viewer{sink, slot}
	if class.Shared != nil {
		if key := class.Shared(*in); key != "" {
			if in.User != nil && in.User.Behind != nil { // what is drawn for both is not what either sees
				key += "\x00" + in.User.Behind.ID + " as " + in.User.ID
			}
			return h.join(class, in, sharedBy{class, in.Language.Tag() + "\x00" + key}, v)
		}
	}
	seats := &audience{viewers: []viewer{v}}
	ref, err = c.Spawn("widget."+class.Name, "", func() actors.Actor {
		return &instance{hub: h, class: class, in: in, audience: seats}
	})
	if err != nil {
		return actors.Ref{}, nil, fmt.Errorf("widgets: start %q: %w", class.Name, err)
	}
	return ref, func() {}, nil // it ends with its parent
}

func (h *Hub) join(class *Class, in *In, key sharedBy, v viewer) (actors.Ref, func(), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.shared[key]
	if all == nil {
		seats := &audience{shared: true}
		ref, err := h.system.Group(actors.Shared).Spawn("widget."+class.Name, "", func() actors.Actor {
			return &instance{hub: h, class: class, in: in, audience: seats}
		})
		if err != nil {
			return actors.Ref{}, nil, fmt.Errorf("widgets: start shared %q: %w", class.Name, err)
		}
		all = &common{ref: ref}
		h.shared[key] = all
	}
	all.viewers++
	h.system.Send(all.ref, join{v})
	var once sync.Once
	return all.ref, func() { once.Do(func() { h.part(key, all, v) }) }, nil
}

// part takes a viewer away; the last one ends the instance.
func (h *Hub) part(key sharedBy, all *common, v viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.system.Send(all.ref, leave{v})
	all.viewers--
	if all.viewers == 0 {
		delete(h.shared, key)
		h.system.Stop(all.ref)
	}
}

// refused writes down that somebody wanted what is not theirs to do.
func (h *Hub) refused(ctx context.Context, in In, widget string, w work) {
	if h.Audit == nil {
		return
	}
	l := AuditLine{Deed: DeedRefused, Actor: in.Actor(), Key: in.Key.String(), Text: "to see " + widget + " on " + in.Path}
	if w.input != nil && !w.mount {
		l.Text = "to send " + w.input.Name + " to " + widget + " on " + in.Path
	}
	if in.Table != nil {
		l.Table = in.Table.ID()
	}
	if _, err := h.Audit.Note(context.WithoutCancel(ctx), l); err != nil {
		h.log.Error("a refusal is not in the audit", "user", l.User, "text", l.Text, "err", err)
	}
}

// Wait returns when no task is running any more, or with ctx's error. Tasks end when their pages do; call it after the sessions ended.
func (h *Hub) Wait(ctx context.Context) error {
	ended := make(chan struct{})
	// Serves one Wait; ends with the last task, which its own deadline bounds.
	go func() { h.tasks.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("widgets: handlers still running: %w", context.Cause(ctx))
	}
}
