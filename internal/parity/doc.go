// Package parity holds package view to the standard library's own tests of its templates. The tests are never part of this
// repository: they are taken from the Go that builds it, so a new Go brings new tests.
//
//	GOROOT/src/{html,text}/template/*_test.go
//	      │ suite.go: copied to a temporary folder, package and imports ours, what needs unexported names left out by name
//	      ▼
//	html/, text/: packages named template with the standard API          overlay: no file of theirs enters the tree
//	      │ each Execute runs the standard library, whose output the test judges as it always did, and then …
//	      ▼
//	compare.go: … the same template and data by package view: the bytes, and whether there is an error, must be the same
//	      ▼
//	report.go: how much was compared, by which engine it was executed, and what was left out and why
//
// Tests of text/template are executed twice: as text, for the test to judge, and their templates and data again as
// html/template and package view draw them.
package parity
