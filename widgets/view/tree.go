package view

import (
	"bytes"
	"sync/atomic"
)

// Tree is one rendered state. It is immutable and may be shared.
type Tree struct {
	layout *layout
	sealed
	placed atomic.Int32 // see markup.go
}

// record executes the layout. If the outcome is what last holds it is last, which may be nil.
func (l *layout) record(last *Tree, data any) (*Tree, error) {
	if l.machine != nil {
		if t, ok := l.machine.record(l, last, data); ok {
			return t, nil
		}
	}
	if l.root != nil {
		r, err := l.program.record(data)
		switch {
		case err != nil:
			return nil, err
		case r.is(l, last):
			return last, nil
		}
		return r.tree(l), nil
	}
	var b bytes.Buffer
	if err := l.src.set.Lookup(l.src.name).Execute(&b, data); err != nil {
		return nil, err
	}
	if last != nil && last.layout == l && bytes.Equal(last.buf, b.Bytes()) {
		return last, nil
	}
	return &Tree{layout: l, sealed: sealed{buf: b.Bytes()}}, nil
}

// AppendHTML appends the tree's HTML, byte for byte what html/template writes.
func (t *Tree) AppendHTML(dst []byte) []byte {
	if t.layout.root == nil {
		return append(dst, t.buf...)
	}
	w := walker{Tree: t}
	return w.appendBlock(dst, t.layout.root)
}

// AppendLive appends the tree's HTML with the markers by which a page finds its parts.
func (t *Tree) AppendLive(dst []byte) []byte {
	if t.layout.root == nil {
		return append(dst, t.buf...)
	}
	w := walker{Tree: t, live: true}
	return w.appendBlock(dst, t.layout.root)
}

// Size is how many bytes the tree keeps in memory.
func (t *Tree) Size() int { return cap(t.buf) + cap(t.nodes) + 64 }

// A walker reads a recording from some node on.
type walker struct {
	*Tree
	live bool
	at   int // the node that comes next
	pos  int // where its bytes begin
}

// next is the next node, whose bytes begin at start; an inner node is not stepped over.
func (w *walker) leaf() []byte {
	n := w.node(w.at).bytes()
	w.at++
	w.pos += n
	return w.buf[w.pos-n : w.pos]
}

func (w *walker) appendBlock(dst []byte, b *block) []byte {
	statics := b.plain
	if w.live {
		statics = b.live
	}
	dst = append(dst, statics[0]...)
	for i := range b.slots {
		s := &b.slots[i]
		switch {
		case s.kind.leaf():
			dst = append(dst, w.leaf()...)
		case s.kind == slotCond:
			n := w.node(w.at)
			w.at++
			if n.branch() != branchNone && s.inner[n.branch()-1] != nil {
				dst = w.appendBlock(dst, s.inner[n.branch()-1])
			}
		default:
			dst = w.appendList(dst, s)
		}
		dst = append(dst, statics[i+1]...)
	}
	return dst
}

func (w *walker) appendList(dst []byte, s *slot) []byte {
	n := w.node(w.at)
	end := w.at + n.nodes()
	w.at++
	if n.branch() == branchElse {
		return w.appendBlock(dst, s.inner[1])
	}
	for w.at < end {
		w.at++
		dst = w.appendBlock(dst, s.inner[0])
	}
	return dst
}
