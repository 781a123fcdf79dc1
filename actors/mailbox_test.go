package actors

import "testing"

// TestBoxKeepsOrderAndNoMoreRoomThanItNeeds keeps a few messages in a box at all times: they come out as they went in, and the box does not grow with
// what went through it.
func TestBoxKeepsOrderAndNoMoreRoomThanItNeeds(t *testing.T) {
	t.Parallel()
	b := &box{running: true} // as if somebody were at it, so that nothing is taken but by this test
	next, want := 0, 0
	put := func() {
		b.PostUserMessage(next)
		next++
	}
	take := func() {
		msg, system, ok := b.take()
		if !ok || system || msg != want {
			t.Fatalf("took %v (%v, %v), want %d", msg, system, ok, want)
		}
		want++
	}
	for range 100 {
		put()
	}
	for range 100_000 {
		put()
		take()
	}
	if got := b.UserMessageCount(); got != 100 {
		t.Errorf("%d messages wait, want 100", got)
	}
	if room := cap(b.more.user); room > 1000 {
		t.Errorf("room for %d messages although 100 wait", room)
	}
	b.PostSystemMessage("first")
	if msg, system, ok := b.take(); msg != "first" || !system || !ok {
		t.Errorf("took %v (%v, %v) before the library's message", msg, system, ok)
	}
	b.suspend(true)
	if msg, _, ok := b.take(); ok {
		t.Errorf("took %v from a box that is suspended", msg)
	}
	b.suspend(false)
	for range 100 {
		take()
	}
	if _, _, ok := b.take(); ok || b.more != nil || b.running {
		t.Errorf("an empty box has %v, running %v", b.more, b.running)
	}
}
