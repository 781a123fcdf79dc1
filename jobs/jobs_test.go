package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

func TestSucceeds(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		mine := r.watch(OwnerTopic("ann"))
		id := r.start(plain("refund_orders", func(ctx context.Context, j *Job, rows Rows[order]) error {
			j.Log("off we go")
			return each(ctx, j, rows)
		}), ann, 3)
		s := r.wait(id)
		if s.State != Succeeded || s.Current != 3 || s.Total != 3 || s.Percent() != 100 || s.Label != "Refund orders" || s.Owner != "Ann" || s.Table != "shop.orders" {
			t.Errorf("%+v", s)
		}
		if len(s.Log) != 1 || s.Log[0] != (Line{1, "off we go", 1}) || s.Ended.Sub(s.Started) != 3*time.Second {
			t.Errorf("%+v", s)
		}
		if got := states(mine()); got != "[queued running succeeded]" {
			t.Error(got)
		}
	})
}

// TestHonestCancel: cancelling until the body returned, cancelled only then, and no row is begun after the cancel.
func TestHonestCancel(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		var cause error
		rows := 0
		id := r.start(plain("a", func(ctx context.Context, j *Job, all Rows[order]) error {
			for _, err := range all.All(ctx) {
				if err != nil {
					cause = context.Cause(ctx)
					time.Sleep(5 * time.Second) // tidying up
					if !j.Stopping() {
						t.Error("not stopping")
					}
					return err
				}
				rows++
				time.Sleep(time.Second)
			}
			return nil
		}), ann, 1000)
		seen := r.watch(Topic(id))
		time.Sleep(2500 * time.Millisecond)
		if _, err := r.sup.Cancel(r.t.Context(), id, bob); !errors.Is(err, ErrNotFound) {
			t.Errorf("a stranger's cancel: %v", err)
		}
		s, err := r.sup.Cancel(r.t.Context(), id, ann)
		if err != nil || s.State != Cancelling {
			t.Errorf("%v %v", s.State, err)
		}
		time.Sleep(4 * time.Second)
		if s := r.get(id); s.State != Cancelling || s.Stuck {
			t.Errorf("%+v", s)
		}
		s = r.wait(id)
		if s.State != Cancelled || s.Reason != ReasonPerson || s.CancelledBy != "Ann" || s.Current != 3 || rows != 3 || !errors.Is(cause, ErrCancelled) || s.Error != "" {
			t.Errorf("%d rows, %v: %+v", rows, cause, s)
		}
		if got := states(seen()); !strings.HasSuffix(got, "running cancelling cancelled]") {
			t.Error(got)
		}
		if again, err := r.sup.Cancel(r.t.Context(), id, ann); err != nil || again.State != Cancelled {
			t.Errorf("a second cancel: %v %v", again.State, err)
		}
		if strings.Contains(r.logs.String(), "level=ERROR") {
			t.Error(r.logs.String())
		}
	})
}

func TestBodyThatIgnoresTheCancel(t *testing.T) {
	inRoom(t, Config{Slots: 1}, func(r *room) {
		gate := make(chan struct{})
		id := r.start(plain("deaf", func(context.Context, *Job, Rows[order]) error { <-gate; return nil }), ann, 3)
		synctest.Wait()
		if _, err := r.sup.Cancel(r.t.Context(), id, chief); err != nil {
			t.Error(err)
		}
		waiting := r.start(plain("b", each), bob, 1)
		time.Sleep(2 * time.Minute) // far beyond Retain
		if s := r.get(id); s.State != Cancelling || !s.Stuck || s.Note == "" || s.CancelledBy != "Chief" {
			t.Errorf("%+v", s)
		}
		if s := r.get(waiting); s.State != Queued || s.Position != 1 {
			t.Errorf("its slot was given away: %+v", s)
		}
		close(gate)
		if s := r.wait(id); s.State != Cancelled || s.Stuck { // nil before all rows were done is no success
			t.Errorf("%+v", s)
		}
		r.wait(waiting)
	})
}

func TestCancelTooLate(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		id := r.start(plain("a", func(ctx context.Context, _ *Job, rows Rows[order]) error {
			for _, err := range rows.All(context.WithoutCancel(ctx)) {
				if err != nil {
					return err
				}
				time.Sleep(time.Second)
			}
			return nil
		}), ann, 3)
		time.Sleep(2500 * time.Millisecond)
		if _, err := r.sup.Cancel(r.t.Context(), id, ann); err != nil {
			t.Error(err)
		}
		if s := r.wait(id); s.State != Succeeded || s.Note != "It finished before the cancel took effect." || s.CancelledBy != "" || s.Reason != "" {
			t.Errorf("%+v", s)
		}
	})
}

func TestCancelOfWhatWaits(t *testing.T) {
	inRoom(t, Config{Slots: 1}, func(r *room) {
		first := r.start(plain("a", each), ann, 5)
		ran := false
		second := r.start(plain("b", func(context.Context, *Job, Rows[order]) error { ran = true; return nil }), ann, 5)
		if s := r.get(second); s.Position != 1 || s.Note != "1 of 1 slots are in use." {
			t.Errorf("%+v", s)
		}
		if s, err := r.sup.Cancel(r.t.Context(), second, ann); err != nil || s.State != Cancelled || s.Position != 0 {
			t.Errorf("%+v %v", s, err)
		}
		r.wait(first)
		if ran || !r.get(second).Started.IsZero() {
			t.Error("it ran")
		}
	})
}

// TestNothingRawIsShown: secrets in errors, panics and wrapped UserErrors are in the log under the incident and in no Snapshot.
func TestNothingRawIsShown(t *testing.T) {
	const secret = "s3cr3t-canary"
	bodies := map[string]struct {
		body          func(j *Job) error
		state, reason string
		shown         string
	}{
		"error":   {func(*Job) error { return errors.New(secret) }, "failed", ReasonError, FailedText},
		"wrapped": {func(*Job) error { return fmt.Errorf("%s: %w", secret, UserError("nothing")) }, "failed", ReasonError, FailedText},
		"panic":   {func(*Job) error { panic(secret) }, "failed", ReasonPanic, FailedText},
		"goexit":  {func(j *Job) error { defer j.log.Error(secret); runtime.Goexit(); return nil }, "failed", ReasonGoexit, FailedText},
		"helper": {func(j *Job) error {
			j.Go(func(context.Context) error { panic(secret) })
			time.Sleep(time.Second)
			return nil
		}, "failed", ReasonPanic, FailedText},
		"helper goexit": {func(j *Job) error {
			j.Go(func(context.Context) error { defer j.log.Error(secret); runtime.Goexit(); return nil })
			return nil
		}, "failed", ReasonGoexit, FailedText},
		"row":  {func(j *Job) error { j.Fail(widgets.Key{"7"}, errors.New(secret)); return nil }, "succeeded", "", ""},
		"user": {func(j *Job) error { j.log.Error(secret); return UserError("Invalid order ID") }, "failed", ReasonError, "Invalid order ID"},
	}
	for name, b := range bodies {
		t.Run(name, func(t *testing.T) {
			inRoom(t, Config{}, func(r *room) {
				seen := r.watch(OwnerTopic("ann"))
				id := r.start(plain("a", func(_ context.Context, j *Job, _ Rows[order]) error { return b.body(j) }), ann, 3)
				s := r.wait(id)
				if string(s.State) != b.state || s.Reason != b.reason || s.Error != b.shown {
					t.Errorf("%+v", s)
				}
				for _, one := range append(seen(), s) {
					if text := fmt.Sprintf("%+v", one); strings.Contains(text, secret) {
						t.Error(text)
					}
				}
				text := r.logs.String()
				if !strings.Contains(text, secret) || !strings.Contains(text, "logger=greenroom.jobs") {
					t.Error(text)
				}
				if b.shown == FailedText {
					if s.Incident == "" || strings.Count(text, "incident="+s.Incident) != 1 {
						t.Errorf("incident %q: %s", s.Incident, text)
					}
					if s.Reason != ReasonError && !strings.Contains(text, "jobs_test.go") {
						t.Error("no stack: " + text)
					}
				}
			})
		})
	}
}

func TestErrorAfterTheCancel(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		id := r.start(plain("a", func(ctx context.Context, _ *Job, _ Rows[order]) error {
			<-ctx.Done()
			return errors.New("connection lost")
		}), ann, 3)
		synctest.Wait()
		if _, err := r.sup.Cancel(r.t.Context(), id, ann); err != nil {
			t.Error(err)
		}
		if s := r.wait(id); s.State != Cancelled || s.Error != "" || !strings.Contains(r.logs.String(), "connection lost") {
			t.Errorf("%+v", s)
		}
	})
}

func TestPermissions(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := plain("a", each)
		a.Permissions = []string{"shop.more"}
		src := table(3)
		sel := Selection{Source: src, All: true}
		for name, req := range map[string]Request{
			"one is lacking": {Action: a, User: ann, Selection: sel},
			"nobody":         {Action: plain("b", each), Selection: sel},
			"decided": {Action: plain("b", each), User: ann, Selection: sel, Decide: func(context.Context, *widgets.User) widgets.Decision {
				return widgets.Decision{}
			}},
		} {
			if _, err := r.sup.Start(r.t.Context(), req); !errors.Is(err, ErrDenied) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(src.queries) > 0 || len(r.sup.List(chief)) > 0 {
			t.Error("something was started")
		}
		id := r.start(plain("b", each), ann, 1)
		if _, err := r.sup.Get(id, bob); !errors.Is(err, ErrNotFound) || err.Error() != "Job not found or expired." {
			t.Error(err)
		}
		for _, who := range []*widgets.User{nil, {}} {
			if _, err := r.sup.Get(id, who); !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		}
		for _, unknown := range []string{"", "x", id + "/x", "../" + id} {
			if _, err := r.sup.Get(unknown, chief); !errors.Is(err, ErrNotFound) {
				t.Errorf("%q: %v", unknown, err)
			}
		}
		if len(r.sup.List(bob)) != 0 || len(r.sup.List(ann)) != 1 || len(r.sup.List(chief)) != 1 {
			t.Error("List shows the wrong runs")
		}
		r.wait(id)
	})
}

func TestPermissionWithdrawnInTheQueue(t *testing.T) {
	inRoom(t, Config{Slots: 1}, func(r *room) {
		allow := true
		r.start(plain("a", each), bob, 5)
		src := table(3)
		scope := widgets.Where("state", widgets.OpEq, "open")
		id, err := r.sup.Start(r.t.Context(), Request{
			Action: plain("b", each), User: ann, Selection: Selection{Source: src, All: true},
			Decide: func(context.Context, *widgets.User) widgets.Decision {
				return widgets.Decision{Allow: allow, Rows: scope}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := src.queries[0].Filter; got.Column != "state" {
			t.Errorf("the decision's rows did not narrow the selection: %+v", got)
		}
		allow = false
		if s := r.wait(id); s.State != Failed || s.Reason != ReasonDenied || src.fetches > 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestSelection(t *testing.T) {
	inRoom(t, Config{MaxKeys: 2500}, func(r *room) {
		start := func(sel Selection) (Snapshot, error) {
			id, err := r.sup.Start(r.t.Context(), Request{Action: plain("a", func(ctx context.Context, _ *Job, rows Rows[order]) error {
				for o, err := range rows.All(ctx) {
					if err != nil {
						return err
					}
					if o.State != "open" || o.ID == 0 {
						t.Errorf("%+v", o)
					}
				}
				return nil
			}), User: ann, Selection: sel})
			if err != nil {
				return Snapshot{}, err
			}
			return r.wait(id), nil
		}
		keys := func(ids ...string) (all []widgets.Key) {
			for _, id := range ids {
				all = append(all, widgets.Key{id})
			}
			return all
		}
		src := table(2500)
		scope := widgets.Where("id", widgets.OpGt, "0")
		q := widgets.Query{Filter: widgets.Where("state", widgets.OpEq, "open"), After: "cursor", Limit: 25}
		if s, err := start(Selection{Source: src, Query: q, Scope: scope, All: true, Except: keys("1", "2", "9999")}); err != nil || s.Total != 2498 || s.Current != 2498 {
			t.Errorf("%+v %v", s, err)
		}
		if src.fetches != 3 || src.seen[0].Column != "id" || src.queries[0].After != "" || src.queries[0].Limit != 0 || len(src.queries[0].Filter.All) != 2 {
			t.Errorf("%d fetches, %+v, %+v", src.fetches, src.seen[0], src.queries[0])
		}
		if s, err := start(Selection{Source: src, Keys: keys("5", "3", "5", "777777")}); err != nil || s.Total != 3 || s.Current != 3 || s.Vanished != 1 || s.State != Succeeded {
			t.Errorf("%+v %v", s, err)
		}
		var said UserError
		for name, sel := range map[string]Selection{
			"nothing": {Source: src}, "no match": {Source: table(0), All: true}, "too many": {Source: table(2501), All: true},
		} {
			if _, err := start(sel); !errors.As(err, &said) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := start(Selection{Source: &memory{pinErr: errors.New("disk full")}, All: true}); err == nil || errors.As(err, &said) {
			t.Errorf("a selection that cannot be read: %v", err)
		}
		if _, err := start(Selection{Source: src, Keys: []widgets.Key{{"1", "2"}}}); !errors.Is(err, widgets.ErrBadKey) {
			t.Error(err)
		}
		if s, err := start(Selection{}); err != nil || s.State != Succeeded || s.Total != 0 {
			t.Errorf("an action without rows: %+v %v", s, err)
		}
		if n := len(r.sup.List(chief)); n != 3 {
			t.Errorf("%d runs", n)
		}
	})
}

func TestPinnedKeysHaveABudget(t *testing.T) {
	inRoom(t, Config{PinnedBytes: 5000}, func(r *room) {
		id := r.start(plain("a", each), ann, 2000)
		req := Request{Action: plain("a", each), User: ann, Selection: Selection{Source: table(3000), All: true}}
		if _, err := r.sup.Start(r.t.Context(), req); !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		if _, err := r.sup.Cancel(r.t.Context(), id, ann); err != nil {
			t.Error(err)
		}
		r.wait(id)
		if _, err := r.sup.Start(r.t.Context(), req); err != nil {
			t.Error(err)
		}
	})
}

func TestVanishedRows(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		src := table(2005)
		id, err := r.sup.Start(r.t.Context(), Request{Action: plain("a", func(ctx context.Context, _ *Job, rows Rows[order]) error {
			src.delete(1, 2, 1500, 2005)
			for _, err := range rows.All(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		}), User: ann, Selection: Selection{Source: src, All: true}})
		if err != nil {
			t.Fatal(err)
		}
		if s := r.wait(id); s.State != Succeeded || s.Vanished != 4 || s.Current != 2005 {
			t.Errorf("%+v", s)
		}
	})
}

func TestBusy(t *testing.T) {
	inRoom(t, Config{Keep: 20, UnfinishedPerUser: 15}, func(r *room) {
		gate := make(chan struct{})
		blocked := plain("a", func(context.Context, *Job, Rows[order]) error { <-gate; return nil })
		for range 15 {
			r.start(blocked, ann, 1)
		}
		req := Request{Action: blocked, User: ann, Selection: Selection{Source: table(1), All: true}}
		if _, err := r.sup.Start(r.t.Context(), req); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "15 of your actions are unfinished; try later") {
			t.Error(err)
		}
		for range 5 {
			r.start(blocked, bob, 1)
		}
		req.User = bob
		if _, err := r.sup.Start(r.t.Context(), req); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "20 actions are unfinished; try later") {
			t.Error(err)
		}
		close(gate)
		synctest.Wait()
		first := r.sup.List(chief)[19]
		if first.State != Succeeded {
			t.Errorf("%+v", first)
		}
		if _, err := r.sup.Start(r.t.Context(), req); err != nil {
			t.Error(err)
		}
	})
}

// TestEviction: the finished run that was looked at the longest time ago leaves first, one that is watched last, an unfinished one never.
func TestEviction(t *testing.T) {
	inRoom(t, Config{Keep: 4, RunningPerUser: 4}, func(r *room) {
		gate := make(chan struct{})
		var ids []string
		ids = append(ids, r.start(plain("a", func(context.Context, *Job, Rows[order]) error { <-gate; return nil }), ann, 1))
		quick := plain("b", func(context.Context, *Job, Rows[order]) error { return nil })
		for range 3 {
			ids = append(ids, r.start(quick, ann, 1))
			synctest.Wait()
		}
		seen := r.watch(Topic(ids[2])) // watched
		r.get(ids[1])                  // touched: 3 is the oldest now
		ids = append(ids, r.start(quick, ann, 1))
		if !r.gone(ids[3]) || r.gone(ids[1]) {
			t.Error("not the least recently touched one left")
		}
		ids = append(ids, r.start(quick, ann, 1))
		ids = append(ids, r.start(quick, ann, 1))
		if r.gone(ids[0]) || r.gone(ids[2]) || !r.gone(ids[1]) || !r.gone(ids[4]) {
			t.Error("the wrong ones left")
		}
		_ = seen
		close(gate)
	})
}

func TestRetention(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		id := r.start(plain("a", each), ann, 60)
		time.Sleep(60*time.Second + 29*time.Second)
		if s := r.get(id); s.State != Succeeded {
			t.Errorf("%+v", s)
		}
		time.Sleep(2 * time.Second)
		if !r.gone(id) || len(r.sup.List(chief)) != 0 {
			t.Error("it is kept")
		}
		switch s, err := r.sup.Cancel(r.t.Context(), id, ann); {
		case r.sup.Remembers(): // what is asked for has happened
			if err != nil || s.State != Succeeded || !s.Archived {
				t.Errorf("%+v, %v", s, err)
			}
		case !errors.Is(err, ErrNotFound):
			t.Error(err)
		}
		if _, err := r.sup.Cancel(r.t.Context(), id, bob); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

// TestConflation: any number of updates makes at most ten Snapshots a second, and the last one is exact.
func TestConflation(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		const n = 1_000_000
		id := r.start(plain("a", func(_ context.Context, j *Job, _ Rows[order]) error {
			for i := range int64(n) {
				if i%1000 == 0 {
					time.Sleep(2 * time.Millisecond)
				}
				j.Update(i+1, n, "")
				j.Status(func() string { return fmt.Sprint("at ", i) })
			}
			j.Update(n, n, "the end")
			return nil
		}), ann, 1)
		seen := r.watch(Topic(id))
		s := r.wait(id)
		all := seen()
		if s.Current != n || s.Message != "the end" || len(all) > 25 || len(all) < 15 {
			t.Errorf("%d frames for 2 s, last %+v", len(all), s)
		}
		finals := 0
		for i, one := range all {
			if one.State.Final() {
				finals++
			}
			if i > 0 && one.Current < all[i-1].Current {
				t.Error("progress went back")
			}
		}
		if finals != 1 || !all[len(all)-1].State.Final() {
			t.Errorf("%d final frames", finals)
		}
	})
}

func TestToken(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		src := table(3)
		req := Request{Action: plain("a", each), User: ann, Selection: Selection{Source: src, All: true}, Token: "t1"}
		ids := make(chan string, 10)
		src.gate = make(chan struct{}) // the first is pinning while the others come
		for range 10 {
			go func() {
				id, err := r.sup.Start(context.Background(), req)
				if err != nil {
					t.Error(err)
				}
				ids <- id
			}()
		}
		synctest.Wait()
		close(src.gate)
		first := <-ids
		for range 9 {
			if id := <-ids; id != first {
				t.Errorf("%s and %s", id, first)
			}
		}
		if id, err := r.sup.Start(r.t.Context(), req); id != first || err != nil {
			t.Error(id, err)
		}
		req.User = bob
		if id, err := r.sup.Start(r.t.Context(), req); id == first || err != nil {
			t.Error("the token of somebody else", err)
		}
		req.Token, req.User, req.Source = "t2", ann, &memory{pinErr: errors.New("disk full")}
		if _, err := r.sup.Start(r.t.Context(), req); err == nil {
			t.Error("no error")
		}
		req.Source = src
		if _, err := r.sup.Start(r.t.Context(), req); err != nil {
			t.Errorf("the token of a Start that failed: %v", err)
		}
		r.wait(first)
	})
}

func TestFairness(t *testing.T) {
	inRoom(t, Config{Slots: 2, RunningPerUser: 2}, func(r *room) {
		var ids []string
		for range 40 {
			ids = append(ids, r.start(plain("a", each), ann, 10))
		}
		late := r.start(plain("a", each), bob, 10)
		if s := r.get(late); s.Position > 2 {
			t.Errorf("place %d", s.Position)
		}
		if s := r.wait(late); s.Started.Sub(s.Created) > 11*time.Second {
			t.Errorf("waited %v", s.Started.Sub(s.Created))
		}
		time.Sleep(2 * every) // places are told at the tick
		synctest.Wait()
		waiting := 0
		for _, s := range r.sup.List(ann) {
			if s.State == Queued {
				waiting++
			}
		}
		if s := r.get(ids[39]); s.Position != waiting || waiting < 30 {
			t.Errorf("place %d of %d", s.Position, waiting)
		}
	})
}

func TestLimits(t *testing.T) {
	inRoom(t, Config{Slots: 8, CPUSlots: 1}, func(r *room) {
		one := On(Action{Name: "one", Label: "One"}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error { return each(ctx, j, rows) })
		a, b := r.start(one, ann, 3), r.start(one, bob, 3)
		if x, y := r.get(a), r.get(b); x.State != Running || y.State != Queued || y.Note != `1 of 1 slots for "One" are in use.` {
			t.Errorf("%+v %+v", x, y)
		}
		cpu := plain("cpu", each)
		cpu.CPU = true
		c, d := r.start(cpu, ann, 3), r.start(cpu, bob, 3)
		if x, y := r.get(c), r.get(d); x.State != Running || y.State != Queued || !strings.Contains(y.Note, "computing") {
			t.Errorf("%+v %+v", x, y)
		}
		for range 2 {
			r.start(plain("x", each), ann, 3)
		}
		synctest.Wait()
		running := 0
		for _, s := range r.sup.List(ann) {
			if s.State == Running {
				running++
			}
		}
		if running != 3 {
			t.Errorf("%d running for one person", running)
		}
	})
}

func TestQueueTTL(t *testing.T) {
	inRoom(t, Config{Slots: 1, QueueTTL: time.Minute}, func(r *room) {
		first := r.start(plain("a", each), ann, 100)
		second := r.start(plain("a", each), ann, 100)
		time.Sleep(61 * time.Second)
		if s := r.get(second); s.State != Cancelled || s.Reason != ReasonExpired || s.Note == "" {
			t.Errorf("%+v", s)
		}
		if s := r.get(first); s.State != Running {
			t.Errorf("%+v", s)
		}
	})
}

func TestDrain(t *testing.T) {
	inRoom(t, Config{Slots: 2}, func(r *room) {
		gate := make(chan struct{})
		good := r.start(plain("good", func(ctx context.Context, _ *Job, rows Rows[order]) error {
			err := each(ctx, nil, rows)
			if !errors.Is(err, ErrShutdown) {
				t.Error(err)
			}
			return err
		}), ann, 1000)
		deaf := r.start(plain("deaf", func(context.Context, *Job, Rows[order]) error { <-gate; return nil }), ann, 1000)
		waiting := r.start(plain("waiting", each), ann, 1000)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(r.t.Context(), 5*time.Second)
		defer cancel()
		err := r.sup.Drain(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), deaf) || strings.Contains(err.Error(), good) {
			t.Error(err)
		}
		if s := r.get(good); s.State != Cancelled || s.Reason != ReasonShutdown || s.Note == "" {
			t.Errorf("%+v", s)
		}
		if s := r.get(waiting); s.State != Cancelled || s.Reason != ReasonShutdown || !s.Started.IsZero() {
			t.Errorf("%+v", s)
		}
		if _, err := r.sup.Start(r.t.Context(), Request{Action: plain("a", each), User: ann}); !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		close(gate)
	})
}

func TestHelpers(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		id := r.start(plain("a", func(_ context.Context, j *Job, _ Rows[order]) error {
			for range 4 {
				j.Go(func(context.Context) error {
					for range 10 {
						time.Sleep(time.Second)
						j.Advance(1)
					}
					return nil
				})
			}
			j.Set(0, 40)
			return nil // the run goes on until the helpers are through
		}), ann, 1)
		s := r.wait(id)
		if s.State != Succeeded || s.Current != 40 || s.Ended.Sub(s.Started) != 10*time.Second {
			t.Errorf("%+v", s)
		}
		boom := errors.New("boom")
		id = r.start(plain("b", func(ctx context.Context, j *Job, _ Rows[order]) error {
			j.Go(func(context.Context) error { return boom })
			<-ctx.Done()
			return context.Cause(ctx)
		}), ann, 1)
		if s := r.wait(id); s.State != Failed || s.Reason != ReasonError {
			t.Errorf("%+v", s)
		}
	})
}

func TestSystemCloseEndsBodies(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		ended := false
		r.start(plain("a", func(ctx context.Context, _ *Job, _ Rows[order]) error { <-ctx.Done(); ended = true; return nil }), ann, 1)
		synctest.Wait()
		if err := r.sys.Close(r.t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if !ended {
			t.Error("the body's context lives on")
		}
		if _, err := r.sup.Start(r.t.Context(), Request{Action: plain("a", each), User: ann}); !errors.Is(err, actors.ErrEnded) {
			t.Error(err)
		}
		if r.sup.List(chief) != nil {
			t.Error("runs of a closed System")
		}
		r.sup.budget.used.Store(0) // nobody is left to give it back
	})
}
