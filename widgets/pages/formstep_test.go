package pages

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"greenroom/widgets"
)

// changeFrom is an order's page as it is opened from a list.
func (h *house) changeFrom(u *widgets.User, list string, key ...string) *tab {
	h.t.Helper()
	m := h.model("orders")
	in := h.in(u, m, carried(m.changeURL(key), list))
	in.Key = key
	return h.show(h.site.ChangePage(in, m))
}

func TestSaveAndNextFollowsTheListThatTheRowWasOpenedFrom(t *testing.T) {
	h := open(t, nil)
	h.stock(9) // paid are 3, 6, 9
	list := "f.status=paid&o=-number"
	tb := h.changeFrom(ann, list, "9")
	tb.submit(formIs, "_then=next", "status", "new") // leaves the list by this
	next := "/admin/main/orders/6/change/?" + url.Values{"list": {list}}.Encode()
	if got := tb.last.Effects.Redirect; got != next || h.one("SELECT status FROM orders WHERE id = 9") != "new" {
		t.Errorf("led to %s, want %s", got, next)
	}
	tb = h.changeFrom(ann, list, "6")
	tb.submit(formIs, "_then=next", "number", "A") // becomes the last by this
	if got := tb.last.Effects.Redirect; !strings.HasPrefix(got, "/admin/main/orders/3/change/") {
		t.Errorf("led to %s", got)
	}
	tb = h.changeFrom(ann, "q=N0003", "3")
	tb.submit(formIs, "_then=next", "note", "x", "null.note", "-")
	if got := tb.last.Effects; got.Redirect != "/admin/main/orders/?q=N0003" || len(got.Toasts) != 2 {
		t.Errorf("the last led to %+v", got)
	}
	// What is not right is not left.
	tb = h.changeFrom(ann, list, "3")
	tb.submit(formIs, "_then=next", "total", "much")
	if got := tb.last.Effects.Redirect; got != "" {
		t.Errorf("a wrong form led to %s", got)
	}
}

func TestStepsGoThroughTheListAndLoseNothing(t *testing.T) {
	h := open(t, nil)
	h.stock(9)
	tb := h.changeFrom(ann, "o=number", "2")
	for to, want := range map[string]string{"next": "3", "prev": "1"} {
		if said := tb.send("step", "to", to); said != "" || !strings.HasPrefix(tb.last.Effects.Redirect, "/admin/main/orders/"+want+"/change/?list=") {
			t.Errorf("%s: %q, %s", to, said, tb.last.Effects.Redirect)
		}
	}
	tb.send("check", "field", "total", "value", "50")
	if said := tb.send("step", "to", "next"); !strings.Contains(said, "not saved") || tb.last.Effects.Redirect != "" {
		t.Errorf("typed text is left: %q", said)
	}
	tb = h.change(ann, "orders", "9") // from nowhere: the list's own order, newest first
	tb.send("step", "to", "prev")
	if got := tb.last.Effects; got.Redirect != "" || len(got.Toasts) != 1 {
		t.Errorf("before the first: %+v", got)
	}
	h.rules.rows.set("orders", widgets.Where("status", widgets.OpEq, "paid"))
	tb.send("step", "to", "next")
	if got := tb.last.Effects.Redirect; !strings.HasPrefix(got, "/admin/main/orders/6/") {
		t.Errorf("out of reach: %s", got)
	}
}

func TestTheAuditSaysWhoChangedAField(t *testing.T) {
	now := time.Date(2026, 11, 26, 16, 30, 0, 0, time.UTC)
	theirs := widgets.Text("paid")
	f := &field{column: &widgets.Column{Name: "status"}, theirs: &theirs}
	line := func(user, id string, at time.Time, to string) widgets.AuditLine {
		return widgets.AuditLine{At: at, Actor: widgets.Actor{User: user, UserID: id}, Fields: []widgets.AuditField{{Column: "status", New: widgets.Text(to)}}}
	}
	undone := line("Eve", "9", now, "paid")
	undone.Undone = "it failed"
	other := widgets.AuditLine{At: now, Actor: widgets.Actor{User: "Eve"}, Fields: []widgets.AuditField{{Column: "note"}}}
	for name, c := range map[string]struct {
		lines []widgets.AuditLine
		want  string
	}{
		"today":           {[]widgets.AuditLine{other, undone, line("Bob", "2", now.Add(-time.Minute), "paid"), line("Cid", "3", now.Add(-time.Hour), "new")}, "Bob changed this at 16:29:00"},
		"earlier":         {[]widgets.AuditLine{line("Bob", "2", now.AddDate(0, 0, -1), "paid")}, "Bob changed this at 2026-11-25 16:30"},
		"oneself":         {[]widgets.AuditLine{line("Ann", "1", now, "paid")}, "You changed this elsewhere at 16:30:00"},
		"another program": {[]widgets.AuditLine{line("Bob", "2", now, "shipped"), line("Cid", "3", now, "paid")}, ""},
		"nobody":          {nil, ""},
	} {
		if got := authorOf(c.lines, f, ann, now); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
