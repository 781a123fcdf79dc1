// Package hostile tries what somebody would who wants more than they may have: on real sockets, against a whole server, with a sign-in of little worth
// or none. Every test holds three things: the attempt is refused, the database is as it was, and whoever runs the server can read of it in the audit
// or the log.
//
// What each person may open and send in peace is permissions_test.go's; this package is about what no page of ours would send.
package hostile
