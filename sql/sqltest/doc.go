// Package sqltest is what every engine behind package sql has to do alike. An engine's test opens a database with the tables of Schema and hands
// it to Exercise; whoever adds an engine adds its script to the folder schema and runs the same suite.
//
//	Exercise ─► reading   lists, cursors, search, filters, names, sums, pins
//	         ├► writing   insert, update, conflict, delete, refusals, changes
//	         ├► values    what goes in comes out
//	         └► hostile   names and inputs that mean harm
package sqltest
