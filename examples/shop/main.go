// Command shop is a program with a server of its own that embeds an admin below /admin.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"greenroom"
	"greenroom/examples/shop/seed"
	"greenroom/examples/shop/shop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listen := flag.String("listen", "127.0.0.1:8080", "`ADDRESS` to listen on")
	file := flag.String("db", "shop.db", "`FILE` that keeps the shop; it is made when it is not there")
	flag.Parse()
	if err := run(ctx, *listen, *file, os.Getenv("SHOP_PASSWORD")); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, listen, file, password string) error {
	if err := provide(ctx, file); err != nil {
		return err
	}
	db, err := greenroom.Open(ctx, "sqlite:"+file, greenroom.OpenConfig{App: "shop", WAL: true})
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // everything was written by then
	cfg := shop.Declare(db, &shop.Gateway{Delay: 2 * time.Millisecond})
	cfg.State = file + ".state"
	room, err := greenroom.New(ctx, cfg)
	if err != nil {
		return err
	}
	if password != "" {
		if err := room.SetPassword(ctx, "admin", password); err != nil {
			return errors.Join(err, room.Close(ctx))
		}
	}
	return serve(ctx, listen, room)
}

// serve runs the program's own server until ctx ends.
func serve(ctx context.Context, listen string, room *greenroom.Room) error {
	srv := &fasthttp.Server{Handler: func(c *fasthttp.RequestCtx) {
		if room.Owns(string(c.Path())) {
			room.Handle(c)
			return
		}
		c.SetContentType("text/html; charset=utf-8")
		c.SetBodyString(`<!doctype html><title>Shop</title><h1>The shop</h1><p><a href="/admin/">Its admin</a></p>`)
	}}
	room.Tune(srv)

	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return errors.Join(err, room.Close(ctx))
	}
	served := make(chan error, 1)
	// Serves until Shutdown closes the listener; its error is awaited below.
	go func() { served <- srv.Serve(ln) }()
	fmt.Printf("the shop is at http://%s/, its admin at http://%[1]s/admin/\n", ln.Addr())
	var failed error
	select {
	case failed = <-served:
	case <-ctx.Done():
	}
	// The admin first: pages hear that the server restarts, jobs stop at their next row, sockets close.
	limit, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return errors.Join(failed, room.Close(limit), srv.ShutdownWithContext(limit))
}

// provide makes the shop's file on the first run.
func provide(ctx context.Context, file string) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		return err
	}
	return errors.Join(seed.Fill(ctx, db, seed.Options{}), db.Close())
}
