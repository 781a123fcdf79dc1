package telemetry_test

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"

	"greenroom"
	"greenroom/greenroomtest"
	"greenroom/telemetry"
)

// gathered keeps the spans that ended.
type gathered struct {
	mu  sync.Mutex
	all []sdk.ReadOnlySpan
	new chan struct{}
}

func (g *gathered) OnStart(context.Context, sdk.ReadWriteSpan) {}
func (g *gathered) Shutdown(context.Context) error             { return nil }
func (g *gathered) ForceFlush(context.Context) error           { return nil }

func (g *gathered) OnEnd(s sdk.ReadOnlySpan) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all = append(g.all, s)
	select {
	case g.new <- struct{}{}:
	default:
	}
}

// until waits for a span that fits, and returns it.
func (g *gathered) until(t *testing.T, what string, fits func(s sdk.ReadOnlySpan) bool) sdk.ReadOnlySpan {
	t.Helper()
	for late := time.After(20 * time.Second); ; {
		g.mu.Lock()
		at := slices.IndexFunc(g.all, fits)
		var found sdk.ReadOnlySpan
		if at >= 0 {
			found = g.all[at]
		}
		g.mu.Unlock()
		if found != nil {
			return found
		}
		select {
		case <-g.new:
		case <-late:
			t.Fatalf("no span: %s", what)
		}
	}
}

func word(s sdk.ReadOnlySpan, name string) string {
	for _, a := range s.Attributes() {
		if string(a.Key) == "greenroom."+name {
			return a.Value.AsString()
		}
	}
	return ""
}

func TestAnEventIsFollowedToTheDatabaseAndThePatch(t *testing.T) {
	file := filepath.Join(t.TempDir(), "items.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plain.ExecContext(t.Context(), `CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO items VALUES (1, 'one'), (2, 'two')`); err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), file, greenroom.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	spans := &gathered{new: make(chan struct{}, 1)}
	room, err := greenroom.New(t.Context(), greenroom.Config{
		DB: db, State: filepath.Join(t.TempDir(), "state.db"), Log: slog.New(slog.DiscardHandler),
		Tracer: telemetry.OpenTelemetry(sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := room.SetPassword(t.Context(), "admin", "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	page := greenroomtest.Serve(t, room).SignIn("admin", "correct horse battery").Open("/admin/main/items/")
	if said := page.Event("items", "search", map[string]any{"value": "a secret word"}); said != "" {
		t.Fatal(said)
	}
	event := spans.until(t, "the event", func(s sdk.ReadOnlySpan) bool { return s.Name() == "event" && word(s, "event") == "search" })
	below := func(name string) func(s sdk.ReadOnlySpan) bool {
		return func(s sdk.ReadOnlySpan) bool {
			return s.Name() == name && s.Parent().SpanID() == event.SpanContext().SpanID() && s.SpanContext().TraceID() == event.SpanContext().TraceID()
		}
	}
	if read := spans.until(t, "its statement", below("sql read")); word(read, "table") != "main.items" {
		t.Errorf("%v", read.Attributes())
	}
	spans.until(t, "its patch", below("patch"))
	if word(event, "widget") != "items" || event.EndTime().Before(event.StartTime()) {
		t.Errorf("%v", event.Attributes())
	}
	spans.mu.Lock()
	defer spans.mu.Unlock()
	for _, s := range spans.all {
		for _, a := range s.Attributes() {
			if strings.Contains(a.Value.AsString(), "secret") {
				t.Errorf("%s tells what was typed: %v", s.Name(), a)
			}
		}
	}
}
