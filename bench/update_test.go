package bench

import (
	"io"
	"testing"

	"greenroom/bench/workload"
	"greenroom/widgets/view"
)

// BenchmarkUpdate is what one change of a widget's state costs: render the new state, and say what changed. html-template executes the whole and does
// not say what changed. The module bench/peers sets the same beside other engines.
func BenchmarkUpdate(b *testing.B) {
	for _, w := range workload.All() {
		b.Run(w.Name+"/greenroom", func(b *testing.B) { updateGreenroom(b, w) })
		b.Run(w.Name+"/html-template", func(b *testing.B) {
			std := w.Parse()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := std.Execute(io.Discard, w.States[i&1]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func updateGreenroom(b *testing.B, w workload.Workload) {
	b.Helper()
	compiled, err := view.Compile(w.Parse())
	if err != nil {
		b.Fatal(err)
	}
	last, err := compiled.Render(w.States[1])
	if err != nil {
		b.Fatal(err)
	}
	var diff []byte
	widest := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		next, err := compiled.Render(w.States[i&1])
		if err != nil {
			b.Fatal(err)
		}
		change := view.Same
		if diff, change = view.AppendDiff(diff[:0], last, next); change != view.Patched {
			b.Fatalf("the change of %s is %v, not a patch", w.Name, change)
		}
		widest, last = max(widest, len(diff)), next
	}
	b.ReportMetric(float64(widest), "wire-B")
}
