package peers

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	greenroomapp "greenroom"
	"greenroom/actors"
	"greenroom/jobs"
	grsql "greenroom/sql"
	"greenroom/widgets"
)

// runner is a way to run jobs, one at a time: start returns when the job was accepted, its body says so through began, reports n times when it is told to, and
// says when its context ended.
type runner interface {
	// start begins a job and returns its ID.
	start(b *testing.B) string
	// cancel asks for the end of a job.
	cancel(b *testing.B, id string)
	stop(b *testing.B)
}

// body is what every job does, whoever runs it. Its channels have room for one.
type body struct {
	began, ended chan time.Time
	// work is run in the body, with its way of writing progress; what follows waits for the context.
	work chan func(progress func(n int) error)
}

func newBody() *body {
	return &body{make(chan time.Time, 1), make(chan time.Time, 1), make(chan func(func(int) error), 1)}
}

func (j *body) run(ctx context.Context, progress func(n int) error) {
	j.began <- time.Now()
	select {
	case work := <-j.work:
		work(progress)
		<-ctx.Done()
	case <-ctx.Done():
	}
	j.ended <- time.Now()
}

// BenchmarkJob is what a bulk action needs of whoever runs it, stored where it outlives the process: an SQLite file, PostgreSQL, Redis. start is from the call
// until the body runs; cancel from the call until the body's context has ended; progress one report of how far it is, a number and a text, from the body.
func BenchmarkJob(b *testing.B) {
	for name, open := range map[string]func(*testing.B, *body) runner{"greenroom": openGreenroom, "river": openRiver, "asynq": openAsynq} {
		b.Run("start/"+name, func(b *testing.B) { each(b, open, false) })
		b.Run("cancel/"+name, func(b *testing.B) { each(b, open, true) })
		b.Run("progress/"+name, func(b *testing.B) {
			j := newBody()
			r := open(b, j)
			id := r.start(b)
			<-j.began
			failed := make(chan error, 1)
			j.work <- func(progress func(int) error) {
				n := 0
				for b.Loop() {
					if err := progress(n); err != nil {
						failed <- err
						return
					}
					n++
				}
				failed <- nil
			}
			if err := <-failed; err != nil {
				b.Fatal(err)
			}
			r.cancel(b, id)
			<-j.ended
			r.stop(b)
		})
	}
}

func each(b *testing.B, open func(*testing.B, *body) runner, cancels bool) {
	j := newBody()
	r := open(b, j)
	var took []time.Duration
	for b.Loop() {
		from := time.Now()
		id := r.start(b)
		started := (<-j.began).Sub(from)
		from = time.Now()
		r.cancel(b, id)
		stopped := (<-j.ended).Sub(from)
		if cancels {
			took = append(took, stopped)
		} else {
			took = append(took, started)
		}
	}
	slices.Sort(took)
	b.ReportMetric(0, "ns/op") // of start and cancel together
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	r.stop(b)
}

// room runs jobs as an admin does, remembered in an SQLite file.
type room struct {
	action  jobs.Action
	table   widgets.Reader
	admin   *widgets.User
	system  *actors.System
	jobs    *jobs.Supervisor
	closers []func() error
}

func openGreenroom(b *testing.B, j *body) runner {
	b.Helper()
	dir, log := b.TempDir(), slog.New(slog.DiscardHandler)
	db, err := greenroomapp.Open(b.Context(), "sqlite:"+filepath.Join(dir, "served.db"), greenroomapp.OpenConfig{Create: true})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := db.Exec(b.Context(), nil, "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)"); err != nil {
		b.Fatal(err)
	}
	if _, err := db.Exec(b.Context(), nil, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO orders SELECT i, '' FROM n"); err != nil {
		b.Fatal(err)
	}
	state, err := grsql.OpenState(b.Context(), filepath.Join(dir, "state.db"))
	if err != nil {
		b.Fatal(err)
	}
	r := &room{
		table: db.Table("orders"), admin: &widgets.User{ID: "1", Name: "admin", Super: true}, system: actors.New(actors.Config{Logger: log}),
		closers: []func() error{state.Close, db.Close},
	}
	r.jobs = jobs.NewSupervisor(r.system, jobs.Config{Log: log, Retain: time.Second})
	r.jobs.Remember(state.Jobs(), nil)
	r.action = jobs.On(jobs.Action{Name: "wait"}, func(ctx context.Context, job *jobs.Job, _ jobs.Rows[widgets.Row], _ struct{}) error {
		j.run(ctx, func(n int) error { job.Update(int64(n), 1_000_000, "at row seven"); return nil })
		return nil
	})
	return r
}

func (r *room) start(b *testing.B) string {
	id, err := r.jobs.Start(b.Context(), jobs.Request{Action: r.action, User: r.admin, Selection: jobs.Selection{Source: r.table, All: true}})
	if err != nil {
		b.Fatal(err)
	}
	return id
}

func (r *room) cancel(b *testing.B, id string) {
	if _, err := r.jobs.Cancel(b.Context(), id, r.admin); err != nil {
		b.Fatal(err)
	}
}

func (r *room) stop(b *testing.B) {
	if err := r.jobs.Drain(context.Background()); err != nil {
		b.Error(err)
	}
	if err := r.system.Close(context.Background()); err != nil {
		b.Error(err)
	}
	for _, end := range r.closers {
		if err := end(); err != nil {
			b.Error(err)
		}
	}
}

// number is an ID as text.
func number(id int64) string { return strconv.FormatInt(id, 10) }
