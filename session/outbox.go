package session

import (
	"strconv"
	"sync"

	"greenroom/widgets"
	"greenroom/widgets/view"
)

// Conn is the socket as a session sees it.
type Conn interface {
	// Write sends whole text messages, in order, in one write where it can, without blocking. It takes what it is given for good. False means that
	// the socket is full: the rest is on its way, and the session's Drained is called when it has left, or Gone when it cannot.
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
	over      bool
	seq       uint64
	conn      Conn
	// busy says that somebody is writing or that the socket is full; he takes along what is pushed meanwhile.
	busy    bool
	waiting int           // slots without a first render
	ready   chan struct{} // closed when waiting is 0
	changed chan struct{} // has a token when a slot got its first render
}

// slot is a widget's place: what the page has, and the newest there is.
type slot struct {
	sent, newest *widgets.Render
}

func newOutbox(slots int) *outbox {
	o := &outbox{slots: make([]slot, slots), waiting: slots, ready: make(chan struct{}), changed: make(chan struct{}, 1)}
	if slots == 0 {
		close(o.ready)
	}
	return o
}

// push stores the newest render of a slot and a note to follow it (either may be missing), and writes both if nobody else does.
func (o *outbox) push(n int, r *widgets.Render, notes ...[]byte) {
	o.mu.Lock()
	if r != nil {
		if o.slots[n].newest == nil {
			if o.waiting--; o.waiting == 0 {
				close(o.ready)
			}
			select {
			case o.changed <- struct{}{}:
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
	o.flush()
}

// flush writes until nothing is left or the socket is full. It is called with the lock and releases it.
func (o *outbox) flush() {
	if o.busy || o.conn == nil {
		o.mu.Unlock()
		return
	}
	o.busy = true
	for {
		messages, conn := o.take(), o.conn
		if len(messages) == 0 || conn == nil {
			o.busy = false
			o.mu.Unlock()
			return
		}
		o.mu.Unlock()
		done := conn.Write(messages)
		if !done {
			return // still busy; drained goes on
		}
		o.mu.Lock()
		if o.conn != conn {
			// Another socket took over while this one was written to; attach flushes for it.
			o.mu.Unlock()
			return
		}
	}
}

// take gathers everything that is due: one patch with all changed widgets, then the notes.
func (o *outbox) take() [][]byte {
	var messages [][]byte
	var patch []byte
	for n := range o.slots {
		s := &o.slots[n]
		if s.newest == s.sent {
			continue
		}
		before := len(patch)
		patch = append(strconv.AppendInt(append(patch, ','), int64(n), 10), ',')
		switch {
		case s.sent == nil:
			patch = view.AppendString(patch, s.newest.Tree.AppendLive(nil))
		case s.newest.Diff != nil && s.newest.Version == s.sent.Version+1:
			patch = append(patch, s.newest.Diff...) // the usual case: the bytes that every page at that version gets
		default:
			diffed, change := view.AppendDiff(patch, s.sent.Tree, s.newest.Tree)
			switch change {
			case view.Same:
				patch = patch[:before]
			case view.Whole:
				patch = view.AppendString(patch, s.newest.Tree.AppendLive(nil))
			default:
				patch = diffed
			}
		}
		s.sent = s.newest
	}
	if len(patch) > 0 {
		o.seq++
		head := strconv.AppendUint([]byte(`["`+wordPatch+`",`), o.seq, 10)
		messages = append(messages, append(append(head, patch...), ']'))
	}
	messages = append(messages, o.notes...)
	o.notes, o.noteBytes = nil, 0
	return messages
}

// attach makes conn the page's socket and returns the one it displaces. A page that applied everything that was sent goes on from there; any other
// gets every widget whole. overflowed tells that notes were lost, so the page must load anew.
func (o *outbox) attach(conn Conn, seq uint64) (displaced Conn, overflowed bool) {
	o.mu.Lock()
	if o.over {
		o.mu.Unlock()
		return nil, true
	}
	displaced = o.conn
	o.conn, o.busy = conn, false
	if seq != o.seq {
		for n := range o.slots {
			o.slots[n].sent = nil
		}
	}
	o.notes = append([][]byte{frame(wordAttached, o.seq)}, o.notes...)
	// The answer to attach goes out before any patch.
	first := o.notes[0]
	o.notes = o.notes[1:]
	o.busy = true
	o.mu.Unlock()
	if conn.Write([][]byte{first}) {
		o.mu.Lock()
		if o.conn == conn {
			o.busy = false
		}
		o.flush()
	}
	return displaced, false
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
			html[n] = tree.AppendLive(nil)
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

// close drops the socket and returns it.
func (o *outbox) close() Conn {
	o.mu.Lock()
	defer o.mu.Unlock()
	conn := o.conn
	o.conn, o.notes = nil, nil
	return conn
}
