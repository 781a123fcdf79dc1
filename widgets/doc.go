// Package widgets owns what a widget is, where it may stand, and the actor that runs one.
//
// A Widget is a declaration: a name, a template, Mount that loads a state, and handlers that turn a state and an event into the next state.
// A page that shows it gets an instance, which is an actor:
//
//	event ─► mailbox ─► one task at a time ─► new state ─► view.Render ─► Render{Tree, Diff} ─► Sink (a session's outbox)
//	topic ─►    │        (handler, SQL, …      │
//	timer ─►    │         outside Receive)     └ a handler that fails leaves the state as it was; one that panics restarts the
//	viewers ─►  │                                instance with back-off and shows an error card
//
// The state is touched by the instance's actor and by its one running task only. Trees are immutable and shared: a Shared widget renders
// once for all its viewers.
//
// The package also holds the two ports that the rest of the house meets on: Source (a table that can be read and written, implemented by package
// sql) and Decider (who may do what, implemented by package http's guard).
package widgets
