package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"greenroom/widgets"
)

// EachOption is a limit of Each.
type EachOption func(*limits)

type limits struct {
	parallel int
	gap      time.Duration // between the beginnings of two rows
	failures int64
}

// Parallel lets n rows be worked on at a time. Zero or less means 1.
func Parallel(n int) EachOption { return func(l *limits) { l.parallel = n } }

// Rate begins at most so many rows a second, all goroutines together. Zero or less means no limit.
func Rate(perSecond float64) EachOption {
	return func(l *limits) {
		if l.gap = 0; perSecond > 0 {
			l.gap = time.Duration(float64(time.Second) / perSecond)
		}
	}
}

// MaxFailures ends the loop with an error once so many rows have failed. Zero or less means never.
func MaxFailures(n int64) EachOption { return func(l *limits) { l.failures = n } }

// ahead is how many rows Parallel may be ahead of the oldest that is not done: as many may be done again when the process dies.
const ahead = 1000

// Each calls f for every row, as a loop over Rows.All would. A row for which f returns an error has failed, see Job.Fail, and the others go on. Each returns
// when no call is under way any more: nil after the last row, else why it ended, which the body returns.
//
// A run that is paused, or that fails, goes on with the first row that was not done. With Parallel, rows behind it may be done already: up to 1,000 are done
// again, though only if a call panicked or the process died.
func Each[R any](ctx context.Context, rows Rows[R], f func(ctx context.Context, row R) error, options ...EachOption) error {
	var l limits
	for _, o := range options {
		o(&l)
	}
	j := rows.job
	e := &walk{job: j, limits: l, done: map[int64]bool{}}
	e.moved.L = &e.mu
	call := func(ctx context.Context, raw widgets.Row) error {
		row, err := rows.read(raw)
		if err == nil {
			err = f(ctx, row)
		}
		return e.failed(ctx, raw.Key, err)
	}
	j.cell.exhausted.Store(false)
	var err error
	if l.parallel > 1 {
		err = e.parallel(ctx, call)
	} else {
		err = e.serial(ctx, call)
	}
	if err == nil {
		j.cell.exhausted.Store(true)
	}
	return err
}

// walk is one run of Each.
type walk struct {
	job      *Job
	limits   limits
	failures int64 // of this attempt
	next     time.Time

	mu    sync.Mutex
	moved sync.Cond
	low   int64          // place of the oldest row that is not done
	done  map[int64]bool // places behind low that are: true of a row, false of one that has vanished
	err   error          // ends the loop
}

func (e *walk) serial(ctx context.Context, call func(context.Context, widgets.Row) error) error {
	c := &e.job.cell
	breath := newBreath()
	for b, err := range e.job.batches(ctx) {
		if err != nil {
			return err
		}
		for i := range b.rows {
			if err := e.wait(ctx); err != nil {
				return err
			}
			c.hand.Store(b.place(i) + 1)
			if err := call(ctx, b.rows[i]); err != nil {
				return err
			}
			c.pass(&b, i)
			if e.err != nil {
				return e.err
			}
			breath.take()
		}
		c.skip(b.end)
	}
	return nil
}

type task struct {
	row   widgets.Row
	place int64
}

func (e *walk) parallel(ctx context.Context, call func(context.Context, widgets.Row) error) error {
	tasks := make(chan task)
	var working sync.WaitGroup
	for range e.limits.parallel {
		working.Add(1)
		e.job.Go(func(context.Context) error {
			defer working.Done()
			for t := range tasks {
				if err := call(ctx, t.row); err != nil {
					e.end(err)
					continue // the others' rows are still to be counted
				}
				e.settle(t.place, true)
			}
			return nil
		})
	}
	e.end(e.feed(ctx, tasks))
	close(tasks)
	working.Wait()
	if err := e.ended(); err != nil {
		return err
	}
	return context.Cause(e.job.ctx) // a call panicked
}

// feed hands out the rows.
func (e *walk) feed(ctx context.Context, tasks chan<- task) error {
	begun := false
	for b, err := range e.job.batches(ctx) {
		if err != nil {
			return err
		}
		if !begun {
			e.low, begun = b.first, true // nobody else looks at it yet
		}
		at := b.first
		for i := range b.rows {
			place := b.place(i)
			e.vanish(at, place)
			at = place + 1
			if err := e.room(ctx, place); err != nil {
				return err
			}
			select {
			case tasks <- task{b.rows[i], place}:
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-e.job.ctx.Done():
				return context.Cause(e.job.ctx)
			}
		}
		e.vanish(at, b.end)
	}
	return nil
}

// room waits until a row may begin.
func (e *walk) room(ctx context.Context, place int64) error {
	if err := e.wait(ctx); err != nil {
		return err
	}
	wake := context.AfterFunc(e.job.ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.moved.Broadcast()
	})
	defer wake()
	e.mu.Lock()
	defer e.mu.Unlock()
	for place-e.low >= ahead && e.err == nil && e.job.ctx.Err() == nil {
		e.moved.Wait()
	}
	return e.err
}

// settle notes that a row is done, and moves the cursor over all that are done in a row.
func (e *walk) settle(place int64, row bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.done[place] = row
	c := &e.job.cell
	for {
		row, done := e.done[e.low]
		if !done {
			break
		}
		delete(e.done, e.low)
		if e.low++; row {
			c.cursor.Store(e.low)
		} else {
			c.skip(e.low)
		}
	}
	e.moved.Broadcast()
}

func (e *walk) vanish(from, to int64) {
	for ; from < to; from++ {
		e.settle(from, false)
	}
}

// failed takes a row's error: it is the row's own, unless the run is to end.
func (e *walk) failed(ctx context.Context, key widgets.Key, err error) error {
	switch {
	case err == nil:
		return nil
	case isStop(err) && (ctx.Err() != nil || e.job.Stopping()):
		return err
	}
	e.job.Fail(key, err)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failures++; e.limits.failures > 0 && e.failures >= e.limits.failures && e.err == nil {
		e.err = UserError(fmt.Sprintf("Stopped: %s rows failed.", grouped(e.failures)))
	}
	return nil
}

// end keeps the first reason to end.
func (e *walk) end(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
	}
	e.moved.Broadcast()
}

func (e *walk) ended() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// wait keeps the rate. It ends early when the run is to pause or to end.
func (e *walk) wait(ctx context.Context) error {
	if err := e.job.halted(ctx); err != nil || e.limits.gap == 0 {
		return err
	}
	now := time.Now()
	if rest := e.next.Sub(now); rest > 0 {
		timer := time.NewTimer(rest)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-e.job.asked:
		}
		if err := e.job.halted(ctx); err != nil {
			return err
		}
	}
	if late := now.Add(-100 * time.Millisecond); e.next.Before(late) {
		e.next = late // what was missed is not made up for
	}
	e.next = e.next.Add(e.limits.gap)
	return nil
}
