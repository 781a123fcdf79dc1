package session

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// visit is a page of a row that has a socket.
type visit struct {
	s     *Session
	since time.Time
}

// appear counts the session's person in at their row, and tells the others; only the session's actor calls it.
func (a *actor) appear() {
	topic := a.in.Presence()
	if topic == "" || a.here {
		return
	}
	a.here = true
	r := a.registry
	r.mu.Lock()
	r.visits[topic] = append(r.visits[topic], visit{a.Session, time.Now()})
	r.mu.Unlock()
	actors.Publish(r.cfg.System, topic, widgets.Came{})
}

// vanish is its inverse.
func (a *actor) vanish() {
	if !a.here {
		return
	}
	a.here = false
	r, topic := a.registry, a.in.Presence()
	r.mu.Lock()
	left := slices.DeleteFunc(r.visits[topic], func(v visit) bool { return v.s == a.Session })
	if r.visits[topic] = left; len(left) == 0 {
		delete(r.visits, topic)
	}
	r.mu.Unlock()
	actors.Publish(r.cfg.System, topic, widgets.Came{})
}

// Present implements widgets.Presence: a page counts from its socket's attachment to the socket's end.
func (r *Registry) Present(topic string) []widgets.Present {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []widgets.Present
	for _, v := range r.visits[topic] {
		u := v.s.in.User
		if !slices.ContainsFunc(all, func(p widgets.Present) bool { return p.UserID == u.Person().ID }) {
			all = append(all, widgets.Present{UserID: u.Person().ID, User: u.Called(), Since: v.since})
		}
	}
	slices.SortFunc(all, func(a, b widgets.Present) int { // who reconnects keeps their place
		return cmp.Or(strings.Compare(a.User, b.User), strings.Compare(a.UserID, b.UserID))
	})
	return all
}
