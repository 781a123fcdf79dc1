package widgets

import (
	"context"
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
)

// page is a viewer that remembers what it was given.
type page struct {
	mu      sync.Mutex
	renders []*Render
	replies []Reply
}

func (p *page) Deliver(_ int, r *Render, reply *Reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r != nil {
		p.renders = append(p.renders, r)
	}
	if reply != nil {
		p.replies = append(p.replies, *reply)
	}
}

// shows is the HTML of the newest render, "" before the first.
func (p *page) shows() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.renders) == 0 {
		return ""
	}
	return string(p.renders[len(p.renders)-1].Tree.AppendHTML(nil))
}

func (p *page) drawn() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.renders)
}

func (p *page) last(t *testing.T) Reply {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.replies) == 0 {
		t.Fatal("no reply came")
	}
	return p.replies[len(p.replies)-1]
}

// owner stands for a session: it opens widgets as its children.
type owner struct{ hub *Hub }

func (o *owner) Receive(c *actors.Context) {
	if open, ok := c.Message().(func(c *actors.Context)); ok {
		open(c)
	}
}

type stage struct {
	system *actors.System
	hub    *Hub
	parent actors.Ref
}

// perform runs f in a bubble with a system, and checks that nothing of it is left afterwards.
func perform(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		quiet := slog.New(slog.DiscardHandler)
		system := actors.New(actors.Config{Logger: quiet})
		hub, err := NewHub(system, quiet)
		if err != nil {
			t.Fatal(err)
		}
		parent, err := system.Group(actors.Sessions).Spawn("session", "", func() actors.Actor { return &owner{hub: hub} })
		if err != nil {
			t.Fatal(err)
		}
		f(t, &stage{system, hub, parent})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := errors.Join(system.Close(ctx), hub.Wait(ctx)); err != nil {
			t.Fatal(err)
		}
		if n := system.Live(); n != 0 {
			t.Errorf("%d actors live on", n)
		}
		time.Sleep(2 * time.Second) // the library's dead-letter throttle lives a second longer
	})
}

func (s *stage) open(t *testing.T, w Widget, sink Sink) (ref actors.Ref, closer func()) {
	t.Helper()
	class, err := w.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return s.show(t, class, sink)
}

func (s *stage) show(t *testing.T, class *Class, sink Sink) (ref actors.Ref, closer func()) {
	t.Helper()
	var err error
	s.system.Send(s.parent, func(c *actors.Context) { ref, closer, err = s.hub.Open(c, class, &In{}, sink, 0) })
	synctest.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return ref, closer
}

var number = template.Must(template.New("number").Parse(`<b>{{.}}</b>`))

func counter() Widget {
	return Widget{
		Name: "counter", Template: number,
		Mount: func(context.Context, In) (any, error) { return 1, nil },
		Events: map[string]Handler{
			"add": On(func(_ context.Context, n int, e Event[struct {
				By int `json:",string"`
			}],
			) (int, error) {
				return n + e.Payload.By, nil
			}),
			"fail":  On(func(context.Context, int, Event[struct{}]) (int, error) { return 0, UserError("Not today.") }),
			"break": On(func(context.Context, int, Event[struct{}]) (int, error) { return 0, errors.New("secret detail") }),
			"panic": On(func(context.Context, int, Event[struct{}]) (int, error) { panic("secret detail") }),
			"leave": On(func(_ context.Context, n int, e Event[struct{}]) (int, error) { e.Redirect("/away"); return n, nil }),
			"search": On(func(ctx context.Context, n int, _ Event[struct{}]) (int, error) {
				return n + 100, sleep(ctx, time.Second)
			}).Latest(),
		},
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestEventTurnsStateIntoTheNext(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p := &page{}
		ref, _ := s.open(t, counter(), p)
		s.system.Send(ref, Input{Name: "add", Payload: []byte(`{"By":"41"}`), Ref: 7})
		synctest.Wait()
		if got := p.shows(); got != "<b>42</b>" {
			t.Errorf("shows %s", got)
		}
		if r := p.last(t); r.Ref != 7 || r.Err != "" {
			t.Errorf("reply %+v", r)
		}
		s.system.Send(ref, Input{Name: "leave", Payload: []byte(`{}`), Ref: 8})
		synctest.Wait()
		if r := p.last(t); r.Effects.Redirect != "/away" {
			t.Errorf("reply %+v", r)
		}
		if p.drawn() != 2 {
			t.Errorf("drawn %d times; a state that looks the same is not pushed", p.drawn())
		}
	})
}

func TestFailedEventKeepsTheState(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p := &page{}
		ref, _ := s.open(t, counter(), p)
		for name, want := range map[string]string{"fail": "Not today.", "break": "Incident", "nonsense": "Reload"} {
			s.system.Send(ref, Input{Name: name, Payload: []byte(`{}`), Ref: 1})
			synctest.Wait()
			if got := p.last(t).Err; !strings.Contains(got, want) || strings.Contains(got, "secret") {
				t.Errorf("%s is answered %q, want %q in it and nothing secret", name, got, want)
			}
		}
		s.system.Send(ref, Input{Name: "add", Payload: []byte(`{"By":"x"}`), Ref: 1})
		synctest.Wait()
		if got := p.last(t).Err; !strings.Contains(got, "Reload") {
			t.Errorf("a payload that does not fit is answered %q", got)
		}
		if got := p.shows(); got != "<b>1</b>" {
			t.Errorf("shows %s", got)
		}
	})
}

func TestPanicIsContainedAndTheWidgetComesBack(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p := &page{}
		ref, _ := s.open(t, counter(), p)
		s.system.Send(ref, Input{Name: "panic", Payload: []byte(`{}`), Ref: 1})
		synctest.Wait()
		if got := p.shows(); !strings.Contains(got, "gr-error-card") || strings.Contains(got, "secret") {
			t.Errorf("shows %s", got)
		}
		if got := p.last(t).Err; !strings.Contains(got, "incident") {
			t.Errorf("answered %q", got)
		}
		time.Sleep(firstRest)
		synctest.Wait()
		if got := p.shows(); got != "<b>1</b>" {
			t.Errorf("after the pause it shows %s", got)
		}
	})
}

func TestMountThatFailsShowsACardAndRetryMountsAgain(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p, broken := &page{}, true
		ref, _ := s.open(t, Widget{Name: "w", Template: number, Mount: func(context.Context, In) (any, error) {
			if broken {
				return nil, errors.New("secret: no database")
			}
			return 5, nil
		}}, p)
		if got := p.shows(); !strings.Contains(got, "could not be loaded") || strings.Contains(got, "secret") {
			t.Errorf("shows %s", got)
		}
		broken = false
		s.system.Send(ref, Input{Name: RetryEvent, Payload: []byte(`{}`), Ref: 1})
		synctest.Wait()
		if got := p.shows(); got != "<b>5</b>" {
			t.Errorf("after a retry it shows %s", got)
		}
	})
}

func TestNewerSearchSupersedesTheOlder(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p := &page{}
		ref, _ := s.open(t, counter(), p)
		for i := range 5 {
			s.system.Send(ref, Input{Name: "search", Payload: []byte(`{}`), Ref: int64(i)})
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := p.shows(); got != "<b>101</b>" {
			t.Errorf("shows %s; only the newest search counts", got)
		}
		if len(p.replies) != 5 {
			t.Errorf("%d replies to 5 events", len(p.replies))
		}
	})
}

func TestEventsThatTakeTooLongAreStopped(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p, w := &page{}, counter()
		w.Timeout = 100 * time.Millisecond
		ref, _ := s.open(t, w, p)
		s.system.Send(ref, Input{Name: "search", Payload: []byte(`{}`), Ref: 1})
		time.Sleep(time.Second)
		synctest.Wait()
		if got := p.last(t).Err; !strings.Contains(got, "longer than 100ms") {
			t.Errorf("answered %q", got)
		}
	})
}

func TestNewsMountAgainAtMostOncePerPace(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p, mounts := &page{}, 0
		s.open(t, Widget{
			Name: "w", Template: number, Topics: func(In) []string { return []string{"table/x"} },
			Mount: func(context.Context, In) (any, error) { mounts++; return mounts, nil },
		}, p)
		for range 100 {
			actors.Publish(s.system, "table/x", Change{Table: "x"})
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if mounts < 4 || mounts > 6 {
			t.Errorf("mounted %d times in one second of news, want the first, then one each 300 ms", mounts)
		}
		if got, want := p.shows(), fmt.Sprintf("<b>%d</b>", mounts); got != want {
			t.Errorf("shows %s, want the newest %s", got, want)
		}
	})
}

func TestNoticeGetsTheNewestOfATopic(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p := &page{}
		s.open(t, Widget{
			Name: "w", Template: number, Topics: func(In) []string { return []string{"job/1"} },
			Mount:  func(context.Context, In) (any, error) { return 0, nil },
			Notice: func(_ context.Context, _ In, _ any, news News) (any, error) { return news.Value.(int), nil },
		}, p)
		for i := range 50 {
			actors.Publish(s.system, "job/1", i)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := p.shows(); got != "<b>49</b>" {
			t.Errorf("shows %s", got)
		}
	})
}

func TestRequeryReplacesTheQuery(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p := &page{}
		ref, _ := s.open(t, Widget{Name: "w", Template: number, Mount: func(_ context.Context, in In) (any, error) {
			if in.Query == nil {
				return "all", nil
			}
			return in.Query.Search, nil
		}}, p)
		s.system.Send(ref, Requery{Query{Search: "needle"}})
		synctest.Wait()
		if got := p.shows(); got != "<b>needle</b>" {
			t.Errorf("shows %s", got)
		}
	})
}

func TestRefreshMountsAgain(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p, mounts := &page{}, 0
		s.open(t, Widget{Name: "w", Template: number, Refresh: 2 * time.Second, Mount: func(context.Context, In) (any, error) { mounts++; return mounts, nil }}, p)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if mounts != 3 {
			t.Errorf("mounted %d times in 5 s, want 3", mounts)
		}
	})
}

func TestSharedWidgetIsMountedOnceAndEncodedOnce(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		mounts := 0
		w := Widget{
			Name: "w", Template: number, Shared: func(In) string { return "all" }, Topics: func(In) []string { return []string{"table/x"} },
			Mount: func(context.Context, In) (any, error) { mounts++; return mounts, nil },
		}
		a, b := &page{}, &page{}
		class, err := w.Compile()
		if err != nil {
			t.Fatal(err)
		}
		_, closeA := s.show(t, class, a)
		_, closeB := s.show(t, class, b)
		if mounts != 1 || b.shows() != "<b>1</b>" {
			t.Errorf("mounted %d times, the second viewer sees %q", mounts, b.shows())
		}
		actors.Publish(s.system, "table/x", Change{Table: "x"})
		synctest.Wait()
		if mounts != 2 || a.renders[1] != b.renders[1] {
			t.Errorf("mounted %d times; both viewers get the very same render: %v", mounts, a.renders[1] == b.renders[1])
		}
		if len(a.renders[1].Diff) == 0 {
			t.Error("the second render has no diff")
		}
		before := s.system.Live()
		closeA()
		closeA()
		synctest.Wait()
		if s.system.Live() != before {
			t.Error("it ended while somebody watches")
		}
		closeB()
		synctest.Wait()
		if s.system.Live() != before-1 {
			t.Error("it lives on without viewers")
		}
	})
}

func TestTaskOfAPageThatWentIsStopped(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		p := &page{}
		ref, _ := s.open(t, counter(), p)
		s.system.Send(ref, Input{Name: "search", Payload: []byte(`{}`), Ref: 1})
		synctest.Wait()
		began := time.Now()
		s.system.Stop(s.parent) // the page's own actor, with which its widgets end
		if err := s.hub.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if time.Since(began) != 0 {
			t.Error("the handler was not stopped when its page went")
		}
	})
}

func TestCompileTellsWhatIsWrong(t *testing.T) {
	mount := func(context.Context, In) (any, error) { return nil, nil }
	for _, c := range []struct {
		widget Widget
		want   string
	}{
		{Widget{Name: "no good"}, "starts with a letter"},
		{Widget{Name: "w", Mount: mount}, "no Template"},
		{Widget{Name: "w", Template: number}, "no Mount"},
		{Widget{Name: "w", Template: number, Mount: mount, Size: "xl"}, "none of sm, md, lg"},
		{Widget{Name: "w", Template: number, Mount: mount, Events: map[string]Handler{"e": {}}}, "widgets.On"},
		{Widget{Name: "w", Template: number, Mount: mount, Events: counter().Events, Shared: func(In) string { return "" }}, "drop one"},
	} {
		if _, err := c.widget.Compile(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q in it", err, c.want)
		}
	}
}
