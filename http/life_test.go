package http

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"greenroom/actors"
	"greenroom/session"
	"greenroom/widgets"
)

// handshake is what a browser sends to open a socket.
func handshake(protocol string) string {
	return "GET /admin/socket HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " + protocol + "\r\n\r\n"
}

// ask sends what a browser sends and returns the answer's first line.
func (h *benchGate) ask(t *testing.T, sent string) (net.Conn, *bufio.Reader, string) {
	t.Helper()
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second)) // for a test that would hang
	if _, err := io.WriteString(c, sent); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return c, r, strings.TrimSpace(line)
}

func headers(t *testing.T, r *bufio.Reader) map[string]string {
	t.Helper()
	all := map[string]string{}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line = strings.TrimSpace(line); line == "" {
			return all
		}
		name, value, _ := strings.Cut(line, ": ")
		all[strings.ToLower(name)] = value
	}
}

func (h *benchGate) unattached(t *testing.T) *session.Session {
	t.Helper()
	h.open++
	s, err := h.sessions.Open(t.Context(), &widgets.Page{
		Main: h.classes[0], In: widgets.In{User: &widgets.User{ID: fmt.Sprint("u", h.open), SessionID: "signin"}},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Draw()
	return s
}

func TestFirstFrameMayComeWithTheHandshake(t *testing.T) {
	h := newBenchGate(t, false)
	s := h.unattached(t)
	_, r, line := h.ask(t, handshake(subprotocol)+string(masked(0x81, []byte(`["attach","`+s.Token()+`",0]`))))
	if !strings.HasPrefix(line, "HTTP/1.1 101") {
		t.Fatal(line)
	}
	if got := headers(t, r)["sec-websocket-protocol"]; got != subprotocol {
		t.Errorf("subprotocol %q", got)
	}
	if got := frameFrom(t, r); got != `["attached",0]` {
		t.Errorf("answered %s", got)
	}
}

func TestAnotherVersionIsRefusedWithTheReason(t *testing.T) {
	h := newBenchGate(t, false)
	_, r, line := h.ask(t, handshake("greenroom.9"))
	headers(t, r)
	body, _ := r.Peek(r.Buffered())
	if !strings.HasPrefix(line, "HTTP/1.1 400") || !bytes.Contains(body, []byte(subprotocol)) {
		t.Errorf("%s: %s", line, body)
	}
}

func TestHandshakesAreBounded(t *testing.T) {
	h := newBenchGate(t, false)
	h.gate.cfg.Handshakes = 1
	first, r, line := h.ask(t, handshake(subprotocol))
	if !strings.HasPrefix(line, "HTTP/1.1 101") {
		t.Fatal(line)
	}
	_, refused, line := h.ask(t, handshake(subprotocol))
	if got := headers(t, refused); !strings.HasPrefix(line, "HTTP/1.1 503") || got["retry-after"] == "" {
		t.Errorf("a second one at once: %s, %v", line, got)
	}
	s := h.unattached(t)
	headers(t, r)
	if _, err := first.Write(masked(0x81, []byte(`["attach","`+s.Token()+`",0]`))); err != nil {
		t.Fatal(err)
	}
	frameFrom(t, r)
	// The first one's handshake is over once it was answered, give or take the instruction that counts it out.
	for h.gate.shaking.Load() != 0 {
		time.Sleep(time.Millisecond)
	}
	if _, _, line := h.ask(t, handshake(subprotocol)); !strings.HasPrefix(line, "HTTP/1.1 101") {
		t.Errorf("after the first attached: %s", line)
	}
}

// closeCode reads to the close frame.
func closeCode(t *testing.T, r *bufio.Reader) int {
	t.Helper()
	for {
		var head [2]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			t.Fatalf("no close frame: %v", err)
		}
		data := make([]byte, head[1])
		if _, err := io.ReadFull(r, data); err != nil {
			t.Fatal(err)
		}
		if head[0] == 0x88 {
			return int(data[0])<<8 | int(data[1])
		}
	}
}

func TestTokensOfOthersAreRefused(t *testing.T) {
	h := newBenchGate(t, false)
	s := h.unattached(t)
	token := s.Token()
	forged := []byte(token)
	forged[len(forged)-1] ^= 1
	foreign, err := h.sessions.Open(t.Context(), &widgets.Page{
		Main: h.classes[0], In: widgets.In{User: &widgets.User{ID: "2", SessionID: "another sign-in"}},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		frame string
		code  int
	}{
		"forged":              {`["attach","` + string(forged) + `",0]`, session.CloseGone},
		"of another sign-in":  {`["attach","` + foreign.Token() + `",0]`, session.CloseGone},
		"empty":               {`["attach","",0]`, session.CloseGone},
		"an event before it":  {`["event",0,"add",{},1]`, session.CloseProtocol},
		"a pong before it":    {`["pong"]`, session.CloseProtocol},
		"a sequence too long": {`["attach","` + token + `",99999999999999999999]`, session.CloseProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			c2, r, _ := h.ask(t, handshake(subprotocol))
			headers(t, r)
			if _, err := c2.Write(masked(0x81, []byte(c.frame))); err != nil {
				t.Fatal(err)
			}
			if code := closeCode(t, r); code != c.code {
				t.Errorf("closed with %d, want %d", code, c.code)
			}
		})
	}
}

func TestWheelPingsOneSpokeAndCutsWhoIsSilent(t *testing.T) {
	h := newBenchGate(t, false)
	c, _ := h.page(t)
	defer c.Close() //nolint:errcheck // a test's
	r := bufio.NewReader(c)
	_ = c.SetDeadline(time.Now().Add(20 * time.Second)) // for a test that would hang
	s := h.gate.all()[0]
	now := h.gate.now.Load()
	for tick := range spokes {
		h.gate.tick(now, tick)
	}
	if got := frameFrom(t, r); got != `["ping"]` {
		t.Fatalf("a turn of the wheel sends %s", got)
	}
	h.gate.tick(now+60, int(s.place.spoke)+looks)
	if r.Buffered() != 0 {
		t.Error("pinged twice in one turn")
	}
	h.gate.tick(now+61, int(s.place.spoke)+looks)
	for {
		if _, err := r.ReadByte(); err != nil {
			break // cut
		}
	}
}

func TestShutdownTellsEveryPageAndSpreadsThem(t *testing.T) {
	h := newBenchGate(t, false)
	var readers []*bufio.Reader
	for range 8 {
		c, _ := h.page(t)
		defer c.Close() //nolint:errcheck // a test's
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		readers = append(readers, bufio.NewReader(c))
	}
	h.gate.Drain(10 * time.Second)
	waits := map[string]bool{}
	for _, r := range readers {
		got := frameFrom(t, r)
		var ms int
		if _, err := fmt.Sscanf(got, `["restarting",%d]`, &ms); err != nil || ms < 1000 || ms > 11_000 {
			t.Errorf("told %s", got)
		}
		waits[got] = true
	}
	if len(waits) < 4 {
		t.Errorf("eight pages come back at %d times", len(waits))
	}
	ended := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		ended <- h.gate.Shutdown(ctx)
	}()
	for _, r := range readers {
		if code := closeCode(t, r); code != session.CloseRestart {
			t.Errorf("closed with %d", code)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// patchFrom is the next frame that is no ping.
func patchFrom(tb testing.TB, r *bufio.Reader) string {
	tb.Helper()
	for {
		if got := frameFrom(tb, r); got != `["ping"]` {
			return got
		}
	}
}

// A page that stops reading skips states and is cut when its socket stays full; another page of the same widget sees every state meanwhile.
func TestPageThatStopsReadingIsCutAndDisturbsNobody(t *testing.T) {
	h := newBenchGate(t, true)
	h.gate.patience = 300 * time.Millisecond
	stuck, page := h.page(t)
	defer stuck.Close() //nolint:errcheck // a test's
	_ = stuck.(*net.TCPConn).SetReadBuffer(4 << 10)
	good, _ := h.page(t)
	defer good.Close() //nolint:errcheck // a test's
	_ = good.SetDeadline(time.Now().Add(60 * time.Second))
	r := bufio.NewReader(good)
	for n := 2; page.Attached() && n < 200_000; n++ {
		actors.Publish(h.system, "tile/one", n)
		if got := patchFrom(t, r); !strings.Contains(got, fmt.Sprintf(`"%d"`, n)) {
			t.Fatalf("update %d is sent as %s", n, got)
		}
	}
	if page.Attached() {
		t.Error("it is still there")
	}
}

// BenchmarkStuckPages holds a hundred pages that do not read, updated b.N times at 1 kHz, and reports what the process grew by for each.
func BenchmarkStuckPages(b *testing.B) {
	const stuck = 100
	h := newBenchGate(b, true)
	h.gate.patience = time.Hour // the memory is asked for, so nobody is cut
	var conns []net.Conn
	for range stuck {
		c, _ := h.page(b)
		conns = append(conns, c)
	}
	good, _ := h.page(b)
	r := bufio.NewReader(good)
	before := settled()
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	var longest time.Duration
	n := 1 // what it shows already
	for b.Loop() {
		<-beat.C
		n++
		at := time.Now()
		actors.Publish(h.system, "tile/one", n)
		patchFrom(b, r)
		longest = max(longest, time.Since(at))
	}
	after := settled()
	b.ReportMetric(float64(after.rss-before.rss)/stuck, "rss-B/page")
	b.ReportMetric(float64(after.heap+after.stack-before.heap-before.stack)/stuck, "heap-B/page")
	b.ReportMetric(float64(longest.Microseconds()), "longest-us")
	for _, c := range append(conns, good) {
		_ = c.Close()
	}
}
