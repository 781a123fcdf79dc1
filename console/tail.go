package console

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// mostLines is how many records a Tail keeps.
	mostLines = 500
	// longestValue bounds what is kept of an attribute, in bytes.
	longestValue = 200
)

// shownAttrs are the attributes that a Tail keeps: names, numbers and types of our own. privateAttrs are texts that others may have written: they are shown to
// who holds ErrorsRight. Everything else is left out, whatever it is called: a secret cannot be told from a word.
var (
	shownAttrs = []string{
		"logger", "incident", "request", "session", "job", "action", "actor", "kind", "message", "table", "node", "state", "status", "method", "path", "widget",
		"event", "attempt", "epoch", "count", "failures", "verb", "page", "id", "level", "finding",
	}
	privateAttrs = []string{"err", "reason"}
)

// LogLine is a record as a Tail keeps it.
type LogLine struct {
	At      time.Time
	Level   slog.Level
	Message string
	// Attrs are those that everybody may see, as name=value; Private those that take ErrorsRight.
	Attrs, Private []string
	Incident       string
}

// Tail keeps the last 500 records at WARN and above. The zero Tail is ready.
type Tail struct {
	mu   sync.Mutex
	all  []LogLine
	next int
}

// Lines lists what is kept, the newest first. A nil Tail has none.
func (t *Tail) Lines() []LogLine {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	all := slices.Concat(t.all[t.next:], t.all[:t.next])
	slices.Reverse(all)
	return all
}

func (t *Tail) add(l LogLine) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) < mostLines {
		t.all = append(t.all, l)
		return
	}
	t.all[t.next] = l
	t.next = (t.next + 1) % mostLines
}

// Listen makes a logger that tells log everything, as before, and t what is at WARN or above.
func (t *Tail) Listen(log *slog.Logger) *slog.Logger {
	return slog.New(&listener{to: log.Handler(), tail: t})
}

// listener is a handler between a logger and its own.
type listener struct {
	to     slog.Handler
	tail   *Tail
	attrs  []slog.Attr
	inside bool // of a group: what follows is not ours to name
}

// Enabled lets warnings pass even where the handler behind takes none.
func (l *listener) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn || l.to.Enabled(ctx, level)
}

// Handle keeps what is worth it.
func (l *listener) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		line := LogLine{At: r.Time, Level: r.Level, Message: clean(r.Message)}
		for _, a := range l.attrs {
			line.take(a)
		}
		if !l.inside {
			r.Attrs(func(a slog.Attr) bool { line.take(a); return true })
		}
		l.tail.add(line)
	}
	if !l.to.Enabled(ctx, r.Level) {
		return nil
	}
	return l.to.Handle(ctx, r)
}

// take keeps an attribute that is known, cut to a size.
func (l *LogLine) take(a slog.Attr) {
	shown := slices.Contains(shownAttrs, a.Key)
	if !shown && !slices.Contains(privateAttrs, a.Key) {
		return
	}
	v := a.Value.Resolve().String()
	if len(v) > longestValue {
		v = strings.ToValidUTF8(v[:longestValue], "") + "…"
	}
	if a.Key == "incident" {
		l.Incident = v
	}
	word := a.Key + "=" + clean(v)
	if shown {
		l.Attrs = append(l.Attrs, word)
	} else {
		l.Private = append(l.Private, word)
	}
}

// WithAttrs remembers them for what is kept.
func (l *listener) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *l
	next.to = l.to.WithAttrs(attrs)
	if !l.inside {
		next.attrs = slices.Concat(l.attrs, attrs)
	}
	return &next
}

// WithGroup keeps nothing of what is inside.
func (l *listener) WithGroup(name string) slog.Handler {
	next := *l
	next.to = l.to.WithGroup(name)
	next.inside = true
	return &next
}

func logTable(all []LogLine, errors bool, level string) Table {
	t := Table{Columns: []Column{
		{Name: "at", Label: "When"}, {Name: "level", Label: "Level"}, {Name: "message", Label: "Message"}, {Name: "attrs", Label: "About", Wide: true},
	}}
	for n, l := range all {
		if level != "" && l.Level.String() != level {
			continue
		}
		word := Cell{Text: l.Level.String(), Level: "warn"}
		if l.Level >= slog.LevelError {
			word.Level = "danger"
		}
		words := l.Attrs
		if errors {
			words = slices.Concat(l.Attrs, l.Private)
		}
		t.Rows = append(t.Rows, Row{Key: "l" + strconv.Itoa(len(all)-n), Name: l.Message, Cells: []Cell{clock(l.At), word, text(l.Message), text(strings.Join(words, " "))}})
	}
	t.Matched = len(t.Rows)
	t.Rows = t.Rows[:min(len(t.Rows), mostLines)]
	return t
}
