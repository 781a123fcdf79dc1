//go:build unix

package http

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
)

// raw reads and writes a system socket without a wait, a buffer, or memory of its own where nothing happens.
type raw struct {
	conn syscall.RawConn
	// into and err are between read and its callback; the callback is made once, since a new one for each read would be garbage.
	into *frames
	err  error
	try  func(fd uintptr) bool
}

// newRaw returns nil for a connection that is no system socket.
func newRaw(conn net.Conn) *raw {
	system, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	c, err := system.SyscallConn()
	if err != nil {
		return nil
	}
	boundUnsent(c)
	r := &raw{conn: c}
	r.try = r.take
	return r
}

// read waits for bytes and appends them to f's buffer, which is lent only when there are some.
func (r *raw) read(f *frames) error {
	r.into, r.err = f, nil
	if err := r.conn.Read(r.try); err != nil {
		return err
	}
	return r.err
}

// take tries the read inside the callback each time: one that waited first would lose the wake-up that came before it.
func (r *raw) take(fd uintptr) bool {
	f := r.into
	f.lend()
	for {
		n, err := syscall.Read(int(fd), f.buf[len(f.buf):cap(f.buf)])
		switch {
		case n > 0:
			f.buf = f.buf[:len(f.buf)+n]
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			if len(f.buf) == 0 {
				f.free()
			}
			return false
		case err != nil:
			r.err = err
		default:
			r.err = io.EOF
		}
		return true
	}
}

// attempt is one write and its callback; they are lent so that a write costs no memory.
type attempt struct {
	data []byte
	try  func(fd uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := &attempt{}
	a.try = a.put
	return a
}}

// write writes what the socket takes at once and returns the rest, nothing if the socket is closed: the reader notices that too.
func (r *raw) write(data []byte) []byte {
	a := attempts.Get().(*attempt)
	a.data = data
	err := r.conn.Write(a.try)
	rest := a.data
	a.data = nil
	attempts.Put(a)
	if err != nil {
		return nil
	}
	return rest
}

// put never waits: full, or broken, the slow path finds out which.
func (a *attempt) put(fd uintptr) bool {
	for len(a.data) > 0 {
		n, err := syscall.Write(int(fd), a.data)
		if n > 0 {
			a.data = a.data[n:]
			continue
		}
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	return true
}

// Descriptors is how many files and sockets the process may have open, 0 if that is not known.
func Descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || uint64(limit.Cur) > 1<<30 { //nolint:unconvert // signed on some
		return 0
	}
	return int(limit.Cur)
}
