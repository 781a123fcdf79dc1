package view

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strconv"
)

// A row is where a list's row begins and ends in a recording.
type row struct {
	at, pos       int // its node, and the first of its bytes
	atEnd, posEnd int
}

// list appends the change of a list. Rows are matched by their key; rows without a key by what is in them, and what is
// left by standing after the same neighbour.
//
//	old  a b c d e     matched from both ends: a · e
//	new  a d c x e     between them by key:    d c, x is fresh, b is gone
//	o    [0,1, 3,1, 2,1, "<tr>…x…</tr>", 4,1]
func (d *differ) list(dst []byte, s *slot) ([]byte, bool) {
	was, is := d.old.node(d.old.at).branch(), d.new.node(d.new.at).branch()
	if is == branchElse {
		d.old.at++
		d.new.at++
		if was != branchElse {
			dst = append(dst, `{"E":`...)
			dst = d.fresh(dst, d.new, s.inner[1])
			return append(dst, '}'), true
		}
		dst = append(dst, `{"e":`...)
		dst, changed := d.block(dst, s.inner[1])
		return append(dst, '}'), changed
	}
	if !d.around.known {
		d.around = surroundings(d.old.Tree, d.new.Tree)
	}
	rows, match := len(d.rows), len(d.match)
	defer func() { d.rows, d.match, d.equal = d.rows[:rows], d.match[:match], d.equal[:match] }()
	if was != branchElse {
		d.collect(&d.old)
	}
	olds := len(d.rows) - rows
	d.collect(&d.new)
	news := len(d.rows) - rows - olds
	for range news {
		d.match = append(d.match, -1)
		d.equal = append(d.equal, false)
	}
	d.pair(s.inner[0], d.rows[rows:rows+olds], d.rows[rows+olds:], d.match[match:], d.equal[match:])
	dst = append(dst, '{')
	at := len(dst)
	if was == branchElse || !inPlace(d.match[match:], olds) {
		dst = append(dst, `"o":`...)
		dst = d.order(dst, s.inner[0], d.rows[rows+olds:], d.match[match:])
	}
	ordered := len(dst) > at
	if ordered {
		dst = append(dst, ',')
	}
	back := len(dst)
	dst = append(dst, `"r":`...)
	dst, f := begin(dst)
	for i := range news { // d.rows may grow meanwhile: lists inside rows
		from := d.match[match+i]
		if from < 0 || d.equal[match+i] {
			continue
		}
		old, new := d.rows[rows+int(from)], d.rows[rows+olds+i]
		if d.same(old, new) {
			continue
		}
		undo, end := f, len(dst)
		dst = f.key(dst, i)
		d.old.at, d.old.pos, d.new.at, d.new.pos = old.at+1, old.pos, new.at+1, new.pos
		var changed bool
		if dst, changed = d.block(dst, s.inner[0]); !changed {
			dst, f = dst[:end], undo
		}
	}
	dst, changed := f.end(dst)
	if !changed {
		dst = dst[:back]
		if ordered {
			dst = dst[:back-1]
		}
	}
	return append(dst, '}'), changed || ordered
}

// collect pushes the rows of the list at which w stands.
func (d *differ) collect(w *walker) {
	end := w.at + w.node(w.at).nodes()
	for at, pos := w.at+1, w.pos; at < end; {
		n := w.node(at)
		r := row{at: at, pos: pos, atEnd: at + n.nodes(), posEnd: pos + n.bytes()}
		d.rows = append(d.rows, r)
		at, pos = r.atEnd, r.posEnd
	}
}

// same reports whether two rows are equal.
func (d *differ) same(old, new row) bool {
	return d.untouched(&old, &new) ||
		bytes.Equal(d.old.between(old.at, old.atEnd), d.new.between(new.at, new.atEnd)) &&
			bytes.Equal(d.old.buf[old.pos:old.posEnd], d.new.buf[new.pos:new.posEnd])
}

// untouched reports whether two rows are one that lies before all changes, or behind them.
func (d *differ) untouched(old, new *row) bool {
	if old.pos == new.pos && old.at == new.at && old.posEnd <= d.around.head && nodeSize*old.atEnd <= d.around.headNodes {
		return old.posEnd == new.posEnd
	}
	pos, at := len(d.old.buf)-old.pos, len(d.old.nodes)-nodeSize*old.at
	return pos == len(d.new.buf)-new.pos && at == len(d.new.nodes)-nodeSize*new.at && pos <= d.around.tail && at <= d.around.tailNodes
}

// key is the bytes by which a row is known.
func key(w *walker, b *block, r row) []byte {
	if b.key < 0 {
		return w.buf[r.pos:r.posEnd]
	}
	pos := r.pos
	at := r.at + 1
	for range b.key {
		pos += w.node(at).bytes()
		at++
	}
	return w.buf[pos : pos+w.node(at).bytes()]
}

// twin reports whether two rows are one, before and after.
func (d *differ) twin(b *block, old, new row) bool {
	if b.key < 0 {
		return d.same(old, new)
	}
	return d.untouched(&old, &new) || bytes.Equal(key(&d.old, b, old), key(&d.new, b, new))
}

// pair fills match, which holds for each new row the old one that it was, or -1, and equal, which says that the two are
// known to be.
func (d *differ) pair(b *block, old, new []row, match []int32, equal []bool) {
	low, content := 0, b.key < 0
	for low < len(old) && low < len(new) && d.twin(b, old[low], new[low]) {
		match[low], equal[low] = int32(low), content
		low++
	}
	oldEnd, newEnd := len(old), len(new)
	for oldEnd > low && newEnd > low && d.twin(b, old[oldEnd-1], new[newEnd-1]) {
		oldEnd--
		newEnd--
		match[newEnd], equal[newEnd] = int32(oldEnd), content
	}
	if low == oldEnd || low == newEnd {
		return
	}
	x := &d.index
	x.reset(oldEnd - low)
	for i := oldEnd - 1; i >= low; i-- { // the last first, so that equal ones are found in order
		x.add(key(&d.old, b, old[i]), i-low)
	}
	for i := low; i < newEnd; i++ {
		for c := x.first(key(&d.new, b, new[i])); c >= 0; c = x.next[c] {
			if !x.used[c] && d.twin(b, old[low+int(c)], new[i]) {
				x.used[c] = true
				match[i], equal[i] = c+int32(low), content
				break
			}
		}
	}
	if b.key >= 0 || b.whole {
		return
	}
	for i := low; i < newEnd; i++ {
		if match[i] >= 0 {
			continue
		}
		next := 0
		if i > 0 {
			next = int(match[i-1]) + 1 // 0 after a fresh one: taken, or the very first
		}
		if (i == 0 || next > 0) && next >= low && next < oldEnd && !x.used[next-low] {
			x.used[next-low] = true
			match[i] = int32(next)
		}
	}
}

// inPlace reports whether every row is where it was.
func inPlace(match []int32, olds int) bool {
	if len(match) != olds {
		return false
	}
	for i, m := range match {
		if int(m) != i {
			return false
		}
	}
	return true
}

// order appends an Order: runs of old rows, and fresh ones.
func (d *differ) order(dst []byte, b *block, new []row, match []int32) []byte {
	dst = append(dst, '[')
	for i := 0; i < len(match); {
		if i > 0 {
			dst = append(dst, ',')
		}
		from := match[i]
		if from < 0 {
			at := d.new
			at.at, at.pos = new[i].at+1, new[i].pos
			dst = d.fresh(dst, at, b)
			i++
			continue
		}
		n := 1
		for i+n < len(match) && match[i+n] == from+int32(n) {
			n++
		}
		dst = strconv.AppendInt(dst, int64(from), 10)
		dst = append(dst, ',')
		dst = strconv.AppendInt(dst, int64(n), 10)
		i += n
	}
	return append(dst, ']')
}

// A rowIndex finds rows by their keys; rows of one hash are chained. It is used up before another list needs it.
type rowIndex struct {
	heads []int32
	next  []int32
	used  []bool
}

var seed = maphash.MakeSeed()

func (x *rowIndex) reset(n int) {
	size := 1
	for size < 2*n {
		size *= 2
	}
	x.heads = slices.Grow(x.heads[:0], size)[:size]
	for i := range x.heads {
		x.heads[i] = -1
	}
	x.next = slices.Grow(x.next[:0], n)[:n]
	x.used = slices.Grow(x.used[:0], n)[:n]
	clear(x.used)
}

func (x *rowIndex) slot(key []byte) *int32 {
	return &x.heads[maphash.Bytes(seed, key)&uint64(len(x.heads)-1)]
}

func (x *rowIndex) add(key []byte, i int) {
	head := x.slot(key)
	x.next[i] = *head
	*head = int32(i)
}

func (x *rowIndex) first(key []byte) int32 { return *x.slot(key) }
