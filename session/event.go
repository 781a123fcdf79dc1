package session

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greenroom/widgets"
)

// Take handles a frame of the page's socket, after attach. It blocks while the page has too many unanswered events, which stops the reading of its
// socket. An error means that the socket must be closed: ErrFrame and ErrFlood with 1008.
func (s *Session) Take(ctx context.Context, f Frame) error {
	switch f.Word {
	case wordPong:
		return nil
	case wordResync:
		if f.Widget < 0 || f.Widget >= len(s.placed) {
			return fmt.Errorf("%w: no widget %d", ErrFrame, f.Widget)
		}
		s.out.resync(f.Widget)
		return nil
	case wordEvent:
		if f.Ref < 0 {
			return fmt.Errorf("%w: a negative ref", ErrFrame)
		}
		if err := s.check(f.Widget, f.Name); err != nil {
			return err
		}
		if err := s.admit(ctx); err != nil {
			return err
		}
		s.send(f.Widget, widgets.Input{Name: f.Name, Payload: f.Payload, Ref: f.Ref})
		return nil
	}
	return fmt.Errorf("%w: %q is not expected here", ErrFrame, f.Word)
}

// check holds an event against the page's table: the widget is there and declares the event.
func (s *Session) check(n int, name string) error {
	if n < 0 || n >= len(s.placed) {
		return fmt.Errorf("%w: no widget %d", ErrFrame, n)
	}
	if _, declared := s.placed[n].Events[name]; !declared && name != widgets.RetryEvent {
		return fmt.Errorf("%w: widget %q declares no event %.64q", ErrFrame, s.placed[n].Name, name)
	}
	return nil
}

// admit waits for room among the unanswered events.
func (s *Session) admit(ctx context.Context) error {
	select {
	case s.unanswered <- struct{}{}:
		return nil
	default:
	}
	patience := time.NewTimer(s.registry.cfg.Patience)
	defer patience.Stop()
	select {
	case s.unanswered <- struct{}{}:
		return nil
	case <-patience.C:
		return ErrFlood
	case <-s.ended:
		return ErrGone
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Session) send(n int, m widgets.Input) {
	s.registry.events.Add(1)
	s.registry.cfg.System.Send(s.refs[n], m)
}

// Post hands a posted form to a widget of the page as an event and waits for the answer; the page's renders then show the outcome. It is how forms and
// actions work without JavaScript.
func (s *Session) Post(ctx context.Context, n int, name string, fields map[string][]string) (widgets.Reply, error) {
	if err := s.check(n, name); err != nil {
		return widgets.Reply{}, err
	}
	object := make(map[string]any, len(fields))
	for field, values := range fields {
		if len(values) == 1 {
			object[field] = values[0]
		} else {
			object[field] = values
		}
	}
	payload, err := json.Marshal(object)
	if err != nil {
		return widgets.Reply{}, fmt.Errorf("session: encode the form: %w", err)
	}
	answer := make(chan widgets.Reply, 1)
	s.mu.Lock()
	s.last--
	ref := s.last
	if s.posts == nil {
		s.posts = map[int64]chan widgets.Reply{}
	}
	s.posts[ref] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.posts, ref)
		s.mu.Unlock()
	}()
	s.send(n, widgets.Input{Name: name, Payload: payload, Ref: ref})
	select {
	case reply := <-answer:
		return reply, nil
	case <-s.ended:
		return widgets.Reply{}, ErrGone
	case <-ctx.Done():
		return widgets.Reply{}, fmt.Errorf("session: the form was not answered in time: %w", context.Cause(ctx))
	}
}

func (s *Session) answerPost(reply widgets.Reply) {
	s.mu.Lock()
	answer := s.posts[reply.Ref]
	s.mu.Unlock()
	if answer != nil {
		select {
		case answer <- reply:
		default:
		}
	}
}
