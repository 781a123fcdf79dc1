package session

import (
	"context"
	"errors"
	"html/template"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"greenroom/actors"
	"greenroom/widgets"
	"greenroom/widgets/view"
)

// Each test here is named after a fault that was in the code.

func TestAttachToASessionThatJustEndedIsRefused(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		s.out.close() // what the session's actor does first when it ends
		w := &wire{}
		if err := s.Attach(w, 0); !errors.Is(err, ErrGone) {
			t.Errorf("attach: %v", err)
		}
		if frames := w.take(); len(frames) != 0 {
			t.Errorf("it was told %v", frames)
		}
	})
}

func TestPageThatLostNotesIsEndedAtOnce(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		s := h.open(t)
		w := attachTo(t, s, 0)
		w.setFull(true)
		toast := widgets.Effects{Toasts: []widgets.Toast{{Level: "ok", Text: strings.Repeat("x", 4000)}}}
		for ref := range int64(80) {
			s.Deliver(1, nil, &widgets.Reply{Ref: ref, Effects: toast})
		}
		synctest.Wait()
		if code := w.closed(); code != CloseGone {
			t.Errorf("closed with %d", code)
		}
	})
}

func TestHugeToastIsShortened(t *testing.T) {
	text := strings.Repeat("ä", 1<<20)
	got := clip(text)
	if n := utf8.RuneCountInString(got); n != mostRunes || !strings.HasSuffix(got, "...") {
		t.Errorf("%d runes, ending %q", n, got[len(got)-3:])
	}
	if short := strings.Repeat("ä", mostRunes); clip(short) != short {
		t.Error("a text that fits was cut")
	}
}

func TestDiffOfASecondLifeIsNotTakenForOneOfTheFirst(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		tree := func(n int) *view.Tree {
			compiled, err := view.Compile(cell)
			if err != nil {
				t.Fatal(err)
			}
			tr, err := compiled.Render(n)
			if err != nil {
				t.Fatal(err)
			}
			return tr
		}
		first := &widgets.Render{Version: 1<<32 + 1, Tree: tree(1)}
		second := &widgets.Render{Version: 2<<32 + 2, Tree: tree(3), Diff: []byte(`["a diff to another base"]`)}
		if diff, _ := second.Since(first); string(diff) == string(second.Diff) {
			t.Error("a page of the first life got the second's diff")
		}
	})
}

func TestSharedWidgetIsLeftByASessionWhoseActorFailed(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		class, err := widgets.Widget{
			Name: "shared", Template: cell, Mount: func(context.Context, widgets.In) (any, error) { return 1, nil },
			Shared: func(widgets.In) string { return "all" },
		}.Compile()
		if err != nil {
			t.Fatal(err)
		}
		s, err := h.registry.Open(t.Context(), &widgets.Page{Main: class, In: widgets.In{User: &widgets.User{ID: "1"}}}, "")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.refs = nil // it starts once more, and fails when it tells so a second time
		h.system.Send(s.ref, actors.Started{})
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := h.system.Live(); n != 0 {
			t.Errorf("%d actors live on", n)
		}
	})
}

// The same bytes, in the same memory, go to every page at a version; pages that lag together share the way from there too.
func TestSharedDiffIsEncodedOnce(t *testing.T) {
	perform(t, Config{}, func(t *testing.T, h *house) {
		class, err := widgets.Widget{
			Name: "shared", Template: cell, Pace: time.Nanosecond, Mount: func(context.Context, widgets.In) (any, error) { return 0, nil },
			Shared: func(widgets.In) string { return "all" },
			Topics: func(widgets.In) []string { return []string{"tick/shared"} },
			Notice: func(_ context.Context, _ widgets.In, _ any, news widgets.News) (any, error) { return news.Value, nil },
		}.Compile()
		if err != nil {
			t.Fatal(err)
		}
		var pages []*Session
		var wires []*wire
		for range 3 {
			s, err := h.registry.Open(t.Context(), &widgets.Page{Main: class, In: widgets.In{User: &widgets.User{ID: "1"}}}, "")
			if err != nil {
				t.Fatal(err)
			}
			s.Draw()
			pages, wires = append(pages, s), append(wires, attachTo(t, s, 0))
		}
		wires[1].setFull(true)
		wires[2].setFull(true)
		tell := func(n int) {
			actors.Publish(h.system, "tick/shared", n)
			time.Sleep(time.Millisecond)
			synctest.Wait()
		}
		tell(1) // fills 1 and 2
		base := pages[1].out.slots[0].sent
		tell(2)
		tell(3)
		newest := pages[0].out.slots[0].newest
		for n, s := range pages {
			if s.out.slots[0].newest != newest {
				t.Fatalf("page %d has another render than page 0", n)
			}
		}
		once, _ := newest.Since(base)
		again, _ := newest.Since(base)
		if &once[0] != &again[0] {
			t.Error("two pages that lag at one version are diffed twice")
		}
		before := &widgets.Render{Version: newest.Version - 1}
		if diff, _ := newest.Since(before); &diff[0] != &newest.Diff[0] {
			t.Error("a page at the version before gets bytes of its own")
		}
		for n := 1; n < 3; n++ {
			wires[n].take()
			wires[n].setFull(false)
			pages[n].Drained(wires[n])
			if _, changes := patch(t, wires[n].take()[0]); changes[0].([]any)[1] != "3" {
				t.Errorf("page %d ends with %v", n, changes)
			}
		}
	})
}

// Sockets come, go, fill up, drain and end in any order; the page that is left has what is newest, and nothing hangs. Run it with -race.
func TestSocketsInAnyOrder(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	system := actors.New(actors.Config{Logger: quiet})
	hub, err := widgets.NewHub(system, quiet)
	if err != nil {
		t.Fatal(err)
	}
	registry, err := NewRegistry(Config{System: system, Hub: hub, Log: quiet, MaxUserPages: -1})
	if err != nil {
		t.Fatal(err)
	}
	class, err := widgets.Widget{
		Name: "main", Template: template.Must(template.New("n").Parse(`<b>{{.}}</b>`)), Pace: time.Nanosecond,
		Mount: func(context.Context, widgets.In) (any, error) { return 0, nil },
		Events: map[string]widgets.Handler{
			"add": widgets.On(func(_ context.Context, n int, _ widgets.Event[struct{}]) (int, error) { return n + 1, nil }),
		},
	}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for p := range 8 {
		s, err := registry.Open(t.Context(), &widgets.Page{Main: class, In: widgets.In{User: &widgets.User{ID: "1"}}}, "")
		if err != nil {
			t.Fatal(err)
		}
		for g := range 3 {
			all.Go(func() {
				dice := rand.New(rand.NewPCG(uint64(p), uint64(g)))
				w := &wire{}
				for n := range 200 {
					switch dice.IntN(6) {
					case 0:
						_ = s.Attach(w, uint64(dice.IntN(3)))
					case 1:
						s.Detach(w)
						w = &wire{}
					case 2:
						w.setFull(dice.IntN(2) == 0)
						s.Drained(w)
					case 3:
						_ = s.Take(t.Context(), Frame{Word: wordResync})
					default:
						_ = s.Take(t.Context(), Frame{Word: wordEvent, Name: "add", Payload: []byte(`{}`), Ref: int64(n)})
					}
				}
				s.Detach(w)
			})
		}
		if p%2 == 1 {
			all.Go(func() { s.End(CloseGone, "the test's") })
		}
	}
	all.Wait()
	last := &wire{}
	s, err := registry.Open(t.Context(), &widgets.Page{Main: class, In: widgets.In{User: &widgets.User{ID: "1"}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Attach(last, 0); err != nil || len(last.take()) == 0 {
		t.Errorf("a new page after all that: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := errors.Join(registry.Close(ctx), system.Close(ctx), hub.Wait(ctx)); err != nil {
		t.Fatal(err)
	}
	if registry.Len() != 0 || system.Live() != 0 {
		t.Errorf("%d pages and %d actors are left", registry.Len(), system.Live())
	}
}

// nowhere is a socket that takes everything.
type nowhere struct{}

func (nowhere) Write([][]byte) bool { return true }
func (nowhere) Close(int, string)   {}
