package jobstest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"greenroom/jobs"
)

// Open makes a place for runs that is empty, and returns what opens it: once for each process that the test plays.
type Open func(t *testing.T) func() jobs.Store

// Exercise runs the suite.
func Exercise(t *testing.T, open Open) {
	t.Helper()
	for _, one := range []struct {
		name string
		test func(t *testing.T, store func() jobs.Store)
	}{
		{"a run as it was stored", testRoundTrip},
		{"a token twice is one run", testToken},
		{"tokens at once are one run", testTokensAtOnce},
		{"steps that there are not", testSteps},
		{"two ask, one is first", testCompareAndSet},
		{"steps at once", testStepsAtOnce},
		{"a late writer is refused", testFencing},
		{"progress of many", testSave},
		{"how runs stand", testStand},
		{"rows that failed", testFailedRows},
		{"files", testFiles},
		{"claims", testClaim},
		{"claims at once", testClaimsAtOnce},
		{"age alone is no death", testAge},
		{"a crash between two transactions", testCrash},
		{"who has lost its lease claims nothing", testClaimOfTheDead},
		{"pages of a history", testHistory},
		{"purge", testPurge},
		{"a request for approval as it was stored", testApproval},
		{"steps of requests that there are not", testApprovalSteps},
		{"decisions at once, one is heard", testDecisionsAtOnce},
		{"lists of requests", testApprovalLists},
		{"a context that has ended", testContext},
	} {
		t.Run(one.name, func(t *testing.T) { one.test(t, open(t)) })
	}
}

// lives is a lease that no test outlives.
const lives = time.Hour

// run is a new run, ready for Create.
func run(owner string) jobs.Record {
	return jobs.Record{
		Snapshot: jobs.Snapshot{
			ID: rand.Text(), Action: "refund", Label: "Refund <orders>", Table: "shop.orders", OwnerID: owner, Owner: "Ada Ä. ✓",
			State: jobs.Queued, Total: 10_000, Created: time.Now().Truncate(time.Microsecond).UTC(),
		},
		Token: rand.Text(), Epoch: 1, Node: "a",
	}
}

func create(t *testing.T, s jobs.Store, r jobs.Record, keys ...[]byte) jobs.Record {
	t.Helper()
	stored, err := s.Create(t.Context(), r, keys)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// step takes a run to a state, and stores what change does to it.
func step(t *testing.T, s jobs.Store, r jobs.Record, to jobs.State, change ...func(*jobs.Record)) jobs.Record {
	t.Helper()
	from := r.At()
	r.State = to
	if to.Final() {
		r.Ended = time.Now().Truncate(time.Microsecond).UTC()
	}
	for _, f := range change {
		f(&r)
	}
	if err := s.Transition(t.Context(), from, r, ""); err != nil {
		t.Fatalf("from %s to %s: %v", from.State, to, err)
	}
	return r
}

func get(t *testing.T, s jobs.Store, id string) jobs.Record {
	t.Helper()
	r, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func renew(t *testing.T, s jobs.Store, node string, ttl time.Duration) {
	t.Helper()
	if err := s.Renew(t.Context(), node, ttl); err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, s jobs.Store, node string, limit int) []jobs.Record {
	t.Helper()
	all, err := s.Claim(t.Context(), node, limit)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t *testing.T, what string, got, want jobs.Record) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func testRoundTrip(t *testing.T, store func() jobs.Store) {
	s := store()
	r := run("ada")
	r.Input = map[string][]string{"reason": {"broken, \"really\"\x01"}, "tags": {"a", ""}}
	keys := [][]byte{{0, 1, 255}, []byte("text"), make([]byte, 100_000)}
	same(t, "created", create(t, s, r, keys...), r)
	same(t, "read by another process", get(t, store(), r.ID), r)
	if got, err := s.Keys(t.Context(), r.ID); err != nil || !reflect.DeepEqual(got, keys) {
		t.Errorf("keys: %d chunks, %v", len(got), err)
	}
	r = step(t, s, r, jobs.Running, func(r *jobs.Record) { r.Started, r.Attempt, r.Epoch, r.Node = r.Created.Add(time.Second), 1, 2, "b" })
	same(t, "started", get(t, s, r.ID), r)
	r = step(t, s, r, jobs.Failed, func(r *jobs.Record) {
		r.Log, r.Skipped = []jobs.Line{{N: 7, Text: "Row 7: no\u2028money ⏎", Times: 2}}, 6
		r.Reason, r.Error, r.Incident, r.Note, r.Message, r.CancelledBy = jobs.ReasonError, jobs.FailedText, "abc", "note", "message", "Bob"
		r.Current, r.Failed, r.Vanished, r.Cursor = 77, 3, 2, "77"
	})
	same(t, "failed", get(t, s, r.ID), r)
	events, err := s.Events(t.Context(), r.ID)
	if err != nil || len(events) != 3 {
		t.Fatalf("events: %+v, %v", events, err)
	}
	for i, want := range []jobs.Event{
		{To: jobs.Queued, Epoch: 1, Node: "a"},
		{From: jobs.Queued, To: jobs.Running, Epoch: 2, Node: "b"},
		{From: jobs.Running, To: jobs.Failed, Epoch: 2, Node: "b", Reason: jobs.ReasonError},
	} {
		if events[i].Time.IsZero() {
			t.Errorf("event %d has no time", i)
		}
		want.Time = events[i].Time
		if events[i] != want {
			t.Errorf("event %d: %+v, want %+v", i, events[i], want)
		}
	}
	for name, f := range map[string]func() error{
		"get":        func() error { _, err := s.Get(t.Context(), "nothing"); return err },
		"keys":       func() error { _, err := s.Keys(t.Context(), "nothing"); return err },
		"events":     func() error { _, err := s.Events(t.Context(), "nothing"); return err },
		"transition": func() error { o := run("ada"); return s.Transition(t.Context(), o.At(), o, "") },
	} {
		if err := f(); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("%s of a run that is not there: %v", name, err)
		}
	}
}

func testToken(t *testing.T, store func() jobs.Store) {
	s := store()
	first := create(t, s, run("ada"), []byte("mine"))
	again := run("ada")
	again.Token = first.Token
	same(t, "the second", create(t, store(), again, []byte("lost")), first)
	if _, err := s.Get(t.Context(), again.ID); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("the second was stored: %v", err)
	}
	other := run("bob") // a token is a person's own
	other.Token = first.Token
	same(t, "another's", create(t, s, other), other)
	for range 2 { // no token, no promise
		none := run("ada")
		none.Token = ""
		same(t, "without", create(t, s, none), none)
	}
	twice := run("ada")
	twice.ID = first.ID
	if _, err := s.Create(t.Context(), twice, nil); err == nil {
		t.Error("an ID was taken twice")
	}
	ended := run("ada")
	ended.State = jobs.Succeeded
	if _, err := s.Create(t.Context(), ended, nil); !errors.Is(err, jobs.ErrStep) {
		t.Errorf("a run began at its end: %v", err)
	}
}

func testTokensAtOnce(t *testing.T, store func() jobs.Store) {
	token := rand.Text()
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		s := store()
		all.Go(func() {
			r := run("ada")
			r.Token = token
			stored, err := s.Create(t.Context(), r, [][]byte{[]byte("key")})
			if err != nil {
				t.Error(err)
			}
			ids[i] = stored.ID
		})
	}
	all.Wait()
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("one token made the runs %v", ids)
	}
}

func testSteps(t *testing.T, store func() jobs.Store) {
	s := store()
	r := create(t, s, run("ada"))
	for name, change := range map[string]func(*jobs.Record){
		"queued to succeeded": func(r *jobs.Record) { r.State = jobs.Succeeded },
		"two epochs":          func(r *jobs.Record) { r.State = jobs.Running; r.Epoch += 2 },
		"back an epoch":       func(r *jobs.Record) { r.State = jobs.Running; r.Epoch-- },
		"another run":         func(r *jobs.Record) { r.State = jobs.Running; r.ID = "x" },
	} {
		to := r
		change(&to)
		if err := s.Transition(t.Context(), r.At(), to, ""); !errors.Is(err, jobs.ErrStep) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r = step(t, s, r, jobs.Cancelled)
	for _, to := range []jobs.State{jobs.Queued, jobs.Running, jobs.Succeeded, jobs.Failed, jobs.Cancelled} {
		next := r
		next.State = to
		if err := s.Transition(t.Context(), r.At(), next, ""); !errors.Is(err, jobs.ErrStep) {
			t.Errorf("from cancelled to %s: %v", to, err)
		}
	}
	same(t, "untouched", get(t, s, r.ID), r)
	failed := step(t, s, step(t, s, create(t, s, run("ada")), jobs.Running), jobs.Failed)
	step(t, s, failed, jobs.Queued, func(r *jobs.Record) { r.Epoch++; r.Ended = time.Time{} }) // a person resumes it
}

func testCompareAndSet(t *testing.T, store func() jobs.Store) {
	s, other := store(), store()
	r := step(t, s, create(t, s, run("ada")), jobs.Running)
	cancelling := r
	cancelling.State, cancelling.Reason = jobs.Cancelling, jobs.ReasonPerson
	if err := other.Transition(t.Context(), r.At(), cancelling, "bob"); err != nil {
		t.Fatal(err)
	}
	pausing := r
	pausing.State = jobs.Pausing
	if err := s.Transition(t.Context(), r.At(), pausing, "ada"); !errors.Is(err, jobs.ErrMoved) {
		t.Errorf("pause after cancel: %v", err)
	}
	same(t, "the first holds", get(t, s, r.ID), cancelling)
	events, err := s.Events(t.Context(), r.ID)
	if err != nil || len(events) != 3 || events[2].By != "bob" {
		t.Errorf("events: %+v, %v", events, err)
	}
}

func testStepsAtOnce(t *testing.T, store func() jobs.Store) {
	s := store()
	r := step(t, s, create(t, s, run("ada")), jobs.Running)
	wins := make(chan jobs.State, 16)
	var all sync.WaitGroup
	for _, to := range []jobs.State{jobs.Succeeded, jobs.Failed, jobs.Pausing, jobs.Cancelling, jobs.Succeeded, jobs.Failed, jobs.Pausing, jobs.Cancelling} {
		mine := store()
		all.Go(func() {
			next := r
			next.State = to
			switch err := mine.Transition(t.Context(), r.At(), next, ""); {
			case err == nil:
				wins <- to
			case !errors.Is(err, jobs.ErrMoved):
				t.Errorf("to %s: %v", to, err)
			}
		})
	}
	all.Wait()
	close(wins)
	won := <-wins
	if _, second := <-wins; second || won == "" || get(t, s, r.ID).State != won {
		t.Errorf("%s won, a second one: %t, stored is %s", won, second, get(t, s, r.ID).State)
	}
}

func testFencing(t *testing.T, store func() jobs.Store) {
	old, now := store(), store()
	r := step(t, old, create(t, old, run("ada"), []byte("keys")), jobs.Running)
	renew(t, now, "b", lives)
	mine := claim(t, now, "b", 10)
	if len(mine) != 1 || mine[0].Epoch != r.Epoch+1 || mine[0].Node != "b" || mine[0].State != jobs.Running {
		t.Fatalf("claimed: %+v", mine)
	}
	late := r
	late.State, late.Current = jobs.Succeeded, r.Total
	if err := old.Transition(t.Context(), r.At(), late, ""); !errors.Is(err, jobs.ErrFenced) {
		t.Errorf("a late end: %v", err)
	}
	stand, err := old.Save(t.Context(), []jobs.Progress{{ID: r.ID, Epoch: r.Epoch, Current: 9_999, Cursor: "9999"}}, nil)
	if err != nil || len(stand) != 1 || stand[0] != mine[0].At() {
		t.Errorf("late progress hears %+v, %v; want %+v", stand, err, mine[0].At())
	}
	same(t, "after the late writer", get(t, now, r.ID), mine[0])
	if keys, err := now.Keys(t.Context(), r.ID); err != nil || len(keys) != 1 {
		t.Errorf("keys: %q, %v", keys, err)
	}
	step(t, now, mine[0], jobs.Queued, func(r *jobs.Record) { r.Rescues++ })
}

func testSave(t *testing.T, store func() jobs.Store) {
	s := store()
	var all []jobs.Progress
	var want []jobs.Record
	for i := range 300 {
		r := step(t, s, create(t, s, run("ada")), jobs.Running)
		p := jobs.Progress{ID: r.ID, Epoch: r.Epoch, Current: int64(i), Total: 10_001, Failed: 2, Vanished: 3, Message: fmt.Sprint("row ", i), Cursor: fmt.Sprint(i)}
		p.Into(&r)
		all, want = append(all, p), append(want, r)
	}
	ended := step(t, s, want[0], jobs.Succeeded)
	want[0] = ended
	all[0].Current = 5
	all = append(all, jobs.Progress{ID: "nothing", Epoch: 1})
	stand, err := s.Save(t.Context(), all, nil)
	if err != nil || len(stand) != len(want) {
		t.Fatalf("%d stand, %v", len(stand), err)
	}
	other := store()
	for _, r := range want {
		same(t, "saved", get(t, other, r.ID), r)
		if !slices.Contains(stand, r.At()) {
			t.Errorf("%+v is not among what was returned", r.At())
		}
	}
	if stand, err := s.Save(t.Context(), nil, nil); err != nil || len(stand) != 0 {
		t.Errorf("nothing: %v, %v", stand, err)
	}
	// Who asks a body to end does not know how far it is by then; who ends it does.
	r := want[1]
	stale := r
	jobs.Progress{Cursor: "0"}.Into(&stale)
	stale = step(t, s, stale, jobs.Pausing)
	step(t, s, stale, jobs.Cancelling)
	r.State = jobs.Cancelling
	same(t, "asked to end", get(t, s, r.ID), r)
	r = step(t, s, r, jobs.Cancelled, func(r *jobs.Record) { r.Current, r.Cursor = 7, "7" })
	same(t, "ended", get(t, s, r.ID), r)
}

func testClaim(t *testing.T, store func() jobs.Store) {
	s := store()
	renew(t, s, "a", lives)
	renew(t, s, "b", lives)
	var left []string
	for _, steps := range [][]jobs.State{
		{}, {jobs.Running}, {jobs.Running, jobs.Cancelling}, {jobs.Running, jobs.Pausing}, {jobs.Paused}, {jobs.Running, jobs.Succeeded}, {jobs.Cancelled},
	} {
		r := create(t, s, run("ada"))
		for _, to := range steps {
			r = step(t, s, r, to)
		}
		if !r.State.Final() {
			left = append(left, r.ID)
		}
	}
	if all := claim(t, s, "b", 10); len(all) != 0 {
		t.Fatalf("claimed of a node that lives: %+v", all)
	}
	nodes, err := s.Nodes(t.Context())
	if err != nil || len(nodes) != 2 || nodes[0].ID != "a" || nodes[0].Unfinished != len(left) || nodes[1].Unfinished != 0 || nodes[1].Left <= 0 || nodes[1].Left > lives {
		t.Errorf("nodes that live: %+v %v; a holds %d runs", nodes, err, len(left))
	}
	renew(t, s, "a", 0)
	if nodes, err = s.Nodes(t.Context()); err != nil || len(nodes) != 1 || nodes[0].ID != "b" {
		t.Errorf("nodes after one has ended: %+v %v", nodes, err)
	}
	first := claim(t, s, "b", 2)
	rest := claim(t, s, "b", 10)
	var got []string
	for _, r := range append(first, rest...) {
		got = append(got, r.ID)
		same(t, "claimed", get(t, s, r.ID), r)
	}
	slices.Sort(got)
	slices.Sort(left)
	if len(first) != 2 || !slices.Equal(got, left) {
		t.Errorf("claimed %v and then %v, want %v", len(first), got, left)
	}
	if all := claim(t, s, "b", 10); len(all) != 0 {
		t.Errorf("claimed twice: %+v", all)
	}
	events, err := s.Events(t.Context(), first[0].ID)
	if last := events[len(events)-1]; err != nil || last.From != last.To || last.Epoch != first[0].Epoch || last.Node != "b" {
		t.Errorf("the claim's event: %+v, %v", last, err)
	}
}

func testClaimsAtOnce(t *testing.T, store func() jobs.Store) {
	s := store()
	want := map[string]int{}
	for range 60 {
		r := step(t, s, create(t, s, run("ada")), jobs.Running)
		want[r.ID] = 0
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 8 {
		mine, node := store(), fmt.Sprint("node-", i)
		renew(t, mine, node, lives)
		all.Go(func() {
			for {
				some, err := mine.Claim(t.Context(), node, 7)
				if err != nil {
					t.Error(err)
				}
				if len(some) == 0 {
					return
				}
				mu.Lock()
				for _, r := range some {
					if want[r.ID]++; r.Node != node || r.Epoch != 2 {
						t.Errorf("%s got %s of epoch %d", node, r.Node, r.Epoch)
					}
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for id, n := range want {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
}

// testAge: hexpm's statistics ran nine minutes and more, and were begun anew two or three times a night by a rescue that went by age.
func testAge(t *testing.T, store func() jobs.Store) {
	s := store()
	old := run("ada")
	old.Created = time.Now().Add(-91 * 24 * time.Hour).Truncate(time.Microsecond).UTC()
	renew(t, s, "a", lives)
	renew(t, s, "b", lives)
	r := step(t, s, create(t, s, old), jobs.Running, func(r *jobs.Record) { r.Started = old.Created })
	if all := claim(t, s, "b", 10); len(all) != 0 {
		t.Fatalf("claimed for its age: %+v", all)
	}
	if n, err := s.Purge(t.Context(), time.Now()); err != nil || n != 0 {
		t.Errorf("purged %d that run, %v", n, err)
	}
	same(t, "untouched", get(t, s, r.ID), r)
}

// testCrash: nothing is said at the end, and the lease runs out by itself.
func testCrash(t *testing.T, store func() jobs.Store) {
	dead := store()
	renew(t, dead, "a", 20*time.Millisecond)
	r := step(t, dead, create(t, dead, run("ada"), []byte("keys")), jobs.Running)
	p := jobs.Progress{ID: r.ID, Epoch: r.Epoch, Current: 300, Total: r.Total, Cursor: "300"}
	if _, err := dead.Save(t.Context(), []jobs.Progress{p}, nil); err != nil {
		t.Fatal(err)
	}
	next := store()
	renew(t, next, "b", lives)
	var mine []jobs.Record
	for deadline := time.Now().Add(30 * time.Second); len(mine) == 0; {
		if mine = claim(t, next, "b", 10); time.Now().After(deadline) {
			t.Fatal("the lease of a dead node does not run out")
		}
		time.Sleep(5 * time.Millisecond) // the lease runs by the store's clock, which is not ours to turn
	}
	p.Into(&r)
	r.Node, r.Epoch = "b", r.Epoch+1
	same(t, "what the dead node left", mine[0], r)
	// The second crash is between the claim and what was to follow: a third node finds the run as it was.
	renew(t, next, "b", 0)
	third := store()
	renew(t, third, "c", lives)
	mine = claim(t, third, "c", 10)
	r.Node, r.Epoch = "c", r.Epoch+1
	if len(mine) != 1 {
		t.Fatalf("claimed after the second crash: %+v", mine)
	}
	same(t, "what the second left", mine[0], r)
	lost := step(t, third, r, jobs.Failed, func(r *jobs.Record) { r.Reason = jobs.ReasonNodeLost })
	same(t, "the end", get(t, store(), r.ID), lost)
}

func testClaimOfTheDead(t *testing.T, store func() jobs.Store) {
	s := store()
	r := create(t, s, run("ada"))
	for _, node := range []string{"never", "gone"} {
		if node == "gone" {
			renew(t, s, node, lives)
			renew(t, s, node, 0)
		}
		if all, err := s.Claim(t.Context(), node, 10); !errors.Is(err, jobs.ErrFenced) || len(all) != 0 {
			t.Errorf("%s claimed %d, %v", node, len(all), err)
		}
	}
	same(t, "untouched", get(t, s, r.ID), r)
}

func testHistory(t *testing.T, store func() jobs.Store) {
	s := store()
	began := time.Now().Truncate(time.Second).UTC()
	var ada []jobs.Record // the newest first
	for i := range 25 {
		owner := []string{"ada", "bob"}[i%2]
		r := run(owner)
		r.Created = began.Add(time.Duration(i/4) * time.Microsecond) // several at the same moment
		r = create(t, s, r)
		if i%4 == 0 {
			r = step(t, s, step(t, s, r, jobs.Running), jobs.Succeeded)
		}
		if owner == "ada" {
			ada = append(ada, r)
		}
	}
	slices.SortFunc(ada, func(a, b jobs.Record) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		if a.ID > b.ID {
			return -1
		}
		return 1
	})
	list := func(q jobs.History) []jobs.Record {
		t.Helper()
		page, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	var walked []jobs.Record
	q := jobs.History{Owner: "ada", Limit: 4}
	for {
		page := list(q)
		walked = append(walked, page...)
		if len(page) < 4 {
			break
		}
		last := page[len(page)-1]
		q.After = &jobs.Place{Created: last.Created, ID: last.ID}
	}
	if len(walked) != len(ada) {
		t.Fatalf("%d runs on all pages, want %d", len(walked), len(ada))
	}
	for i, r := range walked {
		same(t, fmt.Sprint("number ", i), r, ada[i])
	}
	if all := list(jobs.History{}); len(all) != 25 {
		t.Errorf("everybody's: %d", len(all))
	}
	if some := list(jobs.History{States: []jobs.State{jobs.Succeeded, jobs.Failed}}); len(some) != 7 || some[0].State != jobs.Succeeded {
		t.Errorf("succeeded: %d", len(some))
	}
	if some := list(jobs.History{Since: began.Add(5 * time.Microsecond)}); len(some) != 5 {
		t.Errorf("since: %d", len(some))
	}
	if some := list(jobs.History{Owner: "nobody"}); len(some) != 0 {
		t.Errorf("nobody's: %d", len(some))
	}
}

func testPurge(t *testing.T, store func() jobs.Store) {
	s := store()
	now := time.Now().Truncate(time.Microsecond).UTC()
	ended := func(ago time.Duration) jobs.Record {
		r := run("ada")
		r.Created = now.Add(-100 * 24 * time.Hour)
		return step(t, s, step(t, s, create(t, s, r, []byte("keys")), jobs.Running), jobs.Succeeded, func(r *jobs.Record) { r.Ended = now.Add(-ago) })
	}
	old, young := ended(jobs.KeepHistory+time.Minute), ended(jobs.KeepHistory-time.Minute)
	waits := run("ada")
	waits.Created = old.Created
	waits = create(t, s, waits)
	if n, err := s.Purge(t.Context(), now.Add(-jobs.KeepHistory)); err != nil || n != 1 {
		t.Fatalf("purged %d, %v", n, err)
	}
	if _, err := s.Get(t.Context(), old.ID); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := s.Keys(t.Context(), old.ID); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("its keys: %v", err)
	}
	if _, err := s.Events(t.Context(), old.ID); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("its events: %v", err)
	}
	same(t, "the young one", get(t, s, young.ID), young)
	same(t, "the unfinished one", get(t, s, waits.ID), waits)
	again := run("ada") // its token is free
	again.Token = old.Token
	same(t, "again", create(t, s, again), again)
}

func testContext(t *testing.T, store func() jobs.Store) {
	s := store()
	r := create(t, s, run("ada"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	next := r
	next.State = jobs.Running
	if err := s.Transition(ctx, r.At(), next, ""); err == nil {
		t.Error("a step went through after its context had ended")
	}
	same(t, "untouched", get(t, s, r.ID), r)
}
