// Package actors runs the house's actors: it is the only importer of protoactor-go and hides what is sharp about it.
//
//	Config ─► New ─► System ─┬─ Group "sessions" ─┬─ actor ─┬─ child     an actor's id is its path: sessions/p1/orders
//	                         │                    │         └─ child     children end before their parent does
//	                         │                    └─ actor
//	                         ├─ Group "shared"
//	                         ├─ Group "jobs"          Close ends groups, and actors in a group, in reverse order of creation
//	                         ├─ topics                Publish ─► News to each subscriber
//	                         ├─ clock                 After, and the restarts' back-off; nothing fires after Close
//	                         ├─ records               what rarely happens: the last dead letters and failures; Inspector looks at all actors when asked
//	                         └─ events                spawned, ended, failed, restarted, gave up, dead letter ─► Events
//
// One message's way:
//
//	Send ─► mailbox (unbounded; never blocks) ─► invoker ─► shell ─► Actor.Receive(Context)
//	                                               │ counts it, catches its panic with the stack, and refuses what comes after Stopping
//	                                               ▼ panic
//	                         guardian: restart with back-off 50 ms, 100 ms … 5 s; after 10 failures in a row it gives up: the actor ends,
//	                         its parent gets ChildEnded. Queued messages survive a restart, the failing one and all children do not.
//
// Who stops what: Stop and StopWait end an actor once the messages queued before them were handled; Context.Stop ends the actor itself after the
// message in hand; an actor that ends first ends its children; Close ends everything. An actor owns no goroutine while it is idle, and nothing
// here waits except Ask, StopWait and Close, which must not be called from inside a Receive.
package actors
