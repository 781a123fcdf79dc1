// Package pages holds the admin's own pages: dashboard, list, form, delete, progress, and the plain documents around and beside them.
//
//	Site ─Prepare─► checked, compiled          in (who, where) ─► ListPage(in, model) ─► widgets.Page ─► session
//	                     │                                                                    │
//	                     └─ one Class a page kind and model, shared by all requests ◄─────────┘
//
// Each page has one main widget whose state is loaded by Mount from In and changed by its events; a form posted without JavaScript reaches the same
// handlers. What a person may see or do is asked of the Decider when a page loads and again by every handler that acts; hidden columns are absent
// from queries, not only from markup. A list's whole state stands in its address.
//
// The package reads and writes through widgets.Source, starts jobs through jobs.Supervisor, and knows neither SQL nor HTTP.
package pages
