package pages

import (
	"context"
	"errors"
	"fmt"
	"time"

	"greenroom/widgets"
)

// errPanicked is returned in place of a panic of work that ran beside the page's own: a widget contains the panics of its task only.
var errPanicked = errors.New("pages: panicked while reading")

// beside runs f while the caller reads something else. The returned function waits for f at most patience longer, then ends f's context and says
// that nothing came. The caller must call it, or end ctx.
func beside[T any](ctx context.Context, f func(context.Context) (T, error)) (wait func(patience time.Duration) (T, error)) {
	ctx, cancel := context.WithCancel(ctx)
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	// Serves one read of one page; ends with f, whose context ends with the wait or the page. Nobody waits for it beyond that: its answer has room.
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a.err = fmt.Errorf("%w: %v", errPanicked, p)
			}
			answers <- a
		}()
		a.value, a.err = f(ctx)
	}()
	return func(patience time.Duration) (T, error) {
		defer cancel()
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case a := <-answers:
			return a.value, a.err
		case <-timer.C:
		case <-ctx.Done():
		}
		var none T
		return none, context.DeadlineExceeded
	}
}

// counting counts a query's rows beside the reading of them.
func counting(ctx context.Context, source widgets.Reader, q widgets.Query) func(time.Duration) widgets.Count {
	q.After, q.Before, q.Last, q.Limit, q.Order, q.Select = "", "", false, 0, nil, nil
	wait := beside(ctx, func(ctx context.Context) (widgets.Count, error) { return source.Count(ctx, q) })
	return func(patience time.Duration) widgets.Count {
		n, err := wait(patience)
		if err != nil {
			return widgets.Count{Unknown: true}
		}
		return n
	}
}
