package session

import (
	"greenroom/actors"
	"greenroom/widgets"
)

// Glimpse is an open page as an operator sees it.
type Glimpse struct {
	Actor   actors.Ref
	User    *widgets.User
	Path    string
	Address string
	// Attached says that the page has a socket.
	Attached bool
	Widgets  int
	// Waiting counts the widgets and notes that are not written yet.
	Waiting int
	// Bytes are those given to its sockets so far.
	Bytes uint64
}

// Traffic is what all pages together got and sent, those that are closed too.
type Traffic struct {
	Pages                  int
	Events, Patches, Bytes uint64
}

// Most is how many pages may be open, less than zero for no bound.
func (r *Registry) Most() int { return r.cfg.MaxPages }

// Pages lists the open pages in no order. Each is looked at for an instant.
func (r *Registry) Pages() []Glimpse {
	var all []Glimpse
	r.each(func(s *Session) {
		g := Glimpse{Actor: s.ref, User: s.in.User, Path: s.in.Path, Address: s.address, Widgets: len(s.placed)}
		o := s.out
		o.mu.Lock()
		g.Attached, g.Waiting, g.Bytes = o.conn != nil, len(o.notes), o.bytes
		for n := range o.slots {
			if o.slots[n].newest != o.slots[n].sent {
				g.Waiting++
			}
		}
		o.mu.Unlock()
		all = append(all, g)
	})
	return all
}

// Traffic sums up what was sent and taken.
func (r *Registry) Traffic() Traffic {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.past
	t.Pages, t.Events = len(r.open), r.events.Load()
	for _, s := range r.open {
		s.out.sum(&t)
	}
	return t
}

// sum adds what the page was sent.
func (o *outbox) sum(t *Traffic) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t.Patches += o.seq
	t.Bytes += o.bytes
}
