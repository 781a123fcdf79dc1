// Package peers measures greenroom beside others, in one run and with the same templates and data. It is a module of its own, so that nothing of
// theirs is among greenroom's requirements.
//
// BenchmarkUpdate is an update of a widget, BenchmarkJob what a bulk action needs of whoever runs it. The command in live measures jfyne/live over its socket, and
// django/admin.py Django's stock admin on the shop; bench/report runs all of it beside greenroom.
//
//	bench/workload ─► greenroom      render and diff
//	               ├► html-template  execute the whole; it does not say what changed
//	               └► jfyne-live     its RenderSocket: execute, parse, compare with the last parse, encode the patches
package peers
