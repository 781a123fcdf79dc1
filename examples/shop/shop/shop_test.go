package shop_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/actors"
	"greenroom/examples/shop/seed"
	"greenroom/examples/shop/shop"
	"greenroom/greenroomtest"
	"greenroom/jobs"
	"greenroom/widgets"
)

var admin = &widgets.User{ID: "1", Name: "admin", Super: true}

// open fills a shop and opens it.
func open(t *testing.T, orders int) *greenroom.Database {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.db")
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(seed.Fill(t.Context(), plain, seed.Options{Orders: orders}), plain.Close()); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), "sqlite:"+file, greenroom.OpenConfig{App: "shop", WAL: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestServed serves the whole declaration, which greenroom checks, and looks at what only a page shows.
func TestServed(t *testing.T) {
	t.Parallel()
	db := open(t, 100)
	cfg := shop.Declare(db, &shop.Gateway{})
	cfg.State, cfg.Log = filepath.Join(t.TempDir(), "state.db"), slog.New(slog.DiscardHandler)
	room, err := greenroom.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := room.SetPassword(t.Context(), "admin", "correct horse"); err != nil {
		t.Fatal(err)
	}
	someone := greenroomtest.Serve(t, room).SignIn("admin", "correct horse")

	// An order can be added: what is not asked for has a default.
	const add = "/admin/shop/orders/add/"
	answer := someone.Post(add, url.Values{
		"csrf": {someone.Get(add).Field("csrf")}, "event": {"save"}, "number": {"GR-0000101"}, "customer_id": {"3"}, "status": {"new"}, "total_cents": {"4200"}, "currency": {"EUR"},
	})
	if answer.Status != http.StatusSeeOther {
		t.Errorf("adding an order is answered %d: %s", answer.Status, answer.Text())
	}

	// What happens to an order is told above its form, as it happens.
	page := someone.Open("/admin/shop/orders/101/change/")
	page.WaitFor(".gr-history", "Nothing happened")
	_, err = db.Table("order_activity").Insert(t.Context(), map[string]greenroom.Value{
		"order_id": widgets.Text("101"), "kind": widgets.Text("comment"), "actor": widgets.Text("ewa"), "message": widgets.Text("Rang the customer."),
	})
	if err != nil {
		t.Fatal(err)
	}
	page.WaitFor(".gr-history", "Rang the customer.")
}

// mounted loads a widget's state and draws it.
func mounted(t *testing.T, w greenroom.Widget, in greenroom.In) string {
	t.Helper()
	state, err := w.Mount(t.Context(), in)
	if err != nil {
		t.Fatalf("%s: %v", w.Name, err)
	}
	var b strings.Builder
	drawn, err := w.Template.Clone() // what was executed cannot be cloned any more, and others share it
	if err != nil {
		t.Fatal(err)
	}
	if err := drawn.Execute(&b, state); err != nil {
		t.Fatalf("%s: %v", w.Name, err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func widget(t *testing.T, list []greenroom.Widget, name string) greenroom.Widget {
	t.Helper()
	for _, w := range list {
		if w.Name == name {
			return w
		}
	}
	t.Fatalf("there is no widget %q", name)
	return greenroom.Widget{}
}

func TestWidgets(t *testing.T) {
	t.Parallel()
	db := open(t, 600)
	cfg := shop.Declare(db, &shop.Gateway{})
	orders := cfg.Models[0]
	for name, c := range map[string]struct {
		widget greenroom.Widget
		in     greenroom.In
		want   string
	}{
		"revenue of everything": {widget(t, orders.List.Widgets, "revenue"), greenroom.In{Query: &greenroom.Query{}}, "in 600 orders"},
		"revenue of a search":   {widget(t, orders.List.Widgets, "revenue"), greenroom.In{Query: &greenroom.Query{Search: "needle"}}, "in 1 order"},
		"revenue of a part":     {widget(t, orders.List.Widgets, "revenue"), greenroom.In{Query: &greenroom.Query{}, Scope: widgets.Nothing()}, "€0.00"},
		"open orders":           {widget(t, orders.List.Widgets, "open-orders"), greenroom.In{}, "to be paid"},
		"an order's activity":   {widget(t, orders.Form.Widgets, "activity"), greenroom.In{Key: greenroom.Key{"1"}}, ">placed<"},
		"a new order":           {widget(t, orders.Form.Widgets, "activity"), greenroom.In{}, "once it is saved"},
		"a missing order":       {widget(t, orders.Form.Widgets, "activity"), greenroom.In{Key: greenroom.Key{"99999"}}, "Nothing happened"},
		"the weeks":             {widget(t, cfg.Widgets, "weeks"), greenroom.In{}, "€"},
		"the latest orders":     {widget(t, cfg.Widgets, "latest"), greenroom.In{Prefix: "/admin"}, `href="/admin/shop/orders/600/change/"`},
		"refunds":               {widget(t, cfg.Widgets, "refunded"), greenroom.In{}, "sent back"},
		"customers":             {widget(t, cfg.Widgets, "customers"), greenroom.In{}, ">60<"},
		"stock":                 {widget(t, cfg.Widgets, "stock"), greenroom.In{}, "nearly sold out"},
	} {
		got := mounted(t, c.widget, c.in)
		for range 100 { // a machine under load may need more than a page's patience
			if !strings.Contains(got, "too many orders") {
				break
			}
			got = mounted(t, c.widget, c.in)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: want %q in\n%s", name, c.want, got)
		}
	}
	// A widget that all pages share must not show one person what only another may see.
	for _, w := range append(cfg.Widgets, orders.List.Widgets...) {
		if w.Shared != nil && w.Shared(greenroom.In{Scope: widgets.Nothing()}) != "" {
			t.Errorf("%s is shared with people who see a part of the table only", w.Name)
		}
	}
}

// run is a supervisor with the shop's actions.
type run struct {
	t       *testing.T
	db      *greenroom.Database
	jobs    *jobs.Supervisor
	system  *actors.System
	actions []greenroom.Action
}

func start(t *testing.T, orders int, g *shop.Gateway) run {
	t.Helper()
	system := actors.New(actors.Config{})
	r := run{t: t, db: open(t, orders), system: system, jobs: jobs.NewSupervisor(system, jobs.Config{Log: slog.New(slog.DiscardHandler)})}
	r.actions = shop.Declare(r.db, g).Models[0].Actions
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := errors.Join(r.jobs.Drain(ctx), system.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	return r
}

// act starts an action over the orders with a status, "" for all, and returns the job's ID.
func (r run) act(name, status string, input map[string][]string) string {
	r.t.Helper()
	var q greenroom.Query
	if status != "" {
		q.Filter = widgets.Where("status", widgets.OpEq, status)
	}
	for _, a := range r.actions {
		if a.Name == name {
			id, err := r.jobs.Start(r.t.Context(), jobs.Request{
				Action: a, User: admin, Selection: jobs.Selection{Source: r.db.Table("orders"), Query: q, All: true}, Input: input,
			})
			if err != nil {
				r.t.Fatal(err)
			}
			return id
		}
	}
	r.t.Fatalf("there is no action %q", name)
	return ""
}

// until waits for a state of a job that holds.
func (r run) until(id string, holds func(jobs.Snapshot) bool) jobs.Snapshot {
	r.t.Helper()
	for limit := time.Now().Add(30 * time.Second); ; {
		snapshot, err := r.jobs.Get(id, admin)
		if err != nil {
			r.t.Fatal(err)
		}
		if holds(snapshot) {
			return snapshot
		}
		if time.Now().After(limit) {
			r.t.Fatalf("waited in vain: %+v", snapshot)
		}
		time.Sleep(time.Millisecond)
	}
}

func ended(s jobs.Snapshot) bool { return !s.Ended.IsZero() }

func (r run) count(status string) int64 {
	r.t.Helper()
	n, err := r.db.Table("orders").Count(r.t.Context(), greenroom.Query{Filter: widgets.Where("status", widgets.OpEq, status)})
	if err != nil {
		r.t.Fatal(err)
	}
	return n.N
}

var reason = map[string][]string{"reason": {"Recalled by the maker."}}

func TestRefund(t *testing.T) {
	t.Parallel()
	g := &shop.Gateway{}
	r := start(t, 300, g)
	before := r.count("refunded")
	s := r.until(r.act("refund", "", reason), ended)
	if s.State != jobs.Succeeded || s.Current != 300 || s.Failed != 0 {
		t.Errorf("ended as %+v", s)
	}
	if n := r.count("refunded"); n != 300 {
		t.Errorf("%d orders are refunded, want all 300", n)
	}
	if made, _ := g.Refunded(); int64(made) != 300-before {
		t.Errorf("%d refunds were made, want %d: what was refunded before is skipped", made, 300-before)
	}
	entries, err := r.db.Table("order_activity").Count(t.Context(), greenroom.Query{Search: `"Recalled by the maker."`})
	if err != nil || entries.N != 300-before {
		t.Errorf("%d entries were written, %v", entries.N, err)
	}
	// Again: nothing is left to do.
	calls := g.Calls()
	if s := r.until(r.act("refund", "", reason), ended); s.State != jobs.Succeeded || g.Calls() != calls {
		t.Errorf("a second run ended as %s after %d more calls", s.State, g.Calls()-calls)
	}
}

func TestRefundCancelled(t *testing.T) {
	t.Parallel()
	reached, pass := make(chan struct{}), make(chan struct{})
	r := start(t, 100, &shop.Gateway{Gate: func(ctx context.Context) error {
		select {
		case reached <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		select {
		case <-pass:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}})
	id := r.act("refund", "paid", reason)
	paid := r.count("paid")
	for range 3 {
		<-reached
		pass <- struct{}{}
	}
	<-reached // the fourth is at the gateway when somebody cancels
	if _, err := r.jobs.Cancel(t.Context(), id, admin); err != nil {
		t.Fatal(err)
	}
	s := r.until(id, ended)
	if s.State != jobs.Cancelled || s.Current != 3 {
		t.Errorf("ended as %+v", s)
	}
	if left := r.count("paid"); left != paid-3 {
		t.Errorf("%d of %d orders are still paid, want three fewer", left, paid)
	}
}

func TestRefundGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	calls := 0
	r := start(t, 200, &shop.Gateway{Gate: func(context.Context) error {
		if calls++; calls == 2 {
			return errors.New("card expired")
		}
		return nil
	}})
	paid := r.count("paid")
	s := r.until(r.act("refund", "paid", reason), ended)
	if !s.WithErrors() || s.Failed != 1 || s.Current != paid {
		t.Errorf("ended as %+v", s)
	}
	if left := r.count("paid"); left != 1 {
		t.Errorf("%d orders are still paid, want the failed one", left)
	}
}

func TestRefundAsksForAReason(t *testing.T) {
	t.Parallel()
	r := start(t, 10, &shop.Gateway{})
	_, err := r.jobs.Start(t.Context(), jobs.Request{Action: r.actions[0], User: admin, Selection: jobs.Selection{Source: r.db.Table("orders"), All: true}})
	var invalid *widgets.Invalid
	if !errors.As(err, &invalid) || invalid.Fields["reason"] == "" {
		t.Errorf("without a reason it said %v", err)
	}
}

func TestCaptureFails(t *testing.T) {
	t.Parallel()
	r := start(t, 10, &shop.Gateway{})
	s := r.until(r.act("capture", "", nil), ended)
	if s.State != jobs.Failed || s.Error != jobs.FailedText || s.Incident == "" {
		t.Errorf("ended as %+v", s)
	}
}

func TestReconcileIgnoresCancel(t *testing.T) {
	t.Parallel()
	reached, pass := make(chan struct{}), make(chan struct{})
	r := start(t, 10, &shop.Gateway{Gate: func(context.Context) error {
		reached <- struct{}{}
		<-pass
		return nil
	}})
	id := r.act("reconcile", "", nil)
	<-reached
	if _, err := r.jobs.Cancel(t.Context(), id, admin); err != nil {
		t.Fatal(err)
	}
	pass <- struct{}{}
	<-reached
	if s := r.until(id, func(s jobs.Snapshot) bool { return s.Current == 1 }); s.State != jobs.Cancelling {
		t.Errorf("after a cancel and another part it is %s, want cancelling", s.State)
	}
	close(pass)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range reached { // the other parts
			continue
		}
	}()
	r.until(id, ended)
	close(reached)
	<-done
}
