package greenroom_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"greenroom"
	"greenroom/greenroomtest"
	"greenroom/sql/sqltest"
	"greenroom/widgets"
)

// TestApprovalBySomebodyElse goes the whole way over sockets and forms: who asks waits, who may is told on whatever page they are, and what was approved
// runs as who asked, with both in the audit.
func TestApprovalBySomebodyElse(t *testing.T) {
	c := newCompany(t)
	c.may(t, "full", "main.*_items", "main.touch", "main.approve")
	owner, full := c.people["owner"], c.people["full"]
	elsewhere := full.Open("/admin/main/items/")
	asking := owner.Open("/admin/main/items/")
	if said := asking.Event("items", "ask", map[string]any{"action": "wipe", "key": "3"}); said != "" {
		t.Fatal(said)
	}
	if got := asking.Text("dialog"); !strings.Contains(got, "Wipe 1 item?") || !strings.Contains(got, "Somebody else has to approve") || !strings.Contains(got, "Ask for approval") {
		t.Errorf("it is asked: %s", got)
	}
	if said := asking.Submit("dialog form", nil); said != "" {
		t.Fatal(said)
	}
	at := asking.Redirected()
	elsewhere.WaitToast("owner asks for approval: Wipe, 1 item")
	elsewhere.WaitFor("[data-approvals]", "2") // the one of before, too
	mine, theirs := owner.Open(at), full.Open(at)
	if got := mine.Text(".gr-approval"); !strings.Contains(got, "Waiting for approval") || mine.Has("[data-verb=approve]") || !mine.Has("[data-verb=withdraw]") {
		t.Errorf("who asked reads: %s", got)
	}
	if got := theirs.Text(".gr-approval"); !strings.Contains(got, "Wipe 1 item?") || !strings.Contains(got, "three") || theirs.Has("[data-verb=withdraw]") {
		t.Errorf("who may decide reads: %s", got)
	}
	if said := mine.Event("approval", "approve", nil); !strings.Contains(said, "Somebody else has to decide") {
		t.Errorf("who asked approves: %q", said)
	}
	if said := theirs.Event("approval", "withdraw", nil); said == "" {
		t.Error("somebody else withdraws it")
	}
	if said := theirs.Event("approval", "reject", map[string]any{"reason": " "}); !strings.Contains(said, "Say why") {
		t.Errorf("it is rejected without a reason: %q", said)
	}
	if n := c.wiped.Load(); n != 0 {
		t.Fatalf("%d rows were wiped before anybody approved", n)
	}
	if said := theirs.Event("approval", "approve", nil); said != "" {
		t.Fatal(said)
	}
	if said := theirs.Event("approval", "reject", map[string]any{"reason": "late"}); !strings.Contains(said, "Somebody was quicker") {
		t.Errorf("it is rejected afterwards: %q", said)
	}
	if late := c.lines(t, widgets.AuditQuery{User: "full", Deed: widgets.DeedApproval})[0]; late.Undone == "" || !strings.HasPrefix(late.Text, "rejected") {
		t.Errorf("the audit has a rejection that did not happen: %+v", late)
	}
	mine.WaitFor("[data-approval-state=started]", "Approved by full")
	mine.WaitToast("Wipe: approved by full")
	run := owner.Open(mine.Attrs("[data-job]", "href")[0])
	run.WaitFor("[data-job-state=succeeded]", "Approved by full")
	if n := c.wiped.Load(); n != 1 {
		t.Errorf("%d rows were wiped", n)
	}
	elsewhere.WaitFor("[data-approvals]", "1")
	c.mustLine(t, widgets.DeedApproval, "owner", "asked for: Wipe: 1 item")
	c.mustLine(t, widgets.DeedApproval, "full", "approved: Wipe, 1 item, asked for by owner")
	// The other one is rejected by a form, without a socket.
	posted := full.Post("/admin/approvals/"+c.request+"/", url.Values{"csrf": {c.csrf("full")}, "event": {"reject"}, "reason": {"too early"}})
	if posted.Status != 200 || !strings.Contains(posted.Text(), "Rejected by") {
		t.Errorf("by a form: %d %s", posted.Status, posted.Text())
	}
	mine.WaitToast("Wipe: rejected by full: too early")
	if got := owner.Get("/admin/approvals/").Text(); !strings.Contains(got, "Rejected") || !strings.Contains(got, "Nothing waits for you.") {
		t.Errorf("the list of who asked: %s", got)
	}
	if n := c.wiped.Load(); n != 1 {
		t.Errorf("%d rows were wiped in the end", n)
	}
}

// TestApprovalIsNobodyElsesBusiness: not of who may neither do it nor decide, nor of who sees the admin as who asked.
func TestApprovalIsNobodyElsesBusiness(t *testing.T) {
	c := newCompany(t)
	for _, role := range []string{"nothing", "viewer", "full"} {
		if got := c.people[role].Get("/admin/approvals/" + c.request + "/").Status; got != 404 {
			t.Errorf("%s is answered %d", role, got)
		}
	}
	if nav := c.people["viewer"].Get("/admin/").Body; strings.Contains(nav, "/admin/approvals/") {
		t.Error("the viewer's navigation has approvals")
	}
	c.may(t, "viewer", "main.view_items", "main.approve")
	if got := c.people["viewer"].Get("/admin/approvals/" + c.request + "/").Status; got != 404 {
		t.Errorf("who may approve and not do it is answered %d", got)
	}
	if got := c.seesAs("super", "owner", "why"); got.Status != 303 {
		t.Fatal(got.Status)
	}
	page := c.people["super"].Open("/admin/approvals/" + c.request + "/")
	if said := page.Event("approval", "approve", nil); page.Has("[data-verb=approve]") || !strings.Contains(said, "Somebody else") {
		t.Errorf("a superuser as who asked approves: %q", said)
	}
	if said := page.Event("approval", "withdraw", nil); said != "" {
		t.Errorf("and withdraws: %q", said)
	}
	line := c.lines(t, widgets.AuditQuery{User: "super", Deed: widgets.DeedApproval})
	if len(line) != 2 || line[0].As != "owner" || !strings.HasPrefix(line[0].Text, "withdrew: ") || line[1].Undone == "" {
		t.Errorf("the audit has %+v", line)
	}
	if got := c.wiped.Load(); got != 0 {
		t.Errorf("%d rows were wiped", got)
	}
}

// TestARequestOutlivesTheServer asks before a restart and approves after it, on each place where jobs are kept: one run, over what was asked for.
func TestARequestOutlivesTheServer(t *testing.T) {
	const items = `CREATE TABLE items (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL);
		INSERT INTO items (id, name) VALUES (1, 'one'), (2, 'two'), (3, 'three');`
	file := func(t *testing.T) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "items.db")
		plain, err := sql.Open("sqlite", "file:"+path)
		if err == nil {
			_, err = plain.ExecContext(t.Context(), items)
		}
		if err = errors.Join(err, plain.Close()); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, place := range map[string]struct {
		dsn  func(t *testing.T) string
		inDB bool
	}{
		"the state":  {file, false},
		"SQLite":     {file, true},
		"PostgreSQL": {func(t *testing.T) string { t.Helper(); return sqltest.PostgreSQL.Made(t, items) }, true},
		"MariaDB":    {func(t *testing.T) string { t.Helper(); return sqltest.MariaDB.Made(t, items) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			dsn, state := place.dsn(t), filepath.Join(t.TempDir(), "state.db")
			var seen []int64
			live := func(t *testing.T) (list string, s *greenroomtest.Server) {
				t.Helper()
				db, err := greenroom.Open(t.Context(), dsn, greenroom.OpenConfig{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				wipe := greenroom.On(greenroom.Action{Name: "wipe", Approval: "shop.approve"}, func(ctx context.Context, _ *greenroom.Job, rows greenroom.Rows[item], _ struct{}) error {
					for row, err := range rows.All(ctx) {
						if err != nil {
							return err
						}
						seen = append(seen, row.ID)
					}
					return nil
				})
				room, err := greenroom.New(t.Context(), greenroom.Config{
					DB: db, State: state, JobsInDB: place.inDB, Watch: -1, Log: slog.New(slog.DiscardHandler), Models: []greenroom.Model{{Table: "items", Actions: []greenroom.Action{wipe}}},
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{"ann", "bea"} {
					if err := room.SetPassword(t.Context(), name, secretWord); err != nil {
						t.Fatal(err)
					}
				}
				return "/admin/" + db.Table("items").Table().App + "/items/", greenroomtest.Serve(t, room)
			}
			var at string
			t.Run("before", func(t *testing.T) {
				list, s := live(t)
				page := s.SignIn("ann", secretWord).Open(list)
				page.Event("items", "select", map[string]any{"key": []string{"1", "3"}, "checked": "true"})
				if said := page.Event("items", "run", map[string]any{"action": "wipe"}); said != "" {
					t.Fatal(said)
				}
				at = page.Redirected()
			})
			t.Run("after", func(t *testing.T) {
				_, s := live(t)
				page := s.SignIn("bea", secretWord).Open(at)
				if got := page.Text(".gr-approval"); !strings.Contains(got, "2 items") || !strings.Contains(got, "ann") {
					t.Fatalf("the request reads %s", got)
				}
				if said := page.Event("approval", "approve", nil); said != "" {
					t.Fatal(said)
				}
				run := s.SignIn("ann", secretWord).Open(page.Attrs("[data-job]", "href")[0])
				run.WaitFor("[data-job-state=succeeded]", "2 of 2")
			})
			if !slices.Equal(seen, []int64{1, 3}) {
				t.Errorf("it ran over %v", seen)
			}
		})
	}
}
