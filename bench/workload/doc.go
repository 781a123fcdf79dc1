// Package workload holds the updates that view engines are measured with: a template, and two states between which one thing changes.
//
//	All() ─► Workload{Name, Template, States} ─► each engine renders one state, then the other, and says what changed
//
// Root and peer benchmarks use the same ones, so that their numbers can be set side by side.
package workload
