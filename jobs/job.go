package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"greenroom/widgets"
)

// Job is what a body says its progress to and learns about its run from. Its methods may be called from any goroutine of the body.
type Job struct {
	id     string
	action *Action
	user   *widgets.User
	source widgets.Reader
	scope  widgets.Filter
	pinned *pinned
	input  any
	log    *slog.Logger
	cell   cell

	vault     *vault
	dry       bool
	resumable bool
	attempt   int           // from 1
	asked     chan struct{} // closed when the body is asked to pause or to end
	walked    atomic.Bool   // a loop over the rows was begun
	journal   *journal      // of Tx; nil when runs are not remembered
	fenced    atomic.Bool   // the run was given up: what the body says is dropped

	mu       sync.Mutex
	ctx      context.Context //nolint:containedctx // the body's, for Go
	cancel   context.CancelCauseFunc
	helpers  int // goroutines of Go
	idle     sync.Cond
	returned bool
	failure  *outcome // the first helper's that failed
	left     []File   // that are stored, by name
}

// newJob makes the first attempt of a run.
func newJob(id string, req *Request, input any, log *slog.Logger, v *vault) *Job {
	j := &Job{
		id: id, action: &req.Action, user: req.User, source: req.Source, scope: req.Scope, input: input, log: log,
		vault: v, dry: req.DryRun, resumable: req.Action.Resumable, asked: make(chan struct{}),
	}
	j.idle.L = &j.mu
	return j
}

// again makes the next attempt, which goes on where this one stopped. The two share nothing that either writes.
func (j *Job) again(s Snapshot) *Job {
	next := &Job{
		id: j.id, action: j.action, user: j.user, source: j.source, scope: j.scope, pinned: j.pinned, input: j.input, log: j.log,
		vault: j.vault, dry: j.dry, resumable: j.resumable, asked: make(chan struct{}),
	}
	next.idle.L = &next.mu
	j.mu.Lock()
	next.left = slices.Clone(j.left)
	j.mu.Unlock()
	next.cell.seed(s, j.cell.cursor.Load())
	return next
}

// ask tells the body to pause or to end. The second is for good.
func (j *Job) ask(what int32) {
	if j.cell.asked.Swap(what) == 0 {
		close(j.asked)
	}
}

// fence drops what the body says from here on.
func (j *Job) fence() { j.fenced.Store(true) }

// ID is the run's ID: random, and unique everywhere.
func (j *Job) ID() string { return j.id }

// User is who started the run.
func (j *Job) User() *widgets.User { return j.user }

// Update says how far the body is: current of total, and a message that also becomes a line of the log. A negative number and an empty message leave
// what was. It costs well under 100 ns, at any rate and without allocating; pages see it at most ten times a second.
func (j *Job) Update(current, total int64, message string) { j.cell.update(current, total, message) }

// Advance adds to current.
func (j *Job) Advance(n int64) {
	j.cell.done.Add(n)
	j.cell.own()
}

// Set says how far the body is, without a message.
func (j *Job) Set(current, total int64) { j.cell.update(current, total, "") }

// Status offers a message. f is called only when somebody is about to look, at most ten times a second, so that a tight loop need not format what nobody
// reads. It adds no line to the log.
func (j *Job) Status(f func() string) { j.cell.status(f) }

// Log adds a line to the log, of which the last 50 are kept.
func (j *Job) Log(message string) { j.cell.log(message, false) }

// Logf is Log with a format, which costs its caller each time.
func (j *Job) Logf(format string, args ...any) { j.cell.log(fmt.Sprintf(format, args...), false) }

// failLogged is how many failed rows of a run go to the server's log with what was wrong.
const failLogged = 100

// Fail records that a row failed, and the run goes on. The page counts it and shows err's text if it is a UserError; anything else goes to the log of the
// server only. Up to 10,000 failed rows can be downloaded from the run's page. The key is a widgets.Key, or whatever names the row.
func (j *Job) Fail(key any, err error) {
	if j.fenced.Load() {
		return
	}
	name := fmt.Sprint(key)
	n := j.cell.failed.Add(1)
	text := "failed"
	if said, ok := err.(UserError); ok { //nolint:errorlint // only the outermost counts: what it wraps was not written for people
		text = string(said)
	} else if n <= failLogged {
		j.log.Warn("row failed", "job", j.id, "action", j.action.Name, "row", name, "err", err)
	}
	j.failed(n, name, text)
	j.cell.log("Row "+clip(name)+": "+text, false)
}

// Stopping reports whether the body is to return: the run was cancelled, or is to pause. It costs a nanosecond, for loops that do not look at their
// context.
func (j *Job) Stopping() bool { return j.cell.asked.Load() != 0 }

// Attempt counts from 1 how often the body was begun: more than 1 says that it goes on where an earlier one stopped.
func (j *Job) Attempt() int { return j.attempt }

// ItemKey is an idempotency key for one row of this run: hand it to a payment provider, so that a repeated row is paid once.
func (j *Job) ItemKey(key string) string { return j.id + ":" + key }

// Go runs f in a goroutine of the run: it is recovered, and the run has not ended before it returned. Its error or panic is the run's, and ends the context
// of the others. A goroutine that a body starts itself takes the whole process down when it panics.
func (j *Job) Go(f func(ctx context.Context) error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.returned {
		j.log.Error("jobs: Go was called after the body had returned", "job", j.id, "action", j.action.Name)
		return
	}
	j.helpers++
	// Runs a part of the body; the body's goroutine waits for it in settle.
	go func() {
		out := attempt(func() error { return f(j.ctx) }, func(out outcome) { j.helped(out) })
		j.helped(out)
	}()
}

// helped takes a helper's outcome. It runs in the helper's goroutine, also when that is being ended by Goexit.
func (j *Job) helped(out outcome) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if out.err != nil && j.failure == nil {
		j.failure = &out
		j.cancel(out.err)
	}
	if j.helpers--; j.helpers == 0 {
		j.idle.Broadcast()
	}
}

// outcome is how a function ended.
type outcome struct {
	err    error  // set whenever it did not end well
	reason string // ReasonPanic or ReasonGoexit, "" when it returned
	stack  []byte
}

var errGoexit = errors.New("runtime.Goexit was called")

// attempt runs f. It returns how f ended; when f ends the goroutine, nobody returns, and gone is told instead.
//
// There is one deferred function on purpose: a second one that recovers would take a panic for a return.
func attempt(f func() error, gone func(outcome)) (out outcome) {
	returned := false
	defer func() {
		switch r := recover(); {
		case returned:
		case r != nil:
			out = outcome{err: fmt.Errorf("panic: %v", r), reason: ReasonPanic, stack: debug.Stack()}
		default:
			gone(outcome{err: errGoexit, reason: ReasonGoexit, stack: debug.Stack()})
		}
	}()
	out.err = f()
	returned = true
	return out
}

// begin runs the body and its helpers to the end and tells done how it went, with what the cell held then.
func (j *Job) begin(ctx context.Context, body func(ctx context.Context) error, done func(outcome, final)) {
	end := func(out outcome) { done(j.settle(out)) }
	// The body; it ends when the action's function and its helpers have returned, and the worker is told by done.
	go func() { end(attempt(func() error { return body(ctx) }, end)) }()
}

// final is what the cell held when the body had returned. What a stray goroutine writes later changes nothing.
type final struct {
	numbers   numbers
	message   string
	log       []Line
	skipped   int
	exhausted bool
	result    string
	files     []File
}

// settle waits for the helpers.
func (j *Job) settle(out outcome) (outcome, final) {
	j.mu.Lock()
	if out.err != nil {
		j.cancel(out.err)
	}
	for j.helpers > 0 {
		j.idle.Wait()
	}
	j.returned = true
	if j.failure != nil && out.reason == "" && (out.err == nil || errors.Is(out.err, context.Canceled) || errors.Is(out.err, j.failure.err)) {
		out = *j.failure
	}
	j.mu.Unlock()
	f := final{numbers: j.cell.read(), exhausted: j.cell.exhausted.Load()}
	f.message, f.log, f.skipped = j.cell.lines(nil)
	f.result, f.files = j.cell.said(), j.files()
	return out, f
}
