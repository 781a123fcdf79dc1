// Package console is what an operator sees of a running room, and may do to it. It owns the numbers, their tables and the verbs; pages draw them for
// browsers, and the command draws them for terminals and scripts.
//
//	actors.Inspector ─┐                                        ┌─ widgets/pages: /console/, by a person with the right console.view
//	jobs.Supervisor ──┼─► sample ─► Report{Totals, Attention,  ┤
//	Pages, Traffic ───┤   at most    Table} for one Query      ├─ Serve: a Unix socket (0600) ─┐
//	Tail (warnings) ──┘   1 a second, and only while           └─ http: POST console/ask ──────┴─► Client: greenroom console
//	                      somebody asks
//	verbs: of a job, Kick (a sign-in), Follow (an actor) ─► right checked, written down, done
//
// One walk over the actors answers all who watch; it is repeated at the earliest after 130 times as long as it took.
//
// Nothing here runs by itself: without a watcher the console costs nothing. Serve runs until its context ends, and returns when its connections did.
package console
