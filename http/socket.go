package http

import (
	"encoding/binary"
	"errors"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"

	"greenroom/session"
)

const (
	attachWithin = 10 * time.Second // from the upgrade to the attach frame
	writeWithin  = 10 * time.Second // for what a full socket still has to take
	closeWithin  = 2 * time.Second  // for a browser to answer a close
	subprotocol  = "greenroom.1"
)

// socket is one browser's connection. It is read by one goroutine, and written to by whoever pushes into the session's outbox.
type socket struct {
	gate    *Gate
	plain   net.Conn // frames are read and written here, not by the library that upgraded it
	raw     *raw     // nil where the connection is not a system socket
	session atomic.Pointer[session.Session]
	seen    atomic.Int64 // by Gate.now, of the last frame
	place   place        // in the wheel

	// A frame in hand, and how the goroutine that waits for frames learns that it was taken.
	message []byte
	turn    func()
	took    chan error

	mu      sync.Mutex
	last    []byte // a close frame that follows what is partly written
	partial bool   // a frame is partly written; nothing may come between
	closing bool
}

// newUpgrader makes the upgrader that all sockets share. It answers the handshake only: its buffers are dropped with its connection.
func newUpgrader() *websocket.FastHTTPUpgrader {
	return &websocket.FastHTTPUpgrader{
		ReadBufferSize:  256,
		WriteBufferSize: 256,
		WriteBufferPool: &sync.Pool{},
		Subprotocols:    []string{subprotocol},
		CheckOrigin:     sameOrigin,
	}
}

// sameOrigin wants the header, and its host to be the one that was asked: a browser always sends it with an upgrade.
func sameOrigin(ctx *fasthttp.RequestCtx) bool {
	u, err := url.Parse(string(ctx.Request.Header.Peek("Origin")))
	return err == nil && u.Host != "" && u.Host == string(ctx.Host())
}

// socket upgrades a signed-in browser's request. The connection then lives on without the handler.
func (g *Gate) socket(r *request) {
	if !websocket.FastHTTPIsWebSocketUpgrade(r.ctx) {
		r.ctx.Response.Header.Set("Upgrade", "websocket")
		r.ctx.SetStatusCode(fasthttp.StatusUpgradeRequired)
		r.ctx.SetBodyString("This address speaks WebSocket only; pages open it by themselves.")
		return
	}
	if !speaks(r.ctx) {
		r.ctx.SetStatusCode(fasthttp.StatusBadRequest)
		r.ctx.SetBodyString("This server speaks the subprotocol " + subprotocol + "; reload the page.")
		return
	}
	if !g.enter() {
		unavailable(r.ctx)
		return
	}
	if !g.shake() {
		g.doing.Done()
		unavailable(r.ctx)
		return
	}
	// Copies: the request's memory is another's once the handler returned.
	seat, caller := r.user.Seat(), g.caller(r.ctx).String()
	err := g.upgrader.Upgrade(r.ctx, func(conn *websocket.Conn) {
		if !g.tuned.Load() {
			// The server closes and reuses the connection once this returns, so stay.
			g.read(conn.NetConn(), seat, caller, true)
			return
		}
		// Serves one socket; ends when either side closes it; Shutdown closes all and waits for g.doing.
		go g.read(conn.NetConn(), seat, caller, false)
	})
	if err != nil {
		g.shaking.Add(-1)
		g.doing.Done()
		g.cfg.Log.Info("socket refused", "caller", caller, "err", err)
		return
	}
}

// speaks reports whether the browser offers our subprotocol. One that offers none is a program of somebody's own and is let in.
func speaks(ctx *fasthttp.RequestCtx) bool {
	offered := false
	for _, line := range ctx.Request.Header.PeekAll("Sec-WebSocket-Protocol") {
		for _, name := range splitList(string(line)) {
			if name == subprotocol {
				return true
			}
			offered = true
		}
	}
	return !offered
}

// shake counts a socket in that has not attached yet, unless too many are at it already.
func (g *Gate) shake() bool {
	if limit := g.cfg.Handshakes; g.shaking.Add(1) > int64(limit) && limit > 0 {
		g.shaking.Add(-1)
		return false
	}
	return true
}

// read begins a socket's life, up to its attach; live goes on with it. Where stay is set it returns when the socket has ended.
func (g *Gate) read(conn net.Conn, seat, caller string, stay bool) {
	s, early := g.newSocket(conn)
	in := newFrames(s, early)
	if !g.keep(s) {
		g.shaking.Add(-1)
		s.Close(session.CloseRestart, "the server restarts")
		in.drop()
		g.over(s, in)
		return
	}
	_ = s.plain.SetReadDeadline(time.Now().Add(attachWithin))
	err := s.begin(in, seat)
	g.shaking.Add(-1)
	if err != nil {
		s.leave(in, err, caller)
		g.over(s, in)
		return
	}
	if stay {
		g.live(s, in, caller)
		return
	}
	// Serves the socket from here on: the attach grew the stack of this goroutine, and a new one keeps to the smallest for as long as the page is open.
	go g.live(s, in, caller)
}

// live reads frames until the socket ends.
func (g *Gate) live(s *socket, in *frames, caller string) {
	var err error
	for err == nil {
		err = s.one(in)
	}
	g.cfg.Sessions.Go(func() {
		s.leave(in, err, caller)
		g.over(s, in)
	})
}

// over gives back what a socket had.
func (g *Gate) over(s *socket, in *frames) {
	in.free()
	s.end()
	g.doing.Done()
}

// begin attaches with the first frame.
func (s *socket) begin(in *frames, seat string) error {
	message, err := in.next()
	if err != nil {
		return err
	}
	f, err := session.Decode(message)
	if err != nil {
		return err
	}
	if f.Word != session.WordAttach {
		return session.ErrFrame
	}
	page, err := s.gate.cfg.Sessions.Find(f.Token, seat)
	if err != nil {
		return err
	}
	s.session.Store(page)
	_ = s.plain.SetReadDeadline(time.Time{}) // from here on the wheel watches
	return page.Attach(s, f.Seq)
}

// one waits for a frame and hands it to the session. What needs a deeper stack is done by a goroutine of the crew.
func (s *socket) one(in *frames) error {
	message, err := in.next()
	if err != nil {
		return err
	}
	s.seen.Store(s.gate.now.Load())
	s.message = message
	s.gate.cfg.Sessions.Go(s.turn)
	return <-s.took
}

// take decodes the message in hand and hands it to the session.
func (s *socket) take() {
	f, err := session.Decode(s.message)
	if err == nil {
		err = s.session.Load().Take(s.gate.life, f)
	}
	s.message = nil
	s.took <- err
}

// leave closes the socket with the code that err deserves, and tells the log what a browser of ours would not do.
func (s *socket) leave(in *frames, err error, caller string) {
	code, reason := 0, ""
	var bad violation
	switch {
	case errors.Is(err, session.ErrGone):
		code, reason = session.CloseGone, "the session is gone"
	case errors.As(err, &bad):
		code, reason = bad.code, bad.reason
	case errors.Is(err, session.ErrNotText):
		code, reason = session.CloseNotText, "not UTF-8"
	case errors.Is(err, session.ErrFlood):
		code, reason = session.CloseProtocol, "too many unanswered events"
	case errors.Is(err, session.ErrFrame):
		code, reason = session.CloseProtocol, "not this protocol"
	case errors.Is(err, errDraining):
		code, reason = session.CloseRestart, "the server restarts"
	}
	if code == 0 {
		return
	}
	s.Close(code, reason)
	in.drop()
	expected := code == session.CloseGone || code == session.CloseRestart
	if !expected || errors.Is(err, session.ErrForeign) {
		s.gate.cfg.Log.Warn("socket closed", "caller", caller, "code", code, "err", err)
	}
}

var errDraining = errors.New("http: the server restarts")

// newSocket takes the connection itself out of what the server and the upgrader wrapped it in, and what a browser sent along with the handshake.
func (g *Gate) newSocket(conn net.Conn) (s *socket, early []byte) {
	s = &socket{gate: g, plain: conn, took: make(chan error, 1)}
	s.turn = s.take
	s.seen.Store(g.now.Load())
	if wrapped, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
		early = buffered(conn)
		s.plain = wrapped.UnsafeConn()
	}
	s.raw = newRaw(s.plain)
	return s, early
}

// buffered reads what the server has read of the connection already: with a deadline in the past only that can come.
func buffered(conn net.Conn) []byte {
	_ = conn.SetReadDeadline(time.Unix(1, 0))
	var got []byte
	var chunk [256]byte
	for {
		n, err := conn.Read(chunk[:])
		got = append(got, chunk[:n]...)
		if err != nil || n == 0 {
			break
		}
	}
	_ = conn.SetReadDeadline(time.Time{})
	return got
}

// end forgets the socket and closes what is left of it.
func (s *socket) end() {
	if page := s.session.Load(); page != nil {
		page.Detach(s)
	}
	s.gate.forget(s)
	_ = s.plain.Close()
}

// outgoing lends the memory in which frames are put together for one write.
var outgoing = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

const keptOutgoing = 64 << 10

// Write implements session.Conn: all messages in one write that does not block. What a full socket does not take is written by a goroutine that
// lives only until it is gone.
func (s *socket) Write(messages [][]byte) bool {
	held := outgoing.Get().(*[]byte)
	frames := (*held)[:0]
	for _, m := range messages {
		frames = appendFrame(frames, websocket.TextMessage, m)
	}
	done, lent := s.write(frames)
	if !lent && cap(frames) <= keptOutgoing {
		*held = frames[:0]
		outgoing.Put(held)
	}
	return done
}

// write tells whether all was written, and whether the slow path took the bytes over.
func (s *socket) write(frames []byte) (done, lent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return true, false // nobody reads it any more; the page attaches anew
	}
	rest := s.try(frames)
	if len(rest) == 0 {
		return true, false
	}
	s.partial = true
	// Writes the rest while the socket is full; ends when it is written or the deadline passed; end closes the connection under it.
	go s.slow(rest)
	return false, true
}

// try writes what the socket takes at once and returns the rest.
func (s *socket) try(data []byte) []byte {
	if s.raw == nil {
		return data
	}
	return s.raw.write(data)
}

func (s *socket) slow(rest []byte) {
	_ = s.plain.SetWriteDeadline(time.Now().Add(s.gate.patience))
	_, err := s.plain.Write(rest)
	_ = s.plain.SetWriteDeadline(time.Time{}) // a past deadline would fail every later write
	s.mu.Lock()
	s.partial = false
	last := s.last
	s.last = nil
	if err == nil && last != nil {
		s.try(last)
	}
	s.mu.Unlock()
	if err != nil {
		_ = s.plain.Close() // a torn frame cannot be mended; the page attaches anew
		return
	}
	if page := s.session.Load(); page != nil {
		page.Drained(s)
	}
}

// Close implements session.Conn: a close frame after what was written, and the end of the connection once the browser answered or two seconds passed.
func (s *socket) Close(code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	s.closing = true
	_ = s.plain.SetReadDeadline(time.Now().Add(closeWithin))
	frame := appendFrame(nil, websocket.CloseMessage, websocket.FormatCloseMessage(code, reason))
	if s.partial {
		s.last = frame
		return
	}
	if rest := s.try(frame); len(rest) > 0 {
		s.partial = true
		// As in Write: the last thing this socket is given.
		go s.slow(rest)
	}
}

// control sends a short frame of its own, unless data is on its way: then it is left out, which the protocol allows for a pong to an older ping, and a
// page that is being written to need not be asked whether it lives.
func (s *socket) control(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.partial || s.closing {
		return
	}
	if rest := s.try(frame); len(rest) > 0 && len(rest) < len(frame) {
		s.partial = true
		// As in Write: a torn frame must be finished.
		go s.slow(append([]byte(nil), rest...))
	}
}

// appendFrame appends an unfragmented, unmasked WebSocket frame (RFC 6455, 5.2).
func appendFrame(dst []byte, kind int, data []byte) []byte {
	dst = append(dst, 0x80|byte(kind))
	switch n := len(data); {
	case n < 126:
		dst = append(dst, byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 127), uint64(n))
	}
	return append(dst, data...)
}

var _ session.Conn = (*socket)(nil)
