// Package jobs owns bulk actions: what an action is, which rows it runs over, the actor that watches over one run, and the supervisor that admits,
// lists and forgets runs.
//
//	Start ─► permission ─► reserve ─► pin the keys ─► commit ─► worker actor ◄─ Cancel, Get
//	            │             │       (one read          │        │  ▲
//	        ErrDenied      ErrBusy     transaction)   ID, ack     │  │ cancel, sample, returned
//	                                                              ▼  │
//	supervisor actor: 500 runs, slots, queue, 100 ms tick ──► body goroutine: f(ctx, *Job, Rows[R], In)
//	                                                              │ Update, Advance, Log, Fail: a few atomics, never a message
//	                                                              ▼
//	Topic(id) ◄── Snapshot (≤ 10/s, each change of state, exactly one final) ◄── cell
//
// A run's state is touched by its worker actor only, along the table in state.go: each verb names the states it works in, and is compared with (state,
// epoch, step) before it is set. Its body runs in a goroutine of its own, in an epoch: what one of an older epoch says is not heard. Cancel is a message:
// the context ends with ErrCancelled, the state is cancelling until the body really returned, and only then cancelled. A body that ignores it keeps its
// slot, is shown as stuck after 10 s, and is never forgotten; a supervisor may give it up, which ends its epoch and leaves its slot and rows taken.
//
// A Resumable run can be paused, and resumed when it failed: the next attempt is another Job, whose rows begin behind the cursor. An action with Unique
// never has two unfinished runs with a row in common. What a run leaves to download stays in the vault for an hour after it was forgotten.
//
// The supervisor holds at most Config.Keep runs. Finished ones leave Config.Retain after their body returned, or earlier, least recently used first,
// when room is needed; unfinished ones never leave. When all are unfinished, Start refuses with ErrBusy.
//
// Keys are pinned before Start returns: rows that come later are not touched, and a selection that cannot be read is an error, never an empty run.
// While the body runs, rows are read again in chunks, so it sees them fresh; those that vanished, or that the person may no longer see, are counted.
//
// With a Store (Remember), a run outlives its process:
//
//	Start ─► Create ─► worker ─step─► keeper goroutine ─► Store ◄─ History, Get of what is no longer here
//	                     ▲              │  once a second: Save of all bodies; five times a lease: Renew, Claim
//	                     └── stored ────┘  what a dead process left: goes on from its cursor, or ends as ReasonNodeLost
//
// What a worker says of a step waits until the step is stored. A run belongs to the process that wrote its newest epoch; whoever hears ErrFenced has lost it.
//
// What a page may see is a Snapshot. What went wrong stays in the log, under the incident that the Snapshot names, unless it is a UserError.
//
// Who stops what: a body's goroutine ends when the body returns, and the worker waits for it; Drain cancels every body and waits for all; the actors end
// with the actors.System.
package jobs
