package http

import (
	"bufio"
	"context"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"greenroom/actors"
	"greenroom/session"
	grsql "greenroom/sql"
	"greenroom/widgets"
	"greenroom/widgets/pages"
)

// bench is a gate with pages of three small widgets that are opened without a request, and sockets that skip the sign-in.
type benchGate struct {
	gate     *Gate
	system   *actors.System
	sessions *session.Registry
	hub      *widgets.Hub
	classes  []*widgets.Class
	addr     string
	open     int
}

type tile struct {
	Label string
	Value int
}

var tileTemplate = template.Must(template.New("tile").Parse(`<p class="gr-stat">{{.Label}} <b>{{.Value}}</b></p>`))

func newBenchGate(tb testing.TB, shared bool) *benchGate {
	tb.Helper()
	quiet := slog.New(slog.DiscardHandler)
	h := &benchGate{system: actors.New(actors.Config{Logger: quiet})}
	var err error
	check := func() {
		if err != nil {
			tb.Helper()
			tb.Fatal(err)
		}
	}
	h.hub, err = widgets.NewHub(h.system, quiet)
	check()
	h.sessions, err = session.NewRegistry(session.Config{
		System: h.system, Hub: h.hub, MaxPages: -1, MaxUserPages: -1, Log: quiet, Attach: time.Minute,
	})
	check()
	state, err := grsql.OpenState(tb.Context(), filepath.Join(tb.TempDir(), "state.db"))
	check()
	h.gate, err = New(Config{Site: &pages.Site{Title: "bench", Prefix: "/admin"}, Sessions: h.sessions, State: state, Log: quiet, Handshakes: -1})
	check()
	for _, name := range []string{"one", "two", "three"} {
		w := widgets.Widget{
			Name: name, Template: tileTemplate, Pace: time.Nanosecond,
			Mount:  func(context.Context, widgets.In) (any, error) { return tile{"orders", 1}, nil },
			Topics: func(widgets.In) []string { return []string{"tile/" + name} },
			Notice: func(_ context.Context, _ widgets.In, _ any, news widgets.News) (any, error) {
				return tile{"orders", news.Value.(int)}, nil
			},
		}
		if shared {
			w.Shared = func(widgets.In) string { return "all" }
		} else {
			w.Events = map[string]widgets.Handler{"add": widgets.On(func(_ context.Context, t tile, _ widgets.Event[struct{}]) (tile, error) {
				t.Value++
				return t, nil
			})}
		}
		class, err := w.Compile()
		if err != nil {
			tb.Fatal(err)
		}
		h.classes = append(h.classes, class)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check()
	h.addr = ln.Addr().String()
	srv := &fasthttp.Server{Logger: silentLog{}, Handler: func(ctx *fasthttp.RequestCtx) {
		h.gate.socket(&request{ctx: ctx, user: &widgets.User{ID: "1", SessionID: "signin"}})
	}}
	h.gate.Tune(srv)
	h.gate.Start()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_ = h.gate.Shutdown(ctx)
		_ = h.sessions.Close(ctx)
		_ = h.system.Close(ctx)
		_ = h.hub.Wait(ctx)
		_ = srv.ShutdownWithContext(ctx)
		_ = ln.Close()
		if err := <-served; err != nil {
			tb.Log("the server ended with:", err)
		}
		_ = state.Close()
	})
	return h
}

type silentLog struct{}

func (silentLog) Printf(string, ...any) {}

// page opens a page and attaches a socket as a browser would; the returned connection has read the answer to attach.
func (h *benchGate) page(tb testing.TB) (net.Conn, *session.Session) {
	tb.Helper()
	h.open++
	in := widgets.In{
		User: &widgets.User{ID: strconv.Itoa(h.open), Name: "somebody", SessionID: "signin"}, Prefix: "/admin", Path: "/admin/",
		CSRF: strings.Repeat("c", 43),
	}
	s, err := h.sessions.Open(tb.Context(), &widgets.Page{Title: "Bench", Slots: h.classes[:2], Main: h.classes[2], In: in}, "")
	if err != nil {
		tb.Fatal(err)
	}
	s.Draw()
	return h.dial(tb, s), s
}

func (h *benchGate) dial(tb testing.TB, s *session.Session) net.Conn {
	tb.Helper()
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = fmt.Fprintf(c, "GET /admin/socket HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: greenroom.1\r\n"+
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nAccept: */*\r\nAccept-Language: en\r\n\r\n")
	if err != nil {
		tb.Fatal(err)
	}
	r := bufio.NewReaderSize(c, 512)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			tb.Fatal(err)
		}
		if line == "\r\n" {
			break
		}
	}
	if _, err := c.Write(masked(0x81, []byte(`["attach","`+s.Token()+`",0]`))); err != nil {
		tb.Fatal(err)
	}
	if got := frameFrom(tb, r); got != `["attached",0]` {
		tb.Fatalf("attach is answered %s", got)
	}
	if r.Buffered() > 0 {
		tb.Fatal("more than the answer to attach")
	}
	return c
}

// frameFrom reads one short frame of the server's.
func frameFrom(tb testing.TB, r *bufio.Reader) string {
	tb.Helper()
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		tb.Fatal(err)
	}
	data := make([]byte, head[1])
	if _, err := io.ReadFull(r, data); err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// BenchmarkIdlePage opens b.N pages of three small widgets, each with a real socket, and reports what one holds: the process's resident memory, its heap
// and its stacks. The browser's ends are in the same process, without a goroutine or a buffer: B/client says what one costs by itself, and is in B/page.
func BenchmarkIdlePage(b *testing.B) {
	h := newBenchGate(b, false)
	warm, _ := h.page(b)
	defer warm.Close() //nolint:errcheck // a test's
	before := settled()
	conns := make([]net.Conn, 0, b.N)
	for range b.N {
		c, _ := h.page(b)
		conns = append(conns, c)
	}
	b.StopTimer()
	after := settled()
	if at := os.Getenv("GREENROOM_HEAP"); at != "" {
		f, err := os.Create(at)
		if err != nil {
			b.Fatal(err)
		}
		_ = pprof.Lookup("heap").WriteTo(f, 0)
		_ = f.Close()
	}
	n := float64(b.N)
	b.ReportMetric(float64(after.rss-before.rss)/n, "rss-B/page")
	b.ReportMetric(float64(after.heap-before.heap)/n, "heap-B/page")
	b.ReportMetric(float64(after.stack-before.stack)/n, "stack-B/page")
	b.ReportMetric(float64(after.objects-before.objects)/n, "objects/page")
	for _, c := range conns {
		_ = c.Close()
	}
}

type held struct{ rss, heap, stack, objects int64 }

func settled() held {
	runtime.GC()
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h := held{heap: int64(m.HeapAlloc), stack: int64(m.StackInuse), objects: int64(m.HeapObjects)}
	if data, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(data)); len(fields) > 1 {
			h.rss, _ = strconv.ParseInt(fields[1], 10, 64)
			h.rss *= int64(os.Getpagesize())
		}
	}
	return h
}

// BenchmarkEvent is an event and its patch and reply over a real socket, one at a time; the client's half is in it.
func BenchmarkEvent(b *testing.B) {
	h := newBenchGate(b, false)
	c, _ := h.page(b)
	defer c.Close() //nolint:errcheck // a test's
	r := bufio.NewReader(c)
	event := masked(0x81, []byte(`["event",2,"add",{},1]`))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(event); err != nil {
			b.Fatal(err)
		}
		for frame := ""; !strings.HasPrefix(frame, `["reply"`); {
			frame = frameFrom(b, r)
		}
	}
}

// BenchmarkFanOut is a shared widget's update to 500 pages.
func BenchmarkFanOut(b *testing.B) {
	const viewers = 500
	h := newBenchGate(b, true)
	done := make(chan struct{}, viewers)
	for range viewers {
		c, _ := h.page(b)
		defer c.Close() //nolint:errcheck // a test's
		go func() {
			var buf [4096]byte
			for {
				n, err := c.Read(buf[:])
				if err != nil {
					return
				}
				for range strings.Count(string(buf[:n]), `["patch"`) {
					done <- struct{}{}
				}
			}
		}()
	}
	b.ReportAllocs()
	value := 1
	for b.Loop() {
		value++
		actors.Publish(h.system, "tile/one", value)
		for range viewers {
			<-done
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/viewers, "us/delivery")
}
