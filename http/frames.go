package http

import (
	"encoding/binary"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/fasthttp/websocket"

	"greenroom/session"
)

// violation is what a browser did against RFC 6455: the socket is closed with the code.
type violation struct {
	code   int
	reason string
}

// Error implements error.
func (v violation) Error() string { return fmt.Sprintf("http: close %d: %s", v.code, v.reason) }

// errClosed tells that the browser closed the socket in order, and was answered.
var errClosed = fmt.Errorf("http: closed by the browser")

// frames reads a socket's messages: it is the server's half of RFC 6455 without extensions. While nothing comes it holds no buffer.
type frames struct {
	s *socket
	// buf is what was read and not yet used, from at on; nil while there is nothing. It is lent from chunks unless a frame needed more.
	buf []byte
	at  int
	// message gathers fragments; parts says that the last data frame was not the message's last.
	message []byte
	parts   bool
}

// chunk is how much one read may bring.
const chunk = 4 << 10

var chunks = sync.Pool{New: func() any { return new([chunk]byte) }}

// mostWire is the longest frame with its head.
const mostWire = session.MaxFrame + 14

func newFrames(s *socket, early []byte) *frames { return &frames{s: s, buf: early} }

// next returns the next text message, which is the caller's until he calls again. Control frames are answered on the way.
func (f *frames) next() ([]byte, error) {
	if f.message != nil && !f.parts {
		f.message = nil
	}
	for {
		h, whole, err := head(f.buf[f.at:], len(f.message), f.parts)
		if err != nil {
			return nil, err
		}
		if !whole {
			if err := f.more(); err != nil {
				return nil, err
			}
			continue
		}
		start := f.at + h.head
		data := f.buf[start : start+h.size]
		unmask(data, h.mask)
		f.at = start + h.size
		if h.op >= websocket.CloseMessage {
			if err := f.s.answer(h.op, data); err != nil {
				return nil, err
			}
			continue
		}
		if h.final && !f.parts {
			return data, nil
		}
		f.message = append(f.message, data...)
		f.parts = !h.final
		if h.final {
			return f.message, nil
		}
	}
}

// frameHead is a frame's head.
type frameHead struct {
	op    int
	final bool
	mask  [4]byte
	head  int // bytes of the head
	size  int // bytes of the payload
}

// head reads the head of the frame that data begins with, and reports whether the whole frame is there. sofar counts the bytes of the fragments
// before it; parts says that there were some. What breaks the protocol is told as early as it can be seen.
func head(data []byte, sofar int, parts bool) (h frameHead, whole bool, err error) {
	if len(data) < 2 {
		return h, false, nil
	}
	h.op, h.final = int(data[0]&0x0f), data[0]&0x80 != 0
	control := h.op >= websocket.CloseMessage
	switch {
	case data[0]&0x70 != 0:
		return h, false, violation{session.CloseViolation, "reserved bits"}
	case h.op > websocket.PongMessage || (h.op > websocket.BinaryMessage && !control):
		return h, false, violation{session.CloseViolation, "unknown kind of frame"}
	case data[1]&0x80 == 0:
		return h, false, violation{session.CloseViolation, "a frame without a mask"}
	case control && !h.final:
		return h, false, violation{session.CloseViolation, "a control frame in parts"}
	case control && data[1]&0x7f > 125:
		return h, false, violation{session.CloseViolation, "a long control frame"}
	case h.op == 0 && !parts:
		return h, false, violation{session.CloseViolation, "a part of nothing"}
	case !control && h.op != 0 && parts:
		return h, false, violation{session.CloseViolation, "a message inside another"}
	case h.op == websocket.BinaryMessage:
		return h, false, violation{session.CloseProtocol, "a binary frame"}
	}
	size, at := uint64(data[1]&0x7f), 2
	switch size {
	case 126:
		if len(data) < 4 {
			return h, false, nil
		}
		size, at = uint64(binary.BigEndian.Uint16(data[2:])), 4
		if size < 126 {
			return h, false, violation{session.CloseViolation, "a length not in its shortest form"}
		}
	case 127:
		if len(data) < 10 {
			return h, false, nil
		}
		size, at = binary.BigEndian.Uint64(data[2:]), 10
		if size>>63 != 0 || size < 1<<16 {
			return h, false, violation{session.CloseViolation, "a length out of range"}
		}
	}
	if size > session.MaxFrame || sofar+int(size) > session.MaxFrame {
		return h, false, violation{session.CloseTooBig, "frame over 64 KiB"}
	}
	if len(data) < at+4 {
		return h, false, nil
	}
	copy(h.mask[:], data[at:])
	h.head, h.size = at+4, int(size)
	return h, len(data) >= h.head+h.size, nil
}

// unmask takes the mask off a payload in place, eight bytes at a time.
func unmask(data []byte, mask [4]byte) {
	four := uint64(binary.LittleEndian.Uint32(mask[:]))
	eight := four<<32 | four
	n := 0
	for ; n+8 <= len(data); n += 8 {
		binary.LittleEndian.PutUint64(data[n:], binary.LittleEndian.Uint64(data[n:])^eight)
	}
	for ; n < len(data); n++ {
		data[n] ^= mask[n&3]
	}
}

// more waits for bytes. A buffer that was used up goes back first, so that a socket on which nothing happens has none.
func (f *frames) more() error {
	if f.at == len(f.buf) {
		f.free()
		return f.s.fill(f)
	}
	rest := len(f.buf) - f.at
	if f.at > 0 {
		copy(f.buf, f.buf[f.at:])
		f.buf, f.at = f.buf[:rest], 0
	}
	if rest == cap(f.buf) {
		// A long frame: it gets a buffer of its own, twice as large each time, so that an announced length alone costs nothing.
		grown := make([]byte, rest, min(2*cap(f.buf)+chunk, mostWire+chunk))
		copy(grown, f.buf)
		f.give()
		f.buf = grown
	}
	return f.s.fill(f)
}

// free gives the buffer back.
func (f *frames) free() {
	f.give()
	f.buf, f.at = nil, 0
}

func (f *frames) give() {
	if cap(f.buf) == chunk {
		chunks.Put((*[chunk]byte)(f.buf[:chunk]))
	}
}

// lend gets a buffer when there is none.
func (f *frames) lend() {
	if f.buf == nil {
		f.buf = chunks.Get().(*[chunk]byte)[:0]
	}
}

// drop reads and forgets what the browser still sends, until it closes or two seconds passed: a connection that is closed over unread data is reset,
// and the close code lost.
func (f *frames) drop() {
	f.free()
	_ = f.s.plain.SetReadDeadline(time.Now().Add(closeWithin))
	for total := 0; total < 1<<20; {
		if f.s.fill(f) != nil {
			return
		}
		total += len(f.buf)
		f.free()
	}
}

// fill waits for bytes and appends them to the buffer.
func (s *socket) fill(f *frames) error {
	if s.raw != nil {
		return s.raw.read(f)
	}
	f.lend()
	n, err := s.plain.Read(f.buf[len(f.buf):cap(f.buf)])
	f.buf = f.buf[:len(f.buf)+n]
	if n > 0 {
		return nil
	}
	return err
}

// answer does what a control frame asks for: a ping gets its pong, a close is returned, and a pong is nothing.
func (s *socket) answer(op int, data []byte) error {
	switch op {
	case websocket.PingMessage:
		s.control(appendFrame(nil, websocket.PongMessage, data))
		return nil
	case websocket.PongMessage:
		return nil
	}
	code := websocket.CloseNormalClosure
	if len(data) > 0 {
		if len(data) == 1 {
			return violation{session.CloseViolation, "half a close code"}
		}
		code = int(binary.BigEndian.Uint16(data))
		switch {
		case !mayClose(code):
			return violation{session.CloseViolation, "not a close code"}
		case !utf8.Valid(data[2:]):
			return violation{session.CloseNotText, "a reason that is not UTF-8"}
		}
	}
	s.Close(code, "")
	return errClosed
}

// mayClose reports whether a code may stand in a close frame (RFC 6455, 7.4, and the registry that it set up).
func mayClose(code int) bool {
	switch {
	case code >= 3000 && code < 5000:
		return true
	case code < 1000 || code > 1014:
		return false
	}
	return code != 1004 && code != 1005 && code != 1006
}
