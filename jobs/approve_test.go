package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// office is a supervisor with an action that needs approval. ann and bob may do it, dora and emil may approve too, and carl may approve only.
type office struct {
	*room
	store  *Memory
	src    *memory
	action Action
	mu     sync.Mutex
	people map[string]*widgets.User
	ran    []string // the rows that were done
	as     []widgets.Actor
}

func inOffice(t *testing.T, test func(o *office)) {
	t.Helper()
	right := func(id string, rights ...string) *widgets.User {
		return &widgets.User{ID: id, Name: id, Rights: rights}
	}
	o := &office{store: NewMemory(), src: table(100), people: map[string]*widgets.User{
		"ann": ann, "bob": bob, "carl": right("carl", "shop.approve"), "dora": right("dora", "shop.refund", "shop.approve"), "emil": right("emil", "shop.*"),
		"chief": chief, "root": {ID: "root", Name: "root", Super: true},
	}}
	o.action = On(Action{Name: "refund", Permission: "shop.refund", Approval: "shop.approve", Confirm: "Refund {count} orders?", DryRun: true},
		func(ctx context.Context, _ *Job, rows Rows[order], _ struct{}) error {
			actor, _ := widgets.ActorOf(ctx)
			o.mu.Lock()
			defer o.mu.Unlock()
			o.as = append(o.as, actor)
			for row, err := range rows.All(ctx) {
				if err != nil {
					return err
				}
				o.ran = append(o.ran, row.State)
			}
			return nil
		})
	cfg := Config{Who: o.who, UnfinishedPerUser: 5}
	inOneRoom(t, cfg, o.store, o.revive, func(r *room) {
		o.room = r
		test(o)
	})
}

func (o *office) who(_ context.Context, id string) (*widgets.User, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if u := o.people[id]; u != nil {
		return u, nil
	}
	return nil, errors.New("nobody")
}

func (o *office) revive(ctx context.Context, r Record) (Request, error) {
	u, err := o.who(ctx, r.OwnerID)
	if err == nil && r.ByID != "" {
		var by *widgets.User
		if by, err = o.who(ctx, r.ByID); err == nil {
			u = u.SeenBy(by)
		}
	}
	if err == nil && r.Action != o.action.Name {
		err = errors.New("no such action")
	}
	return Request{Action: o.action, User: u, Selection: Selection{Source: o.src}}, err
}

func (o *office) request(by *widgets.User, n int) Request {
	return Request{Action: o.action, User: by, Selection: Selection{Source: o.src, Keys: keys(1, n+1)}}
}

func (o *office) ask(by *widgets.User, n int) Approval {
	o.t.Helper()
	a, err := o.sup.Ask(o.t.Context(), o.request(by, n))
	if err != nil {
		o.t.Fatal(err)
	}
	return a
}

func (o *office) done() int {
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.ran)
}

func TestAnActionWaitsForApproval(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx, dora := o.t.Context(), o.people["dora"]
		if _, err := o.sup.Start(ctx, o.request(ann, 3)); !errors.Is(err, errAskFirst) {
			o.t.Fatalf("started without approval: %v", err)
		}
		a := o.ask(ann, 3)
		if a.State != Waiting || a.Question != "Refund 3 orders?" || a.Total != 3 || a.Expires.Sub(a.Created) != 24*time.Hour || a.Owner != "Ann" {
			o.t.Fatalf("%+v", a)
		}
		if len(o.sup.List(chief)) > 0 || o.done() > 0 {
			o.t.Fatal("something runs before it was approved")
		}
		o.src.delete(2)
		a, err := o.sup.Approve(ctx, a.ID, dora, "fine\x1b")
		if err != nil || a.State != Started || a.Job == "" || a.DecidedBy != "dora" || a.Reason != "fine" {
			o.t.Fatalf("%+v, %v", a, err)
		}
		s := o.wait(a.Job)
		if s.State != Succeeded || s.OwnerID != "ann" || s.ApprovedBy != "dora" || s.Total != 3 || s.Vanished != 1 || o.done() != 2 {
			t.Errorf("the run is %+v, and %d rows were done", s, o.done())
		}
		if got := o.as[0]; got.UserID != "ann" || got.Via != "refund "+a.Job+", approved by dora" {
			t.Errorf("it works on behalf of %+v", got)
		}
		if _, err := o.sup.Rerun(ctx, a.Job, ann, ""); !errors.Is(err, errAskFirst) {
			t.Errorf("again without approval: %v", err)
		}
		// To try it takes nobody else.
		dry := o.request(ann, 1)
		dry.DryRun = true
		id, err := o.sup.Start(ctx, dry)
		if err != nil {
			o.t.Fatal(err)
		}
		if s := o.wait(id); s.State != Succeeded || !s.DryRun {
			t.Errorf("%+v", s)
		}
	})
}

func TestWhoMayDecide(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := o.t.Context()
		a := o.ask(o.people["dora"], 1)
		asEmil := o.people["emil"].SeenBy(o.people["root"])
		theirs := o.ask(asEmil, 1)
		if theirs.OwnerID != "emil" || theirs.ByID != "root" || theirs.Owner != "root as emil" {
			o.t.Fatalf("%+v", theirs)
		}
		for name, one := range map[string]struct {
			by   *widgets.User
			of   Approval
			want error
		}{
			"nobody":                         {nil, a, ErrNotFound},
			"who may not approve":            {ann, a, ErrNotFound},
			"who may not do it":              {o.people["carl"], a, ErrNotFound},
			"a supervisor of jobs":           {chief, a, ErrDenied},
			"who asked":                      {o.people["dora"], a, errOwn},
			"who sees the admin as them":     {o.people["dora"].SeenBy(o.people["root"]), a, errOwn},
			"who is seen as":                 {o.people["emil"], theirs, errOwn},
			"who asked as another":           {o.people["root"], theirs, errOwn},
			"who asked, as somebody else":    {o.people["dora"].SeenBy(o.people["root"]), theirs, ErrNotFound},
			"with a right that only one has": {o.people["emil"].SeenBy(ann), a, ErrNotFound},
		} {
			if _, err := o.sup.Approve(ctx, one.of.ID, one.by, ""); !errors.Is(err, one.want) {
				t.Errorf("%s approves: %v, want %v", name, err, one.want)
			}
			if _, err := o.sup.Reject(ctx, one.of.ID, one.by, "no"); !errors.Is(err, one.want) {
				t.Errorf("%s rejects: %v, want %v", name, err, one.want)
			}
		}
		seen := func(by string) (n int) {
			all, err := o.sup.Pending(ctx, o.people[by])
			if err != nil {
				t.Error(err)
			}
			return len(all)
		}
		if got := []int{seen("ann"), seen("carl"), seen("dora"), seen("emil"), seen("root")}; !slices.Equal(got, []int{0, 0, 1, 1, 1}) {
			t.Errorf("so many wait for ann, carl, dora, emil and root: %v", got)
		}
		if _, err := o.sup.Reject(ctx, a.ID, o.people["emil"], "  "); !errors.Is(err, errReason) {
			t.Errorf("rejected without a reason: %v", err)
		}
		if got, err := o.sup.Reject(ctx, a.ID, o.people["emil"], "too many"); err != nil || got.State != Rejected || got.Reason != "too many" {
			t.Errorf("%+v, %v", got, err)
		}
		if all, err := o.sup.Asked(ctx, o.people["dora"]); err != nil || len(all) != 1 || all[0].State != Rejected {
			t.Errorf("%+v, %v", all, err)
		}
		if _, err := o.sup.Withdraw(ctx, theirs.ID, o.people["dora"]); !errors.Is(err, errNotOwn) {
			t.Errorf("withdrawn by another: %v", err)
		}
		if got, err := o.sup.Withdraw(ctx, theirs.ID, asEmil); err != nil || got.State != Withdrawn {
			t.Errorf("%+v, %v", got, err)
		}
		if o.done() > 0 {
			t.Error("something ran")
		}
	})
}

func TestTheOwnersRightsAreAskedAgain(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx, dora := o.t.Context(), o.people["dora"]
		a := o.ask(ann, 1)
		lose := func(u *widgets.User) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.people["ann"] = u
		}
		for _, now := range []*widgets.User{{ID: "ann", Name: "Ann"}, nil} {
			lose(now)
			if _, err := o.sup.Approve(ctx, a.ID, dora, ""); !errors.Is(err, errOwnerMay) {
				t.Errorf("of %+v: %v", now, err)
			}
		}
		if got, err := o.sup.Reject(ctx, a.ID, dora, "left"); err != nil || got.State != Rejected {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestARequestExpires(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := o.t.Context()
		a := o.ask(ann, 1)
		time.Sleep(24 * time.Hour)
		if got, err := o.sup.Approval(ctx, a.ID, ann); err != nil || got.State != Expired {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := o.sup.Approve(ctx, a.ID, o.people["dora"], ""); !errors.Is(err, errDecided) {
			t.Errorf("approved too late: %v", err)
		}
		if all, err := o.sup.Pending(ctx, o.people["dora"]); err != nil || len(all) > 0 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

// TestOneDecisionAtOnce lets many approve and withdraw one request at once: it is one of the two, and one run at the most.
func TestOneDecisionAtOnce(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := o.t.Context()
		approved, runs := 0, 0
		for range 30 {
			a := o.ask(ann, 1)
			var heard atomic.Int64
			var all sync.WaitGroup
			for n := range 6 {
				all.Go(func() {
					var err error
					if n%2 == 0 {
						_, err = o.sup.Approve(ctx, a.ID, []*widgets.User{o.people["dora"], o.people["emil"], o.people["root"]}[n/2], "")
					} else {
						_, err = o.sup.Withdraw(ctx, a.ID, ann)
					}
					if err == nil {
						heard.Add(1)
					} else if !errors.Is(err, errDecided) {
						t.Error(err)
					}
				})
			}
			all.Wait()
			got, err := o.sup.Approval(ctx, a.ID, ann)
			if err != nil || heard.Load() != 1 || got.State != Started && got.State != Withdrawn {
				o.t.Fatalf("%d were heard; %+v, %v", heard.Load(), got, err)
			}
			if got.State == Started {
				approved++
				o.wait(got.Job)
			}
		}
		history, err := o.sup.History(ctx, chief, History{Limit: 200})
		if runs = len(history); err != nil || runs != approved || o.done() != approved {
			t.Errorf("%d approved, %d runs, %d rows done; %v", approved, runs, o.done(), err)
		}
	})
}

// TestWhatWasApprovedIsStartedOnce: a run that cannot be started now is tried again, and a process that dies in between leaves it to the next one.
func TestWhatWasApprovedIsStartedOnce(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx, dora := o.t.Context(), o.people["dora"]
		a := o.ask(ann, 2)
		cut := o.process(&line{Store: o.store}, o.revive)
		cut.line.cut.Store(true)
		if got, err := cut.sup.Approve(ctx, a.ID, dora, ""); err == nil || got.State != Approved {
			o.t.Fatalf("%+v, %v", got, err)
		}
		cut.line.cut.Store(false)
		cut.end()
		if _, err := o.sup.Withdraw(ctx, a.ID, ann); !errors.Is(err, errDecided) {
			t.Errorf("withdrawn after the approval: %v", err)
		}
		for by, want := range map[*widgets.User]error{bob: ErrNotFound, chief: ErrDenied} {
			if _, err := o.sup.Launch(ctx, a.ID, by); !errors.Is(err, want) {
				t.Errorf("launched by %s: %v", by.Name, err)
			}
		}
		var all sync.WaitGroup
		var jobs sync.Map
		for range 4 {
			all.Go(func() {
				got, err := o.sup.Launch(ctx, a.ID, ann)
				if err != nil && !errors.Is(err, errDecided) {
					t.Error(err)
				}
				if err == nil {
					jobs.Store(got.Job, true)
				}
			})
		}
		all.Wait()
		n := 0
		jobs.Range(func(id, _ any) bool {
			n++
			o.wait(id.(string))
			return true
		})
		if n != 1 || o.done() != 2 {
			t.Errorf("%d runs, %d rows done", n, o.done())
		}
	})
}

func TestApprovalsHaveLimits(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := o.t.Context()
		said := o.newsOf(ApprovalTopic)
		req := o.request(ann, 1)
		req.Token = "one"
		first, err := o.sup.Ask(ctx, req)
		if err != nil {
			o.t.Fatal(err)
		}
		if again, err := o.sup.Ask(ctx, req); err != nil || again.ID != first.ID {
			t.Errorf("a double click asks twice: %+v, %v", again, err)
		}
		for range 4 {
			o.ask(ann, 1)
		}
		if _, err := o.sup.Ask(ctx, o.request(ann, 1)); !errors.Is(err, ErrBusy) {
			t.Errorf("a sixth: %v", err)
		}
		if _, err := o.sup.Ask(ctx, o.request(&widgets.User{ID: "eve", Name: "eve"}, 1)); !errors.Is(err, ErrDenied) {
			t.Errorf("who may not: %v", err)
		}
		if _, err := o.sup.Ask(ctx, Request{Action: o.action, User: bob, Selection: Selection{Source: o.src, All: true, Query: widgets.Query{Filter: widgets.Filter{}}, Except: keys(1, 101)}}); !errors.Is(err, errNoneMatch) {
			t.Errorf("no rows: %v", err)
		}
		if _, err := o.sup.Withdraw(ctx, first.ID, ann); err != nil {
			t.Error(err)
		}
		if got := said(); len(got) != 7 || got[6].State != Withdrawn {
			t.Errorf("it was said: %+v", got)
		}
	})
	type secret struct {
		Word string `form:"password"`
	}
	a := On(Action{Name: "a", Approval: "x.y"}, func(context.Context, *Job, Rows[widgets.Row], secret) error { return nil })
	if err := a.Check(); err == nil || !strings.Contains(err.Error(), "password") {
		t.Errorf("a password would be stored: %v", err)
	}
}

// newsOf collects what is said of approvals.
func (o *office) newsOf(topic string) func() []Approval {
	var mu sync.Mutex
	var all []Approval
	ref, err := o.sys.Group(actors.Sessions).Spawn("watcher", "", func() actors.Actor {
		return receiver(func(c *actors.Context) {
			if n, ok := c.Message().(actors.News); ok {
				mu.Lock()
				all = append(all, n.Value.(Approval))
				mu.Unlock()
			}
		})
	})
	if err != nil {
		o.t.Fatal(err)
	}
	o.sys.Subscribe(topic, ref)
	return func() []Approval {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}
