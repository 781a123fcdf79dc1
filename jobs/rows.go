package jobs

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"time"

	"greenroom/widgets"
)

// Rows are the rows that a run is over, read as R.
type Rows[R any] struct {
	job    *Job
	decode func(widgets.Row) (R, error)
}

// Len is how many rows were pinned, whether or not they are still there.
func (r Rows[R]) Len() int64 { return r.job.pinned.n }

// All reads the rows in chunks and yields one after the other, each as it is at that moment. A row counts as done when the loop asks for the next one, so
// that the row in hand is not counted when the body breaks, returns or panics. Rows that are no longer there, or no longer the person's to touch, are
// skipped and counted.
//
// An error is yielded once and ends the loop; it is context.Cause(ctx) when the run was cancelled. A single row that does not fit R yields an error too,
// and the loop goes on after it.
func (r Rows[R]) All(ctx context.Context) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		c := &r.job.cell
		c.exhausted.Store(false)
		breath := newBreath()
		for _, chunk := range r.job.pinned.chunks {
			rows, err := r.fetch(ctx, chunk)
			if err != nil {
				yield(none, err)
				return
			}
			c.vanished.Add(int64(chunk.n - len(rows)))
			for i := range rows {
				if ctx.Err() != nil {
					yield(none, context.Cause(ctx))
					return
				}
				row, err := r.decode(rows[i])
				if err != nil {
					row, err = none, fmt.Errorf("row %s: %w", rows[i].Key, err)
				}
				if !yield(row, err) {
					return
				}
				c.acked.Add(1)
				breath.take()
			}
		}
		c.exhausted.Store(true)
	}
}

// Keys yields the pinned keys without reading the rows; they count when the body says so. It is for bodies that change many rows with one statement.
func (r Rows[R]) Keys() iter.Seq2[widgets.Key, error] {
	return func(yield func(widgets.Key, error) bool) {
		for _, chunk := range r.job.pinned.chunks {
			keys, err := chunk.keys(len(r.job.source.Table().Key))
			if err != nil {
				yield(nil, err)
				return
			}
			for _, k := range keys {
				if !yield(k, nil) {
					return
				}
			}
		}
	}
}

func (r Rows[R]) fetch(ctx context.Context, c chunk) ([]widgets.Row, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	keys, err := c.keys(len(r.job.source.Table().Key))
	if err != nil {
		return nil, err
	}
	rows, err := r.job.source.Fetch(ctx, keys, r.job.scope)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return rows, nil
}

// breath lets pages have the processor: a body that computes all the time would keep it for 10 ms at a stretch.
type breath struct {
	n    int
	last time.Time
}

func newBreath() breath { return breath{last: time.Now()} }

func (b *breath) take() {
	if b.n++; b.n%16 != 0 { // time.Now costs more than a row's bookkeeping
		return
	}
	if now := time.Now(); now.Sub(b.last) > time.Millisecond {
		runtime.Gosched()
		b.last = now
	}
}
