package actors

import "sync/atomic"

// Ref is the address of an actor. It is comparable, may be kept for as long as one likes, and says nothing about where the actor lives. The zero
// Ref is nobody.
type Ref struct{ at *target }

// target is what equal Refs share. It outlives the actor and holds nothing of it then, so that a Ref kept for long costs a few words. An actor on
// another node would be a target with an address and no entry.
type target struct {
	id   string
	live atomic.Pointer[entry] // nil before the actor is registered and after it ended
}

// IsZero reports whether the Ref is nobody's.
func (r Ref) IsZero() bool { return r.at == nil }

// String is the actor's path, such as "sessions/p1/orders".
func (r Ref) String() string {
	if r.at == nil {
		return "nobody"
	}
	return r.at.id
}

// entry is the living actor behind the Ref, nil when there is none.
func (r Ref) entry() *entry {
	if r.at == nil {
		return nil
	}
	return r.at.live.Load()
}
