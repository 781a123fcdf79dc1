package pages

import (
	"bytes"
	"testing"

	"greenroom/widgets"
)

// BenchmarkList is what a list page costs: reading, drawing the state, and the HTML around it; without the view engine and the actors.
func BenchmarkList(b *testing.B) {
	h := open(b, nil)
	h.stock(10_000)
	m := h.model("orders")
	in := h.in(ann, m, "/admin/main/orders/")
	s, err := m.mountList(b.Context(), in)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("mount", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if s, err = m.mountList(b.Context(), in); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("draw", func(b *testing.B) {
		b.ReportAllocs()
		g, _ := m.see(b.Context(), in)
		for b.Loop() {
			s.draw(b.Context(), in, g)
		}
	})
	b.Run("document", func(b *testing.B) {
		b.ReportAllocs()
		page, _ := h.site.ListPage(in, m)
		placed, _ := page.Placed()
		var out bytes.Buffer
		for b.Loop() {
			out.Reset()
			if err := h.site.Document(&out, Document{Page: page, Widgets: []Drawn{{placed[0], []byte("x")}}, User: ann}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("form", func(b *testing.B) {
		b.ReportAllocs()
		in.Key = widgets.Key{"5"}
		for b.Loop() {
			if _, err := m.mountForm(b.Context(), in); err != nil {
				b.Fatal(err)
			}
		}
	})
}
