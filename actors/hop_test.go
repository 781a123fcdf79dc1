package actors

import (
	"testing"

	"greenroom/internal/race"
)

// hop sends a message to an actor and waits until it has it.
func hop(tb testing.TB) func() {
	tb.Helper()
	s := system(tb, quiet())
	there := make(chan struct{})
	ref := spawn(tb, s, "a", func(c *Context) {
		if _, ok := c.Message().(int); ok {
			there <- struct{}{}
		}
	})
	return func() {
		s.Send(ref, 1)
		<-there
	}
}

// BenchmarkHop is one message to an actor that waits for it, until it is received: what an event costs between the socket's goroutine and its widget's actor.
// Unlike BenchmarkSend, which fills a mailbox, somebody is woken each time.
func BenchmarkHop(b *testing.B) {
	once := hop(b)
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

// TestHopAllocates: a hop allocates nothing that the message itself does not.
func TestHopAllocates(t *testing.T) {
	if race.Enabled {
		t.Skip("allocations cannot be counted under the race detector; the tests without it do")
	}
	if n := testing.AllocsPerRun(500, hop(t)); n > 0 {
		t.Errorf("a hop allocates %v times", n)
	}
}
