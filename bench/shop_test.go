package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"greenroom"
	"greenroom/actors"
	"greenroom/examples/shop/seed"
	"greenroom/examples/shop/shop"
	"greenroom/greenroomtest"
	"greenroom/jobs"
	"greenroom/widgets"
)

const password = "correct horse battery"

// TestMain makes the shop once for all benchmarks; a test run without benchmarks does not pay for it.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "greenroom-bench")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	original = filepath.Join(dir, "shop.db")
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// original is the file of the shop, made on the first use and never served itself.
var original string

// open opens a copy of the shop.
func open(b *testing.B) *greenroom.Database {
	b.Helper()
	if _, err := os.Stat(original); err != nil {
		fill(b)
	}
	data, err := os.ReadFile(original)
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "shop.db")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		b.Fatal(err)
	}
	db, err := greenroom.Open(b.Context(), "sqlite:"+file, greenroom.OpenConfig{App: "shop", WAL: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return db
}

func fill(b *testing.B) {
	b.Helper()
	orders := 10_000
	if text := os.Getenv("BENCH_ORDERS"); text != "" {
		var err error
		if orders, err = strconv.Atoi(text); err != nil {
			b.Fatalf("BENCH_ORDERS: %v", err)
		}
	}
	db, err := sql.Open("sqlite", "file:"+original+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)")
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(seed.Fill(b.Context(), db, seed.Options{Orders: orders}), db.Close()); err != nil {
		b.Fatal(err)
	}
}

// house is a served shop.
type house struct {
	*greenroomtest.Server
	b     *testing.B
	db    *greenroom.Database
	room  *greenroom.Room
	users int
}

func serve(b *testing.B) *house {
	b.Helper()
	db := open(b)
	cfg := shop.Declare(db, &shop.Gateway{})
	cfg.State, cfg.Log = filepath.Join(b.TempDir(), "state.db"), slog.New(slog.DiscardHandler)
	room, err := greenroom.New(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	return &house{greenroomtest.Serve(b, room), b, db, room, 0}
}

// somebody signs a new user in: one user may have some dozens of pages open.
func (h *house) somebody() *greenroomtest.Person {
	h.b.Helper()
	h.users++
	name := fmt.Sprintf("user%d", h.users)
	if err := h.room.SetPassword(h.b.Context(), name, password); err != nil {
		h.b.Fatal(err)
	}
	return h.SignIn(name, password)
}

// BenchmarkGet is a page's HTML, as the first thing a browser is sent: who may, one actor a widget, their data, the markers.
func BenchmarkGet(b *testing.B) {
	for name, path := range map[string]string{
		"dashboard": "/admin/", "list": "/admin/shop/orders/", "search": "/admin/shop/orders/?q=needle", "form": "/admin/shop/orders/77/change/",
	} {
		b.Run(name, func(b *testing.B) {
			h := serve(b)
			person, pages, size := h.somebody(), 0, 0
			for b.Loop() {
				if pages++; pages%40 == 0 {
					b.StopTimer()
					person = h.somebody()
					b.StartTimer()
				}
				answer := person.Get(path)
				if answer.Status != 200 {
					b.Fatalf("GET %s is answered %d: %s", path, answer.Status, answer.Text())
				}
				size = len(answer.Body)
			}
			b.ReportMetric(float64(size), "bytes/page")
		})
	}
}

// BenchmarkEvent is what a person waits for who does something on an open page: from the click to the patch that answers it.
func BenchmarkEvent(b *testing.B) {
	for name, texts := range map[string][2]string{
		"search-one":  {"GR-0000007", "GR-0000008"},
		"search-some": {"needle", "GR-00000"},
	} {
		b.Run(name, func(b *testing.B) {
			page := serve(b).somebody().Open("/admin/shop/orders/")
			for i := 0; b.Loop(); i++ {
				if said := page.Write("input[name=q]", texts[i%2]); said != "" {
					b.Fatal(said)
				}
			}
		})
	}
}

// BenchmarkRowChange is how long it takes from a commit until an open list shows it.
func BenchmarkRowChange(b *testing.B) {
	h := serve(b)
	page := h.somebody().Open("/admin/shop/orders/?q=GR-0000007")
	cell := "tr[data-key='7'] [data-col=note]"
	for i := 0; b.Loop(); i++ {
		note := "note " + strconv.Itoa(i)
		if err := h.db.Table("orders").Set(b.Context(), greenroom.Key{"7"}, map[string]any{"note": note}); err != nil {
			b.Fatal(err)
		}
		page.WaitFor(cell, note)
	}
}

// BenchmarkRefund is the demo's bulk action over every order, with a gateway that answers at once: each row is read, refunded, and booked in
// two transactions.
func BenchmarkRefund(b *testing.B) {
	admin := &widgets.User{ID: "1", Name: "admin", Super: true}
	rows := int64(0)
	for b.Loop() {
		b.StopTimer()
		db, system := open(b), actors.New(actors.Config{})
		supervisor := jobs.NewSupervisor(system, jobs.Config{Log: slog.New(slog.DiscardHandler)})
		refund := shop.Declare(db, &shop.Gateway{}).Models[0].Actions[0]
		b.StartTimer()
		id, err := supervisor.Start(b.Context(), jobs.Request{
			Action: refund, User: admin, Selection: jobs.Selection{Source: db.Table("orders"), All: true}, Input: map[string][]string{"reason": {"a benchmark"}},
		})
		if err != nil {
			b.Fatal(err)
		}
		rows += finish(b, supervisor, id, admin)
		b.StopTimer()
		if err := errors.Join(supervisor.Drain(context.Background()), system.Close(context.Background())); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// finish waits for the end of a job and returns how many rows it went through.
func finish(b *testing.B, supervisor *jobs.Supervisor, id string, by *widgets.User) int64 {
	b.Helper()
	for {
		s, err := supervisor.Get(id, by)
		switch {
		case err != nil:
			b.Fatal(err)
		case s.State == jobs.Succeeded:
			return s.Current
		case s.State.Final():
			b.Fatalf("the job ended as %s: %s", s.State, s.Error)
		}
		time.Sleep(time.Millisecond)
	}
}
