// Package console is what an operator sees of a running room, and may do to it. It owns the numbers, their tables and the verbs; pages draw them for
// browsers, and the command draws them for terminals and scripts.
//
//	actors.Inspector ─┐                                        ┌─ widgets/pages: /console/, by a person with the right console.view
//	jobs.Supervisor ──┼─► sample ─► Report{Totals, Attention,  ┤
//	Pages, Traffic ───┘   at most    Table} for one page       └─ Serve: a Unix socket (0600) ─► Client: greenroom console
//	                      1 a second, and only while somebody asks
//	verbs: Cancel (a job), Kick (a sign-in) ─► right checked, logged, done
//
// Nothing here runs by itself: without a watcher the console costs nothing. Serve runs until its context ends, and returns when its connections did.
package console
