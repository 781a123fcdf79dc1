package pages

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/jobs"
	"greenroom/widgets"
	"greenroom/widgets/lang"
)

// withApproval is withRefund, which somebody else has to approve. The house remembers its runs and knows these people.
func withApproval(done chan<- string, people ...*widgets.User) func(*house) {
	return func(h *house) {
		withRefund(done)(h)
		m := h.orders()
		m.Actions[0].Approval, m.Actions[0].DryRun, m.Actions[0].Danger = "shop.approve", true, true
		h.site.Jobs.Remember(jobs.NewMemory(), func(ctx context.Context, r jobs.Record) (jobs.Request, error) {
			for _, u := range people {
				if u.ID == r.OwnerID {
					return h.site.Revive(ctx, r, u)
				}
			}
			return jobs.Request{}, widgets.ErrDenied
		})
	}
}

func TestApprovalPages(t *testing.T) {
	done := make(chan string, 1)
	right := func(id, name string, rights ...string) *widgets.User {
		return &widgets.User{ID: id, Name: name, SessionID: "s" + id, Rights: append(rights, "main.view_orders")}
	}
	clerk, boss, other := right("2", "Bob", "shop.refund"), right("3", "Eva", "shop.*"), right("4", "Kim")
	h := open(t, withApproval(done, clerk, boss, other))
	h.stock(40)
	h.rules.rows.set("orders", widgets.Filter{})
	tb := h.list(clerk, "orders", "")
	tb.send("select-page", "checked", "true")
	tb.send("ask", "action", "refund")
	dialog := only(t, tb.dom(), "dialog")
	if got := text(dialog); !strings.Contains(got, "Refund 25 orders?") || !strings.Contains(got, "Somebody else has to approve it") || !strings.Contains(got, "Ask for approval") {
		t.Errorf("it is asked %q", got)
	}
	tb.send("run", "reason", "")
	if got := text(only(t, tb.dom(), "[data-error-for=reason]")); got == "" {
		t.Error("an empty reason can be asked for")
	}
	if told := tb.send("run", "reason", "<b>broken</b>", "notify", "true"); told != "" {
		t.Fatal(told)
	}
	at := tb.last.Effects.Redirect
	id, ours := strings.CutPrefix(strings.TrimSuffix(at, "/"), "/admin/approvals/")
	if !ours || len(all(tb.dom(), ".gr-bulk")) != 0 {
		t.Fatalf("redirect %q", at)
	}
	page := func(u *widgets.User, l *lang.Language) *tab {
		in := h.in(u, nil, at)
		in.Language = l
		return h.show(h.site.ApprovalPage(in, id))
	}
	theirs := page(boss, nil)
	dom := theirs.dom()
	if got := text(dom); !strings.Contains(got, "Refund 25 orders?") || !strings.Contains(got, "<b>broken</b>") || !strings.Contains(got, "in the name of Bob") {
		t.Errorf("who may decide reads %q", got)
	}
	if rows := all(dom, "[data-rows] li a"); len(rows) != 10 || attr(rows[0], "href") == "" || !strings.Contains(text(dom), "and 15 more") {
		t.Errorf("%d rows are named", len(rows))
	}
	german, err := lang.German()
	if err != nil {
		t.Fatal(err)
	}
	if got := text(page(boss, german).dom()); !strings.Contains(got, "Freigeben und beginnen") || !strings.Contains(got, "Wartet auf Freigabe") || strings.Contains(got, "Asked") {
		t.Errorf("in German: %q", got)
	}
	if _, err := h.site.ApprovalPage(h.in(other, nil, at), id); err == nil {
		t.Error("somebody else's page is built")
	}
	if _, err := h.site.ApprovalsPage(h.in(other, nil, "/admin/approvals/")); err == nil {
		t.Error("and their list")
	}
	list := h.show(h.site.ApprovalsPage(h.in(boss, nil, "/admin/approvals/")))
	if got := all(list.dom(), "[data-pending] tbody tr"); len(got) != 1 || !strings.Contains(text(got[0]), "25 orders") {
		t.Errorf("%d wait for who may decide", len(got))
	}
	// Rows that are not theirs to see are not named.
	h.rules.rows.set("orders", widgets.Where("status", widgets.OpEq, "paid"))
	if rows := all(page(boss, nil).dom(), "[data-rows] li"); len(rows) == 0 || len(rows) == 10 {
		t.Errorf("%d of the first 10 rows are named to who may see the paid ones", len(rows))
	}
	h.rules.rows.set("orders", widgets.Filter{})
	mine := page(clerk, nil)
	if told := mine.send("approve"); !strings.Contains(told, "Somebody else") {
		t.Errorf("who asked approves: %q", told)
	}
	if told := theirs.send("approve"); told != "" {
		t.Fatal(told)
	}
	if got := <-done; !strings.HasPrefix(got, "<b>broken</b>: ") || len(strings.Fields(got)) != 26 {
		t.Errorf("ran over %q", got)
	}
	if dom := mine.wait("the job", func(n *html.Node) bool { return len(all(n, "[data-job]")) == 1 }); len(all(dom, "[data-verb]")) != 0 {
		t.Error("something can be done with what is done")
	}
	if told := theirs.send("reject", "reason", "late"); !strings.Contains(told, "Somebody was quicker") {
		t.Errorf("rejected afterwards: %q", told)
	}
	// To try it asks nobody.
	tb.send("ask", "action", "refund", "key", "1")
	if told := tb.send("run", "reason", "try", "dry", "1"); told != "" || !strings.HasPrefix(tb.last.Effects.Redirect, "/admin/progress/") {
		t.Errorf("a dry run leads to %q: %q", tb.last.Effects.Redirect, told)
	}
	<-done
}
