package console

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestTailKeepsWarningsAndNoSecrets(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var tail Tail
	log := tail.Listen(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelError})))
	log = log.With("logger", "greenroom.test", "password", "hunter2")
	log.Info("nothing to see", "incident", "i0")
	log.Warn("a page failed", "incident", "i1", "token", "hunter3", "err", errors.New("pq: hunter4"), "cookie", "hunter5")
	log.WithGroup("inner").Error("worse", "path", "hunter6")
	log.Error("a long one\x1b[31m", "path", strings.Repeat("é", 300))
	got := tail.Lines()
	if len(got) != 3 || got[0].Message != "a long one[31m" || got[2].Message != "a page failed" || got[2].Incident != "i1" || got[2].Level != slog.LevelWarn {
		t.Fatalf("%+v", got)
	}
	if len(got[0].Attrs[1]) > longestValue+20 || strings.Contains(got[0].Attrs[1], "\ufffd") {
		t.Errorf("%q", got[0].Attrs[1])
	}
	for may, want := range map[bool]string{true: "logger=greenroom.test incident=i1 err=pq: hunter4", false: "logger=greenroom.test incident=i1"} {
		rows := logTable(got, may, "WARN").Rows
		if len(rows) != 1 || rows[0].Cells[3].Text != want {
			t.Errorf("may %v: %+v", may, rows)
		}
	}
	if all := logTable(got, false, ""); all.Matched != 3 || strings.Contains(strings.Join(append(got[0].Attrs, got[1].Attrs...), ""), "hunter") {
		t.Errorf("%+v", all)
	}
	// What is behind gets what it wants, as before.
	if text := out.String(); strings.Contains(text, "a page failed") || !strings.Contains(text, "password=hunter2 inner.path=hunter6") {
		t.Error(text)
	}
	for range 2 * mostLines {
		log.Warn("again")
	}
	if n := len(tail.Lines()); n != mostLines {
		t.Errorf("%d lines", n)
	}
	if !log.Enabled(context.Background(), slog.LevelWarn) || log.Enabled(context.Background(), slog.LevelInfo) {
		t.Error("which levels are taken")
	}
}
