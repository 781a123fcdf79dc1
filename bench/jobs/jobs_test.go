package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom/actors"
	"greenroom/jobs"
	grsql "greenroom/sql"
	"greenroom/sql/sqltest"
	"greenroom/widgets"
)

// numbered is the table that actions run over, of 10,000 rows.
const numbered = `CREATE TABLE items (id INTEGER PRIMARY KEY, state VARCHAR(10) NOT NULL);
	INSERT INTO items WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i, 'open' FROM n`

type item struct {
	ID    int64  `db:"id"`
	State string `db:"state"`
}

var clerk = &widgets.User{ID: "clerk", Name: "Clerk", Super: true}

// house is a supervisor on a database.
type house struct {
	db  *grsql.Database
	sup *jobs.Supervisor
	sys *actors.System
}

// stores are where runs are remembered, by how the database is made.
var stores = []struct {
	name   string
	memory bool // runs are not remembered
	on     sqltest.Server
}{{name: "memory", memory: true}, {name: "SQLite"}, {name: "PostgreSQL", on: sqltest.PostgreSQL}, {name: "MariaDB", on: sqltest.MariaDB}}

// build makes a house; a server that is not there skips the benchmark.
func build(b *testing.B, on sqltest.Server, memory bool) *house {
	b.Helper()
	var dsn string
	if on.Name == "" {
		dsn = filepath.Join(b.TempDir(), "items.db")
		plain, err := sql.Open("sqlite", "file:"+dsn)
		if err != nil {
			b.Fatal(err)
		}
		_, err = plain.ExecContext(b.Context(), `PRAGMA journal_mode = wal; `+numbered)
		if err := errors.Join(err, plain.Close()); err != nil {
			b.Fatal(err)
		}
	} else {
		statements := numbered
		if on.Name == sqltest.MariaDB.Name {
			statements = "SET max_recursive_iterations = 20000; " + statements
		}
		dsn = on.Made(b, statements)
	}
	db, err := grsql.Connect(b.Context(), dsn, grsql.Config{})
	if err != nil {
		b.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	h := &house{db: db, sys: actors.New(actors.Config{Logger: log})}
	h.sup = jobs.NewSupervisor(h.sys, jobs.Config{Log: log, Retain: time.Millisecond, UnfinishedPerUser: 500})
	if !memory {
		store, err := db.Jobs(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		h.sup.Remember(store, nil)
	}
	b.Cleanup(func() {
		if err := errors.Join(h.sup.Drain(context.Background()), h.sys.Close(context.Background()), db.Close()); err != nil {
			b.Error(err)
		}
	})
	return h
}

// BenchmarkStart is from the call of Start, over 25 rows, until the body runs.
func BenchmarkStart(b *testing.B) {
	latency(b, func(began, _ time.Duration) time.Duration { return began })
}

// BenchmarkCancel is from the return of Cancel, which a person sees, until the body's context has ended; zero when that came first.
func BenchmarkCancel(b *testing.B) {
	latency(b, func(_, ended time.Duration) time.Duration { return ended })
}

// latency runs and cancels an action again and again, and reports what pick picks of it.
func latency(b *testing.B, pick func(began, ended time.Duration) time.Duration) {
	b.Helper()
	for _, store := range stores {
		b.Run(store.name, func(b *testing.B) {
			h := build(b, store.on, store.memory)
			began, ended := make(chan time.Time, 1), make(chan time.Time, 1)
			wait := jobs.On(jobs.Action{Name: "wait", MaxConcurrent: 100}, func(ctx context.Context, _ *jobs.Job, _ jobs.Rows[item], _ struct{}) error {
				began <- time.Now()
				<-ctx.Done()
				ended <- time.Now()
				return nil
			})
			keys := make([]widgets.Key, 25)
			for i := range keys {
				keys[i] = widgets.Key{strconv.Itoa(i + 1)}
			}
			some := jobs.Selection{Source: h.db.Table("items"), Keys: keys}
			var took []time.Duration
			for b.Loop() {
				from := time.Now()
				id, err := h.sup.Start(b.Context(), jobs.Request{Action: wait, User: clerk, Selection: some})
				if err != nil {
					b.Fatal(err)
				}
				started := (<-began).Sub(from)
				if _, err := h.sup.Cancel(b.Context(), id, clerk); err != nil {
					b.Fatal(err)
				}
				acknowledged := time.Now()
				took = append(took, pick(started, max(0, (<-ended).Sub(acknowledged))))
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
			b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
		})
	}
}

// BenchmarkBulk is an action over 10,000 rows in transactions of 500, remembered in the same database: from the call of Start until it has succeeded, and
// until a page is told of the first rows.
func BenchmarkBulk(b *testing.B) {
	for _, store := range stores[1:] {
		b.Run(store.name, func(b *testing.B) {
			h := build(b, store.on, false)
			var whole, first []float64
			for b.Loop() {
				from := time.Now()
				id, err := h.sup.Start(b.Context(), jobs.Request{Action: close500, User: clerk, Selection: jobs.Selection{Source: h.db.Table("items"), All: true}})
				if err != nil {
					b.Fatal(err)
				}
				var told time.Duration
				for s := (jobs.Snapshot{}); s.State != jobs.Succeeded; {
					if s, err = h.sup.Get(id, clerk); err != nil || s.State.Final() && s.State != jobs.Succeeded {
						b.Fatal(s.State, s.Error, err)
					}
					if told == 0 && s.Current > 0 {
						told = time.Since(from)
					}
					time.Sleep(time.Millisecond)
				}
				whole, first = append(whole, time.Since(from).Seconds()*1000), append(first, told.Seconds()*1000)
			}
			slices.Sort(whole)
			slices.Sort(first)
			b.ReportMetric(whole[len(whole)/2], "whole-ms")
			b.ReportMetric(first[len(first)/2], "first-ms")
		})
	}
}

// close500 writes 500 rows in one transaction, with the note that they are done.
var close500 = jobs.On(jobs.Action{Name: "close", Resumable: true}, func(ctx context.Context, j *jobs.Job, all jobs.Rows[item], _ struct{}) error {
	var ids []string
	flush := func() error {
		defer func() { ids = ids[:0] }()
		return j.Tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE items SET state = 'closed' WHERE id IN (%s)`, strings.Join(ids, ", ")))
			return err
		})
	}
	for one, err := range all.All(ctx) {
		if err != nil {
			return err
		}
		if ids = append(ids, strconv.FormatInt(one.ID, 10)); len(ids) == 500 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return nil
})
