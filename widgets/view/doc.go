// Package view turns an html/template into something that can be compared: a Tree holds what one execution put between
// the template's own text, and the difference of two Trees is a short list of the DOM parts that changed.
//
//	                  once a template and type of data                              each render
//
//	template ─► source.go   clone, inline every {{template}} call,      data ─► machine.go   programs fill the slots
//	            │           let html/template escape it                          │   └─ slow.go: what has no program,
//	            ▼                                                                │      by html/template's executor
//	            lex.go      the escaped nodes as tags and texts                  ▼
//	            ▼                                                             Tree = layout + bytes + nodes (record.go)
//	            element.go  which element holds what; islands                    │
//	            ▼                                                                ├─ AppendHTML  byte for byte html/template's
//	            verify.go   does a parser see the same elements?                 ├─ AppendLive  the same with markers
//	            ▼                                                                └─ AppendDiff  against an earlier Tree
//	            types.go    can this value be markup?                                │
//	            ▼                                                                    ├─ diff.go, value.go   parts
//	            plan.go     blocks, slots, part numbers, markers                     └─ list.go             rows
//	            ▼
//	            compile.go  programs (program.go, spot.go);   standard.go  the same by html/template's executor
//
// html/template does the parsing and all escaping, through its public API; only its executor is replaced. The standard
// executor stays: standard.go drives it over the same layout, is the measure that the machine is tested against, and
// takes over whenever the machine gives up, so that every error is html/template's own.
//
// The wire, markers and diffs, is described in docs/protocol.md 3 and 4. Package viewtest applies diffs in Go.
//
// # What becomes which part
//
// Text with everything next to it is one part, an attribute with all that is mixed into its value another. An if, with
// or range that holds elements is one, with parts of its own inside. Where the structure cannot be told from the
// template (a branch that opens an element and does not close it, an action in a tag's name, HTML that a parser would
// move elsewhere), the nearest enclosing element becomes an island: what is inside it is replaced as a whole. Without
// such an element the whole widget is. Template.Notes says where that is the case.
//
// A value in text that may be template.HTML is sent as markup: one whose static type is HTML or an empty interface, or
// that a function of unknown type made (see Compile). It has to fit where it stands: a <div> in a <p> ends the <p>, in
// the page as well as in a patch, and then the two differ.
//
// Rows are matched by data-key="{{…}}" on the row's single root element, else by what is in them. Spaces around such rows
// are left out of the live HTML where they do not show. Rows of a range with break or continue in it (outside of
// elements) are replaced when anything in them changes.
package view
