package actors

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
)

// News is what a subscriber receives.
type News struct {
	Topic string
	Value any
}

// bound is how many topics that nobody subscribes to keep their type. It bounds memory where names are made from ids.
const bound = 4096

type topics struct {
	mu     sync.RWMutex
	byName map[string]*topic
	idle   int // topics that only remember a type
}

type topic struct {
	name string
	typ  reflect.Type // nil until the first Publish or Expect
	kept bool         // by Expect

	// subs is only ever appended to or replaced as a whole, so that a publisher may walk an older one without the lock.
	mu   sync.Mutex
	subs []*subscription
	live int
}

type subscription struct {
	of    *topics
	topic *topic
	to    Ref
	gone  atomic.Bool
}

// Publish sends v as News to every subscriber of a topic before it returns; what one goroutine publishes arrives in order. A topic carries values
// of one Go type, that of the first Publish or Expect; for another one Publish panics, since a subscriber would misread it.
func Publish[T any](s *System, name string, v T) {
	if t := s.topics.find(name, reflect.TypeFor[T](), false); t != nil {
		t.publish(s, v)
	}
}

// Expect binds a topic to a type before anything is published.
func Expect[T any](s *System, name string) { s.topics.find(name, reflect.TypeFor[T](), true) }

// Subscribe makes an actor receive a topic's News until cancel is called or the actor ends. After cancel, News already sent may still arrive.
func (s *System) Subscribe(name string, to Ref) (cancel func()) {
	sub := &subscription{of: &s.topics, to: to}
	e := to.entry()
	if e == nil {
		return func() {}
	}
	s.topics.add(name, sub)
	e.mu.Lock()
	ended := e.ended
	if !ended {
		e.subs = append(e.subs, sub)
	}
	e.mu.Unlock()
	if ended {
		sub.drop()
	}
	return func() {
		e.mu.Lock()
		if n := slices.Index(e.subs, sub); n >= 0 {
			e.subs = slices.Delete(e.subs, n, n+1)
		}
		e.mu.Unlock()
		sub.drop()
	}
}

// Subscribers counts a topic's subscribers, so that nobody need prepare what nobody hears.
func (s *System) Subscribers(name string) int {
	s.topics.mu.RLock()
	t := s.topics.byName[name]
	s.topics.mu.RUnlock()
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}

// find checks the type, or binds it.
func (ts *topics) find(name string, typ reflect.Type, keep bool) *topic {
	ts.mu.RLock()
	t := ts.byName[name]
	known := t != nil && t.typ == typ && (t.kept || !keep)
	ts.mu.RUnlock()
	if known {
		return t
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t = ts.byName[name]
	if t == nil {
		if !keep && ts.idle >= bound {
			return nil // nobody hears it
		}
		t = ts.make(name)
		ts.idle++
	}
	if t.typ == nil {
		t.typ = typ
	}
	if t.typ != typ {
		panic(fmt.Sprintf("actors: topic %q carries %s, not %s: give the other values a topic of their own", name, t.typ, typ))
	}
	t.kept = t.kept || keep
	return t
}

func (ts *topics) make(name string) *topic {
	if ts.byName == nil {
		ts.byName = map[string]*topic{}
	}
	t := &topic{name: name}
	ts.byName[name] = t
	return t
}

func (ts *topics) add(name string, sub *subscription) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.byName[name]
	if t == nil {
		t = ts.make(name)
	} else if t.live == 0 {
		ts.idle--
	}
	sub.topic = t
	t.mu.Lock()
	t.subs = append(t.subs, sub)
	t.live++
	t.mu.Unlock()
}

// drop ends a subscription, once.
func (sub *subscription) drop() {
	if !sub.gone.CompareAndSwap(false, true) {
		return
	}
	ts, t := sub.of, sub.topic
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live--
	switch {
	case t.live > 0:
		if len(t.subs) > 2*t.live+8 {
			t.compact()
		}
	case !t.kept && (t.typ == nil || ts.idle >= bound):
		t.subs = nil
		delete(ts.byName, t.name)
	default:
		t.subs = nil
		ts.idle++
	}
}

func (t *topic) compact() {
	subs := make([]*subscription, 0, t.live+t.live/4+8)
	for _, sub := range t.subs {
		if !sub.gone.Load() {
			subs = append(subs, sub)
		}
	}
	t.subs = subs
}

func (t *topic) publish(s *System, v any) {
	t.mu.Lock()
	subs := t.subs
	t.mu.Unlock()
	if len(subs) == 0 {
		return
	}
	var news any = News{t.name, v} // boxed once for all
	for _, sub := range subs {
		if !sub.gone.Load() {
			if e := sub.to.entry(); e != nil {
				s.post(e, news)
			}
		}
	}
}
