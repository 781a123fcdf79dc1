// Package peers measures greenroom beside others, in one run and with the same templates and data. It is a module of its own, so that nothing of
// theirs is among greenroom's requirements.
//
//	bench/workload ─► greenroom      render and diff
//	               ├► html-template  execute the whole; it does not say what changed
//	               └► jfyne-live     its RenderSocket: execute, parse, compare with the last parse, encode the patches
package peers
