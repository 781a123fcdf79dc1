package peers

import (
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"io"
	"testing"

	"github.com/jfyne/live"

	"greenroom/bench/workload"
	"greenroom/widgets/view"
)

// BenchmarkUpdate is one change of state in each engine: the new state is rendered and what changed is encoded. html-template renders the whole and does
// not say what changed: it is the floor of whoever sends pages.
func BenchmarkUpdate(b *testing.B) {
	for _, w := range workload.All() {
		b.Run(w.Name+"/greenroom", func(b *testing.B) { updateGreenroom(b, w) })
		b.Run(w.Name+"/html-template", func(b *testing.B) { updateTemplate(b, w) })
		b.Run(w.Name+"/jfyne-live", func(b *testing.B) { updateLive(b, w) })
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

func updateTemplate(b *testing.B, w workload.Workload) {
	b.Helper()
	std := w.Parse()
	b.ReportAllocs()
	var out counter
	for i := 0; b.Loop(); i++ {
		out = 0
		if err := std.Execute(&out, w.States[i&1]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out), "wire-B")
}

// counter counts what is written to it.
type counter int

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// updateLive does what the library's engine does with an event's outcome: Assign, RenderSocket (which executes the template, parses the HTML, diffs it with
// the socket's latest render and queues the patches), UpdateRender; then it encodes the queued message as the engine does for the socket. The template is a
// whole document, since the library renders whole documents, with the workload as its body.
func updateLive(b *testing.B, w workload.Workload) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	document := template.Must(w.Parse().New("document").Parse(`<!doctype html><html><head><title>t</title></head><body>{{template "` + w.Name + `" .}}</body></html>`))
	handler := live.NewHandler()
	handler.RenderHandler = func(_ context.Context, rc *live.RenderContext) (io.Reader, error) {
		var out bytes.Buffer
		if err := document.Execute(&out, rc.Assigns); err != nil {
			return nil, err
		}
		return &out, nil
	}
	engine := live.NewHttpHandler(ctx, handler)
	socket := live.NewSocket(ctx, engine, "bench")
	update := func(state any) []byte {
		socket.Assign(state)
		render, err := live.RenderSocket(ctx, engine, socket)
		if err != nil {
			b.Fatal(err)
		}
		socket.UpdateRender(render)
		select {
		case message := <-socket.Messages():
			data, err := json.Marshal(&message)
			if err != nil {
				b.Fatal(err)
			}
			return data
		default:
			return nil
		}
	}
	update(w.States[1])
	widest := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		sent := update(w.States[i&1])
		if sent == nil {
			b.Fatalf("the change of %s was not sent", w.Name)
		}
		widest = max(widest, len(sent))
	}
	b.ReportMetric(float64(widest), "wire-B")
}
