package view

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"sync"
)

// Change says what AppendDiff found.
type Change int

// The kinds of change.
const (
	Same    Change = iota // the trees are equal; nothing was appended
	Patched               // a Diff was appended, in the form of docs/protocol.md 4
	Whole                 // nothing was appended: the page needs to's live HTML, as a JSON string
)

// String names the change, for logs.
func (c Change) String() string {
	switch c {
	case Same:
		return "same"
	case Patched:
		return "patched"
	}
	return "whole"
}

// AppendDiff appends what turns a page that shows from into one that shows to. The result is Whole where the two are
// trees of different templates or of different types of data, or of a template that has no parts, or where a value that is markup
// breaks out of its place.
func AppendDiff(dst []byte, from, to *Tree) ([]byte, Change) {
	if from == to || from.layout == to.layout && bytes.Equal(from.buf, to.buf) && bytes.Equal(from.nodes, to.nodes) {
		return dst, Same
	}
	if from.layout != to.layout || from.layout.root == nil || !to.staysAfter(from) {
		return dst, Whole
	}
	d := differs.Get().(*differ)
	d.around.known = false
	d.old, d.new = walker{Tree: from, live: true}, walker{Tree: to, live: true}
	dst, patched := d.block(dst, from.layout.root)
	if !patched { // only what a page does not see is different, such as the order of equal attributes
		dst = append(dst, '[', ']')
	}
	d.old, d.new = walker{}, walker{}
	differs.Put(d)
	return dst, Patched
}

var differs = sync.Pool{New: func() any { return &differ{} }}

// A differ walks two recordings of one layout in lock-step.
type differ struct {
	old, new walker
	around   around
	html     []byte  // scratch: HTML before it becomes a JSON string
	rows     []row   // a stack: lists stand inside rows
	match    []int32 // a stack too
	equal    []bool  // beside match
	index    rowIndex
}

// An around is how much of two recordings is equal at their beginnings and, not counting that, at their ends. Most
// changes are small, and what lies around them need not be compared again.
type around struct {
	known                bool // it is found when the first list asks for it
	head, tail           int  // bytes
	headNodes, tailNodes int  // bytes that hold nodes
}

func surroundings(old, new *Tree) around {
	a := around{known: true, head: prefix(old.buf, new.buf), headNodes: prefix(old.nodes, new.nodes)}
	a.tail = suffix(old.buf[a.head:], new.buf[a.head:])
	a.tailNodes = suffix(old.nodes[a.headNodes:], new.nodes[a.headNodes:])
	return a
}

// stretch is how much is compared at once while nothing differs.
const stretch = 256

// prefix is how many bytes a and b have in common at the beginning.
func prefix(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for i+stretch <= n && bytes.Equal(a[i:i+stretch], b[i:i+stretch]) {
		i += stretch
	}
	for i+8 <= n && binary.NativeEndian.Uint64(a[i:]) == binary.NativeEndian.Uint64(b[i:]) {
		i += 8
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// suffix is the same at the end.
func suffix(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for i+stretch <= n && bytes.Equal(a[len(a)-i-stretch:len(a)-i], b[len(b)-i-stretch:len(b)-i]) {
		i += stretch
	}
	for i+8 <= n && binary.NativeEndian.Uint64(a[len(a)-i-8:]) == binary.NativeEndian.Uint64(b[len(b)-i-8:]) {
		i += 8
	}
	for i < n && a[len(a)-i-1] == b[len(b)-i-1] {
		i++
	}
	return i
}

// A diff that is being appended.
type diffing struct {
	start int // where its '[' is
	n     int // parts
}

func begin(dst []byte) ([]byte, diffing) { return append(dst, '['), diffing{start: len(dst)} }

// key appends the number of a part or row.
func (f *diffing) key(dst []byte, n int) []byte {
	if f.n > 0 {
		dst = append(dst, ',')
	}
	f.n++
	return append(strconv.AppendInt(dst, int64(n), 10), ',')
}

// end closes the diff, or takes it back where it holds nothing.
func (f *diffing) end(dst []byte) ([]byte, bool) {
	if f.n == 0 {
		return dst[:f.start], false
	}
	return append(dst, ']'), true
}

// block appends the diff of a block, and reports whether there is one. Both walkers step over the block.
func (d *differ) block(dst []byte, b *block) ([]byte, bool) {
	dst, f := begin(dst)
	for i := 0; i < len(b.slots); i++ {
		if i += d.equalLeaves(b.slots[i:]); i == len(b.slots) {
			break
		}
		s := &b.slots[i]
		if !s.kind.leaf() {
			dst = d.inner(dst, &f, s)
			continue
		}
		if s.rest > 0 {
			dst = d.group(dst, &f, s)
			continue
		}
		old, new := d.old.leaf(), d.new.leaf()
		switch s.kind {
		case slotKey, slotRest:
		case slotGroup:
			dst = appendGroup(dst, &f, s.part, old, new)
		case slotHTML:
			dst = AppendString(f.key(dst, s.part), new)
		default:
			dst = appendValue(f.key(dst, s.part), s, new)
		}
	}
	return f.end(dst)
}

// equalLeaves steps over leaves that are equal, and returns how many there are until another or something else.
func (d *differ) equalLeaves(slots []slot) int {
	oldAt, oldPos, newAt, newPos := d.old.at, d.old.pos, d.new.at, d.new.pos
	i := 0
	for ; i < len(slots) && slots[i].kind.leaf() && slots[i].rest == 0; i++ {
		n := d.old.node(oldAt + i)
		if n != d.new.node(newAt+i) {
			break
		}
		size := n.bytes()
		if !bytes.Equal(d.old.buf[oldPos:oldPos+size], d.new.buf[newPos:newPos+size]) {
			break
		}
		oldPos += size
		newPos += size
	}
	d.old.at, d.old.pos, d.new.at, d.new.pos = oldAt+i, oldPos, newAt+i, newPos
	return i
}

// group appends the diff of a group of attributes in two segments, between which stands the key.
func (d *differ) group(dst []byte, f *diffing, s *slot) []byte {
	old, new := d.old.both(s.rest), d.new.both(s.rest)
	if !bytes.Equal(old, new) {
		dst = appendGroup(dst, f, s.part, old, new)
	}
	return dst
}

// both is the next leaf and, after a space, the one n leaves further on. It steps over the first.
func (w *walker) both(n int) []byte {
	out := append(bytes.Clone(w.leaf()), ' ')
	at := *w
	for range n - 1 {
		at.leaf()
	}
	return append(out, at.leaf()...)
}

// inner appends the change of a condition or list.
func (d *differ) inner(dst []byte, f *diffing, s *slot) []byte {
	old, new := d.old, d.new // where it begins
	d.old.skip()
	d.new.skip()
	if equal(&old, &d.old, &new, &d.new) {
		return dst
	}
	back := len(dst)
	undo := *f
	dst = f.key(dst, s.part)
	var changed bool
	endOld, endNew := d.old, d.new
	d.old, d.new = old, new
	if s.kind == slotCond {
		dst, changed = d.cond(dst, s)
	} else {
		dst, changed = d.list(dst, s)
	}
	d.old, d.new = endOld, endNew
	if !changed {
		dst, *f = dst[:back], undo
	}
	return dst
}

// skip steps over a node and what is inside.
func (w *walker) skip() {
	n := w.node(w.at)
	w.at += n.nodes()
	w.pos += n.bytes()
}

// equal reports whether two stretches of recordings are.
func equal(old, oldEnd, new, newEnd *walker) bool {
	return bytes.Equal(old.between(old.at, oldEnd.at), new.between(new.at, newEnd.at)) &&
		bytes.Equal(old.buf[old.pos:oldEnd.pos], new.buf[new.pos:newEnd.pos])
}

func (d *differ) cond(dst []byte, s *slot) ([]byte, bool) {
	was, is := d.old.node(d.old.at).branch(), d.new.node(d.new.at).branch()
	d.old.at++
	d.new.at++
	switch {
	case is == branchNone:
		return append(dst, '0'), true
	case was == is:
		return d.block(dst, s.inner[is-1])
	}
	dst = append(dst, `{"h":`...)
	dst = d.fresh(dst, d.new, s.inner[is-1])
	return append(dst, '}'), true
}

// fresh appends the live HTML of a block as a JSON string.
func (d *differ) fresh(dst []byte, at walker, b *block) []byte {
	d.html = at.appendBlock(d.html[:0], b)
	return AppendString(dst, d.html)
}
