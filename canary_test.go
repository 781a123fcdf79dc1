package greenroom_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom"
	"greenroom/console"
	"greenroom/greenroomtest"
	grhttp "greenroom/http"
	grsql "greenroom/sql"
)

// canary is what no page may ever show: only the log of the server has it.
const canary = "canary-4f1d-password"

// leaky are bodies that end badly, by the way in which the canary leaves them. Each waits until its page is looked at.
var leaky = map[string]func(j *greenroom.Job) error{
	"error":   func(*greenroom.Job) error { return errors.New(canary) },
	"wrapped": func(*greenroom.Job) error { return fmt.Errorf("%s: %w", canary, greenroom.UserError("Not today.")) },
	"joined":  func(*greenroom.Job) error { return errors.Join(errors.New(canary), greenroom.UserError("Not today.")) },
	"panic":   func(*greenroom.Job) error { panic(canary) },
	"helper": func(j *greenroom.Job) error {
		done := make(chan struct{})
		j.Go(func(context.Context) error { defer close(done); panic(canary) })
		<-done
		return nil
	},
	"goexit": func(j *greenroom.Job) error { j.Fail("1", errors.New(canary)); runtime.Goexit(); return nil },
	"rows":   func(j *greenroom.Job) error { j.Fail("1", errors.New(canary)); return nil },
	"status": func(j *greenroom.Job) error {
		j.Status(func() string { panic(canary) })
		j.Advance(1)
		return errors.New(canary)
	},
	"file": func(j *greenroom.Job) error {
		w, err := j.Create(canary + "/x")
		if err == nil {
			return w.Close()
		}
		return fmt.Errorf("%s: %w", canary, err)
	},
}

// warned is a log that a test reads while it is written.
type warned struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *warned) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *warned) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// TestNothingRawLeavesTheServer: P10. Bodies fail in every way with a secret in hand. It is in the log, and in no frame, on no page, in no file, in no
// history, in no audit and in no answer to the terminal's console, but for people with console.errors.
func TestNothingRawLeavesTheServer(t *testing.T) {
	c := &leak{log: &warned{}, goOn: make(chan struct{})}
	c.serve(t)
	owner, desk := c.server.SignIn("owner", secretWord), c.server.SignIn("desk", secretWord)
	watching := []*greenroomtest.Page{}
	for _, at := range []string{"/admin/", "/admin/main/items/", "/admin/jobs/", "/admin/jobs/history/"} {
		watching = append(watching, owner.Open(at))
	}
	for _, at := range c.consolePages("") {
		watching = append(watching, desk.Open(at))
	}
	for name := range leaky {
		list := owner.Open("/admin/main/items/")
		list.Event("items", "select", map[string]any{"key": "1", "checked": "true"})
		if said := list.Event("items", "ask", map[string]any{"action": name}); said != "" {
			t.Fatalf("%s: %s", name, said)
		}
		page := owner.Open(list.Redirected())
		c.goOn <- struct{}{}
		page.WaitUntil(`[data-job-state="failed"], [data-job-state="succeeded"]`, true)
		if page.Has(`[data-job-state="failed"]`) == (name == "rows") {
			t.Errorf("%s: the page says %q", name, page.Text("main"))
		}
		watching = append(watching, list, page)
		id := strings.Trim(strings.TrimPrefix(page.Path, "/admin/progress/"), "/")
		c.shown(t, owner, page.Path, "/admin/progress/"+id+"/failed.csv")
		c.shown(t, desk, c.consolePages(id)...)
		if n := strings.Count(c.log.String(), canary); n == 0 {
			t.Errorf("%s: the log has nothing of it", name)
		}
		c.forget()
	}
	c.shown(t, owner, "/admin/", "/admin/jobs/", "/admin/jobs/history/", "/admin/main/items/1/change/", "/admin/main/items/1/history/")
	c.shown(t, desk, "/admin/audit/", "/admin/audit/export/csv", "/admin/jobs/history/", "/admin/metrics")
	for i, page := range watching {
		frames := page.Frames()
		for _, frame := range frames {
			if strings.Contains(frame, canary) {
				t.Errorf("%s was sent %s", page.Path, around(frame))
			}
		}
		if len(frames) == 0 && i == 0 {
			t.Errorf("%s was sent nothing, so nothing was looked at", page.Path)
		}
	}
	c.terminal(t, "desk", false)
	c.terminal(t, "chief", true)
}

// leak is an admin whose actions are leaky.
type leak struct {
	server *greenroomtest.Server
	log    *warned
	state  *grsql.State
	goOn   chan struct{}
}

func (c *leak) serve(t *testing.T) {
	t.Helper()
	file, state := filepath.Join(t.TempDir(), "items.db"), filepath.Join(t.TempDir(), "state.db")
	made, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = made.ExecContext(t.Context(), `CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO items VALUES (1, 'one')`)
	if err := errors.Join(err, made.Close()); err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), file, greenroom.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var actions []greenroom.Action
	for name, body := range leaky {
		actions = append(actions, greenroom.On(greenroom.Action{Name: name},
			func(_ context.Context, j *greenroom.Job, _ greenroom.Rows[item], _ struct{}) error {
				<-c.goOn
				return body(j)
			}))
	}
	room, err := greenroom.New(t.Context(), greenroom.Config{
		DB: db, State: state, Log: slog.New(slog.NewTextHandler(c.log, nil)),
		Models: []greenroom.Model{{Table: "items", Actions: actions}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.state, err = grsql.OpenState(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.state.Close() })
	for name, rights := range map[string][]string{
		"owner": {"main.*"},
		"desk":  {"main.*", "jobs.supervise", "audit.view", console.ViewRight, console.LogRight, console.MetricsRight},
		"chief": {"main.*", "jobs.supervise", console.ViewRight, console.LogRight, console.MetricsRight, console.ErrorsRight},
	} {
		if err := c.state.PutUser(t.Context(), grsql.User{Name: name, Password: grhttp.HashPassword(secretWord)}); err != nil {
			t.Fatal(err)
		}
		if err := c.state.SetUserRights(t.Context(), name, rights, nil); err != nil {
			t.Fatal(err)
		}
	}
	c.server = greenroomtest.Serve(t, room)
}

// consolePages are all pages of the console, that of a job among them if there is one.
func (c *leak) consolePages(job string) []string {
	var all []string
	for _, name := range console.Names() {
		all = append(all, "/admin/console/"+name+"/")
	}
	if job != "" {
		all = append(all, "/admin/console/jobs/?job="+url.QueryEscape(job), "/admin/console/find/?q="+url.QueryEscape(job))
	}
	return all
}

// shown checks that pages are there and do not have the canary.
func (c *leak) shown(t *testing.T, by *greenroomtest.Person, paths ...string) {
	t.Helper()
	for _, path := range paths {
		answer := by.Get(path)
		if answer.Status != 200 && !(answer.Status == 404 && strings.HasSuffix(path, ".csv")) {
			t.Errorf("%s is answered %d", path, answer.Status)
		}
		if strings.Contains(answer.Body, canary) {
			t.Errorf("%s shows %s", path, around(answer.Body))
		}
	}
}

// forget empties the log.
func (c *leak) forget() {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	c.log.b.Reset()
}

// terminal asks for all pages as greenroom console --once PAGE --json does.
func (c *leak) terminal(t *testing.T, user string, shown bool) {
	t.Helper()
	_, token, err := c.state.AddToken(t.Context(), user, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	client, err := console.Connect(t.Context(), c.server.URL+"/admin/", token)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close() //nolint:errcheck // a test's
	found := false
	for _, name := range append(console.Names(), console.MetricsPage) {
		reply, err := client.Ask(console.Request{Query: console.Query{Page: name}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := json.Marshal(reply)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), canary) {
			if found = true; !shown {
				t.Errorf("the terminal of %s shows on %s: %s", user, name, around(string(text)))
			}
		}
	}
	if shown && !found {
		t.Errorf("%s holds %s and finds nothing", user, console.ErrorsRight)
	}
}

// around is the canary with what stands about it.
func around(text string) string {
	at := strings.Index(text, canary)
	return "… " + text[max(0, at-200):min(len(text), at+len(canary)+100)] + " …"
}
