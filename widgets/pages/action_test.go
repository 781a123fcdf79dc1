package pages

import (
	"context"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/jobs"
	"greenroom/widgets"
)

type refundInput struct {
	Reason string `form:"required,max=20"`
	Notify bool
}

// withRefund gives the orders an action that needs a permission and asks for a reason; done gets what it saw.
func withRefund(done chan<- string) func(*house) {
	return func(h *house) {
		m := h.orders()
		m.Actions = []jobs.Action{jobs.On(jobs.Action{Name: "refund", Label: "Refund", Permission: "shop.refund", Confirm: "Refund {count} orders?"},
			func(ctx context.Context, j *jobs.Job, rows jobs.Rows[widgets.Row], in refundInput) error {
				var seen []string
				for row, err := range rows.All(ctx) {
					if err != nil {
						return err
					}
					seen = append(seen, row.Key.String())
				}
				j.Log("Refunded for " + in.Reason)
				done <- in.Reason + ": " + strings.Join(seen, " ")
				return nil
			})}
	}
}

// B19 and X19: rows, the page, and all that match can be selected; a new query starts an empty selection.
func TestX19SelectionKnowsMoreThanThePage(t *testing.T) {
	h := open(t, nil)
	h.stock(80)
	tb := h.list(ann, "orders", "f.status=paid")
	bulk := func() string {
		n := all(tb.dom(), ".gr-bulk-count")
		if len(n) == 0 {
			return ""
		}
		return text(n[0])
	}
	check := func(want string) {
		t.Helper()
		if got := bulk(); got != want {
			t.Fatalf("bulk bar %q, want %q", got, want)
		}
	}
	check("")
	tb.send("select", "key", "78", "checked", "true")
	check("1 selected")
	if dom := tb.dom(); !has(only(t, dom, "input.gr-check[value=78]"), "checked") || has(only(t, dom, "input[value=75]"), "checked") {
		t.Error("wrong boxes are ticked")
	}
	tb.send("select", "key", "75", "key", "72", "key", "69", "checked", "true")
	check("4 selected")
	tb.send("select", "key", "75", "checked", "false")
	check("3 selected")
	tb.send("select-page", "checked", "true")
	check("25 selected")
	dom := tb.dom()
	if !has(only(t, dom, "[data-select-all]"), "checked") {
		t.Error("the heading's box is not ticked")
	}
	if got := text(only(t, dom, "[gr-click=select-all]")); got != "Select all 26 matching" {
		t.Errorf("%q", got)
	}
	tb.send("select-all")
	check("All 26 selected")
	tb.send("select", "key", "78", "checked", "false")
	check("All 25 selected, without 1")
	tb.send("go", "to", attr(only(t, tb.dom(), "a[rel=next]"), "gr-value-to"))
	check("All 25 selected, without 1") // it is about the query, not the page
	tb.send("search", "value", "N00")
	check("")
	tb.send("select-page", "checked", "true")
	tb.send("go", "to", "q=N00&o=number")
	check("")
}

// X18: an action asks first, with the count and its inputs; what is wrong is told and nothing starts.
func TestX18ActionsAskFirst(t *testing.T) {
	done := make(chan string, 1)
	h := open(t, withRefund(done))
	h.stock(9)
	tb := h.list(ann, "orders", "")
	tb.send("select", "key", "9", "key", "7", "checked", "true")
	if got := text(only(t, tb.dom(), "[data-action=refund]")); got != "Refund" {
		t.Errorf("X17: the button is called %q", got)
	}
	if told := tb.send("ask", "action", "refund"); told != "" {
		t.Fatal(told)
	}
	dialog := only(t, tb.dom(), "dialog.gr-dialog")
	if got := text(only(t, dialog, "p")); !strings.Contains(got, "Refund 2 orders?") {
		t.Errorf("question %q", got)
	}
	if told := tb.send("run", "reason", ""); told != "" {
		t.Fatal(told)
	}
	if got := text(only(t, tb.dom(), "[data-error-for=reason]")); got == "" || tb.last.Effects.Redirect != "" {
		t.Fatalf("an empty reason: told %q, redirect %q", got, tb.last.Effects.Redirect)
	}
	tb.send("check", "field", "reason", "value", "broken")
	if got := text(only(t, tb.dom(), "[data-error-for=reason]")); got != "" {
		t.Errorf("still told %q", got)
	}
	if told := tb.send("run", "reason", "broken"); told != "" {
		t.Fatal(told)
	}
	if !strings.HasPrefix(tb.last.Effects.Redirect, "/admin/progress/") {
		t.Fatalf("redirect %q", tb.last.Effects.Redirect)
	}
	if got := <-done; got != "broken: 7 9" {
		t.Errorf("ran over %q", got)
	}
	if len(all(tb.dom(), ".gr-bulk")) != 0 {
		t.Error("the selection outlived the action")
	}
}

func TestForgetClosesTheQuestionAndKeepsTheSelection(t *testing.T) {
	h := open(t, withRefund(nil))
	h.stock(3)
	tb := h.list(ann, "orders", "")
	tb.send("select-page", "checked", "true")
	tb.send("ask", "action", "refund")
	tb.send("forget")
	dom := tb.dom()
	if len(all(dom, "dialog")) != 0 || text(only(t, dom, ".gr-bulk-count")) != "3 selected" {
		t.Error("the question stayed or the selection went")
	}
}

// X11 and B20: a permission is asked for by the handler too, before anything starts.
func TestX11ActionsCheckPermissionsOnTheServer(t *testing.T) {
	h := open(t, withRefund(nil))
	h.stock(3)
	clerk := &widgets.User{ID: "2", Rights: []string{"main.view_orders"}}
	tb := h.list(clerk, "orders", "")
	if len(all(tb.dom(), "[data-action]")) != 0 {
		t.Error("the action is offered")
	}
	for _, action := range []string{"refund", "delete"} {
		for _, event := range []string{"ask", "run"} {
			if told := tb.send(event, "action", action, "key", "1", "reason", "x"); told != "You do not have permission to do that." {
				t.Errorf("%s %s: told %q", event, action, told)
			}
		}
	}
	if told := tb.send("ask", "action", "nope", "key", "1"); told == "" {
		t.Error("an unknown action was not refused")
	}
	if got := h.one("SELECT count(*) FROM orders"); got != "3" {
		t.Errorf("%s orders left", got)
	}
}

func TestActionsWorkWithoutJavaScript(t *testing.T) {
	done := make(chan string, 1)
	h := open(t, withRefund(done))
	h.stock(9)
	tb := h.list(ann, "orders", "f.status=paid")
	plain := only(t, tb.dom(), "noscript form#bulk")
	if attr(plain, "method") != "post" || len(all(plain, "button[value=refund]")) != 1 {
		t.Fatal("no form for the actions")
	}
	for _, box := range all(tb.dom(), "td input.gr-check") {
		if attr(box, "form") != "bulk" || attr(box, "name") != "key" {
			t.Fatal("a row's box is not in that form")
		}
	}
	// Each post comes to a page that knows nothing of the one before.
	tb.send("ask", "csrf", "csrf-1", "event", "ask", "action", "refund", "key", "3", "key", "9")
	form := formValues(t, only(t, tb.dom(), "dialog form"))
	if !slices.Equal(form["key"], []string{"3", "9"}) || form["event"][0] != "run" || form["csrf"][0] != "csrf-1" {
		t.Fatalf("question's form %v", form)
	}
	fresh := h.list(ann, "orders", "f.status=paid")
	form["reason"] = []string{"lost"}
	fresh.post("run", form)
	if got := <-done; got != "lost: 3 9" {
		t.Errorf("ran over %q", got)
	}
	fresh = h.list(ann, "orders", "f.status=paid")
	fresh.send("ask", "action", "refund", "all", "1")
	form = formValues(t, only(t, fresh.dom(), "dialog form"))
	if form["all"] == nil || form["key"] != nil {
		t.Fatalf("all matching: %v", form)
	}
	form["reason"] = []string{"all"}
	fresh = h.list(ann, "orders", "f.status=paid")
	fresh.post("run", form)
	if got := <-done; got != "all: 3 6 9" {
		t.Errorf("ran over %q", got)
	}
}

func TestARepeatedRunStartsOnce(t *testing.T) {
	done := make(chan string, 2)
	h := open(t, withRefund(done))
	h.stock(3)
	tb := h.list(ann, "orders", "")
	tb.send("ask", "action", "refund", "key", "1")
	form := formValues(t, only(t, tb.dom(), "dialog form"))
	form["reason"] = []string{"twice"}
	tb.post("run", form)
	first := tb.last.Effects.Redirect
	tb.post("run", form)
	if second := tb.last.Effects.Redirect; first == "" || first != second {
		t.Errorf("%q and %q", first, second)
	}
	<-done
}

func TestDeleteSelectedKeepsWhatIsInUse(t *testing.T) {
	h := open(t, nil)
	h.stock(2) // orders of customers 2 and 3
	tb := h.list(ann, "customers", "")
	tb.send("select-page", "checked", "true")
	tb.send("ask", "action", "delete")
	if got := text(only(t, tb.dom(), "dialog p")); !strings.HasPrefix(got, "Delete 3 customers?") {
		t.Errorf("question %q", got)
	}
	tb.send("run")
	to := tb.last.Effects.Redirect
	p := h.show(h.site.ProgressPage(h.in(ann, nil, to), jobOf(to)))
	dom := p.wait("the end", func(n *html.Node) bool { return len(all(n, "[data-job-state=succeeded]")) == 1 })
	if got := text(only(t, dom, "h1")); !strings.Contains(got, "Done, with errors") {
		t.Errorf("%q", got)
	}
	if got := text(only(t, dom, "[data-progress]")); !strings.HasPrefix(got, "3 of 3 · 2 failed") {
		t.Errorf("%q", got)
	}
	if got := h.one("SELECT group_concat(id) FROM customers"); got != "2,3" {
		t.Errorf("customers left: %s", got)
	}
}

func TestRowsThatAreGoneLeaveTheSelection(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.list(ann, "orders", "")
	tb.send("select", "key", "1", "key", "2", "checked", "true")
	must0(t, h.model("orders").Source.Delete(t.Context(), widgets.Key{"2"}))
	tb.wait("one selected", func(n *html.Node) bool {
		c := all(n, ".gr-bulk-count")
		return len(c) == 1 && text(c[0]) == "1 selected"
	})
}
