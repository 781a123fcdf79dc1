package session

import (
	"testing"

	"greenroom/internal/race"
	"greenroom/widgets"
	"greenroom/widgets/view"
)

// pushes are two renders of a cell that follow each other for ever, and an outbox that is attached to a socket.
func pushes(tb testing.TB) func() {
	tb.Helper()
	compiled, err := view.Compile(cell)
	if err != nil {
		tb.Fatal(err)
	}
	first, _ := compiled.Render(1)
	second, _ := compiled.Render(2)
	there, _ := view.AppendDiff(nil, first, second)
	back, _ := view.AppendDiff(nil, second, first)
	renders := []*widgets.Render{{Tree: first, Diff: back}, {Tree: second, Diff: there}}
	o := newOutbox(1)
	o.attach(nowhere{}, 0)
	n := 0
	return func() {
		n++
		renders[n&1].Version = uint64(n)
		o.push(0, renders[n&1])
	}
}

// BenchmarkOutbox is what a render costs from the widget's actor to the socket's write, without the write.
func BenchmarkOutbox(b *testing.B) {
	push := pushes(b)
	b.ReportAllocs()
	for b.Loop() {
		push()
	}
}

const typicalEvent = `["event",0,"search",{"q":"needle","row":"17"},42]`

// BenchmarkDecode is what a typical event costs from the frame's bytes until it is checked and can be sent to its widget.
func BenchmarkDecode(b *testing.B) {
	frame := []byte(typicalEvent)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(frame); err != nil {
			b.Fatal(err)
		}
	}
}

// TestHotPathsAllocate: what happens for every render and every event allocates no more than was decided: a push nothing, an event what is kept of the frame.
func TestHotPathsAllocate(t *testing.T) {
	if race.Enabled {
		t.Skip("allocations cannot be counted under the race detector; the tests without it do")
	}
	frame := []byte(typicalEvent)
	for _, c := range []struct {
		name string
		most float64
		do   func()
	}{
		{"a render that is pushed", 0, pushes(t)},
		{"an event that is decoded", 3, func() { _, _ = Decode(frame) }},
	} {
		if n := testing.AllocsPerRun(500, c.do); n > c.most {
			t.Errorf("%s allocates %v times, at most %v", c.name, n, c.most)
		}
	}
}
