// Package target is the server that "greenroom bench" starts as a child process and measures: an admin of a small SQLite file in a folder of its own, with
// exactly the widgets that a scenario needs, and a control line protocol on standard input and output.
//
//	bench/load ─ command line ─► stdin ─► Run ─► stdout ─ one JSON line for each command ─► bench/load
//
// It ends with its standard input, so it does not outlive whoever started it.
package target
