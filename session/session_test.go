package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// wire is a socket that remembers what was written, and can be full.
type wire struct {
	mu     sync.Mutex
	frames []string
	full   bool
	code   int
}

func (w *wire) Write(messages [][]byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range messages {
		w.frames = append(w.frames, string(m))
	}
	return !w.full
}

func (w *wire) Close(code int, _ string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.code = code
}

func (w *wire) setFull(full bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.full = full
}

// take returns what was written since the last take.
func (w *wire) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	frames := w.frames
	w.frames = nil
	return frames
}

func (w *wire) closed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.code
}

// patch decodes a patch frame into its sequence and the changes by widget.
func patch(t *testing.T, frame string) (seq uint64, changes map[int]any) {
	t.Helper()
	var parts []any
	if err := json.Unmarshal([]byte(frame), &parts); err != nil || parts[0] != wordPatch {
		t.Fatalf("not a patch: %s", frame)
	}
	changes = map[int]any{}
	for n := 2; n < len(parts); n += 2 {
		changes[int(parts[n].(float64))] = parts[n+1]
	}
	return uint64(parts[1].(float64)), changes
}

type house struct {
	system   *actors.System
	hub      *widgets.Hub
	registry *Registry
	mounts   map[string]int
	mu       sync.Mutex
}

// perform runs f in a bubble with a registry, and checks that nothing is left afterwards.
func perform(t *testing.T, cfg Config, f func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		quiet := slog.New(slog.DiscardHandler)
		h := &house{system: actors.New(actors.Config{Logger: quiet}), mounts: map[string]int{}}
		var err error
		if h.hub, err = widgets.NewHub(h.system, quiet); err != nil {
			t.Fatal(err)
		}
		cfg.System, cfg.Hub, cfg.Log = h.system, h.hub, quiet
		if h.registry, err = NewRegistry(cfg); err != nil {
			t.Fatal(err)
		}
		f(t, h)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := errors.Join(h.registry.Close(ctx), h.system.Close(ctx), h.hub.Wait(ctx)); err != nil {
			t.Fatal(err)
		}
		if h.system.Live() != 0 || h.registry.Len() != 0 {
			t.Errorf("%d actors and %d sessions live on", h.system.Live(), h.registry.Len())
		}
		time.Sleep(2 * time.Second) // the library's dead-letter throttle lives a second longer
	})
}

var cell = template.Must(template.New("cell").Parse(`<p>static text that is long enough to be recognised</p><b>{{.}}</b>`))

// counter counts: "add" adds one, "go" redirects, and news of "tick" set the state.
func (h *house) counter(t *testing.T, name string) *widgets.Class {
	t.Helper()
	class, err := widgets.Widget{
		Name: name, Template: cell, Pace: time.Nanosecond,
		Mount: func(context.Context, widgets.In) (any, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.mounts[name]++
			return 0, nil
		},
		Topics: func(widgets.In) []string { return []string{"tick/" + name} },
		Notice: func(_ context.Context, _ widgets.In, _ any, news widgets.News) (any, error) { return news.Value, nil },
		Events: map[string]widgets.Handler{
			"add": widgets.On(func(_ context.Context, n int, _ widgets.Event[struct{}]) (int, error) { return n + 1, nil }),
			"go": widgets.On(func(_ context.Context, n int, e widgets.Event[struct{}]) (int, error) {
				e.Toast("ok", "Saved")
				e.Redirect("/there")
				return n, nil
			}),
			"wait": widgets.On(func(ctx context.Context, n int, _ widgets.Event[struct{}]) (int, error) {
				<-ctx.Done()
				return n, ctx.Err()
			}),
		},
	}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return class
}

func (h *house) open(t *testing.T) *Session {
	t.Helper()
	s, err := h.registry.Open(t.Context(), &widgets.Page{
		Title: "Test", Slots: []*widgets.Class{h.counter(t, "slot")}, Main: h.counter(t, "main"),
		In: widgets.In{User: &widgets.User{ID: "1", Super: true, SessionID: "signin"}},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func attachTo(t *testing.T, s *Session, seq uint64) *wire {
	t.Helper()
	w := &wire{}
	if err := s.Attach(w, seq); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return w
}

// event sends an event to the main widget, which is number 1.
func event(t *testing.T, s *Session, name string, ref int64) {
	t.Helper()
	if err := s.Take(t.Context(), Frame{Word: wordEvent, Widget: 1, Name: name, Payload: []byte(`{}`), Ref: ref}); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func TestSocketAttachesToTheActorsThatDrewThePage(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		html := s.Draw()
		if !strings.Contains(string(html[0]), "0</b>") || !strings.Contains(string(html[1]), "0</b>") {
			t.Fatalf("drawn %s", html)
		}
		w := attachTo(t, s, 0)
		if got := w.take(); len(got) != 1 || got[0] != `["attached",0]` {
			t.Errorf("attach is answered %v; a page that has everything is sent nothing", got)
		}
		event(t, s, "add", 1)
		got := w.take()
		if len(got) != 2 || got[1] != `["reply",1]` {
			t.Fatalf("frames %v, want a patch and the reply after it", got)
		}
		seq, changes := patch(t, got[0])
		if _, isDiff := changes[1].([]any); seq != 1 || len(changes) != 1 || !isDiff {
			t.Errorf("patch %s, want number 1 with a diff of widget 1 only", got[0])
		}
		if h.mounts["main"] != 1 || h.mounts["slot"] != 1 {
			t.Errorf("mounts %v, want exactly one a widget for a page view that goes live", h.mounts)
		}
	})
}

func TestPageThatNobodyAttachesToEnds(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		time.Sleep(15*time.Second - time.Millisecond)
		synctest.Wait()
		if h.registry.Len() != 1 {
			t.Error("ended before 15 s")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if h.registry.Len() != 0 || h.system.Live() != 0 {
			t.Errorf("after 15 s there are %d sessions, %d actors", h.registry.Len(), h.system.Live())
		}
		if err := s.Attach(&wire{}, 0); !errors.Is(err, ErrGone) {
			t.Errorf("attach to it: %v", err)
		}
	})
}

func TestDetachedPageIsKeptForItsGrace(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		s.Draw()
		w := attachTo(t, s, 0)
		time.Sleep(time.Hour)
		s.Detach(w)
		time.Sleep(29 * time.Second)
		w = attachTo(t, s, 0)
		time.Sleep(time.Hour)
		synctest.Wait()
		if h.registry.Len() != 1 {
			t.Error("a page that came back ended")
		}
		s.Detach(w)
		time.Sleep(30*time.Second + time.Millisecond)
		synctest.Wait()
		if h.registry.Len() != 0 {
			t.Error("a page that went away is kept for more than 30 s")
		}
	})
}

func TestCutBetweenFramesResumesWithoutFullRender(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		s.Draw()
		w := attachTo(t, s, 0)
		event(t, s, "add", 1)
		s.Detach(w)
		actors.Publish(h.system, "tick/main", 7) // happens while nobody is there
		synctest.Wait()
		w = attachTo(t, s, 1)
		got := w.take()
		if len(got) != 2 || got[0] != `["attached",1]` {
			t.Fatalf("frames %v", got)
		}
		if seq, changes := patch(t, got[1]); seq != 2 || len(changes) != 1 || strings.Contains(got[1], "static text") {
			t.Errorf("resumed with %s, want a diff of the one widget that changed", got[1])
		}
		if h.mounts["main"] != 1 {
			t.Errorf("mounted %d times", h.mounts["main"])
		}
	})
}

func TestCutInsideAFrameRendersInFull(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		s.Draw()
		w := attachTo(t, s, 0)
		event(t, s, "add", 1) // sent as number 1, but the page never applied it
		s.Detach(w)
		w = attachTo(t, s, 0)
		got := w.take()
		if len(got) != 2 || got[0] != `["attached",1]` {
			t.Fatalf("frames %v", got)
		}
		seq, changes := patch(t, got[1])
		whole, isHTML := changes[1].(string)
		if seq != 2 || len(changes) != 2 || !isHTML || !strings.Contains(whole, "1</b>") {
			t.Errorf("resumed with %s, want every widget whole", got[1])
		}
	})
}

func TestSlowPageSkipsStatesAndEndsWithTheNewest(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		s.Draw()
		w := attachTo(t, s, 0)
		w.take()
		w.setFull(true)
		for i := 1; i <= 1000; i++ {
			actors.Publish(h.system, "tick/main", i)
			time.Sleep(time.Millisecond)
		}
		synctest.Wait()
		if got := w.take(); len(got) != 1 {
			t.Fatalf("a full socket was given %d frames, want the one that filled it", len(got))
		}
		w.setFull(false)
		s.Drained(w)
		got := w.take()
		if len(got) != 1 || !strings.Contains(got[0], `"1000"`) {
			t.Fatalf("once drained it gets %v, want one patch to the newest state", got)
		}
		if seq, _ := patch(t, got[0]); seq != 2 {
			t.Errorf("number %d: skipped states are not counted", seq)
		}
	})
}

func TestNewestSocketWins(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		s.Draw()
		first := attachTo(t, s, 0)
		second := attachTo(t, s, 0)
		if first.closed() != CloseElsewhere {
			t.Errorf("the displaced socket got %d", first.closed())
		}
		s.Detach(first) // comes late, and must not detach the second
		time.Sleep(time.Hour)
		first.take()
		second.take()
		event(t, s, "add", 1)
		if len(first.take()) != 0 || len(second.take()) != 2 {
			t.Error("the patch went to the displaced socket")
		}
	})
}

func TestUnansweredEventsAreBounded(t *testing.T) {
	perform(t, Config{Unanswered: 4, Patience: 10 * time.Second}, func(t *testing.T, h *house) {
		s := h.open(t)
		s.Draw()
		w := attachTo(t, s, 0)
		for i := range 4 {
			event(t, s, "wait", int64(i))
		}
		began := time.Now()
		err := s.Take(t.Context(), Frame{Word: wordEvent, Widget: 1, Name: "add", Payload: []byte(`{}`), Ref: 9})
		// The handlers end at their own 10 s deadline, in turn; the fifth event is refused or let in at that moment.
		if waited := time.Since(began); waited < 10*time.Second-time.Millisecond || (err != nil && !errors.Is(err, ErrFlood)) {
			t.Errorf("after %s: %v", waited, err)
		}
		s.Detach(w)
	})
}

func TestEventsAreHeldAgainstTheTable(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		for _, f := range []Frame{
			{Word: wordEvent, Widget: 2, Name: "add"},
			{Word: wordEvent, Widget: -1, Name: "add"},
			{Word: wordEvent, Widget: 1, Name: "undeclared"},
			{Word: wordEvent, Widget: 1, Name: "add", Ref: -1},
			{Word: wordResync, Widget: 99},
			{Word: WordAttach},
		} {
			if err := s.Take(t.Context(), f); !errors.Is(err, ErrFrame) {
				t.Errorf("%+v: %v", f, err)
			}
		}
	})
}

func TestPostedFormIsTheSameEvent(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		reply, err := s.Post(t.Context(), 1, "add", map[string][]string{"x": {"1"}})
		if err != nil || reply.Err != "" {
			t.Fatal(reply, err)
		}
		if html := s.Draw(); !strings.Contains(string(html[1]), "1</b>") {
			t.Errorf("drawn %s", html[1])
		}
		if reply, err = s.Post(t.Context(), 1, "go", nil); err != nil || reply.Effects.Redirect != "/there" {
			t.Errorf("%+v %v", reply, err)
		}
		if _, err = s.Post(t.Context(), 1, "nonsense", nil); !errors.Is(err, ErrFrame) {
			t.Errorf("an undeclared event: %v", err)
		}
	})
}

func TestToastOfARedirectWaitsForTheNextPage(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		s.Draw()
		w := attachTo(t, s, 0)
		w.take()
		event(t, s, "go", 3)
		if got := w.take(); len(got) != 2 || got[0] != `["redirect","/there"]` || got[1] != `["reply",3]` {
			t.Errorf("frames %v", got)
		}
		if got := h.registry.Flash("signin"); len(got) != 1 || got[0].Text != "Saved" {
			t.Errorf("kept %v", got)
		}
		if got := h.registry.Flash("signin"); got != nil {
			t.Errorf("told twice: %v", got)
		}
	})
}

func TestTokenWorksForItsOwnSignInOnly(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		if found, err := h.registry.Find(s.Token(), "signin"); err != nil || found != s {
			t.Errorf("its own: %v", err)
		}
		for _, c := range [][2]string{{s.Token(), "other"}, {s.Token() + "x", "signin"}, {"", "signin"}, {s.id + ".", "signin"}, {strings.Repeat("x", 5000), "signin"}} {
			if _, err := h.registry.Find(c[0], c[1]); !errors.Is(err, ErrGone) {
				t.Errorf("%.20q for %q: %v", c[0], c[1], err)
			}
		}
	})
}

func TestPagesAreBounded(t *testing.T) {
	perform(t, Config{MaxPages: 3, MaxUserPages: 2, MaxAddressPages: 2}, func(t *testing.T, h *house) {
		sockets := map[*Session]*wire{}
		page := func(user, address string) error {
			s, err := h.registry.Open(t.Context(), &widgets.Page{Main: h.counter(t, "main"), In: widgets.In{User: &widgets.User{ID: user}}}, address)
			if err == nil {
				sockets[s] = attachTo(t, s, 0)
			}
			return err
		}
		for _, c := range []struct {
			user, address string
			full          bool
		}{{"a", "1", false}, {"a", "1", false}, {"a", "2", true}, {"b", "1", true}, {"b", "2", false}, {"c", "3", true}} {
			if err := page(c.user, c.address); errors.Is(err, ErrFull) != c.full {
				t.Errorf("a page of %s from %s: %v", c.user, c.address, err)
			}
		}
		for s, w := range sockets {
			s.Detach(w)
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if err := page("a", "1"); err != nil {
			t.Errorf("after the others expired: %v", err)
		}
	})
}

func TestPageThatNeverCameAliveMakesRoomForItsUsersNext(t *testing.T) {
	perform(t, Config{MaxUserPages: 2}, func(t *testing.T, h *house) {
		page := func(user string) *Session {
			t.Helper()
			s, err := h.registry.Open(t.Context(), &widgets.Page{Main: h.counter(t, "main"), In: widgets.In{User: &widgets.User{ID: user}}}, "")
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		theirs, oldest, alive := page("other"), page("a"), page("a")
		attachTo(t, alive, 0)
		page("a")
		synctest.Wait()
		if err := oldest.Attach(&wire{}, 0); !errors.Is(err, ErrGone) {
			t.Errorf("the oldest page that nobody attached to: %v, want it to have made room", err)
		}
		for _, s := range []*Session{theirs, alive} {
			if _, err := h.registry.Find(s.Token(), ""); err != nil {
				t.Errorf("another's page, or one that is alive, was ended: %v", err)
			}
		}
	})
}

func TestSigningOutEndsItsPages(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		w := attachTo(t, s, 0)
		h.registry.EndSignIn("other")
		synctest.Wait()
		if w.closed() != 0 {
			t.Fatal("another's sign-out closed it")
		}
		h.registry.EndSignIn("signin")
		synctest.Wait()
		if w.closed() != CloseSignedOut || h.registry.Len() != 0 {
			t.Errorf("closed with %d, %d sessions left", w.closed(), h.registry.Len())
		}
	})
}

func TestOnlyTheMainWidgetIsWaitedFor(t *testing.T) {
	perform(t, Config{Linger: 500 * time.Millisecond}, func(t *testing.T, h *house) {
		slow, err := widgets.Widget{Name: "slow", Template: cell, Mount: func(ctx context.Context, _ widgets.In) (any, error) {
			select {
			case <-time.After(5 * time.Second):
			case <-ctx.Done():
			}
			return "late", nil
		}}.Compile()
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		s, err := h.registry.Open(t.Context(), &widgets.Page{Slots: []*widgets.Class{slow}, Main: h.counter(t, "main"), In: widgets.In{User: &widgets.User{ID: "1"}}}, "")
		if err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited != 500*time.Millisecond {
			t.Errorf("the page waited %s for a slow slot", waited)
		}
		if html := s.Draw(); html[0] != nil || html[1] == nil {
			t.Errorf("drawn %s", html)
		}
		w := attachTo(t, s, 0)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := strings.Join(w.take(), ""); !strings.Contains(got, "late") {
			t.Errorf("frames %s", got)
		}
	})
}

func TestManyPagesComeAndGo(t *testing.T) {
	perform(t, Config{MaxUserPages: 1000}, func(t *testing.T, h *house) {
		for i := range 200 {
			s := h.open(t)
			s.Draw()
			if i%2 == 0 {
				w := attachTo(t, s, 0)
				event(t, s, "add", 1)
				if got := fmt.Sprint(w.take()); !strings.Contains(got, `["reply",1]`) {
					t.Fatalf("page %d: %s", i, got)
				}
				s.Detach(w)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if h.registry.Len() != 0 || h.system.Live() != 0 {
			t.Errorf("%d sessions, %d actors left", h.registry.Len(), h.system.Live())
		}
	})
}
