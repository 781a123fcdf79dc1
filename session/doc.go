// Package session keeps one actor for each open page.
//
//	page GET ─► Registry.Open ─► session actor ─► one child a widget ─mount─► Render ─┐
//	                                                                                  ▼
//	socket ─frame─► Session.Frame ─► the widget's mailbox ─► handler ─► Render ─► outbox ─one write─► socket
//	           (checked against the page's immutable table; one hop)        (newest Render a widget;
//	                                                                         a slow page skips, never queues)
//
// A session that nobody attached to within Config.Attach ends; one whose socket went away is kept for Config.Keep, in which the same page may
// attach again and go on where it was. One socket a session: the newest wins.
//
// The table of a session (its widgets, their declared events) is fixed before the page's HTML leaves the server. What remains is touched by the
// session's actor only, with one exception that has a mutex: the outbox, which whoever renders pushes into and flushes.
package session
