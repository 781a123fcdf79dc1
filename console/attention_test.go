package console

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/actors"
	"greenroom/jobs"
	"greenroom/widgets"
)

// receiver is an actor made of its Receive.
type receiver func(c *actors.Context)

func (f receiver) Receive(c *actors.Context) { f(c) }

// TestTroubleIsSeenWithinTwoSeconds looks once a second, as pages do, and wants each trouble in the strip two seconds after it began, whenever that was.
func TestTroubleIsSeenWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"stopped": "is at the message", "panicking": "was restarted", "gave up": "failed too often", "flooded": "messages waiting"} {
		for _, phase := range []time.Duration{0, 10 * time.Millisecond, 500 * time.Millisecond, 990 * time.Millisecond} {
			synctest.Test(t, func(t *testing.T) {
				quiet := slog.New(slog.DiscardHandler)
				sys := actors.New(actors.Config{Logger: quiet, Restarts: 1})
				supervisor := jobs.NewSupervisor(sys, jobs.Config{Log: quiet})
				c := New(Config{
					System: sys, Jobs: supervisor, Decider: anyone{}, Log: quiet,
					Pages: func() []OpenPage { return nil }, Traffic: func() Traffic { return Traffic{} },
					Kick: func(context.Context, string) error { return nil },
				})
				gate := make(chan struct{})
				ref, err := sys.Group("sessions").Spawn("patient", "", func() actors.Actor {
					return receiver(func(c *actors.Context) {
						switch m := c.Message().(type) {
						case chan struct{}:
							<-m
						case error:
							panic(m)
						}
					})
				})
				if err != nil {
					t.Fatal(err)
				}
				look := func() bool {
					r, err := c.Look(t.Context(), operator, Query{Page: Overview})
					if err != nil {
						t.Fatal(err)
					}
					for _, a := range r.Attention {
						if strings.Contains(a.Text, want) && strings.Contains(a.Text, "patient") && a.Find != "" {
							return true
						}
					}
					return false
				}
				if look() {
					t.Fatalf("%s: told before it happened", name)
				}
				time.Sleep(phase)
				begun := time.Now()
				switch name {
				case "stopped":
					sys.Send(ref, gate)
				case "panicking":
					sys.Send(ref, errors.New("boom"))
				case "gave up":
					sys.Send(ref, errors.New("boom"))
					time.Sleep(500 * time.Millisecond) // it was restarted
					begun = time.Now()
					sys.Send(ref, errors.New("boom again"))
				case "flooded":
					sys.Send(ref, gate)
					for n := range fullMailbox {
						sys.Send(ref, n)
					}
				}
				synctest.Wait()
				next := time.Second - phase // the page's next look
				for told := false; !told; next = time.Second {
					time.Sleep(max(next, 0))
					if told = look(); !told && time.Since(begun) >= 2*time.Second {
						t.Errorf("%s, %v after a look: not told within 2 s", name, phase)
						break
					}
				}
				close(gate)
				synctest.Wait()
				if err := errors.Join(supervisor.Drain(t.Context()), sys.Close(t.Context())); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestConsoleStopsNoActorAndKicksNotItself(t *testing.T) {
	t.Parallel()
	c, sys := desk(t, OpenPage{SignIn: "mine", User: "me"}, OpenPage{SignIn: "yours", User: "you"})
	me := &widgets.User{ID: "1", Name: "me", SessionID: "mine", Super: true}
	for _, verb := range []string{Stop, Cancel, Pause, Resume, Release, Kick, "end", "poison"} {
		for _, a := range []string{"jobs/supervisor", "jobs", "sessions", "mine"} {
			if _, err := c.Do(t.Context(), me, verb, a); err == nil {
				t.Errorf("%s %s was done", verb, a)
			}
		}
	}
	if sys.Live() != 1 {
		t.Errorf("%d actors live, want the supervisor", sys.Live())
	}
	r, err := c.Look(t.Context(), me, Query{Page: Actors})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Table.Rows {
		if len(row.Verbs) > 0 {
			t.Errorf("%s may be stopped: %v", row.Key, row.Verbs)
		}
	}
	r, err = c.Look(t.Context(), me, Query{Page: Sessions})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Table.Rows {
		if kick := len(row.Verbs) > 0; kick != (row.Target == "yours") {
			t.Errorf("%s: %v", row.Target, row.Verbs)
		}
	}
}
