package floor

import (
	"context"
	"database/sql"
	"fmt"
	"html/template"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"greenroom"
	"greenroom/greenroomtest"
	grhttp "greenroom/http"
	grsql "greenroom/sql"
	"greenroom/widgets"
)

// Password is everybody's. The operator is called admin, and may do everything; those who started the jobs are op0 to op9.
const Password = "correct horse battery"

const (
	// Jobs is how many there are, the most that a room keeps; each of people may have 50 unfinished.
	Jobs   = 500
	people = 10
	// parts is how many rows the walk goes over, and step how long it is at each: a test is long over before the end.
	parts = 5000
	step  = 20 * time.Millisecond
)

// Floor is the room, served until the test's end.
type Floor struct {
	Room  *greenroom.Room
	URL   string
	State string // its file
	// Victim is somebody who has the dashboard open, as ops0.
	Victim *greenroomtest.Person

	tb             testing.TB
	hold           chan struct{} // closed at the end: what is stopped and deaf goes on
	stuck          chan struct{} // an actor of the two does not go on
	armed, flooded atomic.Bool
}

type part struct {
	ID int64 `db:"id"`
}

// lump is what the dashboard's widgets draw. Its text is made in the actor itself, where none may wait: that is the fault to be found.
type lump struct {
	waits *atomic.Bool
	stuck chan<- struct{}
	until <-chan struct{}
}

func (l lump) Text() string {
	if l.waits.Load() {
		l.stuck <- struct{}{}
		<-l.until
	}
	return "moves"
}

// Open serves the room and starts its jobs. All of the four actions have a run that is running by then.
func Open(tb testing.TB) *Floor {
	tb.Helper()
	dir, err := os.MkdirTemp("", "gr") //nolint:usetesting // the path of the console's socket is short
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	db := fill(tb, filepath.Join(dir, "parts.db"))
	f := &Floor{tb: tb, State: filepath.Join(dir, "state.db"), hold: make(chan struct{}), stuck: make(chan struct{}, 10)}
	f.Room, err = greenroom.New(tb.Context(), greenroom.Config{
		DB: db, State: f.State, Log: slog.New(slog.DiscardHandler), Widgets: f.widgets(),
		Models: []greenroom.Model{{Table: "parts", Actions: f.actions()}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	if err := f.Room.SetPassword(tb.Context(), "admin", Password); err != nil {
		tb.Fatal(err)
	}
	f.hire()
	server := greenroomtest.Serve(tb, f.Room)
	f.URL = server.URL
	tb.Cleanup(func() { close(f.hold) })
	f.start(server)
	return f
}

func fill(tb testing.TB, file string) *greenroom.Database {
	tb.Helper()
	plain, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = plain.ExecContext(tb.Context(), fmt.Sprintf(`CREATE TABLE parts (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO parts SELECT i, 'part ' || i FROM n;`, parts))
	if err != nil {
		tb.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		tb.Fatal(err)
	}
	db, err := greenroom.Open(tb.Context(), file, greenroom.OpenConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// hire makes those who start the jobs.
func (f *Floor) hire() {
	f.tb.Helper()
	users, err := grsql.OpenState(f.tb.Context(), f.State)
	if err != nil {
		f.tb.Fatal(err)
	}
	defer users.Close() //nolint:errcheck // a test's
	hash := grhttp.HashPassword(Password)
	for n := range people {
		if err := users.PutUser(f.tb.Context(), grsql.User{Name: name(n), Password: hash}); err != nil {
			f.tb.Fatal(err)
		}
		if err := users.SetUserRights(f.tb.Context(), name(n), []string{"main.*_parts"}, nil); err != nil {
			f.tb.Fatal(err)
		}
	}
}

func name(n int) string { return fmt.Sprintf("op%d", n) }

func (f *Floor) actions() []greenroom.Action {
	waits := func(ctx context.Context, j *greenroom.Job, _ greenroom.Rows[part], _ struct{}) error {
		j.Update(1, 4, "held")
		<-ctx.Done()
		return nil
	}
	walks := func(ctx context.Context, _ *greenroom.Job, rows greenroom.Rows[part], _ struct{}) error {
		for _, err := range rows.All(ctx) {
			if err != nil {
				return err
			}
			select {
			case <-time.After(step):
			case <-ctx.Done():
			}
		}
		return nil
	}
	deaf := func(context.Context, *greenroom.Job, greenroom.Rows[part], struct{}) error {
		<-f.hold
		return nil
	}
	return []greenroom.Action{
		greenroom.On(greenroom.Action{Name: "hold", Label: "Hold the parts"}, waits),
		greenroom.On(greenroom.Action{Name: "needle", Label: "Needle in the haystack"}, waits),
		greenroom.On(greenroom.Action{Name: "walk", Label: "Walk along the parts", Resumable: true}, walks),
		greenroom.On(greenroom.Action{Name: "deaf", Label: "Deaf to its cancel"}, deaf),
	}
}

func (f *Floor) widgets() []greenroom.Widget {
	text := template.Must(template.New("lump").Parse(`<p>{{.Text}}</p>`))
	lumpy := func(name string, waits *atomic.Bool) greenroom.Widget {
		return greenroom.Widget{
			Name: name, Template: text, Topics: func(greenroom.In) []string { return []string{"floor/" + name} },
			Mount: func(context.Context, greenroom.In) (any, error) { return lump{waits, f.stuck, f.hold}, nil },
		}
	}
	var failed atomic.Bool
	return []greenroom.Widget{
		lumpy("still", &f.armed), lumpy("flooded", &f.flooded),
		{
			Name: "fragile", Template: template.Must(template.New("fragile").Parse(`<p data-fragile>{{.}}</p>`)),
			Mount: func(context.Context, greenroom.In) (any, error) { return "stands again", nil },
			Topics: func(greenroom.In) []string {
				if failed.CompareAndSwap(false, true) {
					panic("the shelf gave way")
				}
				return nil
			},
		},
	}
}

// start has people start the jobs, and somebody look at the dashboard.
func (f *Floor) start(server *greenroomtest.Server) {
	f.tb.Helper()
	for n := range people {
		p := server.SignIn(name(n), Password)
		list := p.Open("/admin/main/parts/")
		run := func(action string) {
			list.Event("parts", "select", map[string]any{"key": "1", "checked": "true"})
			if action == "walk" {
				list.Event("parts", "select-page", map[string]any{"checked": "true"})
				list.Event("parts", "select-all", nil)
			}
			if said := list.Event("parts", "ask", map[string]any{"action": action}); said != "" {
				f.tb.Fatalf("%s starts %s: %s", name(n), action, said)
			}
			list.Redirected()
		}
		left := Jobs / people
		if n == 0 {
			for _, action := range []string{"walk", "deaf", "needle"} {
				run(action)
				left--
			}
			f.Victim = p
		}
		for range left {
			run("hold")
		}
		list.Cut()
	}
	f.Victim.Open("/admin/").WaitFor("[data-fragile]", "stands again")
}

// Still stops the actor of a widget that somebody looks at, in the middle of a message.
func (f *Floor) Still() { f.stop("floor/still", &f.armed) }

// Flood sends the actor of a widget that somebody looks at more messages than it takes.
func (f *Floor) Flood() {
	f.stop("floor/flooded", &f.flooded)
	for n := range 2000 {
		f.Room.Publish("floor/flooded", n)
	}
}

// stop returns once the actor stands still.
func (f *Floor) stop(topic string, armed *atomic.Bool) {
	f.tb.Helper()
	armed.Store(true)
	f.Room.Publish(topic, 1)
	select {
	case <-f.stuck:
	case <-time.After(20 * time.Second):
		f.tb.Fatalf("nobody draws what hears of %s", topic)
	}
}

// Audited fails the test unless the audit has a line with each of the texts, about something that was done.
func (f *Floor) Audited(texts ...string) {
	f.tb.Helper()
	state, err := grsql.OpenState(f.tb.Context(), f.State)
	if err != nil {
		f.tb.Fatal(err)
	}
	defer state.Close() //nolint:errcheck // a test's
	lines, err := state.Lines(f.tb.Context(), widgets.AuditQuery{})
	if err != nil {
		f.tb.Fatal(err)
	}
	for _, text := range texts {
		found := false
		for _, l := range lines {
			found = found || strings.HasPrefix(l.Text, text) && l.Undone == ""
		}
		if !found {
			f.tb.Errorf("the audit has no line %q", text)
		}
	}
}
