package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// crowd is all open pages. One goroutine reads them, so what it calls needs no lock.
type crowd struct {
	epoll  int
	pages  []*page
	buffer []byte
	// text hears of every text frame but pings; what it is given is valid until it returns.
	text func(p *page, frame []byte) error
	// lost counts pages that the server closed or that broke.
	lost int
	// received counts text frames, bytes what came with them.
	received, bytes int64
	queue           []syscall.EpollEvent
}

// page is an open page: its socket, and what came of a frame that is not there whole.
type page struct {
	fd   int
	rest []byte
	// slots are the page's widgets by name.
	slots map[string]int
	// frames counts text frames; what else a scenario keeps of a page.
	frames int
	closed bool
	state  any
}

func newCrowd() (*crowd, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make an epoll: %w", err)
	}
	return &crowd{epoll: epoll, buffer: make([]byte, 256<<10), queue: make([]syscall.EpollEvent, 512), text: func(*page, []byte) error { return nil }}, nil
}

// add takes in a page that is attached.
func (c *crowd) add(p *page) error {
	c.pages = append(c.pages, p)
	return c.listen(len(c.pages) - 1)
}

// keep takes in a page that is not read: it stalls.
func (c *crowd) keep(p *page) { c.pages = append(c.pages, p) }

func (c *crowd) listen(n int) error {
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP, Fd: int32(n)}
	if err := syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_ADD, c.pages[n].fd, &event); err != nil {
		return fmt.Errorf("listen to a page: %w", err)
	}
	return nil
}

// run reads until done says so, or the time is over. done is asked after each round of frames, and every 20 ms at least. It reports whether done was true.
func (c *crowd) run(ctx context.Context, limit time.Duration, done func() bool) (bool, error) {
	end := time.Now().Add(limit)
	for !done() {
		left := time.Until(end)
		if left <= 0 {
			return false, nil
		}
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		n, err := syscall.EpollWait(c.epoll, c.queue, min(20, int(left/time.Millisecond)+1))
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return false, fmt.Errorf("wait for frames: %w", err)
		}
		for _, event := range c.queue[:max(n, 0)] {
			if err := c.read(c.pages[event.Fd]); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// read takes what is there for a page, once: level-triggered, so the rest comes with the next round.
func (c *crowd) read(p *page) error {
	if p.closed {
		return nil
	}
	n := copy(c.buffer, p.rest)
	got, err := syscall.Read(p.fd, c.buffer[n:])
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return nil
	case err != nil || got == 0:
		c.drop(p)
		return nil //nolint:nilerr // a page that is gone is counted, not an error of the crowd
	}
	data := c.buffer[:n+got]
	for {
		op, payload, size, err := cutFrame(data)
		if err != nil {
			return err
		}
		if size == 0 {
			break
		}
		data = data[size:]
		if err := c.take(p, op, payload); err != nil {
			return err
		}
		if p.closed {
			return nil
		}
	}
	if len(data) == len(c.buffer) {
		return errors.New("a frame over 256 KiB: no page of this bench has one")
	}
	p.rest = append(p.rest[:0], data...)
	if len(data) == 0 {
		p.rest = nil // an idle page keeps nothing
	}
	return nil
}

func (c *crowd) take(p *page, op byte, payload []byte) error {
	switch op {
	case opText:
		if bytes.HasPrefix(payload, []byte(`["ping"`)) {
			return c.send(p, opText, []byte(`["pong"]`))
		}
		c.received++
		c.bytes += int64(len(payload))
		p.frames++
		return c.text(p, payload)
	case opPing:
		return c.send(p, opPong, payload)
	case opClose:
		c.drop(p)
	}
	return nil
}

// send writes a frame. Pages send little, so a socket that takes less than all of it is broken.
func (c *crowd) send(p *page, op byte, payload []byte) error {
	frame := appendFrame(make([]byte, 0, 256), op, payload)
	n, err := syscall.Write(p.fd, frame)
	if err != nil || n < len(frame) {
		c.drop(p)
	}
	return nil
}

func (c *crowd) drop(p *page) {
	if !p.closed {
		p.closed = true
		c.lost++
		_ = syscall.Close(p.fd)
	}
}

// whole is an error when pages were lost that a scenario needs.
func (c *crowd) whole() error {
	if c.lost > 0 {
		return fmt.Errorf("the server closed %d of %d pages; its log says why", c.lost, len(c.pages))
	}
	return nil
}

// close ends all pages.
func (c *crowd) close() {
	for _, p := range c.pages {
		if !p.closed {
			p.closed = true
			_ = syscall.Close(p.fd)
		}
	}
	_ = syscall.Close(c.epoll)
}
