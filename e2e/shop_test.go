package e2e

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"greenroom"
	"greenroom/examples/shop/seed"
	"greenroom/examples/shop/shop"
)

const password = "correct horse battery"

// server is a running shop.
type server struct {
	url     string
	room    *greenroom.Room
	db      *greenroom.Database
	gateway *shop.Gateway
	wire    *wire
}

// serveShop runs a shop of n orders behind a wire that can be cut. gate, if not nil, is asked before each refund.
func serveShop(t *testing.T, n int, gate func(ctx context.Context) error) *server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.db")
	fill(t, file, seed.Options{Orders: n})
	db, err := greenroom.Open(t.Context(), "sqlite:"+file, greenroom.OpenConfig{App: "shop", WAL: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{db: db, gateway: &shop.Gateway{Gate: gate}}
	cfg := shop.Declare(db, s.gateway)
	return s.run(t, cfg)
}

// fill makes the shop's database.
func fill(t *testing.T, file string, o seed.Options) {
	t.Helper()
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	if err := seed.Fill(t.Context(), plain, o); err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
}

// serveFile runs an admin of an existing database with nothing declared.
func serveFile(t *testing.T, file string) *server {
	t.Helper()
	db, err := greenroom.Open(t.Context(), "sqlite:"+file, greenroom.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return (&server{db: db}).run(t, greenroom.Config{DB: db})
}

// exec changes the database as another program does.
func (s *server) exec(t *testing.T, query string) {
	t.Helper()
	plain, err := sql.Open("sqlite", "file:"+s.db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close() //nolint:errcheck // a test's
	if _, err := plain.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

// ask asks the database for a number.
func (s *server) ask(t *testing.T, query string) (n int) {
	t.Helper()
	plain, err := sql.Open("sqlite", "file:"+s.db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close() //nolint:errcheck // a test's
	if err := plain.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *server) run(t *testing.T, cfg greenroom.Config) *server {
	t.Helper()
	cfg.State = filepath.Join(t.TempDir(), "state.db")
	cfg.Limits.UserPages = 200 // one person looks at every page at once
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	room, err := greenroom.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := room.SetPassword(t.Context(), "admin", password); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- room.Serve(ln) }()
	s.room, s.wire = room, lay(t, ln.Addr().String())
	s.url = "http://" + s.wire.address()
	t.Cleanup(func() {
		s.wire.cut()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := room.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		if n := room.Live(); n != 0 {
			t.Errorf("%d actors live on", n)
		}
		if err := s.db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return s
}

// wire is a TCP proxy whose connections a test can cut.
type wire struct {
	ln net.Listener
	mu sync.Mutex
	// ends are the open connections, both sides; broken refuses new ones.
	ends   map[net.Conn]struct{}
	broken bool
}

func lay(t *testing.T, to string) *wire {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{ln: ln, ends: map[net.Conn]struct{}{}}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil || !w.keep(near, far) {
				_ = near.Close()
				continue
			}
			go w.carry(near, far)
			go w.carry(far, near)
		}
	}()
	return w
}

func (w *wire) address() string { return w.ln.Addr().String() }

func (w *wire) keep(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range conns {
		if w.broken {
			_ = c.Close()
			continue
		}
		w.ends[c] = struct{}{}
	}
	return !w.broken
}

func (w *wire) carry(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = from.Close(), to.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.ends, from)
	delete(w.ends, to)
}

// cut ends every connection there is.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.ends {
		_ = c.Close()
	}
}

// interrupt cuts, and refuses new connections until mend.
func (w *wire) interrupt() {
	w.mu.Lock()
	w.broken = true
	w.mu.Unlock()
	w.cut()
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = false
}

var (
	queryAll   greenroom.Query
	everything greenroom.Filter
)
