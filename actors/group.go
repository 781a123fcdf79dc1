package actors

import (
	"fmt"
	"sort"
	"sync"
)

// The groups that New makes, in this order.
const (
	Sessions = "sessions"
	Shared   = "shared"
	Jobs     = "jobs"
)

// Group is a named set of actors without a parent.
type Group struct {
	sys  *System
	name string

	mu     sync.Mutex
	actors map[*entry]struct{}
	closed bool
	empty  chan struct{} // made by close; closed when closed and empty
}

// Group returns the group with a name, and makes it if there is none.
func (s *System) Group(name string) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.groups {
		if g.name == name {
			return g
		}
	}
	g := &Group{sys: s, name: name, actors: map[*entry]struct{}{}}
	if s.closing.Load() {
		g.close()
	}
	s.groups = append(s.groups, g)
	return g
}

// Len counts the group's actors, without their children.
func (g *Group) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.actors)
}

// Spawn starts an actor of the group; see Context.Spawn. It may be called from anywhere.
func (g *Group) Spawn(kind, name string, produce func() Actor) (Ref, error) {
	e, err := g.sys.prepare(g.name, kind, name, produce)
	if err != nil {
		return Ref{}, err
	}
	e.group = g
	if !g.add(e) {
		g.sys.names.remove(e)
		return Ref{}, fmt.Errorf("%w: no more actors in group %q", ErrClosed, g.name)
	}
	if _, err := g.sys.root.SpawnNamed(g.sys.props, e.at.id); err != nil {
		g.sys.names.remove(e)
		g.remove(e)
		return Ref{}, fmt.Errorf("%w: %q: %w", ErrName, e.at.id, err)
	}
	if g.isClosed() {
		g.sys.Stop(Ref{e.at}) // Close may have looked before the actor could be told
	}
	return Ref{e.at}, nil
}

func (g *Group) add(e *entry) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.actors[e] = struct{}{}
	return true
}

func (g *Group) remove(e *entry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.actors[e]; !ok {
		return
	}
	delete(g.actors, e)
	if g.closed && len(g.actors) == 0 {
		close(g.empty)
	}
}

func (g *Group) isClosed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

// close refuses further actors.
func (g *Group) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return
	}
	g.closed = true
	g.empty = make(chan struct{})
	if len(g.actors) == 0 {
		close(g.empty)
	}
}

// stop tells all actors to end, the youngest first, and returns what is closed when they have.
func (g *Group) stop() <-chan struct{} {
	g.mu.Lock()
	all := make([]*entry, 0, len(g.actors))
	for e := range g.actors {
		all = append(all, e)
	}
	empty := g.empty
	g.mu.Unlock()
	sort.Slice(all, func(i, j int) bool { return all[i].seq > all[j].seq })
	for _, e := range all {
		g.sys.Stop(Ref{e.at})
	}
	return empty
}
