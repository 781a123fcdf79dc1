package session

import (
	"strconv"
	"sync"

	"greenroom/widgets"
	"greenroom/widgets/view"
)

// Conn is the socket as a session sees it.
type Conn interface {
	// Write sends whole text messages, in order, in one write where it can, without blocking. It keeps neither the slice nor the messages, and takes
	// them for good. False means that the socket is full: the rest is on its way, and the session's Drained is called when it has left, or Detach
	// when it cannot.
	Write(messages [][]byte) bool
	// Close ends the socket with a close code after what was written.
	Close(code int, reason string)
}

// maxNotes bounds the replies, toasts and redirects that wait for a page, in bytes. They cannot be skipped as renders can; a page that lets more
// pile up is loaded anew.
const maxNotes = 256 << 10

// outbox holds what a page still has to be sent: the newest render of each widget against the one it has, and short notes in order. Memory is
// bounded by two references a widget and maxNotes. Whoever pushes also writes, unless somebody is writing already or the socket is full.
type outbox struct {
	mu    sync.Mutex
	slots []slot
	notes [][]byte
	// noteBytes counts the notes; over says that maxNotes was passed while nobody read.
	noteBytes int
	seq       uint64
	bytes     uint64 // given to sockets
	conn      Conn
	over      bool
	// closed says that the session ended: nothing is taken any more.
	closed bool
	// busy says that somebody is writing or that the socket is full; he takes along what is pushed meanwhile.
	busy bool
	// drawing is nil once the page's HTML was made.
	drawing *drawing
}

// drawing is what only a page that is being drawn needs.
type drawing struct {
	waiting int           // slots without a first render
	ready   chan struct{} // closed when waiting is 0
	changed chan struct{} // has a token when a slot got its first render
}

// slot is a widget's place: what the page has, and the newest there is.
type slot struct {
	sent, newest *widgets.Render
}

// batch is the memory in which a flush gathers its messages.
type batch struct {
	patch    []byte
	messages [][]byte
}

// batches lends a batch for the time of a flush; one that a huge patch went through is not kept.
var batches = sync.Pool{New: func() any { return &batch{patch: make([]byte, 0, 512), messages: make([][]byte, 0, 4)} }}

const keptPatch = 64 << 10

func (b *batch) free() {
	clear(b.messages[:cap(b.messages)])
	b.messages = b.messages[:0]
	if cap(b.patch) <= keptPatch {
		batches.Put(b)
	}
}

func newOutbox(slots int) *outbox {
	d := &drawing{waiting: slots, ready: make(chan struct{}), changed: make(chan struct{}, 1)}
	if slots == 0 {
		close(d.ready)
	}
	return &outbox{slots: make([]slot, slots), drawing: d}
}

// push stores the newest render of a slot and notes to follow it (either may be missing), and writes both if nobody else does. False means that the
// page lost notes for good, and must load anew.
func (o *outbox) push(n int, r *widgets.Render, notes ...[]byte) bool {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return true
	}
	if r != nil {
		if d := o.drawing; d != nil && o.slots[n].newest == nil {
			if d.waiting--; d.waiting == 0 {
				close(d.ready)
			}
			select {
			case d.changed <- struct{}{}:
			default:
			}
		}
		o.slots[n].newest = r
	}
	for _, note := range notes {
		if o.noteBytes += len(note); o.noteBytes > maxNotes {
			o.over = true
			break
		}
		o.notes = append(o.notes, note)
	}
	kept := !o.over
	o.flush()
	return kept
}

// flush writes until nothing is left or the socket is full. It is called with the lock and releases it.
func (o *outbox) flush() {
	if o.busy || o.conn == nil {
		o.mu.Unlock()
		return
	}
	o.busy = true
	for {
		b, conn := o.take(), o.conn
		if b == nil {
			o.busy = false
			o.mu.Unlock()
			return
		}
		for _, m := range b.messages {
			o.bytes += uint64(len(m))
		}
		o.mu.Unlock()
		done := conn.Write(b.messages)
		b.free()
		if !done {
			return // still busy; drained goes on
		}
		o.mu.Lock()
		if o.conn != conn {
			// Another socket took over while this one was written to, or it went; attach flushes for the next.
			o.mu.Unlock()
			return
		}
	}
}

// take gathers everything that is due: one patch with all changed widgets, then the notes; nil if that is nothing.
func (o *outbox) take() *batch {
	due := len(o.notes) > 0
	for n := range o.slots {
		due = due || o.slots[n].newest != o.slots[n].sent
	}
	if !due {
		return nil
	}
	b := batches.Get().(*batch)
	b.patch = strconv.AppendUint(append(b.patch[:0], `["`+wordPatch+`",`...), o.seq+1, 10)
	head := len(b.patch)
	for n := range o.slots {
		if s := &o.slots[n]; s.newest != s.sent {
			b.patch = appendChange(b.patch, n, s)
			s.sent = s.newest
		}
	}
	if len(b.patch) > head {
		o.seq++
		b.patch = append(b.patch, ']')
		b.messages = append(b.messages, b.patch)
	}
	b.messages = append(b.messages, o.notes...)
	o.notes, o.noteBytes = nil, 0
	if len(b.messages) == 0 {
		b.free() // the widgets changed back to what the page has
		return nil
	}
	return b
}

// appendChange appends what turns a slot's sent render into its newest one, and nothing when both look the same.
func appendChange(dst []byte, n int, s *slot) []byte {
	before := len(dst)
	dst = append(strconv.AppendInt(append(dst, ','), int64(n), 10), ',')
	if s.sent == nil {
		return view.AppendString(dst, s.newest.Tree.AppendLive(nil))
	}
	diff, change := s.newest.Since(s.sent)
	switch change {
	case view.Same:
		return dst[:before]
	case view.Whole:
		return view.AppendString(dst, s.newest.Tree.AppendLive(nil))
	}
	return append(dst, diff...)
}

// attach makes conn the page's socket and returns the one it displaces. A page that applied everything that was sent goes on from there; any other
// gets every widget whole. gone tells that the session ended, lost that it dropped notes, so the page must load anew.
func (o *outbox) attach(conn Conn, seq uint64) (displaced Conn, gone, lost bool) {
	o.mu.Lock()
	if o.over || o.closed {
		defer o.mu.Unlock()
		return nil, o.closed, o.over
	}
	displaced = o.conn
	if seq != o.seq {
		for n := range o.slots {
			o.slots[n].sent = nil
		}
	}
	// The answer to attach goes out before anything else: busy keeps the others away meanwhile.
	o.conn, o.busy = conn, true
	answer := frame(wordAttached, o.seq)
	o.mu.Unlock()
	if conn.Write([][]byte{answer}) {
		o.drained(conn)
	}
	return displaced, false, false
}

// drained is called by conn when a full socket took the rest.
func (o *outbox) drained(conn Conn) {
	o.mu.Lock()
	if o.conn != conn {
		o.mu.Unlock()
		return
	}
	o.busy = false
	o.flush()
}

// detach forgets conn and reports whether it was the page's socket.
func (o *outbox) detach(conn Conn) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conn != conn || conn == nil {
		return false
	}
	o.conn, o.busy = nil, false
	return true
}

// resync makes the next patch carry a widget whole.
func (o *outbox) resync(n int) {
	o.mu.Lock()
	o.slots[n].sent = nil
	o.flush()
}

// draw takes the newest renders as sent with the page's HTML: the live HTML of each slot, nil where there is none yet.
func (o *outbox) draw() [][]byte {
	o.mu.Lock()
	trees := make([]*view.Tree, len(o.slots))
	for n := range o.slots {
		s := &o.slots[n]
		if s.newest != nil {
			s.sent = s.newest
			trees[n] = s.newest.Tree
		}
	}
	o.mu.Unlock()
	html := make([][]byte, len(trees))
	for n, tree := range trees {
		if tree != nil {
			html[n] = tree.AppendLive([]byte{}) // nil says that it loads
		}
	}
	return html
}

// has reports whether a slot has a render.
func (o *outbox) has(n int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.slots[n].newest != nil
}

// drawn forgets what only a page that is being drawn needs.
func (o *outbox) drawn() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drawing = nil
}

// close drops the socket and returns it; nothing is taken from here on.
func (o *outbox) close() Conn {
	o.mu.Lock()
	defer o.mu.Unlock()
	conn := o.conn
	o.conn, o.notes, o.closed = nil, nil, true
	clear(o.slots)
	return conn
}
