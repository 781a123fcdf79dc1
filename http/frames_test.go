package http

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"greenroom/internal/race"
	"greenroom/session"
)

// masked makes one frame of a browser's.
func masked(first byte, data []byte) []byte {
	frame := []byte{first}
	switch n := len(data); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	mask := [4]byte{1, 2, 3, 4}
	frame = append(frame, mask[:]...)
	at := len(frame)
	frame = append(frame, data...)
	for n := range data {
		frame[at+n] ^= mask[n&3]
	}
	return frame
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// pair is a real socket on loopback: ours with its reader, and the browser's end.
func pair(tb testing.TB) (*socket, *frames, net.Conn) {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer ln.Close() //nolint:errcheck // a test's
	theirs, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	ours, err := ln.Accept()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = theirs.Close(), ours.Close() })
	s, early := (&Gate{}).newSocket(ours)
	return s, newFrames(s, early), theirs
}

func TestFramesAreReadByTheRules(t *testing.T) {
	long := strings.Repeat("x", session.MaxFrame)
	for _, c := range []struct {
		name string
		sent []byte
		want []string // the messages, in order
		code int      // of the violation that follows them; 0 means that the browser closes in order
	}{
		{"a text", masked(0x81, []byte("hello")), []string{"hello"}, 0},
		{"an empty text", masked(0x81, nil), []string{""}, 0},
		{"two in one write", join(masked(0x81, []byte("a")), masked(0x81, []byte("b"))), []string{"a", "b"}, 0},
		{"a middle length", masked(0x81, []byte(long[:300])), []string{long[:300]}, 0},
		{"the longest", masked(0x81, []byte(long)), []string{long}, 0},
		{"in parts", join(masked(0x01, []byte("a")), masked(0x00, []byte("b")), masked(0x80, []byte("c"))), []string{"abc"}, 0},
		{"a ping between parts", join(masked(0x01, []byte("a")), masked(0x89, []byte("?")), masked(0x80, []byte("b"))), []string{"ab"}, 0},
		{"many empty parts", join(masked(0x01, nil), bytes.Repeat(masked(0x00, nil), 5000), masked(0x80, []byte("z"))), []string{"z"}, 0},
		{"a text after one in parts", join(masked(0x01, []byte("a")), masked(0x80, []byte("b")), masked(0x81, []byte("c"))), []string{"ab", "c"}, 0},
		{"a pong that nobody asked for", join(masked(0x8a, []byte("x")), masked(0x81, []byte("a"))), []string{"a"}, 0},
		{"a part of nothing", masked(0x80, []byte("a")), nil, 1002},
		{"a text inside another", join(masked(0x01, []byte("a")), masked(0x81, []byte("b"))), nil, 1002},
		{"reserved bit 1", masked(0xc1, nil), nil, 1002},
		{"reserved bit 2", masked(0xa1, nil), nil, 1002},
		{"reserved bit 3", masked(0x91, nil), nil, 1002},
		{"a reserved bit on a ping", masked(0xc9, nil), nil, 1002},
		{"kind 3", masked(0x83, nil), nil, 1002},
		{"kind 7", masked(0x87, nil), nil, 1002},
		{"kind 11", masked(0x8b, nil), nil, 1002},
		{"kind 15", masked(0x8f, nil), nil, 1002},
		{"without a mask", []byte{0x81, 1, 'a'}, nil, 1002},
		{"a ping in parts", masked(0x09, nil), nil, 1002},
		{"a long ping", masked(0x89, make([]byte, 126)), nil, 1002},
		{"a length with its highest bit", []byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, nil, 1002},
		{"a length that could be shorter", []byte{0x81, 0x80 | 126, 0, 5, 0, 0, 0, 0}, nil, 1002},
		{"binary", masked(0x82, []byte("a")), nil, 1008},
		{"too long", masked(0x81, []byte(long+"x"))[:20], nil, 1009},
		{"2^62 bytes", []byte{0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0}, nil, 1009},
		{"too long in parts", join(masked(0x01, []byte(long)), masked(0x80, []byte("x"))), nil, 1009},
		{"a close of one byte", masked(0x88, []byte{3}), nil, 1002},
		{"a close with code 999", masked(0x88, []byte{3, 0xe7}), nil, 1002},
		{"a close with code 1005", masked(0x88, []byte{3, 0xed}), nil, 1002},
		{"a close with code 2000", masked(0x88, []byte{7, 0xd0}), nil, 1002},
		{"a close with code 5000", masked(0x88, []byte{0x13, 0x88}), nil, 1002},
		{"a close whose reason is not UTF-8", masked(0x88, []byte{3, 0xe8, 0xff}), nil, 1007},
		{"a close with code 4000", masked(0x88, []byte{0x0f, 0xa0}), nil, 0},
		{"a close without a code", masked(0x88, nil), nil, 0},
	} {
		for _, by := range []int{1 << 20, 1000, 1} { // written whole, and in pieces
			if by == 1 && len(c.sent) > 2000 {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				_, in, browser := pair(t)
				go func() {
					sent := append(bytes.Clone(c.sent), masked(0x88, []byte{3, 0xe8})...)
					if c.code != 0 {
						sent = bytes.Clone(c.sent)
					}
					for len(sent) > 0 {
						n := min(by, len(sent))
						if _, err := browser.Write(sent[:n]); err != nil {
							return
						}
						sent = sent[n:]
					}
				}()
				for _, want := range c.want {
					got, err := in.next()
					if err != nil || string(got) != want {
						t.Fatalf("read %.40q, %v; want %.40q", got, err, want)
					}
				}
				got, err := in.next()
				var bad violation
				switch {
				case c.code == 0 && !errors.Is(err, errClosed):
					t.Errorf("then %.40q, %v; want the close", got, err)
				case c.code != 0 && (!errors.As(err, &bad) || bad.code != c.code):
					t.Errorf("then %.40q, %v; want a violation with %d", got, err, c.code)
				}
			})
		}
	}
}

func TestPingIsAnsweredWithItsPayload(t *testing.T) {
	_, in, browser := pair(t)
	if _, err := browser.Write(join(masked(0x89, []byte("abc")), masked(0x81, []byte("x")))); err != nil {
		t.Fatal(err)
	}
	if _, err := in.next(); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(browser, got); err != nil || string(got) != "\x8a\x03abc" {
		t.Errorf("answered % x, %v", got, err)
	}
}

func TestIdleReaderHoldsNoBuffer(t *testing.T) {
	_, in, browser := pair(t)
	if _, err := browser.Write(masked(0x81, []byte("x"))); err != nil {
		t.Fatal(err)
	}
	if _, err := in.next(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	_ = in.s.plain.SetReadDeadline(time.Now().Add(-time.Second)) // the read is tried and finds nothing
	go func() { _, err := in.next(); ended <- err }()
	if err := <-ended; err == nil {
		t.Fatal("read something")
	}
	if in.buf != nil {
		t.Errorf("%d bytes are held while nothing comes", cap(in.buf))
	}
}

// pieces is a connection without a system socket below it, which gives out at most by bytes a read.
type pieces struct {
	net.Conn
	data []byte
	by   int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.by)], p.data)
	p.data = p.data[n:]
	return n, nil
}

func (p *pieces) Write(b []byte) (int, error)      { return len(b), nil }
func (p *pieces) Close() error                     { return nil }
func (p *pieces) SetReadDeadline(time.Time) error  { return nil }
func (p *pieces) SetWriteDeadline(time.Time) error { return nil }

// However bytes are cut into reads, the same messages come out, none is too long, and the end is one that has an answer.
func FuzzFrames(f *testing.F) {
	f.Add(masked(0x81, []byte(`["pong"]`)), 3)
	f.Add(join(masked(0x01, []byte("a")), masked(0x89, nil), masked(0x80, []byte("b"))), 1)
	f.Add([]byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, 2)
	f.Fuzz(func(t *testing.T, data []byte, by int) {
		read := func(by int) (all []string, last error) {
			in := newFrames(&socket{gate: &Gate{}, plain: &pieces{data: data, by: by}, partial: true}, nil)
			for range 10_000 {
				m, err := in.next()
				if err != nil {
					return all, err
				}
				if len(m) > session.MaxFrame {
					t.Fatalf("a message of %d bytes", len(m))
				}
				all = append(all, string(m))
			}
			return all, nil
		}
		whole, end := read(1 << 20)
		cut, cutEnd := read(max(1, by%7))
		if strings.Join(whole, "\x00") != strings.Join(cut, "\x00") || len(whole) != len(cut) || (end == nil) != (cutEnd == nil) || (end != nil && end.Error() != cutEnd.Error()) {
			t.Errorf("whole: %q, %v; in pieces: %q, %v", whole, end, cut, cutEnd)
		}
	})
}

func TestWriteDoesNotAllocate(t *testing.T) {
	s, _, browser := pair(t)
	go func() { _, _ = io.Copy(io.Discard, browser) }()
	messages := [][]byte{[]byte(`["patch",1,0,[1,"2"]]`), []byte(`["reply",1]`)}
	most := 0.5
	if race.Enabled {
		most = 4 // the race detector's sync.Pool loses every fourth thing on purpose
	}
	if n := testing.AllocsPerRun(200, func() { s.Write(messages) }); n > most {
		t.Errorf("%v allocations a write", n)
	}
}

func BenchmarkSocketWrite(b *testing.B) {
	s, _, browser := pair(b)
	go func() { _, _ = io.Copy(io.Discard, browser) }()
	messages := [][]byte{bytes.Repeat([]byte("x"), 80)}
	b.ReportAllocs()
	for b.Loop() {
		s.Write(messages)
	}
}
