package jobstest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"greenroom/jobs"
)

// asking is a new request, ready for Ask.
func asking(owner string) jobs.Approval {
	now := time.Now().Truncate(time.Microsecond).UTC()
	return jobs.Approval{
		ID: rand.Text(), Action: "refund", Label: "Refund <orders>", Table: "shop.orders", OwnerID: owner, Owner: "Ada Ä. ✓", ByID: "eve", Question: "Refund 2 orders?",
		Total: 2, Input: map[string][]string{"reason": {"it's \"broken\" \\ ✓"}}, Token: rand.Text(), State: jobs.Waiting, Created: now, Expires: now.Add(time.Hour),
	}
}

func ask(t *testing.T, s jobs.Store, a jobs.Approval, keys ...[]byte) jobs.Approval {
	t.Helper()
	stored, err := s.Ask(t.Context(), a, keys)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func decided(a jobs.Approval, to jobs.ApprovalState) jobs.Approval {
	a.State, a.DecidedByID, a.DecidedBy, a.Reason, a.Decided = to, "bea", "Bea", "checked <it>", time.Now().Truncate(time.Microsecond).UTC()
	return a
}

func testApproval(t *testing.T, store func() jobs.Store) {
	s, other := store(), store()
	keys := [][]byte{bytes.Repeat([]byte{0, 255, 7}, 1000), {1, 2}}
	a := asking("ada")
	if got := ask(t, s, a, keys...); !reflect.DeepEqual(got, a) {
		t.Fatalf("stored:\n%+v\nwant:\n%+v", got, a)
	}
	if got, err := other.Approval(t.Context(), a.ID); err != nil || !reflect.DeepEqual(got, a) {
		t.Fatalf("read:\n%+v\nwant:\n%+v\n%v", got, a, err)
	}
	if got, err := other.ApprovalKeys(t.Context(), a.ID); err != nil || !reflect.DeepEqual(got, keys) {
		t.Errorf("%d chunks of keys, %v", len(got), err)
	}
	twice := asking("ada")
	twice.Token = a.Token
	if got := ask(t, other, twice); got.ID != a.ID {
		t.Errorf("a token twice makes %s besides %s", got.ID, a.ID)
	}
	twice.OwnerID = "bob"
	if got := ask(t, other, twice); got.ID != twice.ID {
		t.Errorf("another's request with the same token is %s", got.ID)
	}
	yes := decided(a, jobs.Approved)
	if err := other.Decide(t.Context(), jobs.Waiting, yes, time.Now()); err != nil {
		t.Fatal(err)
	}
	begun := yes
	begun.State, begun.Job = jobs.Started, "job"
	if err := s.Decide(t.Context(), jobs.Approved, begun, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got, err := store().Approval(t.Context(), a.ID); err != nil || !reflect.DeepEqual(got, begun) {
		t.Errorf("in the end:\n%+v\nwant:\n%+v\n%v", got, begun, err)
	}
	if _, err := s.Approval(t.Context(), "nothing"); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := s.ApprovalKeys(t.Context(), "nothing"); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("keys of nothing: %v", err)
	}
	if err := s.Decide(t.Context(), jobs.Waiting, decided(asking("ada"), jobs.Rejected), time.Now()); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("a decision on nothing: %v", err)
	}
}

func testApprovalSteps(t *testing.T, store func() jobs.Store) {
	s := store()
	for _, one := range []struct {
		from, to jobs.ApprovalState
		want     error
	}{
		{jobs.Waiting, jobs.Waiting, jobs.ErrStep},
		{jobs.Waiting, jobs.Started, jobs.ErrStep},
		{jobs.Approved, jobs.Withdrawn, jobs.ErrStep},
		{jobs.Rejected, jobs.Approved, jobs.ErrStep},
		{jobs.Approved, jobs.Started, jobs.ErrMoved}, // it waits
		{jobs.Waiting, jobs.Withdrawn, nil},
	} {
		a := ask(t, s, asking("ada"))
		err := s.Decide(t.Context(), one.from, decided(a, one.to), time.Now())
		if !errors.Is(err, one.want) {
			t.Errorf("from %s to %s: %v, want %v", one.from, one.to, err, one.want)
		}
		if got, _ := s.Approval(t.Context(), a.ID); one.want != nil && got.State != jobs.Waiting {
			t.Errorf("from %s to %s: it is %s", one.from, one.to, got.State)
		}
	}
	late := ask(t, s, asking("ada"))
	for _, at := range []time.Time{late.Expires, late.Expires.Add(time.Hour)} {
		if err := s.Decide(t.Context(), jobs.Waiting, decided(late, jobs.Approved), at); !errors.Is(err, jobs.ErrMoved) {
			t.Errorf("approved at %s, past %s: %v", at, late.Expires, err)
		}
	}
}

// testDecisionsAtOnce: of all who approve, reject and withdraw one request at once, one is heard.
func testDecisionsAtOnce(t *testing.T, store func() jobs.Store) {
	for range 5 {
		a := ask(t, store(), asking("ada"))
		var first atomic.Pointer[jobs.Approval]
		var heard atomic.Int64
		var all sync.WaitGroup
		for n := range 9 {
			s := store()
			next := decided(a, []jobs.ApprovalState{jobs.Approved, jobs.Rejected, jobs.Withdrawn}[n%3])
			all.Go(func() {
				switch err := s.Decide(t.Context(), jobs.Waiting, next, time.Now()); {
				case err == nil:
					heard.Add(1)
					first.Store(&next)
				case !errors.Is(err, jobs.ErrMoved):
					t.Error(err)
				}
			})
		}
		all.Wait()
		got, err := store().Approval(t.Context(), a.ID)
		if err != nil || heard.Load() != 1 || !reflect.DeepEqual(got, *first.Load()) {
			t.Fatalf("%d of 9 were heard, %v; it is %+v", heard.Load(), err, got)
		}
	}
}

func testApprovalLists(t *testing.T, store func() jobs.Store) {
	s := store()
	now := time.Now().Truncate(time.Microsecond).UTC()
	put := func(owner string, age, left time.Duration) string {
		a := asking(owner)
		a.Created, a.Expires = now.Add(-age), now.Add(left)
		return ask(t, s, a, []byte{0, 1, 2}).ID
	}
	old, young, bobs, over := put("ada", 3*time.Hour, time.Hour), put("ada", time.Hour, time.Hour), put("bob", 2*time.Hour, time.Hour), put("ada", 30*time.Hour, -time.Hour)
	no, err := s.Approval(t.Context(), old)
	if err == nil {
		err = s.Decide(t.Context(), jobs.Waiting, decided(no, jobs.Rejected), now)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		q    jobs.ApprovalQuery
		want []string
	}{
		"everything":   {jobs.ApprovalQuery{}, []string{young, bobs, old, over}},
		"of one owner": {jobs.ApprovalQuery{Owner: "ada"}, []string{young, old, over}},
		"what waits":   {jobs.ApprovalQuery{State: jobs.Waiting, Expires: now}, []string{young, bobs}},
		"the newest":   {jobs.ApprovalQuery{Limit: 1}, []string{young}},
		"of nobody":    {jobs.ApprovalQuery{Owner: "eve"}, nil},
	} {
		all, err := store().ListApprovals(t.Context(), one.q)
		var ids []string
		for _, a := range all {
			ids = append(ids, a.ID)
		}
		if err != nil || !slices.Equal(ids, one.want) {
			t.Errorf("%s: %v, want %v; %v", name, ids, one.want, err)
		}
	}
	if _, err := s.Purge(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Approval(t.Context(), over); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("whose time was over is kept: %v", err)
	}
	if _, err := s.ApprovalKeys(t.Context(), over); !errors.Is(err, jobs.ErrNotFound) {
		t.Errorf("and its keys: %v", err)
	}
	if keys, err := s.ApprovalKeys(t.Context(), old); err != nil || len(keys) != 1 {
		t.Errorf("one whose time is not: %v, %v", keys, err)
	}
}
