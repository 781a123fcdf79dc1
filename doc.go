// Package greenroom is an admin for people who run a business on a SQL database, and for the programs they embed it in: every page is live,
// every connected page, widget and bulk job is an actor.
//
//	db, err := greenroom.Open(ctx, "sqlite:shop.db", greenroom.OpenConfig{})   // any existing database; its catalogue is the configuration
//	room, err := greenroom.New(ctx, greenroom.Config{DB: db, State: "admin-state.db"})
//	srv := &fasthttp.Server{Handler: handler}                                  // a server of the program's own …
//	room.Tune(srv)                                                             // … set up so that sockets can live on it
//
//	func handler(ctx *fasthttp.RequestCtx) {
//		if room.Owns(string(ctx.Path())) {
//			room.Handle(ctx)
//			return
//		}
//		…
//	}
//
// What is declared refines what was introspected: Models name columns, filters, widgets and actions; New checks it all once and reports every fault
// with the name of the thing and what to do. This package is the face: it wires the others together and has no logic of its own.
//
//	greenroom ─► http ─► session, sql, widgets/pages ─► jobs ─► widgets ─► widgets/view, actors
package greenroom
