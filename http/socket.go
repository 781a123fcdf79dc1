package http

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
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
	conn    *websocket.Conn
	plain   net.Conn        // what conn wraps: frames are written here, whole, in one write
	raw     syscall.RawConn // nil where the connection is not a system socket
	session atomic.Pointer[session.Session]
	seen    atomic.Int64 // unix seconds of the last frame
	ctx     context.Context
	cancel  context.CancelCauseFunc

	mu      sync.Mutex
	partial bool   // a frame is partly written; nothing may come between
	last    []byte // a close frame that follows it
	closing bool
}

// newUpgrader makes the upgrader that all sockets share. Buffers come from a pool: an idle socket has none of its own.
func newUpgrader() *websocket.FastHTTPUpgrader {
	return &websocket.FastHTTPUpgrader{
		ReadBufferSize:  512,
		WriteBufferSize: 4096,
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
	if !g.enter() {
		r.ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
		return
	}
	signIn, caller := r.user.SessionID, r.ctx.RemoteAddr().String()
	err := g.upgrader.Upgrade(r.ctx, func(conn *websocket.Conn) {
		if !g.tuned.Load() {
			// The server closes and reuses the connection once this returns, so stay.
			g.read(conn, signIn, caller)
			return
		}
		// Serves one socket; ends when either side closes it; Shutdown closes all and waits for g.doing.
		go g.read(conn, signIn, caller)
	})
	if err != nil {
		g.doing.Done()
		g.cfg.Log.Info("socket refused", "caller", caller, "err", err)
		return
	}
}

// read is a socket's life: attach, frames, end.
func (g *Gate) read(conn *websocket.Conn, signIn, caller string) {
	defer g.doing.Done()
	s := g.newSocket(conn)
	defer s.end()
	conn.SetReadLimit(session.MaxFrame)
	conn.SetPingHandler(func(data string) error { s.control(websocket.PongMessage, []byte(data)); return nil })
	conn.SetCloseHandler(func(code int, _ string) error { s.Close(code, ""); return nil })
	if !g.keep(s) {
		s.Close(session.CloseRestart, "the server restarts")
		return
	}
	_ = conn.SetReadDeadline(time.Now().Add(attachWithin))
	for {
		frame, err := s.next()
		if err == nil {
			err = s.take(frame, signIn)
		}
		if err != nil {
			s.leave(err, caller)
			return
		}
	}
}

// next reads and decodes one frame.
func (s *socket) next() (session.Frame, error) {
	kind, reader, err := s.conn.NextReader()
	if err != nil {
		return session.Frame{}, err
	}
	if kind != websocket.TextMessage {
		return session.Frame{}, errBinary
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		return session.Frame{}, err
	}
	s.seen.Store(time.Now().Unix())
	return session.Decode(data)
}

var errBinary = errors.New("http: a binary frame")

// take attaches with the first frame, and hands every other to the session.
func (s *socket) take(f session.Frame, signIn string) error {
	if page := s.session.Load(); page != nil {
		return page.Take(s.ctx, f)
	}
	if f.Word != session.WordAttach {
		return session.ErrFrame
	}
	page, err := s.gate.cfg.Sessions.Find(f.Token, signIn)
	if err != nil {
		return err
	}
	s.session.Store(page)
	_ = s.conn.SetReadDeadline(time.Time{}) // from here on the wheel watches
	return page.Attach(s, f.Seq)
}

// leave closes the socket with the code that err deserves, and tells the log what a browser of ours would not do.
func (s *socket) leave(err error, caller string) {
	code, reason := 0, ""
	switch {
	case errors.Is(err, session.ErrGone):
		code, reason = session.CloseGone, "the session is gone"
	case errors.Is(err, websocket.ErrReadLimit):
		code, reason = session.CloseTooBig, "frame over 64 KiB"
	case errors.Is(err, session.ErrNotText):
		code, reason = session.CloseNotText, "not UTF-8"
	case errors.Is(err, session.ErrFlood):
		code, reason = session.CloseProtocol, "too many unanswered events"
	case errors.Is(err, session.ErrFrame), errors.Is(err, errBinary):
		code, reason = session.CloseProtocol, "not this protocol"
	}
	if code != 0 {
		s.Close(code, reason)
		// What the browser still sends is read and dropped until it closes: a connection closed over unread data is reset, and the code lost.
		_ = s.plain.SetReadDeadline(time.Now().Add(closeWithin))
		_, _ = io.CopyN(io.Discard, s.plain, 1<<20)
		if code != session.CloseGone {
			s.gate.cfg.Log.Warn("socket closed", "caller", caller, "code", code, "err", err)
		}
	}
}

func (g *Gate) newSocket(conn *websocket.Conn) *socket {
	s := &socket{gate: g, conn: conn, plain: conn.NetConn()}
	s.ctx, s.cancel = context.WithCancelCause(background())
	s.seen.Store(time.Now().Unix())
	if wrapped, ok := s.plain.(interface{ UnsafeConn() net.Conn }); ok {
		s.plain = wrapped.UnsafeConn()
	}
	if system, ok := s.plain.(syscall.Conn); ok {
		s.raw, _ = system.SyscallConn()
		boundUnsent(s.raw)
	}
	return s
}

// end forgets the socket and closes what is left of it.
func (s *socket) end() {
	s.cancel(session.ErrGone)
	if page := s.session.Load(); page != nil {
		page.Detach(s)
	}
	s.gate.forget(s)
	_ = s.plain.Close()
	_ = s.conn.Close()
}

// Write implements session.Conn: all messages in one write that does not block. What a full socket does not take is written by a goroutine that
// lives only until it is gone.
func (s *socket) Write(messages [][]byte) bool {
	size := 0
	for _, m := range messages {
		size += len(m) + 10
	}
	frames := make([]byte, 0, size)
	for _, m := range messages {
		frames = appendFrame(frames, websocket.TextMessage, m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return true // nobody reads it any more; the page attaches anew
	}
	rest := s.try(frames)
	if len(rest) == 0 {
		return true
	}
	s.partial = true
	// Writes the rest while the socket is full; ends when it is written or the deadline passed; end closes the connection under it.
	go s.slow(rest)
	return false
}

// try writes what the socket takes at once and returns the rest.
func (s *socket) try(data []byte) []byte {
	if s.raw == nil {
		return data
	}
	err := s.raw.Write(func(fd uintptr) bool {
		for len(data) > 0 {
			n, err := syscall.Write(int(fd), data)
			if n > 0 {
				data = data[n:]
				continue
			}
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			return true // full, or broken: the slow path finds out which
		}
		return true
	})
	if err != nil {
		return nil // closed: the reader notices too, and the page attaches anew
	}
	return data
}

func (s *socket) slow(rest []byte) {
	_ = s.plain.SetWriteDeadline(time.Now().Add(writeWithin))
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
	_ = s.conn.SetReadDeadline(time.Now().Add(closeWithin))
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

// control answers a control frame, unless data is on its way: then it is left out, which the protocol allows for a pong to an older ping.
func (s *socket) control(kind int, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.partial && !s.closing {
		s.try(appendFrame(nil, kind, data))
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

func (g *Gate) keep(s *socket) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closing {
		return false
	}
	g.sockets[s] = struct{}{}
	return true
}

func (g *Gate) forget(s *socket) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sockets, s)
}
