// Package arch reads the source of a module, without building it, and tells where it breaks the rules of the house.
//
//	fs.FS ─Load─► Tree ─► Ladder · Owners · Goroutines · Inits · Comments · Paths · Snippets ─► one line a fault: "file:line: what, and what to do"
//
// The rules themselves are data and stand where they are enforced, in arch_test.go at the root. A Tree holds the Go files that are built;
// tests may import what they like, so they are left out, and so is everything under testdata and node_modules.
package arch
