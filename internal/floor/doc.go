// Package floor is a room as an operator finds it on a bad day, for tests of the console in a browser and in a terminal.
//
//	Open ─► 500 jobs: 497 that hold, a needle, a walk that can be paused, a deaf one that ignores its cancel
//	     └► widgets on the dashboard: one whose actor failed once; Still stops one's actor, Flood floods another's
//
// It is the real stack, as package greenroomtest has it; what it holds is let go at the test's end.
package floor
