package actors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// function is an actor made of a function.
type function func(c *Context)

func (f function) Receive(c *Context) { f(c) }

// made makes a producer of one function.
func made(f func(c *Context)) func() Actor { return func() Actor { return function(f) } }

func quiet() Config { return Config{Logger: slog.New(slog.DiscardHandler)} }

// system starts a System that must be empty once the test closed it.
func system(tb testing.TB, cfg Config) *System {
	tb.Helper()
	if cfg.Logger == nil {
		cfg.Logger = quiet().Logger
	}
	s := New(cfg)
	tb.Cleanup(func() {
		if err := s.Close(tb.Context()); err != nil && tb.Context().Err() == nil {
			tb.Error(err)
		}
	})
	return s
}

func closed(tb testing.TB, s *System) {
	tb.Helper()
	if err := s.Close(context.Background()); err != nil {
		tb.Error(err)
	}
	if n := s.Live(); n != 0 {
		tb.Errorf("%d actors live after Close", n)
	}
	if all := s.Actors(); len(all) > 0 {
		tb.Errorf("listed after Close: %v", all)
	}
}

func spawn(tb testing.TB, s *System, name string, f func(c *Context)) Ref {
	tb.Helper()
	ref, err := s.Group(Sessions).Spawn("test", name, made(f))
	if err != nil {
		tb.Fatal(err)
	}
	return ref
}

// diary collects lines from several actors.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *diary) all() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.lines)
}

func (d *diary) mustBe(t *testing.T, want ...string) {
	t.Helper()
	if got := d.all(); !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// events writes everything but spawned and ended into a diary.
func (d *diary) events(s *System) {
	s.Events(func(e Event) {
		if e.Kind != Spawned && e.Kind != Ended {
			d.note("%s %s %s %s %d", e.Kind, e.Actor, e.Message, e.Reason, e.Count)
		}
	})
}

func kid(d *diary) func(c *Context) {
	return func(c *Context) { d.note("kid %T", c.Message()) }
}

func TestLifeOfParentAndChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(quiet()), &diary{}
		ref := spawn(t, s, "p", func(c *Context) {
			d.note("parent %T", c.Message())
			switch m := c.Message().(type) {
			case Started:
				child, err := c.Spawn("kid", "k", made(kid(d)))
				if err != nil {
					t.Error(err)
				}
				if _, err := c.Spawn("kid", "k", made(kid(d))); !errors.Is(err, ErrName) {
					t.Errorf("a taken name: %v", err)
				}
				c.Send(child, "hello")
			case ChildEnded:
				if m.Child.String() != "sessions/p/k" {
					t.Errorf("%s ended", m.Child)
				}
				if _, err := c.Spawn("kid", "k", made(kid(d))); !errors.Is(err, ErrClosed) {
					t.Errorf("a child for an ending actor: %v", err)
				}
			}
		})
		synctest.Wait()
		if n := s.Live(); n != 2 {
			t.Errorf("%d live", n)
		}
		if err := s.StopWait(t.Context(), ref); err != nil {
			t.Error(err)
		}
		d.mustBe(t, "parent actors.Started", "kid actors.Started", "kid string",
			"parent actors.Stopping", "kid actors.Stopping", "kid actors.Stopped", "parent actors.ChildEnded", "parent actors.Stopped")
		closed(t, s)
	})
}

func TestStopHandlesWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(quiet()), &diary{}
		d.events(s)
		gate := make(chan struct{})
		ref := spawn(t, s, "a", func(c *Context) {
			switch m := c.Message().(type) {
			case chan struct{}:
				<-m
			case int:
				d.note("%d", m)
			}
		})
		s.Send(ref, gate)
		s.Send(ref, 1)
		s.Stop(ref)
		s.Stop(ref)
		s.Send(ref, 2)
		s.Send(Ref{}, "nobody home")
		s.Send(ref, nil)
		close(gate)
		synctest.Wait()
		s.Send(ref, 3)
		if !d.has("dead letter nobody string  0", "dead letter sessions/a int  0", "dead letter sessions/a nil  0", "1") {
			t.Error(d.all())
		}
		closed(t, s)
	})
}

func (d *diary) has(lines ...string) bool {
	all := d.all()
	for _, l := range lines {
		if !slices.Contains(all, l) {
			return false
		}
	}
	return true
}

func TestContextStopDropsWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(quiet()), &diary{}
		d.events(s)
		gate := make(chan struct{})
		ref := spawn(t, s, "a", func(c *Context) {
			switch m := c.Message().(type) {
			case chan struct{}:
				<-m
				c.Stop()
			case int:
				d.note("%d", m)
			}
		})
		s.Send(ref, gate)
		s.Send(ref, 1)
		close(gate)
		synctest.Wait()
		d.mustBe(t, "dead letter sessions/a int  0")
		closed(t, s)
	})
}

func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(quiet()), &diary{}
		d.events(s)
		instances := 0
		start := time.Now()
		ref, err := s.Group(Shared).Spawn("test", "a", func() Actor {
			instances++
			me := instances
			return function(func(c *Context) {
				d.note("#%d %T at %v", me, c.Message(), time.Since(start))
				switch c.Message().(type) {
				case Started:
					if _, err := c.Spawn("kid", "k", made(kid(d))); err != nil {
						t.Error(err)
					}
				case error:
					panic("boom")
				}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.Send(ref, errors.New("bad"))
		s.Send(ref, "survives")
		time.Sleep(time.Second)
		d.mustBe(t,
			"#1 actors.Started at 0s", "kid actors.Started", "#1 *errors.errorString at 0s",
			"failed shared/a *errors.errorString boom 0",
			"#1 actors.Restarting at 50ms", "kid actors.Stopping", "kid actors.Stopped", "restarted shared/a   1",
			"#2 actors.Started at 50ms", "#2 string at 50ms", "kid actors.Started")
		i := s.Actors()[0]
		if i.Restarts != 1 || i.Failure == nil || i.Failure.Reason != "boom" || !strings.Contains(i.Failure.Stack, "actors_test.go") || i.Messages != 2 || i.Last != "string" || i.Busy {
			t.Errorf("%+v", i)
		}
		closed(t, s)
	})
}

// TestGiveUp also shows that the back-off doubles, and that a parent's hears of the end.
func TestGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(Config{Logger: quiet().Logger, Restarts: 4, MaxBackoff: 200 * time.Millisecond}), &diary{}
		s.Events(func(e Event) {
			if e.Kind == GaveUp {
				d.note("gave up %s after %d: %s", e.Actor, e.Count, e.Reason)
			}
		})
		start := time.Now()
		spawn(t, s, "p", func(c *Context) {
			switch m := c.Message().(type) {
			case Started:
				if _, err := c.Spawn("kid", "k", func() Actor {
					d.note("made at %v", time.Since(start))
					panic("produce")
				}); err != nil {
					t.Error(err)
				}
			case ChildEnded:
				d.note("parent: %s ended", m.Child)
			}
		})
		time.Sleep(10 * time.Second)
		d.mustBe(t, "made at 0s", "made at 50ms", "made at 150ms", "made at 350ms", "made at 550ms",
			"gave up sessions/p/k after 5: produce", "parent: sessions/p/k ended")
		closed(t, s)
	})
}

func TestFailuresFarApartAreForgiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Logger: quiet().Logger, Restarts: 1})
		ref := spawn(t, s, "a", func(c *Context) {
			if c.Message() == "fail" {
				panic("x")
			}
		})
		for range 5 {
			s.Send(ref, "fail")
			time.Sleep(2 * time.Minute)
		}
		if s.Live() != 1 {
			t.Error("gave up over failures two minutes apart")
		}
		closed(t, s)
	})
}

// TestPanicAnywhere panics in each message of life; the actor must restart or end, and Close must find nothing alive.
func TestPanicAnywhere(t *testing.T) {
	bad := map[string]func(c *Context){
		"panic":  func(*Context) { panic("bad") },
		"goexit": func(*Context) { runtime.Goexit() },
	}
	for how, fail := range bad {
		for _, when := range []any{Started{}, Restarting{}, Stopping{}, Stopped{}, ChildEnded{}, "message"} {
			t.Run(fmt.Sprintf("%s/%T", how, when), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := New(quiet())
					var failures, started atomic.Int32
					s.Events(func(e Event) {
						if e.Kind == Failed {
							failures.Add(1)
						}
					})
					var kid Ref
					ref := spawn(t, s, "a", func(c *Context) {
						if _, ok := c.Message().(Started); ok && started.Add(1) > 0 {
							kid, _ = c.Spawn("kid", "", made(func(*Context) {}))
						}
						if fmt.Sprintf("%T", c.Message()) == fmt.Sprintf("%T", when) && (failures.Load() == 0 || c.Message() == when) {
							fail(c)
						}
						if c.Message() == 1 {
							panic("once")
						}
					})
					synctest.Wait()
					s.Send(ref, "message")
					s.Send(ref, 1) // so that Restarting comes
					time.Sleep(time.Minute)
					synctest.Wait()
					s.Stop(kid)
					time.Sleep(time.Minute)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					if err := s.StopWait(ctx, ref); err != nil {
						t.Error(err)
					}
					if failures.Load() == 0 {
						t.Error("no failure was reported")
					}
					closed(t, s)
				})
			})
		}
	}
}

func TestPanicOfAChildWhileTheParentEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(quiet())
		gate := make(chan struct{})
		ref := spawn(t, s, "p", func(c *Context) {
			switch c.Message().(type) {
			case Started:
				kid, _ := c.Spawn("kid", "k", made(func(c *Context) {
					if c.Message() == "go" {
						<-gate
						panic("late")
					}
				}))
				c.Send(kid, "go")
			case ChildEnded:
				panic("last child")
			}
		})
		synctest.Wait()
		s.Stop(ref)
		synctest.Wait()
		close(gate)
		synctest.Wait()
		closed(t, s)
	})
}

func TestStopDoesNotWaitForTheBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(Config{Logger: quiet().Logger, Backoff: time.Hour, MaxBackoff: time.Hour}), &diary{}
		f := func(c *Context) {
			if m, ok := c.Message().(string); ok {
				d.note("%s", m)
				panic(m)
			}
		}
		a, b := spawn(t, s, "a", f), spawn(t, s, "b", f)
		s.Send(a, "one")
		s.Send(a, "two")
		s.Send(b, "three")
		synctest.Wait()
		start := time.Now()
		if err := s.StopWait(t.Context(), a); err != nil {
			t.Error(err)
		}
		closed(t, s)
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
		if !d.has("one", "two", "three") {
			t.Error(d.all())
		}
	})
}

type question1 struct {
	n     int
	reply Reply[int]
}

func asking(n int) func(Reply[int]) any { return func(r Reply[int]) any { return question1{n, r} } }

func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(quiet())
		var kept Reply[int]
		ref := spawn(t, s, "a", func(c *Context) {
			if q, ok := c.Message().(question1); ok {
				switch q.n {
				case 0:
					c.Stop()
				case -1:
					panic("no")
				case -2:
					kept = q.reply
				default:
					q.reply.Send(q.n * 2)
					q.reply.Send(7)
				}
			}
		})
		if n, err := Ask(t.Context(), s, ref, asking(21)); n != 42 || err != nil {
			t.Error(n, err)
		}
		if _, err := Ask(t.Context(), s, ref, asking(-1)); !errors.Is(err, ErrFailed) {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := Ask(ctx, s, ref, asking(-2)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		synctest.Wait()
		kept.Send(1)
		kept.Send(2)
		Reply[int]{}.Send(3)
		if _, err := Ask(t.Context(), s, ref, asking(0)); !errors.Is(err, ErrEnded) {
			t.Error(err)
		}
		if _, err := Ask(t.Context(), s, ref, asking(1)); !errors.Is(err, ErrEnded) || !strings.Contains(err.Error(), "sessions/a") {
			t.Error(err)
		}
		closed(t, s)
	})
}

func TestAskBehindAPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Logger: quiet().Logger, Restarts: 1})
		gate := make(chan struct{})
		receive := func(c *Context) {
			switch m := c.Message().(type) {
			case chan struct{}:
				<-m
			case question1:
				m.reply.Send(m.n)
			case error:
				panic(m)
			}
		}
		a := spawn(t, s, "a", receive)
		s.Send(a, gate)
		s.Stop(a)
		b := spawn(t, s, "b", receive) // gives up with the question still queued
		s.Send(b, gate)
		s.Send(b, errors.New("first"))
		s.Send(b, errors.New("second"))
		for _, ref := range []Ref{a, b} {
			go func() {
				if _, err := Ask(context.Background(), s, ref, asking(1)); !errors.Is(err, ErrEnded) {
					t.Errorf("%s: %v", ref, err)
				}
			}()
		}
		synctest.Wait()
		close(gate)
		time.Sleep(time.Minute)
		closed(t, s)
	})
}

func TestTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(quiet()), &diary{}
		hear := func(name string) Ref {
			return spawn(t, s, name, func(c *Context) {
				if n, ok := c.Message().(News); ok {
					d.note("%s %s %v", name, n.Topic, n.Value)
				}
			})
		}
		a, b := hear("a"), hear("b")
		Publish(s, "x", 0) // nobody
		cancel := s.Subscribe("x", a)
		s.Subscribe("x", b)
		if n := s.Subscribers("x"); n != 2 {
			t.Errorf("%d subscribers", n)
		}
		Publish(s, "x", 1)
		Publish(s, "y", "else")
		synctest.Wait()
		cancel()
		cancel()
		if err := s.StopWait(t.Context(), b); err != nil {
			t.Error(err)
		}
		Publish(s, "x", 2)
		if n := s.Subscribers("x"); n != 0 {
			t.Errorf("%d subscribers left", n)
		}
		s.Subscribe("x", b)()
		synctest.Wait()
		got := d.all()
		slices.Sort(got)
		if !slices.Equal(got, []string{"a x 1", "b x 1"}) {
			t.Error(got)
		}
		closed(t, s)
	})
}

func TestATopicHasOneType(t *testing.T) {
	s := system(t, quiet())
	for _, bind := range []func(name string){
		func(name string) { Publish(s, name, 1) },
		func(name string) { Expect[int](s, name) },
	} {
		func() {
			defer func() {
				text := fmt.Sprint(recover())
				for _, part := range []string{`"shop/orders`, "int", "string"} {
					if !strings.Contains(text, part) {
						t.Errorf("%q lacks %s", text, part)
					}
				}
			}()
			name := "shop/orders" + fmt.Sprint(time.Now().UnixNano())
			bind(name)
			bind(name)
			Publish(s, name, "text")
		}()
	}
}

// TestTopicNamesDoNotPileUp: a topic for each job must not leave its name behind for ever.
func TestTopicNamesDoNotPileUp(t *testing.T) {
	s := system(t, quiet())
	ref := spawn(t, s, "a", func(*Context) {})
	for i := range 3 * bound {
		name := fmt.Sprint("job/", i)
		cancel := s.Subscribe(name, ref)
		Publish(s, name, i)
		cancel()
	}
	if n := len(s.topics.byName); n > bound {
		t.Errorf("%d names kept", n)
	}
}

func TestManySubscriptionsComeAndGo(t *testing.T) {
	s := system(t, quiet())
	var got atomic.Int64
	ref := spawn(t, s, "a", func(c *Context) {
		if _, ok := c.Message().(News); ok {
			got.Add(1)
		}
	})
	var cancels []func()
	for range 1000 {
		cancels = append(cancels, s.Subscribe("x", ref))
	}
	for _, cancel := range cancels[10:] {
		cancel()
	}
	Publish(s, "x", 1)
	if err := s.StopWait(t.Context(), ref); err != nil {
		t.Error(err)
	}
	if got.Load() != 10 || s.Subscribers("x") != 0 {
		t.Errorf("%d news, %d subscribers", got.Load(), s.Subscribers("x"))
	}
}

func TestAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(quiet()), &diary{}
		d.events(s)
		start := time.Now()
		ref := spawn(t, s, "a", func(c *Context) {
			if m, ok := c.Message().(string); ok {
				d.note("%s at %v", m, time.Since(start))
			}
		})
		gone := spawn(t, s, "gone", func(*Context) {})
		if err := s.StopWait(t.Context(), gone); err != nil {
			t.Error(err)
		}
		s.After(time.Minute, ref, "minute")
		s.After(time.Second, ref, "second")
		s.After(time.Second, gone, "no dead letter")
		cancel := s.After(time.Second, ref, "cancelled")
		s.After(time.Hour, ref, "after Close")
		cancel()
		cancel()
		time.Sleep(2 * time.Minute)
		d.mustBe(t, "second at 1s", "minute at 1m0s")
		closed(t, s)
		s.After(time.Second, ref, "after Close")()
		time.Sleep(2 * time.Hour)
	})
}

func TestCloseOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(quiet()), &diary{}
		for _, group := range []string{Sessions, Shared, Jobs} {
			for i := range 2 {
				if _, err := s.Group(group).Spawn("test", fmt.Sprint(i), made(func(c *Context) {
					if _, ok := c.Message().(Stopped); ok {
						d.note("%s", c.Self())
					}
				})); err != nil {
					t.Fatal(err)
				}
			}
		}
		synctest.Wait()
		closed(t, s)
		got := d.all()
		for i, group := range []string{Jobs, Shared, Sessions} {
			for _, name := range got[2*i : 2*i+2] {
				if !strings.HasPrefix(name, group) {
					t.Errorf("%v", got)
				}
			}
		}
		if _, err := s.Group(Jobs).Spawn("test", "", made(func(*Context) {})); !errors.Is(err, ErrClosed) {
			t.Errorf("spawn after Close: %v", err)
		}
		if _, err := s.Group("late").Spawn("test", "", made(func(*Context) {})); !errors.Is(err, ErrClosed) {
			t.Errorf("spawn after Close: %v", err)
		}
	})
}

func TestCloseNamesWhoIsAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(quiet())
		gate := make(chan struct{})
		ref := spawn(t, s, "stuck", func(c *Context) {
			if m, ok := c.Message().(chan struct{}); ok {
				<-m
			}
		})
		spawn(t, s, "fine", func(*Context) {})
		s.Send(ref, gate)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := s.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 still alive: sessions/stuck (handling chan struct {})") {
			t.Error(err)
		}
		close(gate)
		closed(t, s)
	})
}

// TestCloseUnderStress closes, several times at once, while actors spawn, fail, ask and end.
func TestCloseUnderStress(t *testing.T) {
	for seed := range 8 {
		s := New(Config{Logger: quiet().Logger, Backoff: time.Microsecond})
		var wg sync.WaitGroup
		stop := make(chan struct{})
		for w := range 4 {
			wg.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					ref, err := s.Group([]string{Sessions, Shared, Jobs}[(w+i)%3]).Spawn("stress", "", made(func(c *Context) {
						switch m := c.Message().(type) {
						case Started:
							for range 3 {
								_, _ = c.Spawn("kid", "", made(func(c *Context) {
									if _, ok := c.Message().(Stopped); ok && i%3 == 0 {
										panic("in Stopped")
									}
								}))
							}
							s.Subscribe("t", c.Self())
							s.After(time.Microsecond, c.Self(), "tick")
						case question1:
							m.reply.Send(m.n)
						case int:
							if m%5 == seed%5 {
								panic(m)
							}
						}
					}))
					if err != nil {
						if !errors.Is(err, ErrClosed) {
							t.Error(err)
						}
						continue
					}
					s.Send(ref, i)
					Publish(s, "t", i)
					if i%7 == 0 {
						_, _ = Ask(context.Background(), s, ref, asking(i))
					}
					if i%2 == 0 {
						s.Stop(ref)
					}
				}
			})
		}
		for s.spawned.Load() < 500 {
			runtime.Gosched()
		}
		var closers sync.WaitGroup
		for range 3 {
			closers.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
				defer cancel()
				if err := s.Close(ctx); err != nil {
					t.Error(err)
				}
				if n := s.Live(); n != 0 {
					t.Errorf("%d live after Close", n)
				}
			})
		}
		closers.Wait()
		close(stop)
		wg.Wait()
		if n := s.Live(); n != 0 {
			t.Errorf("%d live", n)
		}
	}
}

func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(quiet())
		g := s.Group(Sessions)
		ref, err := g.Spawn("test", "x", made(func(*Context) {}))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"x", "a/b"} {
			if _, err := g.Spawn("test", name, made(func(*Context) {})); !errors.Is(err, ErrName) {
				t.Errorf("%q: %v", name, err)
			}
		}
		synctest.Wait()
		if s.Find("sessions/x") != ref || !s.Find("sessions/y").IsZero() || g.Len() != 1 {
			t.Error("Find or Len is wrong")
		}
		if err := s.StopWait(t.Context(), ref); err != nil {
			t.Error(err)
		}
		again, err := g.Spawn("test", "x", made(func(*Context) {}))
		synctest.Wait()
		if err != nil || again == ref || s.Find("sessions/x") != again {
			t.Errorf("the name of an ended actor: %v", err)
		}
		closed(t, s)
	})
}

// TestDeadLettersHoldNoPayload also covers logs of failures: the type of a message is told, its content never.
func TestDeadLettersHoldNoPayload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		s := New(Config{Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		d := &diary{}
		d.events(s)
		type form struct{ password string }
		ref := spawn(t, s, "a", func(c *Context) {
			if _, ok := c.Message().(form); ok {
				panic("cannot read the form")
			}
		})
		s.Send(ref, form{"hunter2"})
		s.Send(Ref{}, form{"hunter2"})
		time.Sleep(time.Second)
		closed(t, s)
		for _, text := range append(d.all(), out.String()) {
			if strings.Contains(text, "hunter2") {
				t.Error(text)
			}
		}
		if !strings.Contains(out.String(), "actors.form") {
			t.Error(out.String())
		}
	})
}

// TestRestartAfterTheEnd: an actor that stops itself and panics in the same message, while its stop is asked for, is told to restart after its end. The
// library would do it.
func TestRestartAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(quiet()), &diary{}
		gate := make(chan struct{})
		ref := spawn(t, s, "a", func(c *Context) {
			d.note("%T", c.Message())
			if m, ok := c.Message().(chan struct{}); ok {
				<-m
				c.Stop()
				panic("on the way out")
			}
		})
		s.Send(ref, gate)
		synctest.Wait()
		s.Stop(ref)
		close(gate)
		time.Sleep(time.Minute)
		d.mustBe(t, "actors.Started", "chan struct {}", "actors.Stopping", "actors.Stopped")
		closed(t, s)
	})
}

// TestGiveUpReportsWhatWasQueued: the mailbox of an actor that gave up is suspended, and what waits in it must not vanish unseen.
func TestGiveUpReportsWhatWasQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := New(Config{Logger: quiet().Logger, Restarts: 1}), &diary{}
		d.events(s)
		ref := spawn(t, s, "a", func(c *Context) {
			if _, ok := c.Message().(Started); ok {
				panic("never starts")
			}
		})
		s.Send(ref, "queued")
		time.Sleep(time.Minute)
		if !d.has("dead letter sessions/a string  0") {
			t.Error(d.all())
		}
		closed(t, s)
	})
}
