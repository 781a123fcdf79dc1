// Package sql owns everything that knows a database: its schema, its list queries, its records, and the files of our own state.
//
//	                 ┌──────────── Database ────────────┐
//	DSN ─► Connect ─►│ catalogue ─► shapes (immutable)  │─► Tables ─► *Table, which is a widgets.Source
//	                 │                                  │
//	List, Count … ──►│ read pool   many, read-only      │   Query ─► where · search · keyset ─► squirrel ─► text values
//	Insert, Update ─►│ write pool  one, BEGIN IMMEDIATE │   check ─► compare ─► write ─► commit ─► OnChange
//	Watch ──────────►│ data_version, every interval     │─► OnChange, when another program committed
//	                 └──────────────────────────────────┘
//
// Three rules hold everywhere. Names reach a statement only as an ident, which is made from the catalogue and never from a request. Values are
// always arguments. What a column holds is read as it is stored, as text, and typed by the column: a 64-bit integer, a decimal or a date
// comes back as it went in.
//
// Nothing here runs in the background: Watch is a loop in the goroutine of whoever calls it, and Close ends it.
//
// Importers write grsql, since a program that embeds greenroom has database/sql at hand too.
package sql
