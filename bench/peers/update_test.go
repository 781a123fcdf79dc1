package peers

import (
	"bytes"
	"context"
	"html/template"
	"io"
	"strconv"
	"testing"

	"github.com/jfyne/live"

	"greenroom/bench/workload"
	"greenroom/widgets/view"
)

// BenchmarkUpdate is what one event costs a server's processor until the bytes that tell the page are there.
func BenchmarkUpdate(b *testing.B) {
	for _, w := range workload.All() {
		b.Run(w.Name+"/greenroom", func(b *testing.B) { greenroom(b, w) })
		b.Run(w.Name+"/html-template", func(b *testing.B) { standard(b, w) })
		b.Run(w.Name+"/jfyne-live", func(b *testing.B) { jfyne(b, w) })
	}
}

func parse(b *testing.B, w workload.Workload) *template.Template {
	b.Helper()
	t, err := template.New(w.Name).Parse(w.Template)
	if err != nil {
		b.Fatal(err)
	}
	return t
}

func greenroom(b *testing.B, w workload.Workload) {
	c, err := view.Compile(parse(b, w))
	if err != nil {
		b.Fatal(err)
	}
	last, err := c.Render(w.States[1])
	if err != nil {
		b.Fatal(err)
	}
	var diff []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tree, err := c.Rerender(last, w.States[i&1])
		if err != nil {
			b.Fatal(err)
		}
		var kind view.Change
		if diff, kind = view.AppendDiff(diff[:0], last, tree); kind != view.Patched {
			b.Fatal(kind)
		}
		last = tree
	}
	b.ReportMetric(float64(len(diff)), "wire-B")
}

func standard(b *testing.B, w workload.Workload) {
	t := parse(b, w)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := t.Execute(io.Discard, w.States[i&1]); err != nil {
			b.Fatal(err)
		}
	}
}

// queue is how many messages a socket of the library holds before it takes the page for too slow; nobody reads them here, so another socket is
// taken before.
const queue = 16

func jfyne(b *testing.B, w workload.Workload) {
	t := parse(b, w)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	h := live.NewHandler()
	h.RenderHandler = func(_ context.Context, rc *live.RenderContext) (io.Reader, error) {
		var page bytes.Buffer
		page.WriteString("<!doctype html><html><head></head><body>")
		if err := t.Execute(&page, rc.Assigns); err != nil {
			return nil, err
		}
		page.WriteString("</body></html>")
		return &page, nil
	}
	engine := live.NewHttpHandler(ctx, h)
	var socket *live.Socket
	update := func(i int) {
		socket.Assign(w.States[i&1])
		render, err := live.RenderSocket(ctx, engine, socket)
		if err != nil {
			b.Fatal(err)
		}
		socket.UpdateRender(render)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%(queue-1) == 0 {
			b.StopTimer()
			socket = live.NewSocket(ctx, engine, live.SocketID(strconv.Itoa(i)))
			update(i + 1) // the first render has nothing to be compared with
			b.StartTimer()
		}
		update(i)
	}
}
