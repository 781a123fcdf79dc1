// Package viewtest is a page without a browser: it takes a widget's live HTML and applies diffs to it, as
// http/client/src/patch.js does. It follows docs/protocol.md 3 and 4 to the letter and checks what a browser would
// pass over, so that it can serve as the reference.
//
//	live HTML ──Parse──► Page ──HTML, Plain──► one spelling for one DOM
//	                      ▲
//	diff ─────────Apply───┘
package viewtest
