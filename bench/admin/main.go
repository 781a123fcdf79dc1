// Command admin says what the admin's pages cost on a large table: the server's CPU time and allocations for a list at its first page and deep inside, as a page and
// as a difference over the socket, for a search, a form and a save, beside what was promised.
//
//	go run ./bench/admin [--orders 1000000] [--db FILE] [--runs 200] [--only TEXT] [--profile FOLDER]
//
// Server and client are one process, so that each figure holds the client's part too, which reads and does not parse: 0.05 to 0.1 ms a request. Nothing is
// declared but the list's order and what it searches. The file is made when it is not there, which takes a minute, and kept.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"greenroom"
	"greenroom/examples/shop/seed"
)

func main() {
	orders := flag.Int("orders", 1_000_000, "how many orders the `TABLE` has, when it is made")
	file := flag.String("db", filepath.Join(os.TempDir(), "greenroom-bench-admin.db"), "the `FILE` that keeps them")
	runs := flag.Int("runs", 200, "how often each is asked for")
	only := flag.String("only", "", "measure what has this `TEXT` in its name")
	profile := flag.String("profile", "", "write profiles of CPU and allocations to `FOLDER`")
	flag.Parse()
	if err := run(context.Background(), *file, *orders, *runs, *only, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "admin:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string, orders, runs int, only, profile string) error {
	if err := provide(ctx, file, orders); err != nil {
		return err
	}
	db, err := greenroom.Open(ctx, "sqlite:"+file, greenroom.OpenConfig{App: "shop", WAL: true})
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // a benchmark's
	dir, err := os.MkdirTemp("", "greenroom-bench-admin")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a benchmark's
	room, err := greenroom.New(ctx, greenroom.Config{
		DB: db, State: filepath.Join(dir, "state.db"), Console: "-", Log: slog.New(slog.DiscardHandler), Watch: -1,
		Models: []greenroom.Model{{
			Table: "orders", Title: "{number}",
			List: greenroom.List{Sort: []string{"-created_at"}, Search: []string{"number", "note"}},
		}},
	})
	if err != nil {
		return err
	}
	defer room.Close(ctx) //nolint:errcheck // a benchmark's
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- room.Serve(ln) }() // ends with the Room
	const password = "correct horse battery"
	if err := room.SetPassword(ctx, "admin", password); err != nil {
		return err
	}
	c, err := signIn(ln.Addr().String(), "admin", password)
	if err != nil {
		return err
	}
	tasks, err := tasks(ctx, db, c)
	if err != nil {
		return err
	}
	end, err := profiles(profile)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "what\tCPU ms\tworst ms\tpromised\tallocations\tKiB\t")
	missed := 0
	for _, task := range tasks {
		if !strings.Contains(task.name, only) {
			continue
		}
		do, err := task.begin()
		if err != nil {
			return fmt.Errorf("%s: %w", task.name, err)
		}
		f, err := measure(do, runs)
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", task.name, err), out.Flush())
		}
		verdict := fmt.Sprintf("≤ %g", task.most)
		if f.cpu > task.most {
			verdict += " MISSED"
			missed++
		}
		fmt.Fprintf(out, "%s\t%.2f\t%.2f\t%s\t%.0f\t%.0f\t\n", task.name, f.cpu, f.worst, verdict, f.allocations, f.kib)
	}
	if err := errors.Join(out.Flush(), end()); err != nil {
		return err
	}
	if missed > 0 {
		return fmt.Errorf("%w: %d of %d", errMissed, missed, len(tasks))
	}
	return nil
}

// errMissed says that something cost more than was promised.
var errMissed = errors.New("bars are missed")

// provide makes the shop when it is not there.
func provide(ctx context.Context, file string, orders int) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	fmt.Fprintf(os.Stderr, "making %d orders in %s\n", orders, file)
	db, err := sql.Open("sqlite", "file:"+file+".part?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)")
	if err != nil {
		return err
	}
	if err := errors.Join(seed.Fill(ctx, db, seed.Options{Orders: orders}), db.Close()); err != nil {
		return err
	}
	return os.Rename(file+".part", file)
}
