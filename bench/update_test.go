package bench

import (
	"html/template"
	"io"
	"testing"

	"greenroom/bench/workload"
	"greenroom/widgets/view"
)

// BenchmarkUpdate is what one event of a widget costs: render the new state, and say what changed. html-template
// executes the whole and does not say what changed.
func BenchmarkUpdate(b *testing.B) {
	for _, w := range workload.All() {
		std := template.Must(template.New(w.Name).Parse(w.Template))
		b.Run(w.Name+"/greenroom", func(b *testing.B) {
			c, err := view.Compile(std)
			if err != nil {
				b.Fatal(err)
			}
			last, err := c.Render(w.States[1])
			if err != nil {
				b.Fatal(err)
			}
			var diff []byte
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				tree, err := c.Rerender(last, w.States[i&1])
				if err != nil {
					b.Fatal(err)
				}
				var kind view.Change
				if diff, kind = view.AppendDiff(diff[:0], last, tree); kind != view.Patched {
					b.Fatal(kind)
				}
				last = tree
				i++
			}
			b.ReportMetric(float64(len(diff)), "wire-B")
			b.ReportMetric(float64(last.Size()), "kept-B")
		})
		b.Run(w.Name+"/html-template", func(b *testing.B) {
			std := template.Must(std.Clone())
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if err := std.Execute(io.Discard, w.States[i&1]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}
