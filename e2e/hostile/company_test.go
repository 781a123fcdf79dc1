package hostile

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom"
	"greenroom/greenroomtest"
	grhttp "greenroom/http"
	grsql "greenroom/sql"
	"greenroom/widgets"
)

const (
	password = "correct horse battery"
	// token is what the column card_token has: nobody but a superuser may learn any part of it.
	token = "tok-9f31-secret"
)

// company is a server with a shop of two tenants. "mallory" belongs to tenant 1: she may see and change its orders, but never their number, nor see
// card_token. "victim" has the same rights, "boss" is a superuser.
type company struct {
	*greenroomtest.Server
	t     *testing.T
	file  string
	plain *sql.DB // past the admin
	state *grsql.State
	log   *journal
	began chan struct{}
	hold  chan struct{}
}

// journal is a log that tests read.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// tenants is the embedder's own rule.
type tenants struct{}

func (tenants) Decide(_ context.Context, u *widgets.User, v widgets.Verb, on widgets.Subject) widgets.Decision {
	allow := u.HasAll(on.Permissions)
	if on.Table == nil || u.Super {
		return widgets.Decision{Allow: allow || u.Super}
	}
	d := widgets.Decision{Allow: allow && u.Has(widgets.Permission(v, on.Table))}
	if on.Table.Name == "orders" {
		d.Rows = widgets.Where("tenant", widgets.OpEq, "1")
		d.Hide, d.ReadOnly = []string{"card_token"}, []string{"number", "tenant"}
	}
	return d
}

func serve(t *testing.T) *company {
	t.Helper()
	c := &company{t: t, file: filepath.Join(t.TempDir(), "shop.db"), log: &journal{}, began: make(chan struct{}, 8), hold: make(chan struct{})}
	var err error
	if c.plain, err = sql.Open("sqlite", "file:"+c.file+"?_pragma=busy_timeout(5000)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.plain.Close() })
	_, err = c.plain.ExecContext(t.Context(), `
		CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT NOT NULL, note TEXT NOT NULL DEFAULT '', cents INTEGER NOT NULL DEFAULT 0,
			card_token TEXT NOT NULL DEFAULT '', tenant INTEGER NOT NULL DEFAULT 1);
		INSERT INTO orders VALUES (1, 'A-1', 'mine', 100, '`+token+`', 1), (2, 'A-2', 'mine too', 200, '`+token+`', 1), (3, 'B-1', 'theirs', 300, '`+token+`', 2);
		CREATE TABLE secrets (name TEXT PRIMARY KEY, word TEXT NOT NULL);
		INSERT INTO secrets VALUES ('vault', 'the vault opens at noon');
		CREATE TABLE labels (name TEXT PRIMARY KEY, text TEXT NOT NULL);
		INSERT INTO labels VALUES ('plain', 'a label');`)
	if err != nil {
		t.Fatal(err)
	}
	db, err := greenroom.Open(t.Context(), c.file, greenroom.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	type order struct {
		ID int64 `db:"id"`
	}
	wait := greenroom.On(greenroom.Action{Name: "wait", Permission: "main.wait"},
		func(ctx context.Context, _ *greenroom.Job, _ greenroom.Rows[order], _ struct{}) error {
			c.began <- struct{}{}
			select {
			case <-c.hold:
			case <-ctx.Done():
			}
			return nil
		})
	state := filepath.Join(t.TempDir(), "state.db")
	room, err := greenroom.New(t.Context(), greenroom.Config{
		DB: db, State: state, Log: slog.New(slog.NewTextHandler(c.log, nil)), Decide: tenants{},
		Models: []greenroom.Model{{Table: "orders", List: greenroom.List{Edit: []string{"note"}}, Actions: []greenroom.Action{wait}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.state, err = grsql.OpenState(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.state.Close() })
	rights := []string{"main.*_orders", "main.*_labels", "main.wait"}
	for _, name := range []string{"mallory", "victim", "boss"} {
		if err := c.state.PutUser(t.Context(), grsql.User{Name: name, Password: grhttp.HashPassword(password), Super: name == "boss"}); err != nil {
			t.Fatal(err)
		}
		if err := c.state.SetUserRights(t.Context(), name, rights, nil); err != nil {
			t.Fatal(err)
		}
	}
	c.Server = greenroomtest.Serve(t, room)
	t.Cleanup(func() { close(c.hold) })
	return c
}

// contents is every row of the shop, to be compared before and after.
func (c *company) contents() string {
	c.t.Helper()
	rows, err := c.plain.QueryContext(c.t.Context(), `
		SELECT id || '|' || number || '|' || note || '|' || cents || '|' || card_token || '|' || tenant FROM orders
		UNION ALL SELECT name || '|' || word FROM secrets UNION ALL SELECT name || '|' || text FROM labels ORDER BY 1`)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var all []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			c.t.Fatal(err)
		}
		all = append(all, line)
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

// untouched fails if the shop is not what it was, or the server does not answer any more.
func (c *company) untouched(before string) {
	c.t.Helper()
	if after := c.contents(); after != before {
		c.t.Errorf("the shop was changed from\n%s\nto\n%s", before, after)
	}
	if got := c.Visitor().Get("/admin/login/").Status; got != http.StatusOK {
		c.t.Errorf("the server answers %d afterwards", got)
	}
}

// told waits until the log or the audit has a line with all of these words: what is closed may be told a moment later.
func (c *company) told(words ...string) {
	c.t.Helper()
	var all []string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		lines, err := c.state.Lines(c.t.Context(), widgets.AuditQuery{Limit: 500})
		if err != nil {
			c.t.Fatal(err)
		}
		all = strings.Split(c.log.String(), "\n")
		for _, l := range lines {
			all = append(all, fmt.Sprintf("%+v", l))
		}
		if slices.ContainsFunc(all, func(line string) bool {
			return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) })
		}) {
			return
		}
	}
	c.t.Errorf("neither log nor audit tell of %q; they have\n%s", words, strings.Join(all, "\n"))
}
