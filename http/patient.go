package http

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// refusal is what a browser is told when there is no file descriptor to serve it with.
const refusal = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 38\r\n" +
	"Cache-Control: no-store\r\nConnection: close\r\n\r\nToo many connections; try again soon.\n"

// patient is a listener that outlives a shortage of file descriptors: fasthttp ends Serve at the first such error, and new browsers would hang. It
// keeps one descriptor in reserve, with which it takes a browser's connection, tells it to come back and closes it.
type patient struct {
	net.Listener
	mu      sync.Mutex
	reserve io.Closer // nil while it is in use or could not be had
	over    bool
}

func newPatient(ln net.Listener) *patient {
	l := &patient{Listener: ln}
	l.stock()
	return l
}

// stock takes a descriptor in reserve and reports whether there is one.
func (l *patient) stock() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reserve == nil && !l.over {
		if f, err := os.Open(os.DevNull); err == nil {
			l.reserve = f
		}
	}
	return l.reserve != nil
}

// spend gives the reserve up and reports whether there was one.
func (l *patient) spend() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	had := l.reserve != nil
	if had {
		_ = l.reserve.Close()
		l.reserve = nil
	}
	return had
}

// release ends the reserve for good.
func (l *patient) release() {
	l.spend()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
}

// Accept tries again, with pauses that grow to a second, until it has a connection or the listener is closed.
func (l *patient) Accept() (net.Conn, error) {
	pause := 5 * time.Millisecond
	for {
		conn, err := l.Listener.Accept()
		if err == nil || errors.Is(err, net.ErrClosed) {
			return conn, err
		}
		switch conn, refused := l.pinch(); {
		case conn != nil:
			return conn, nil
		case refused:
			pause = 5 * time.Millisecond
			continue
		}
		time.Sleep(pause)
		pause = min(pause*2, time.Second)
		l.stock()
	}
}

// pinch takes a connection with the reserve's descriptor. It returns it if there are others again, else it tells the browser that there is no room,
// and reports whether it could.
func (l *patient) pinch() (served net.Conn, refused bool) {
	if !l.spend() {
		return nil, false
	}
	defer l.stock()
	if d, ok := l.Listener.(interface{ SetDeadline(time.Time) error }); ok {
		// The descriptor may be taken by somebody else, and Linux tells of the shortage even when no browser waits: look again soon.
		_ = d.SetDeadline(time.Now().Add(100 * time.Millisecond))
		defer d.SetDeadline(time.Time{}) //nolint:errcheck // a listener that is closed by now is found out by Accept
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, false
	}
	if l.stock() {
		return conn, false
	}
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	_, _ = io.WriteString(conn, refusal)
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	// What the browser sent is read, else the reset that follows a close over unread data would take the answer away.
	var sent [4 << 10]byte
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_, _ = conn.Read(sent[:])
	_ = conn.Close()
	return nil, true
}
