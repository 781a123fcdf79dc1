package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// memory is a table of orders in memory.
type memory struct {
	widgets.Reader // what jobs never call
	mu             sync.Mutex
	rows           map[int]string
	pinErr, getErr error
	gate           chan struct{} // Pin waits for it; a mutex would not let the bubble's time pass
	fetches        int
	seen           []widgets.Filter // of each Fetch
	queries        []widgets.Query  // of each Pin
}

var orders = &widgets.Table{App: "shop", Name: "orders", Key: []string{"id"}, Columns: []widgets.Column{
	{Name: "id", Kind: widgets.KindInteger, KeyPart: 1}, {Name: "state", Kind: widgets.KindText},
}}

func table(n int) *memory {
	m := &memory{rows: map[int]string{}}
	for i := range n {
		m.rows[i+1] = "open"
	}
	return m
}

func (m *memory) Table() *widgets.Table { return orders }

func (m *memory) Pin(_ context.Context, q widgets.Query, each func(widgets.Key) error) error {
	if m.gate != nil {
		<-m.gate
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queries = append(m.queries, q)
	if m.pinErr != nil {
		return m.pinErr
	}
	ids := make([]int, 0, len(m.rows))
	for id := range m.rows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if err := each(widgets.Key{strconv.Itoa(id)}); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Fetch(_ context.Context, keys []widgets.Key, f widgets.Filter) ([]widgets.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fetches++
	m.seen = append(m.seen, f)
	if m.getErr != nil {
		return nil, m.getErr
	}
	var rows []widgets.Row
	for _, k := range keys {
		id, _ := strconv.Atoi(k[0])
		if state, ok := m.rows[id]; ok {
			rows = append(rows, widgets.Row{Key: k, Values: []widgets.Value{widgets.Text(k[0]), widgets.Text(state)}})
		}
	}
	return rows, nil
}

func (m *memory) delete(ids ...int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		delete(m.rows, id)
	}
}

type order struct {
	ID    int64  `db:"id"`
	State string `db:"state"`
}

// room is a supervisor and its surroundings in a bubble.
type room struct {
	t    *testing.T
	sys  *actors.System
	sup  *Supervisor
	logs *logs
}

// logs is a slog handler's output that several goroutines write.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var (
	ann   = &widgets.User{ID: "ann", Name: "Ann", Rights: []string{"shop.refund"}}
	bob   = &widgets.User{ID: "bob", Name: "Bob", Rights: []string{"shop.refund"}}
	chief = &widgets.User{ID: "chief", Name: "Chief", Rights: []string{Supervise}}
)

// inRoom runs a test in bubbles, without and with a Store, and checks that nothing is left of it.
func inRoom(t *testing.T, cfg Config, test func(r *room)) {
	t.Helper()
	inOneRoom(t, cfg, nil, nil, test)
	if !t.Failed() && !t.Skipped() {
		inOneRoom(t, cfg, NewMemory(), nil, test)
	}
}

// inOneRoom runs a test in a bubble, on a Store unless that is nil.
func inOneRoom(t *testing.T, cfg Config, store Store, revive Reviver, test func(r *room)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &room{t: t, logs: &logs{}}
		r.open()
		r.supervise(cfg, store, revive, func() { test(r) })
		r.close()
	})
}

func (r *room) open() {
	r.sys = actors.New(actors.Config{Logger: slog.New(slog.NewTextHandler(r.logs, nil))})
}

// close ends the system and checks that no actor is left.
func (r *room) close() {
	r.t.Helper()
	if err := r.sys.Close(context.Background()); err != nil {
		r.t.Error(err)
	}
	if n := r.sys.Live(); n != 0 {
		r.t.Errorf("%d actors left", n)
	}
	time.Sleep(2 * time.Second) // the library's dead-letter throttle may live for one
}

// supervise runs a test with a supervisor of its own, and checks that nothing is left of it.
func (r *room) supervise(cfg Config, store Store, revive Reviver, test func()) {
	r.t.Helper()
	cfg.Log = slog.New(slog.NewTextHandler(r.logs, nil))
	r.sup = NewSupervisor(r.sys, cfg)
	if store != nil {
		r.sup.Remember(store, revive)
	}
	test()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := r.sup.Drain(ctx); err != nil {
		r.t.Error(err)
	}
	if err := r.sys.StopWait(ctx, r.sup.ref); err != nil {
		r.t.Error(err)
	}
	for _, a := range r.sys.Actors() {
		if strings.HasPrefix(a.Actor.String(), r.sup.ref.String()) {
			r.t.Errorf("%s is left", a.Actor)
		}
	}
	if used := r.sup.budget.used.Load(); used != 0 {
		r.t.Errorf("%d bytes of pinned keys left", used)
	}
	if strings.Contains(r.logs.String(), "jobs: bug") {
		r.t.Error(r.logs.String())
	}
}

// plain is an action without a form.
func plain(name string, f func(ctx context.Context, j *Job, rows Rows[order]) error) Action {
	return On(Action{Name: name, Permission: "shop.refund", MaxConcurrent: 1000}, func(ctx context.Context, j *Job, rows Rows[order], _ struct{}) error {
		return f(ctx, j, rows)
	})
}

// each goes through the rows, a second for each.
func each(ctx context.Context, _ *Job, rows Rows[order]) error {
	for _, err := range rows.All(ctx) {
		if err != nil {
			return err
		}
		time.Sleep(time.Second)
	}
	return nil
}

func (r *room) start(a Action, by *widgets.User, n int) string {
	r.t.Helper()
	id, err := r.sup.Start(r.t.Context(), Request{Action: a, User: by, Selection: Selection{Source: table(n), All: true}})
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

func (r *room) get(id string) Snapshot {
	r.t.Helper()
	synctest.Wait()
	s, err := r.sup.Get(id, chief)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// wait lets time pass until the run has ended.
func (r *room) wait(id string) Snapshot {
	r.t.Helper()
	for range 100_000 {
		if s := r.get(id); s.State.Final() {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatal("it does not end")
	return Snapshot{}
}

func (r *room) gone(id string) bool {
	r.t.Helper()
	synctest.Wait()
	s, err := r.sup.Get(id, chief)
	if err != nil && !errors.Is(err, ErrNotFound) {
		r.t.Fatal(err)
	}
	return err != nil || s.Archived
}

// watch collects what a topic says.
func (r *room) watch(topic string) func() []Snapshot {
	r.t.Helper()
	var mu sync.Mutex
	var all []Snapshot
	ref, err := r.sys.Group(actors.Sessions).Spawn("watcher", "", func() actors.Actor {
		return receiver(func(c *actors.Context) {
			if n, ok := c.Message().(actors.News); ok {
				mu.Lock()
				all = append(all, n.Value.(Snapshot))
				mu.Unlock()
			}
		})
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.sys.Subscribe(topic, ref)
	return func() []Snapshot {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

type receiver func(c *actors.Context)

func (f receiver) Receive(c *actors.Context) { f(c) }

func states(all []Snapshot) string {
	var s []string
	for _, one := range all {
		if len(s) == 0 || s[len(s)-1] != string(one.State) {
			s = append(s, string(one.State))
		}
	}
	return fmt.Sprint(s)
}
