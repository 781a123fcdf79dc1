package jobs

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
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
// skipped and counted. A run that goes on after a pause or a failure begins with the first row that was not done.
//
// An error is yielded once and ends the loop; it is context.Cause(ctx) when the run was cancelled and ErrPaused when it is to pause, and the body returns
// it. A single row that does not fit R yields an error too, and the loop goes on after it.
func (r Rows[R]) All(ctx context.Context) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		c := &r.job.cell
		c.exhausted.Store(false)
		breath := newBreath()
		for b, err := range r.job.batches(ctx) {
			if err != nil {
				yield(none, err)
				return
			}
			for i := range b.rows {
				if err := r.job.halted(ctx); err != nil {
					yield(none, err)
					return
				}
				row, err := r.read(b.rows[i])
				c.hand.Store(b.place(i) + 1)
				if !yield(row, err) {
					return
				}
				c.pass(&b, i)
				breath.take()
			}
			c.skip(b.end)
		}
		c.exhausted.Store(true)
	}
}

func (r Rows[R]) read(raw widgets.Row) (R, error) {
	row, err := r.decode(raw)
	if err != nil {
		var none R
		return none, fmt.Errorf("row %s: %w", raw.Key, err)
	}
	return row, nil
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

// pass moves the cursor behind a row. The keys before it that had no row have vanished.
func (c *cell) pass(b *batch, i int) {
	if b.places == nil { // the usual case, which costs one atomic write
		c.cursor.Store(b.first + int64(i) + 1)
		return
	}
	c.passTo(b.places[i])
}

func (c *cell) passTo(place int64) {
	c.skip(place)
	c.cursor.Store(place + 1)
}

func (c *cell) skip(to int64) {
	if gone := to - c.cursor.Load(); gone > 0 {
		c.vanished.Add(gone)
		c.cursor.Store(to)
	}
}

// halted says that no further row may be begun, and why.
func (j *Job) halted(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if j.cell.asked.Load() == toPause {
		return ErrPaused
	}
	return nil
}

// batch are rows that were read together. places are where their keys stand among the pinned ones, nil when they follow each other from first.
type batch struct {
	rows       []widgets.Row
	first, end int64
	places     []int64
}

func (b *batch) place(i int) int64 {
	if b.places == nil {
		return b.first + int64(i)
	}
	return b.places[i]
}

// batches reads the rows from the cursor on.
func (j *Job) batches(ctx context.Context) iter.Seq2[batch, error] {
	return func(yield func(batch, error) bool) {
		if j.walked.Swap(true) {
			if j.resumable {
				yield(batch{}, fmt.Errorf("jobs: action %q is Resumable and went over its rows twice: do everything in one loop", j.action.Name))
				return
			}
			j.cell.earlier.Add(j.cell.cursor.Swap(0))
		}
		from, first := j.cell.cursor.Load(), int64(0)
		for _, chunk := range j.pinned.chunks {
			end := first + int64(chunk.n)
			if end > from {
				b, err := j.fetch(ctx, chunk, first, max(first, from))
				if !yield(b, err) || err != nil {
					return
				}
			}
			first = end
		}
	}
}

// fetch reads the rows of a chunk, whose first key stands at base, from a place on.
func (j *Job) fetch(ctx context.Context, c chunk, base, from int64) (batch, error) {
	if err := j.halted(ctx); err != nil {
		return batch{}, err
	}
	keys, err := c.keys(len(j.source.Table().Key))
	if err != nil {
		return batch{}, err
	}
	keys = keys[from-base:]
	rows, err := j.source.Fetch(ctx, keys, j.scope)
	if err != nil {
		if ctx.Err() != nil {
			return batch{}, context.Cause(ctx)
		}
		return batch{}, fmt.Errorf("read rows: %w", err)
	}
	b := batch{rows: rows, first: from, end: base + int64(c.n)}
	if len(rows) < len(keys) {
		b.places = make([]int64, len(rows))
		at := 0
		for i, row := range rows { // in the order of keys
			for at < len(keys)-1 && !slices.Equal(keys[at], row.Key) {
				at++
			}
			b.places[i] = from + int64(min(at, len(keys)-1))
			at++
		}
	}
	return b, nil
}

// breath lets pages have the processor: a body that computes all the time would keep it for 10 ms at a stretch.
type breath struct {
	n    int
	last time.Time
}

func newBreath() breath { return breath{last: time.Now()} }

func (b *breath) take() {
	if b.n++; b.n%32 != 0 { // time.Now costs more than a row's bookkeeping
		return
	}
	if now := time.Now(); now.Sub(b.last) > time.Millisecond {
		runtime.Gosched()
		b.last = now
	}
}
