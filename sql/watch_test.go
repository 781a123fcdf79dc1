package sql_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// TestWatch hears of another program's commits and not of ours, on files of both kinds.
func TestWatch(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"delete", "wal"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			path := made(t, "PRAGMA journal_mode = "+mode+"; CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT); CREATE TABLE b (id INTEGER PRIMARY KEY)")
			heard := make(chan widgets.Change, 1000)
			db := connect(t, path, grsql.Config{OnChange: func(c widgets.Change) { heard <- c }})
			var watching sync.WaitGroup
			watching.Go(func() {
				if err := db.Watch(t.Context(), time.Millisecond); err != nil {
					t.Error(err)
				}
			})
			t.Cleanup(watching.Wait)
			next := func() string {
				select {
				case c := <-heard:
					return fmt.Sprint(c.Op, c.Table, c.Keys)
				case <-time.After(20 * time.Second):
					return "nothing"
				}
			}
			for i := range 20 {
				if _, err := db.Table("a").Insert(t.Context(), text("t", fmt.Sprint(i))); err != nil {
					t.Fatal(err)
				}
				if got, want := next(), fmt.Sprintf("insertmain.a[%d]", i+1); got != want {
					t.Fatalf("own commit: %s, want %s", got, want)
				}
			}
			// The watch may have begun by now or not: write until it is heard, then once more.
			for begun := false; !begun; {
				run(t, path, "INSERT INTO b DEFAULT VALUES")
				select {
				case <-heard:
					begun = true
				case <-time.After(50 * time.Millisecond):
				}
			}
			drain(heard)
			run(t, path, "INSERT INTO b DEFAULT VALUES; CREATE TABLE c (id INTEGER PRIMARY KEY)")
			got := []string{next(), next(), next()}
			for len(heard) > 0 { // two commits may be heard one by one
				got = append(got, next())
			}
			slices.Sort(got)
			if !slices.Contains(got, "main.a[]") || !slices.Contains(got, "main.b[]") {
				t.Errorf("another program's commit: %q", got)
			}
			deadline := time.Now().Add(20 * time.Second)
			for db.Table("c") == nil && time.Now().Before(deadline) {
				time.Sleep(time.Millisecond)
			}
			if db.Table("c") == nil {
				t.Error("a new table is not seen")
			}
			drain(heard)
			for range 50 {
				if err := db.Write(t.Context(), nil, func(tx *sql.Tx) error { _, err := tx.Exec("INSERT INTO b DEFAULT VALUES"); return err }); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(50 * time.Millisecond)
			n := 0
			for len(heard) > 0 {
				n++
				if got := next(); got != "main.b[]" {
					t.Errorf("own commit: %s", got)
				}
			}
			if n != 50 {
				t.Errorf("50 own commits were told %d times", n)
			}
		})
	}
}

func drain(c chan widgets.Change) {
	for quiet := time.Now(); time.Since(quiet) < 100*time.Millisecond; {
		select {
		case <-c:
			quiet = time.Now()
		default:
			time.Sleep(time.Millisecond)
		}
	}
}

func TestWatchEnds(t *testing.T) {
	t.Parallel()
	db := connect(t, made(t, "CREATE TABLE a (id INTEGER PRIMARY KEY)"), grsql.Config{})
	done := make(chan error, 2)
	ctx, stop := context.WithCancel(t.Context())
	go func() { done <- db.Watch(ctx, time.Millisecond) }() // ends with ctx, and the test waits for it
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	go func() { done <- db.Watch(t.Context(), time.Millisecond) }() // ends with Close, and the test waits for it
	time.Sleep(10 * time.Millisecond)
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
