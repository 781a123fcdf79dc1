package session

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// Close codes of docs/protocol.md.
const (
	CloseViolation = 1002
	CloseNotText   = 1007
	CloseProtocol  = 1008
	CloseTooBig    = 1009
	CloseRestart   = 1012
	CloseSignedOut = 4001
	CloseElsewhere = 4002
	CloseGone      = 4004
)

// Session is an open page: the handle that http works with. Its table is fixed when Open returns; its methods may be called from any goroutine.
type Session struct {
	registry *Registry
	id       string
	in       *widgets.In // where the page stands; nothing else of it is kept
	placed   []widgets.Placed
	ref      actors.Ref
	out      *outbox

	// refs are the widgets' actors by slot, complete once started is closed and never changed after.
	refs    []actors.Ref
	started chan struct{}
	ended   chan struct{}
	// address is where the page was asked for from, for the cap on an address.
	address string
	// fresh is the session's place among those that nobody attached to yet, nil once somebody did; the registry's lock guards it.
	fresh *list.Element

	unanswered chan struct{} // holds a token for each event without a reply

	mu    sync.Mutex
	posts map[int64]chan widgets.Reply // who waits for the reply to an event that came by HTTP; their refs are negative; nil until there is one
	last  int64
}

// Token names the session to its page; only the seat (widgets.User.Seat) it was made for can use it.
func (s *Session) Token() string { return s.registry.sign(s.id, s.in.User.Seat()) }

// Placed lists the page's widgets by slot.
func (s *Session) Placed() []widgets.Placed { return s.placed }

// Draw returns the live HTML of each slot, nil where there is none yet, and takes it as sent to the page.
func (s *Session) Draw() [][]byte { return s.out.draw() }

// End ends the page's actors; code closes its socket, 0 leaves that to the socket's owner. It returns at once.
func (s *Session) End(code int, reason string) {
	s.registry.cfg.System.Send(s.ref, end{code, reason})
}

// Deliver implements widgets.Sink: renders and replies go to the outbox, and from there to the socket.
func (s *Session) Deliver(n int, r *widgets.Render, reply *widgets.Reply) {
	if reply == nil {
		s.push(n, r)
		return
	}
	if q := reply.Effects.Query; q != nil {
		s.requery(n, *q)
	}
	if reply.Ref < 0 {
		s.push(n, r)
		s.answerPost(*reply)
		return
	}
	if reply.Effects.Redirect != "" {
		s.registry.Keep(s.in.User.SessionID, reply.Effects.Toasts)
		kept := *reply // a reply is never changed once it was sent
		kept.Effects.Toasts = nil
		reply = &kept
	}
	s.push(n, r, notes(reply)...)
	if reply.Unasked {
		return
	}
	select {
	case <-s.unanswered:
	default:
	}
}

// push hands to the outbox; a page for which more waits than it may is ended, since what it lost cannot be made up for.
func (s *Session) push(n int, r *widgets.Render, notes ...[]byte) {
	if !s.out.push(n, r, notes...) {
		s.End(CloseGone, "the page fell too far behind")
	}
}

// requery tells the page's own other widgets the list's new query.
func (s *Session) requery(from int, q widgets.Query) {
	for n, ref := range s.refs {
		if n != from && s.placed[n].Shared == nil {
			s.registry.cfg.System.Send(ref, widgets.Requery{Query: q})
		}
	}
}

// notes encodes what a handler asked for besides its state, and the reply itself last.
func notes(reply *widgets.Reply) [][]byte {
	var out [][]byte
	if a := reply.Effects.Address; a != nil {
		query := *a
		if query != "" {
			query = "?" + query
		}
		out = append(out, frame(wordURL, query))
	}
	for _, t := range reply.Effects.Toasts {
		out = append(out, frame(wordToast, t.Level, clip(t.Text)))
	}
	if reply.Effects.Redirect != "" {
		out = append(out, frame(wordRedirect, reply.Effects.Redirect))
	}
	switch {
	case reply.Unasked:
		return out
	case reply.Err != "":
		return append(out, frame(wordReply, reply.Ref, clip(reply.Err)))
	}
	return append(out, frame(wordReply, reply.Ref))
}

// mostRunes is the longest text of a toast or of an error, as it is for a job's messages.
const mostRunes = 4096

// clip shortens a text that no person would read to its end.
func clip(text string) string {
	if len(text) <= mostRunes {
		return text
	}
	runes := 0
	cut := 0
	for at := range text {
		if runes == mostRunes-3 {
			cut = at
		}
		if runes++; runes > mostRunes {
			return text[:cut] + "..."
		}
	}
	return text
}

// drawn waits for the main widget's first render, and linger for those of the others.
func (s *Session) drawn(ctx context.Context, linger time.Duration) error {
	patience := time.NewTimer(linger)
	defer patience.Stop()
	select {
	case <-s.started:
	case <-s.ended:
		return ErrGone
	}
	defer s.out.drawn()
	drawing := s.out.drawing // changed by this goroutine only
	tired := false
	for {
		if tired && s.mainDrawn() {
			return nil
		}
		select {
		case <-drawing.ready:
			return nil
		case <-drawing.changed:
		case <-patience.C:
			tired = true
		case <-s.ended:
			return ErrGone
		case <-ctx.Done():
			return fmt.Errorf("session: the page was not drawn in time: %w", context.Cause(ctx))
		}
	}
}

func (s *Session) mainDrawn() bool {
	for n, p := range s.placed {
		if p.Place == widgets.InMain {
			return s.out.has(n)
		}
	}
	return true
}
