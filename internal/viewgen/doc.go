// Package viewgen makes what package view is tested with: random templates, states for them to show, and changes of these. All of it is dealt out of
// bytes, so that a fuzzer can steer it and a seed brings it back.
//
//	bytes ──► Dice ──Template──► text of a template and all that it calls
//	           ├─────State─────► what it shows: a field for each kind of value that html/template treats its own way
//	           ├─────Change────► a state that differs a little, in rows by insert, remove, move and change at once
//	           └──Sequences────► the same as JSON, with live HTML and diffs, for a browser to apply (e2e)
//
// What it deals is awkward on purpose: carriage returns, NUL, broken UTF-8, comments, values that are markup, branches that open what others close.
package viewgen
