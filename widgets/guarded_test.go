package widgets

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
)

// A right that was taken away is gone at the next event, load and piece of news.
func TestGuardedAsksEachTime(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		may := true
		w := Guarded(counter(), func(context.Context, *User) bool { return may })
		p := &page{}
		ref, _ := s.open(t, w, p)
		s.system.Send(ref, Input{Ref: 1, Name: "add", Payload: []byte(`{"By":"2"}`)})
		synctest.Wait()
		if got := p.shows(); got != "<b>3</b>" {
			t.Fatalf("it shows %s", got)
		}
		may = false
		s.system.Send(ref, Input{Ref: 1, Name: "add", Payload: []byte(`{"By":"2"}`)})
		synctest.Wait()
		if last := p.last(t); !strings.Contains(last.Err, "permission") || p.shows() != "<b>3</b>" {
			t.Errorf("answered %q, shows %s", last.Err, p.shows())
		}
	})
	bare := Guarded(Widget{}, nil)
	if bare.Mount != nil || bare.Events != nil {
		t.Error("a guard makes up what was not declared")
	}
}

// Two declarations that share under the same name and key are two widgets all the same.
func TestSharedWidgetsOfOneNameAreNotMixedUp(t *testing.T) {
	perform(t, func(t *testing.T, s *stage) {
		for n := range 2 {
			p := &page{}
			s.open(t, Widget{Name: "w", Template: number, Shared: func(In) string { return "all" }, Mount: func(context.Context, In) (any, error) { return n, nil }}, p)
			if want := "<b>" + string(rune('0'+n)) + "</b>"; p.shows() != want {
				t.Errorf("it shows %s, want %s", p.shows(), want)
			}
		}
	})
}
