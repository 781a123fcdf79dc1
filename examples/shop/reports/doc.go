// Package reports is a plugin for the shop's admin: two pages with charts and tables, entries for them in the navigation, and a card on the dashboard.
// It is what docs/plugins.md shows.
//
//	Plugin ─► pages, entries, cards     checked with everything else when the room is made
//	   └────► Ready                     looks for the tables that the reports need, once, before the first page is served
package reports
