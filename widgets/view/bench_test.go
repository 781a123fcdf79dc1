package view_test

import (
	"html/template"
	"testing"

	"greenroom/bench/workload"
	"greenroom/widgets/view"
)

// BenchmarkRerender is what an event costs that changes nothing.
func BenchmarkRerender(b *testing.B) {
	for _, w := range workload.All()[:4] {
		b.Run(w.Name, func(b *testing.B) {
			c, err := view.Compile(template.Must(template.New(w.Name).Parse(w.Template)))
			if err != nil {
				b.Fatal(err)
			}
			last, err := c.Render(w.States[0])
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if tree, err := c.Rerender(last, w.States[0]); err != nil || tree != last {
					b.Fatal("another tree", err)
				}
			}
		})
	}
}

// BenchmarkPage is what the first HTML of a widget costs.
func BenchmarkPage(b *testing.B) {
	for _, w := range workload.All()[:4] {
		b.Run(w.Name, func(b *testing.B) {
			c, err := view.Compile(template.Must(template.New(w.Name).Parse(w.Template)))
			if err != nil {
				b.Fatal(err)
			}
			var out []byte
			b.ReportAllocs()
			for b.Loop() {
				tree, err := c.Render(w.States[0])
				if err != nil {
					b.Fatal(err)
				}
				out = tree.AppendLive(out[:0])
			}
			b.SetBytes(int64(len(out)))
		})
	}
}

// BenchmarkCompile is what a template costs at start, for one type of data.
func BenchmarkCompile(b *testing.B) {
	std := template.Must(template.New("list").Parse(workload.ChangeList))
	state := workload.NewOrders(1)
	b.ReportAllocs()
	for b.Loop() {
		c, err := view.Compile(std)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Render(state); err != nil {
			b.Fatal(err)
		}
	}
}
