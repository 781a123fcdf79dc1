package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"greenroom"
	"greenroom/examples/shop/seed"
	"greenroom/examples/shop/shop"
)

// demo is the shop: generated once, kept in one file, served with the declarations of examples/shop.
func demo(ctx context.Context, con console, args []string) error {
	f := flags(con, "demo", "Serve a shop that is generated on the spot: customers, products, orders. It is kept in one file between runs.")
	var o options
	orders := f.Int("orders", 10_000, "how many `N` orders a new shop has")
	reset := f.Bool("reset", false, "throw the shop away and make it anew")
	path := f.String("db", "", "`FILE` that keeps the shop (default: demo.db in your data folder)")
	delay := f.Duration("gateway-delay", 2*time.Millisecond, "`TIME` that the make-believe payment gateway takes for one refund")
	o.add(f)
	if err := parse(f, args); err != nil {
		return err
	}
	switch {
	case *orders < 1 || *orders > 100_000_000:
		return usagef("--orders %d: want 1 to 100,000,000", *orders)
	case *delay < 0:
		return usagef("--gateway-delay %s: want 0 or more", *delay)
	}
	file := pathOf(*path)
	if file == "" {
		var err error
		if file, err = dataFile("demo.db"); err != nil {
			return err
		}
	}
	if o.state == "" {
		o.state = file + ".state"
	}
	asked := false // for a number of orders, which a shop that is there may not have
	f.Visit(func(one *flag.Flag) { asked = asked || one.Name == "orders" })
	return host(ctx, con, o, func(ctx context.Context) (*greenroom.Room, *greenroom.Database, error) {
		if err := provide(ctx, con, file, *orders, *reset); err != nil {
			return nil, nil, err
		}
		db, err := greenroom.Open(ctx, "sqlite:"+file, greenroom.OpenConfig{App: "shop", WAL: true})
		if err != nil {
			return nil, nil, err
		}
		if asked {
			told(ctx, con, db, file, *orders)
		}
		cfg := shop.Declare(db, &shop.Gateway{Delay: *delay})
		cfg.State, cfg.Environment = o.state, "demo"
		o.apply(&cfg, con.err)
		return room(ctx, db, cfg)
	})
}

// told says so when the shop that is there has another size than was asked for.
func told(ctx context.Context, con console, db *greenroom.Database, file string, orders int) {
	table := db.Table("orders")
	if table == nil {
		return
	}
	rows, err := table.List(ctx, greenroom.Query{Order: []greenroom.Order{{Column: "id", Desc: true}}, Limit: 1, Select: []string{"id"}})
	if err != nil || len(rows.Rows) == 0 || rows.Rows[0].Key[0] == strconv.Itoa(orders) {
		return
	}
	fmt.Fprintf(con.err, "The shop in %s was made with about %s orders; --reset makes a new one with %d.\n", file, rows.Rows[0].Key[0], orders)
}

// provide makes the shop unless it is there. It is made beside its place and moved there whole, so that an interrupted run leaves nothing half-made.
func provide(ctx context.Context, con console, file string, orders int, reset bool) error {
	_, err := os.Stat(file)
	switch {
	case err == nil && !reset:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	began := time.Now()
	making := file + ".new"
	if err := remove(making); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+making)
	if err != nil {
		return err
	}
	last := time.Now()
	err = seed.Fill(ctx, db, seed.Options{Orders: orders, Progress: func(done, total int) {
		if time.Since(last) > time.Second {
			last = time.Now()
			fmt.Fprintf(con.err, "making the shop: %d of %d orders\n", done, total)
		}
	}})
	if err := errors.Join(err, db.Close()); err != nil {
		return errors.Join(fmt.Errorf("make the shop: %w", err), remove(making))
	}
	if err := remove(file); err != nil {
		return err
	}
	if err := os.Rename(making, file); err != nil {
		return err
	}
	fmt.Fprintf(con.err, "Made a shop of %d orders in %s (%s)\n", orders, file, time.Since(began).Round(100*time.Millisecond))
	return nil
}

// remove takes away a database file and what SQLite keeps beside it.
func remove(file string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(file + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
