// Package http puts an admin on a fasthttp server. Importers call it grhttp; it exports no name that net/http has.
//
//	request ─► route table ─► guard (who, may he) ─► pages build a Page ─► session.Open ─► HTML with markers and a page token
//	POST    ─►      "              "         + CSRF ─►       "                 "        ─► event ─► 303, or the page as it is then
//	upgrade ─► origin, sign-in ─► socket ─attach(token)─► the same session; frames in, patches out
//
// Every route stands in one table (routes.go) with what it needs; the guard (guard.go) decides for HTTP and socket alike. Nothing of a
// fasthttp.RequestCtx outlives its handler: what is kept is copied where it is read.
//
// A Gate can stand on a server of the embedder's (Handle), which must have been set up by Tune, or on its own (Serve).
package http
