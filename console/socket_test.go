package console

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom/actors"
	"greenroom/jobs"
	"greenroom/widgets"
)

// anyone lets everybody do what their rights say.
type anyone struct{}

func (anyone) Decide(_ context.Context, u *widgets.User, _ widgets.Verb, on widgets.Subject) widgets.Decision {
	return widgets.Decision{Allow: u.HasAll(on.Permissions)}
}

// desk is a Console of a system with nothing but a supervisor, and the pages that a test says are open.
func desk(t *testing.T, pages ...OpenPage) (*Console, *actors.System) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	sys := actors.New(actors.Config{Logger: quiet})
	supervisor := jobs.NewSupervisor(sys, jobs.Config{Log: quiet})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := errors.Join(supervisor.Drain(ctx), sys.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	return New(Config{
		System: sys, Jobs: supervisor, Decider: anyone{}, Log: quiet, MaxPages: 2,
		Pages:   func() []OpenPage { return append([]OpenPage(nil), pages...) },
		Traffic: func() Traffic { return Traffic{Pages: len(pages)} },
		Kick:    func(context.Context, string) error { return nil },
	}), sys
}

// serve runs a Console's socket until end is called, which waits.
func serve(t *testing.T, c *Console) (path string, end func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "gr") //nolint:usetesting // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path = SocketOf("sqlite:" + filepath.Join(dir, "s.db") + "?mode=rw")
	ln, err := Listen(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { c.Serve(ctx, ln, path) })
	end = func() { cancel(); serving.Wait() }
	t.Cleanup(end)
	return path, end
}

func TestSocketIsTheOwnersAndLeavesNothingBehind(t *testing.T) {
	c, _ := desk(t)
	path, end := serve(t, c)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != fs.ModeSocket {
		t.Fatalf("%v %v", info, err)
	}
	if _, err := Listen(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another process answers") {
		t.Errorf("a second server took the socket: %v", err)
	}
	client, err := Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close() //nolint:errcheck // a test's
	for _, page := range Names() {
		r, err := client.Ask(Request{Query: Query{Page: page}})
		if err != nil || r.Report == nil || r.Report.Page != page || r.Report.Totals.Actors != 1 {
			t.Errorf("%s: %+v %v", page, r, err)
		}
	}
	if _, err := client.Ask(Request{Query: Query{Page: "planets"}}); err == nil || !strings.Contains(err.Error(), "overview") {
		t.Errorf("a page that does not exist: %v", err)
	}
	if _, err := client.Ask(Request{Verb: "cancel", Target: "nothing"}); err == nil || !strings.Contains(err.Error(), "over") {
		t.Errorf("a job that does not exist: %v", err)
	}
	r, err := client.Ask(Request{Query: Query{Page: MetricsPage}})
	if err != nil || !strings.Contains(r.Text, "\ngreenroom_actors 1\n") || !strings.Contains(r.Text, `greenroom_jobs{state="running"} 0`) {
		t.Errorf("%q %v", r.Text, err)
	}
	end() // with a client that is still there
	if _, err := client.Ask(Request{Query: Query{Page: Overview}}); err == nil {
		t.Error("the server answers after its end")
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if _, err := Dial(t.Context(), path); err == nil || !strings.Contains(err.Error(), "is it running") {
		t.Errorf("%v", err)
	}
}

func TestSocketTakesNoRubbish(t *testing.T) {
	c, _ := desk(t)
	path, _ := serve(t, c)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // a test's
	if _, err := conn.Write([]byte("GET / HTTP/1.1\n")); err != nil {
		t.Fatal(err)
	}
	var r Reply
	if err := json.NewDecoder(conn).Decode(&r); err != nil || !strings.Contains(r.Error, "no JSON object") {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := conn.Write([]byte(strings.Repeat("x", 2*longestLine))); err == nil {
		_, err = conn.Read(make([]byte, 1))
		if err == nil {
			t.Error("a line without an end is read on")
		}
	}
}

func TestAttention(t *testing.T) {
	c, sys := desk(t, OpenPage{SignIn: "a", UserID: "1", User: "Ann"}, OpenPage{SignIn: "b", UserID: "2", User: "Bob"})
	gate := make(chan struct{})
	ref, err := sys.Group(actors.Shared).Spawn("hot", "hot", func() actors.Actor {
		return receive(func(m any) {
			switch m.(type) {
			case chan struct{}:
				<-gate
			case error:
				panic("secret")
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	sys.Send(ref, errors.New("bad"))
	for sys.Counts().Restarts == 0 {
		time.Sleep(time.Millisecond)
	}
	sys.Send(ref, gate)
	for sys.Inspect().Look(actors.Look{}).Busy == 0 {
		time.Sleep(time.Millisecond)
	}
	for range fullMailbox {
		sys.Send(ref, 1)
	}
	for range manyDead {
		sys.Send(actors.Ref{}, 1)
	}
	super := &widgets.User{ID: "s", Super: true}
	r, err := c.Look(t.Context(), super, Query{Page: Actors, Sort: "mailbox"})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, a := range r.Attention {
		all = append(all, a.Text)
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{"shared/hot has 1,000 messages waiting", "shared/hot failed and was restarted", "100 dead letters", "2 of 2 pages are open"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not among\n%s", want, text)
		}
	}
	if first := r.Table.Rows[0]; first.Cells[0].Text != "shared/hot" || first.Cells[3].Value != 1000 || first.Cells[10].Text != "secret" {
		t.Errorf("%+v", first)
	}
	looker := &widgets.User{ID: "l", Rights: []string{ViewRight}}
	if r, err = c.Look(t.Context(), looker, Query{Page: Failures}); err != nil || strings.Contains(r.Table.Rows[0].Cells[5].Text, "secret") {
		t.Errorf("a failure's text without %s: %+v %v", ErrorsRight, r, err)
	}
	if _, err := c.Look(t.Context(), &widgets.User{ID: "n"}, Query{Page: Actors}); !errors.Is(err, widgets.ErrDenied) {
		t.Errorf("without the right: %v", err)
	}
	if _, err := c.Do(t.Context(), &widgets.User{ID: "n", Rights: []string{KickRight}}, "kick", "a"); !errors.Is(err, widgets.ErrDenied) {
		t.Errorf("a verb without %s: %v", ViewRight, err)
	}
	close(gate)
}

type receive func(m any)

func (f receive) Receive(c *actors.Context) { f(c.Message()) }

func TestTextsFitACell(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "two\nlines\t\x1b[31mred\u202e": "two lines [31mred", strings.Repeat("é", 400): strings.Repeat("é", 297) + "...", "\xff": "�",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		-time.Second: "0.0 s", 90 * time.Second: "1 min 30 s", 25 * time.Hour: "1 d 1 h", 61 * time.Minute: "1 h 01 min", 11 * time.Second: "11 s",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for n, want := range map[uint64]string{0: "0 B", 999: "999 B", 2048: "2.0 KiB", 5 << 30: "5.0 GiB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if count(1234567) != "1,234,567" || count(12) != "12" {
		t.Error(count(1234567), count(12))
	}
}
