package jobs

import (
	"math/rand/v2"
	"slices"
	"testing"
)

var (
	allStates = []State{"", Queued, Running, Pausing, Paused, Cancelling, Succeeded, Failed, Cancelled}
	allVerbs  = []verb{admit, begin, pause, resume, stop, force, succeed, fail, halt, release}
)

// TestTransitions walks the whole table from the first state: every state is reached, a final one is left by nobody but who resumes a failure, and whatever
// has a body can end well, badly and by force.
func TestTransitions(t *testing.T) {
	reached := map[State]bool{}
	var walk func(State)
	walk = func(s State) {
		if reached[s] {
			return
		}
		reached[s] = true
		for _, v := range allVerbs {
			l := life{stamp{state: s, epoch: 3, step: 9}}
			if !l.take(v) {
				if l.stamp != (stamp{s, 3, 9}) {
					t.Errorf("%s of %q is refused and changes %+v", v, s, l)
				}
				continue
			}
			if s.Final() && (s != Failed || v != resume) {
				t.Errorf("%s leads from %s to %s", v, s, l.state)
			}
			if l.step != 10 || (l.epoch == 4) != (v == begin || v == force) {
				t.Errorf("%s of %s: %+v", v, s, l)
			}
			walk(l.state)
		}
	}
	walk("")
	for _, s := range allStates {
		if !reached[s] {
			t.Errorf("%s cannot be reached", s)
		}
		if want := s == Succeeded || s == Failed || s == Cancelled; s.Final() != want {
			t.Errorf("%q: Final is %v", s, s.Final())
		}
		if slices.Contains([]State{Running, Pausing, Cancelling}, s) && !(s.can(Succeeded) && s.can(Failed)) {
			t.Errorf("%s has a body, and its return has no place", s)
		}
	}
}

// TestEveryRefusalIsSaid: a person's verb either works somewhere, is fulfilled, or has its sentence.
func TestEveryRefusalIsSaid(t *testing.T) {
	for _, v := range []verb{pause, resume, stop, force} {
		for _, s := range allStates[1:] {
			_, works := transitions[v][s]
			said := refusals[v][s] != ""
			fulfilled := slices.Contains(granted[v], s)
			if works && (said || fulfilled) || !works && said == fulfilled {
				t.Errorf("%s of %s: works %v, said %v, fulfilled %v", v, s, works, said, fulfilled)
			}
		}
	}
}

// TestLifeAtRandom has many who act on what they last saw, in any order: two of them never move a run from the same moment, and a body that was
// given up or replaced moves nothing.
func TestLifeAtRandom(t *testing.T) {
	for seed := range uint64(2000) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var l life
		moved := map[stamp]bool{}
		seen := make([]stamp, 5)   // what each of five pages or timers last saw
		bodies := []int64{}        // epochs of bodies that have not returned
		ended := map[int64]State{} // what each epoch's body brought about
		for range 60 {
			v := allVerbs[rnd.IntN(len(allVerbs))]
			before := l.stamp
			took := false
			switch who := rnd.IntN(len(seen)); {
			case slices.Contains([]verb{succeed, fail, halt}, v):
				if len(bodies) == 0 {
					continue
				}
				at := rnd.IntN(len(bodies))
				epoch := bodies[at]
				bodies = slices.Delete(bodies, at, at+1)
				if took = l.takeIn(epoch, v); took && epoch != before.epoch {
					t.Fatalf("seed %d: the body of epoch %d moved %+v", seed, epoch, before)
				}
				if !took && epoch == l.epoch && v != halt { // a body has to return somehow
					t.Fatalf("seed %d: %s of the present body is lost at %+v", seed, v, before)
				}
				if !took && epoch == l.epoch {
					bodies = append(bodies, epoch)
				}
				if took {
					if s, twice := ended[epoch]; twice {
						t.Fatalf("seed %d: epoch %d ended as %s and %s", seed, epoch, s, l.state)
					}
					ended[epoch] = l.state
				}
			default:
				if took = l.takeAt(seen[who], v); took && seen[who] != before {
					t.Fatalf("seed %d: %s acted on %+v, the run was at %+v", seed, v, seen[who], before)
				}
				seen[who] = l.stamp // a page sees the answer
				if took && v == begin {
					bodies = append(bodies, l.epoch)
				}
			}
			if !took && l.stamp != before {
				t.Fatalf("seed %d: a refused %s moved %+v to %+v", seed, v, before, l.stamp)
			}
			if took {
				if moved[before] {
					t.Fatalf("seed %d: two transitions from %+v", seed, before)
				}
				moved[before] = true
			}
			live := slices.ContainsFunc(bodies, func(e int64) bool { return e == l.epoch })
			if working := slices.Contains([]State{Running, Pausing, Cancelling}, l.state); working != live {
				t.Fatalf("seed %d: at %+v a body of its epoch lives: %v", seed, l.stamp, live)
			}
		}
	}
}
