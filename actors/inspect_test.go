package actors

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// paths are the actors of a View in its order.
func paths(v View) string {
	var all []string
	for _, a := range v.Actors {
		all = append(all, strings.TrimPrefix(a.Actor.String(), "sessions/"))
	}
	return strings.Join(all, " ")
}

func TestLookRanksAndNarrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(quiet())
		i := s.Inspect()
		gate := make(chan struct{})
		receive := func(c *Context) {
			switch c.Message().(type) {
			case chan struct{}:
				<-gate
			case error:
				panic("boom")
			}
		}
		a, b, d := spawn(t, s, "a", receive), spawn(t, s, "b", receive), spawn(t, s, "D", receive)
		for range 5 {
			s.Send(a, 1)
		}
		s.Send(b, fmt.Errorf("bad"))
		time.Sleep(time.Second)
		s.Send(d, gate)
		synctest.Wait()
		s.Send(d, 1)
		s.Send(d, 2)
		for rank, want := range map[Rank]string{ByPath: "D a b", ByQueued: "D a b", ByMessages: "a b D", ByRestarts: "b a D", ByBusy: "D a b"} {
			if got := paths(i.Look(Look{Rank: rank})); got != want {
				t.Errorf("rank %d: %s, want %s", rank, got, want)
			}
		}
		i.Look(Look{Rank: ByRate})
		for range 9 {
			s.Send(b, 1)
		}
		time.Sleep(3 * time.Second)
		if v := i.Look(Look{Rank: ByRate}); v.Actors[0].Actor != b || v.Actors[0].Rate != 3 || v.Actors[1].Rate != 0 {
			t.Errorf("rates: %+v", v.Actors)
		}
		if v := i.Look(Look{Under: "sessions", State: "alive", Kind: "test"}); v.Matched != 3 {
			t.Errorf("%d children", v.Matched)
		}
		if v := i.Look(Look{Under: "sessions/a"}); v.Matched != 0 {
			t.Errorf("%d children of a leaf", v.Matched)
		}
		time.Sleep(4 * time.Second)
		v := i.Look(Look{Text: "SESSIONS/d", Most: 2})
		if paths(v) != "D" || v.Matched != 1 || v.Live != 3 || v.Busy != 1 || v.Queued != 2 || v.Messages != 16 {
			t.Errorf("%+v", v)
		}
		if got := v.Actors[0].BusyFor; got != 7*time.Second {
			t.Errorf("busy for %v since it was first seen", got)
		}
		if v = i.Look(Look{Rank: ByMessages, Most: 2}); paths(v) != "b a" || v.Matched != 3 {
			t.Errorf("the first two: %s of %d", paths(v), v.Matched)
		}
		if v = i.Look(Look{Text: "nobody"}); v.Matched != 0 || len(v.Actors) != 0 {
			t.Errorf("%+v", v)
		}
		close(gate)
		synctest.Wait()
		if v = i.Look(Look{}); v.Busy != 0 || v.Queued != 0 || v.Actors[0].BusyFor != 0 || len(i.busy) != 0 {
			t.Errorf("after the end: %+v", v)
		}
		closed(t, s)
		if v = i.Look(Look{}); v.Live != 0 || v.Messages != 18 {
			t.Errorf("messages of those that ended are forgotten: %+v", v)
		}
	})
}

func TestMishapsAndDeadLettersAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Logger: quiet().Logger, Restarts: 1})
		ref := spawn(t, s, "a", func(c *Context) {
			if err, ok := c.Message().(error); ok {
				panic(err)
			}
		})
		s.Send(ref, fmt.Errorf("first"))
		time.Sleep(time.Second)
		s.Send(ref, fmt.Errorf("second"))
		time.Sleep(time.Second)
		for n := range mostDead + 3 {
			s.Send(ref, n)
		}
		s.Send(Ref{}, "last")
		got := s.Mishaps()
		if len(got) != 3 || !got[0].GaveUp || got[1].Reason != "second" || got[2].Reason != "first" || got[2].Actor != "sessions/a" {
			t.Errorf("%+v", got)
		}
		letters := s.DeadLetters()
		if len(letters) != mostDead || letters[0].To != "nobody" || letters[0].Message != "string" || letters[1].To != "sessions/a" {
			t.Errorf("%d letters, %+v", len(letters), letters[0])
		}
		c := s.Counts()
		if c.Failures != 2 || c.Restarts != 1 || c.GaveUp != 1 || c.Dead != mostDead+4 || c.Live != 0 || c.Spawned != 1 {
			t.Errorf("%+v", c)
		}
		if _, ok := s.Describe(ref); ok {
			t.Error("an actor that ended is described")
		}
		closed(t, s)
		s.Send(Ref{}, "late")
		if n := s.Counts().Dead; n != c.Dead {
			t.Errorf("a letter of a closed system is counted: %d", n)
		}
	})
}

func TestTraceIsBoundedAndEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(quiet())
		receive := func(c *Context) {
			if _, ok := c.Message().(time.Duration); ok {
				time.Sleep(2 * time.Millisecond)
			}
		}
		a, b := spawn(t, s, "a", receive), spawn(t, s, "b", receive)
		synctest.Wait()
		if _, err := s.Follow("sessions/nobody", time.Second); !errors.Is(err, ErrEnded) {
			t.Errorf("an actor that is not there is followed: %v", err)
		}
		if n, err := s.Follow("sessions/a", time.Hour); n != 1 || err != nil {
			t.Fatalf("%d %v", n, err)
		}
		if _, err := s.Follow("sessions/b", time.Second); !errors.Is(err, ErrTracing) {
			t.Errorf("a second trace: %v", err)
		}
		s.Send(a, time.Second)
		s.Send(b, time.Second)
		synctest.Wait()
		time.Sleep(time.Second)
		got := s.Followed()
		if !got.On || got.Seen != 1 || len(got.Kept) != 1 || got.Kept[0].Message != "time.Duration" || got.Kept[0].Took != 2*time.Millisecond || got.Kept[0].Actor != "sessions/a" {
			t.Errorf("%+v", got)
		}
		for n := range 3000 {
			s.Send(a, n)
		}
		synctest.Wait()
		if got = s.Followed(); got.Seen != 3001 || len(got.Kept) != 201 {
			t.Errorf("%d of %d messages are kept", len(got.Kept), got.Seen)
		}
		time.Sleep(time.Minute) // an hour was asked for
		s.Send(a, 1)
		synctest.Wait()
		if got = s.Followed(); got.On || got.Seen != 3001 {
			t.Errorf("it goes on: %+v", got)
		}
		if n, err := s.Follow("test", time.Second); n != 2 || err != nil {
			t.Errorf("the actors of a kind: %d %v", n, err)
		}
		s.Stop(a) // ends in the middle of it
		synctest.Wait()
		s.Unfollow()
		if i, ok := s.Describe(b); !ok || i.State != "alive" || s.Live() != 1 {
			t.Errorf("%+v", i)
		}
		closed(t, s)
	})
}

// BenchmarkLook is what a console costs each second that somebody watches.
func BenchmarkLook(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		s := system(b, quiet())
		for range n {
			spawn(b, s, "", func(*Context) {})
		}
		i := s.Inspect()
		for name, q := range map[string]Look{"path": {}, "messages": {Rank: ByMessages}, "rate": {Rank: ByRate}, "search": {Text: "nobody"}} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if v := i.Look(q); v.Live != n {
						b.Fatal(v.Live)
					}
				}
			})
		}
	}
}

// BenchmarkAccount is what a message costs besides its handling, so that a console may look when it likes: two atomic stores.
func BenchmarkAccount(b *testing.B) {
	s := system(b, quiet())
	e := spawn(b, s, "a", func(*Context) {}).entry()
	var msg any = 1
	b.ReportAllocs()
	for b.Loop() {
		e.begin(msg)
		e.end()
	}
}
