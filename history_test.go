package greenroom_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"greenroom/greenroomtest"
	"greenroom/widgets"
)

// rename saves another name for an item at its form.
func rename(t *testing.T, p *greenroomtest.Person, key, name string) {
	t.Helper()
	page := p.Open("/admin/main/items/" + key + "/change/")
	if said := page.Submit("form.gr-form", map[string]string{"name": name}); said != "" {
		t.Fatal(said)
	}
	page.Redirected()
	page.Cut()
}

// TestARowIsPutBack looks at a row's history, and puts back a field and then the whole row.
func TestARowIsPutBack(t *testing.T) {
	c := newCompany(t)
	full := c.people["full"]
	rename(t, full, "2", "second")
	rename(t, full, "2", "third")
	rename(t, c.people["owner"], "2", "fourth")
	page := full.Open("/admin/main/items/2/history/")
	if who := page.All("[data-line] .gr-card-title > span:first-child"); strings.Join(who, " ") != "owner full full" {
		t.Errorf("who changed it: %v", who)
	}
	if got := page.Text("[data-field=name]"); !strings.Contains(got, "third") || !strings.Contains(got, "fourth") {
		t.Errorf("the newest change is drawn as %q", got)
	}
	if said := page.Click("[data-revert=name]"); said != "" {
		t.Fatal(said)
	}
	if got := rowsOf(t, c); !strings.Contains(got, "2=third") {
		t.Fatalf("a field is put back, and the rows are %s", got)
	}
	page.WaitFor("[data-line]", "putting back line")
	first := c.lines(t, widgets.AuditQuery{Table: "main.items", Key: "2"})[3]
	if said := page.Event("history", "revert", map[string]any{"line": itoa(first.ID)}); said != "" {
		t.Fatal(said)
	}
	if got := rowsOf(t, c); !strings.Contains(got, "2=second") {
		t.Errorf("the row is put back, and the rows are %s", got)
	}
	// The same as a form, without JavaScript.
	newest := c.lines(t, widgets.AuditQuery{Table: "main.items", Key: "2"})[0]
	answer := full.Post("/admin/main/items/2/history/", url.Values{"csrf": {c.csrf("full")}, "event": {"revert"}, "line": {itoa(newest.ID)}, "column": {"name"}})
	if got := rowsOf(t, c); answer.Status != 200 || !strings.Contains(got, "2=third") {
		t.Errorf("by a form (%d) the rows are %s", answer.Status, got)
	}
	// A line of another row is none of this one's.
	rename(t, full, "1", "uno")
	other := c.lines(t, widgets.AuditQuery{Table: "main.items", Key: "1"})[0]
	if said := page.Event("history", "revert", map[string]any{"line": itoa(other.ID), "column": "name"}); said == "" {
		t.Error("another row's line was taken")
	}
	viewer := c.people["viewer"].Open("/admin/main/items/2/history/")
	if viewer.Has("[data-revert], [data-restore]") || !viewer.Has("[data-field=name]") {
		t.Error("who may only see the row is offered to put it back, or does not see its history")
	}
	if said := viewer.Event("history", "revert", map[string]any{"line": itoa(newest.ID), "column": "name"}); said == "" {
		t.Error("who may only see the row put it back")
	}
}

// What was valid once and is not any more is refused by the same rules as at the form.
func TestWhatIsNotValidAnyMoreIsNotPutBack(t *testing.T) {
	c := newCompany(t)
	rename(t, c.people["full"], "2", "taken")
	if _, err := c.db.Exec(t.Context(), nil, `CREATE UNIQUE INDEX items_name ON items (name)`); err != nil {
		t.Fatal(err)
	}
	if _, err := c.db.Exec(t.Context(), nil, `UPDATE items SET name = 'two' WHERE id = 3`); err != nil {
		t.Fatal(err)
	}
	page := c.people["full"].Open("/admin/main/items/2/history/")
	if said := page.Click("[data-revert=name]"); said != "" {
		t.Fatal(said)
	}
	page.WaitFor(".gr-error-summary", "not put back")
	if got := rowsOf(t, c); !strings.Contains(got, "2=taken") {
		t.Errorf("the rows are %s", got)
	}
}
func itoa(n int64) string { return strconv.FormatInt(n, 10) }
