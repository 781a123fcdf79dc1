package view

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// An output is a recording that is being made by a machine. Its memory is there before it is filled, and what is written
// moves on n and m alone: an append to a field of a run would have to store the pointer again for each few bytes.
type output struct {
	buf   []byte
	n     int // bytes of buf that are filled
	nodes []node
	m     int // nodes that are made
}

// recording is what the output holds, in the same memory.
func (o *output) recording() recording { return recording{o.buf[:o.n], o.nodes[:o.m]} }

// room makes room for n more bytes.
func (o *output) room(n int) {
	if len(o.buf)-o.n < n {
		buf := append(o.buf[:o.n], make([]byte, n)...)
		o.buf = buf[:cap(buf)]
	}
}

// leaf ends a leaf that began when start bytes were filled.
func (o *output) leaf(start int) {
	if o.m == len(o.nodes) {
		o.moreNodes()
	}
	o.nodes[o.m] = leafNode(o.n - start)
	o.m++
}

func (o *output) moreNodes() {
	nodes := append(o.nodes, 0)
	o.nodes = nodes[:cap(nodes)]
}

// open begins a condition, a list or a row.
func (o *output) open() int {
	if o.m == len(o.nodes) {
		o.moreNodes()
	}
	o.m++
	return o.m - 1
}

// close ends what open began at node at, when start bytes were filled.
func (o *output) close(at, start, branch int) {
	o.nodes[at] = innerNode(o.n-start, o.m-at, branch)
}

// text writes text as it is.
func (o *output) text(s string) {
	o.room(len(s))
	o.n += copy(o.buf[o.n:], s)
}

func (o *output) bytes(s []byte) {
	o.room(len(s))
	o.n += copy(o.buf[o.n:], s)
}

func (o *output) bool(b bool) { o.text(strconv.FormatBool(b)) }

// int writes a number in decimal.
func (o *output) int(n int64) {
	u := uint64(n)
	if n < 0 {
		o.text("-")
		u = -u
	}
	o.uint(u)
}

// uint is int for a number without a sign. Few numbers on a page have more than four digits.
func (o *output) uint(u uint64) {
	o.room(20)
	to := (*[4]byte)(o.buf[o.n:])
	if u >= 10000 {
		o.n += len(strconv.AppendUint(o.buf[o.n:o.n], u, 10))
		return
	}
	high, low := u/100, u%100
	switch {
	case u < 10:
		to[0] = '0' + byte(u)
		o.n++
	case u < 100:
		to[0], to[1] = pairs[2*low], pairs[2*low+1]
		o.n += 2
	case u < 1000:
		to[0], to[1], to[2] = '0'+byte(high), pairs[2*low], pairs[2*low+1]
		o.n += 3
	default:
		to[0], to[1], to[2], to[3] = pairs[2*high], pairs[2*high+1], pairs[2*low], pairs[2*low+1]
		o.n += 4
	}
}

const pairs = "0001020304050607080910111213141516171819" +
	"2021222324252627282930313233343536373839" +
	"4041424344454647484950515253545556575859" +
	"6061626364656667686970717273747576777879" +
	"8081828384858687888990919293949596979899"

// escaped writes text as html/template's HTML escapers do. It looks at eight bytes at a time, and copies them at once
// where none is escaped, as it is with most text.
func (o *output) escaped(s string) {
	const most = 512
	for len(s) > most {
		o.escaped(s[:most])
		s = s[most:]
	}
	o.room(longest*len(s) + 8)
	to, n := o.buf[o.n:], 0
	rest := s
	for len(rest) >= 8 {
		w := eight(rest)
		binary.LittleEndian.PutUint64(to[n:], w)
		found := special(w)
		if found == 0 {
			n += 8
			rest = rest[8:]
			continue
		}
		at := bits.TrailingZeros64(found) / 8
		ref := &references[escapeOf[rest[at]]]
		n += at
		binary.LittleEndian.PutUint64(to[n:], ref.text)
		n += ref.len
		rest = rest[at+1:]
	}
	r := len(rest)
	switch {
	case r == 0:
		o.n += n
		return
	case len(s) >= 8: // once more the last eight bytes, of which some are there already
		if w := eight(s[len(s)-8:]); special(w) == 0 {
			binary.LittleEndian.PutUint64(to[n+r-8:], w)
			o.n += n + r
			return
		}
	case r >= 4:
		v, w := four(rest), four(rest[r-4:])
		if special(uint64(v)|uint64(w)<<32) == 0 {
			binary.LittleEndian.PutUint32(to, v)
			binary.LittleEndian.PutUint32(to[r-4:], w)
			o.n += r
			return
		}
	}
	o.n += n + copyEscaped(to[n:], rest)
}

// copyEscaped looks at each byte.
func copyEscaped(to []byte, s string) int {
	n := 0
	for i := range len(s) {
		if at := escapeOf[s[i]]; at == 0 {
			to[n] = s[i]
			n++
		} else {
			binary.LittleEndian.PutUint64(to[n:], references[at].text)
			n += references[at].len
		}
	}
	return n
}

// longest is the length of the longest reference.
const longest = 5

var (
	escapeOf   = [256]uint8{'<': 1, '>': 2, '&': 3, '"': 4, '\'': 5, '+': 6, 0: 7}
	references = [...]reference8{1: short("&lt;"), 2: short("&gt;"), 3: short("&amp;"), 4: short("&#34;"), 5: short("&#39;"), 6: short("&#43;"), 7: short("\uFFFD")}
)

// A reference8 is a text of at most eight bytes that is stored at once.
type reference8 struct {
	text uint64
	len  int
}

func short(s string) reference8 {
	return reference8{eight(s + "\x00\x00\x00\x00\x00\x00\x00\x00"), len(s)}
}

// eight and four are as many bytes as one number.
func eight(t string) uint64 {
	_ = t[7]
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 | uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}

func four(t string) uint32 {
	_ = t[3]
	return uint32(t[0]) | uint32(t[1])<<8 | uint32(t[2])<<16 | uint32(t[3])<<24
}

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// special marks the first of eight bytes that is escaped, by its highest bit; later marks may be wrong. It is 0 where none
// is. Of w ^ c, the bytes that are 0 are those that are c; bits that are cleared before make one test of two characters.
func special(w uint64) uint64 {
	a := w&(0xFB*ones) ^ 0x22*ones // " &
	b := w&(0xFE*ones) ^ 0x26*ones // & '
	c := w&(0xFD*ones) ^ 0x3C*ones // < >
	d := w ^ 0x2B*ones             // +
	return ((a-ones)&^a | (b-ones)&^b | (c-ones)&^c | (d-ones)&^d | (w-ones)&^w) & highs
}
