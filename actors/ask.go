package actors

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// Errors of Ask.
var (
	// ErrEnded is returned when the actor ended, or had ended, without a reply.
	ErrEnded = errors.New("actors: the actor ended without a reply")
	// ErrFailed is returned when the actor panicked over the question.
	ErrFailed = errors.New("actors: the actor failed over the question")
)

// question is the message that travels; the actor sees msg.
type question struct {
	msg   any
	asker interface{ fail(err error) }
}

func (q *question) fail(err error) { q.asker.fail(err) }

// inquiry is one Ask's place for the one answer.
type inquiry[T any] struct {
	question
	answered atomic.Bool
	answer   chan result[T]
}

type result[T any] struct {
	value T
	err   error
}

func (i *inquiry[T]) give(r result[T]) {
	if i.answered.CompareAndSwap(false, true) {
		i.answer <- r // has room for one
	}
}

func (i *inquiry[T]) fail(err error) { i.give(result[T]{err: err}) }

// Reply is the way back to who asked. It may be kept, handed on and used from any goroutine. The zero Reply goes nowhere.
type Reply[T any] struct{ to *inquiry[T] }

// Send answers. It never blocks; only the first answer counts, and nobody minds one for an asker who is gone.
func (r Reply[T]) Send(v T) {
	if r.to != nil {
		r.to.give(result[T]{value: v})
	}
}

// Ask sends an actor the message that build makes around a Reply, and waits for the answer, for ctx, or for the actor's end. It must not be called
// from inside a Receive.
func Ask[T any](ctx context.Context, s *System, to Ref, build func(Reply[T]) any) (T, error) {
	i := &inquiry[T]{answer: make(chan result[T], 1)}
	i.asker = i
	i.msg = build(Reply[T]{i})
	var none T
	e := to.entry()
	if e == nil {
		return none, fmt.Errorf("ask %s: %w", to, ErrEnded)
	}
	s.Send(to, &i.question)
	var r result[T]
	select {
	case r = <-i.answer:
	case <-ctx.Done():
		i.answered.Store(true)
		return none, fmt.Errorf("ask %s: %w", to, context.Cause(ctx))
	case <-e.wait():
		i.fail(ErrEnded) // unless the answer came first
		r = <-i.answer
	}
	if r.err != nil {
		return none, fmt.Errorf("ask %s: %w", to, r.err)
	}
	return r.value, nil
}
