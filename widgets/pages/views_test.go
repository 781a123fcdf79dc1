package pages

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// clerk may see orders and nothing else.
var clerk = &widgets.User{ID: "2", Name: "Cleo", Rights: []string{"main.view_orders"}, SessionID: "s2"}

// remembering gives the house a state in which ann and clerk are known.
func remembering(h *house) {
	h.t.Helper()
	state, err := grsql.OpenState(h.t.Context(), filepath.Join(h.t.TempDir(), "state.db"))
	must0(h.t, err)
	h.t.Cleanup(func() { _ = state.Close() })
	for _, u := range []*widgets.User{ann, clerk} {
		must0(h.t, state.PutUser(h.t.Context(), grsql.User{ID: u.ID, Name: u.Name, Password: "hash"}))
	}
	h.site.Memory = state
}

func shownColumns(dom *html.Node) []string {
	var out []string
	for _, td := range all(all(dom, "tbody tr")[0], "td[data-col]") {
		out = append(out, attr(td, "data-col"))
	}
	return out
}

// linkOf is where a link with this text leads, as the event "go" has it.
func linkOf(t *testing.T, n *html.Node, label string) string {
	t.Helper()
	for _, a := range all(n, "a") {
		if text(a) == label {
			return attr(a, "gr-value-to")
		}
	}
	t.Fatalf("no link %q", label)
	return ""
}

func TestX23SortBySeveralColumns(t *testing.T) {
	h := open(t, nil)
	h.stock(9)
	tb := h.list(ann, "orders", "o=status")
	tb.send("go", "to", linkOf(t, only(t, tb.dom(), "thead"), "Total"))
	if a := *tb.last.Effects.Address; a != "o=total" {
		t.Errorf("a heading sorts by its column alone: %q", a)
	}
	tb.send("go", "to", "o=status")
	for _, d := range all(tb.dom(), "details.gr-dropdown") {
		if len(all(d, "[aria-label=Sort]")) == 1 {
			tb.send("go", "to", linkOf(t, d, "Total"))
		}
	}
	if a := *tb.last.Effects.Address; a != "o=status%2Ctotal" {
		t.Fatalf("then by: %q", a)
	}
	tb.send("go", "to", linkOf(t, tb.dom(), "↑ Total"))
	dom := tb.dom()
	if got := keys(dom); !slices.Equal(got, []string{"7", "4", "1", "9", "6", "3", "8", "5", "2"}) {
		t.Errorf("rows %v", got)
	}
	var ranks []string
	for _, th := range all(dom, "th") {
		for _, n := range all(th, ".gr-count") {
			ranks = append(ranks, attr(th, "aria-sort")+" "+text(n))
		}
	}
	if !slices.Equal(ranks, []string{"ascending 1", "none 2 ↓"}) {
		t.Errorf("ranks %v", ranks)
	}
	if got := keys(h.list(ann, "orders", "o=status,-total").dom()); got[0] != "7" {
		t.Errorf("a shared address: %v", got)
	}
}

func TestColumnsAreChosenAndRemembered(t *testing.T) {
	h := open(t, remembering)
	h.stock(3)
	tb := h.list(ann, "orders", "")
	if told := tb.send("columns", "cols", "number", "cols", "note", "rows", "comfortable"); told != "" {
		t.Fatal(told)
	}
	if got := shownColumns(tb.dom()); !slices.Equal(got, []string{"number", "note"}) {
		t.Errorf("columns %v", got)
	}
	again := h.list(ann, "orders", "")
	if got := shownColumns(again.dom()); !slices.Equal(got, []string{"number", "note"}) || len(all(again.dom(), ".gr-roomy")) != 1 {
		t.Errorf("not remembered: %v", got)
	}
	if got := shownColumns(h.list(ann, "orders", "cols=total,id&rows=compact").dom()); !slices.Equal(got, []string{"total", "id"}) {
		t.Errorf("the address does not override: %v", got)
	}
	if got := shownColumns(h.list(clerk, "orders", "").dom()); len(got) != 7 {
		t.Errorf("another person's list changed: %v", got)
	}
	h.rules.hide.set("orders", []string{"note", "card_token"})
	if got := shownColumns(h.list(ann, "orders", "").dom()); !slices.Equal(got, []string{"number"}) {
		t.Errorf("a hidden column is shown: %v", got)
	}
	dom := h.list(ann, "orders", "cols=card_token,number").dom()
	if got := shownColumns(dom); !slices.Equal(got, []string{"number"}) || len(all(dom, "input[value=card_token]")) != 0 {
		t.Errorf("a hidden column can be asked for: %v", got)
	}
	if told := again.send("columns", "cols", "card_token"); !strings.Contains(told, "no column") {
		t.Errorf("told %q", told)
	}
	if told := again.send("columns", "reset", "1"); told != "" || len(shownColumns(again.dom())) != 7 {
		t.Errorf("reset: %q", told)
	}
}

func TestWithoutMemoryTheAddressKeepsColumns(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.list(ann, "orders", "q=N0001")
	tb.send("columns", "cols", "number", "rows", "comfortable")
	if a := *tb.last.Effects.Address; a != "cols=number&q=N0001&rows=comfortable" {
		t.Errorf("address %q", a)
	}
	if len(all(tb.dom(), "[aria-label=Saved]")) != 0 || tb.send("view-save", "name", "x") == "" {
		t.Error("views are offered without a place to keep them")
	}
}

// X24 and X11: saved views are kept, shared only by those who may, and hold nothing that another person may not see.
func TestX24SavedViews(t *testing.T) {
	h := open(t, remembering)
	h.stock(9)
	tb := h.list(ann, "orders", "f.status=paid&o=number&q=N0")
	tabs := func(tb *tab) (out []string) {
		for _, a := range all(tb.dom(), ".gr-tabs a") {
			name := text(a)
			if attr(a, "aria-current") == "page" {
				name += "*"
			}
			out = append(out, name)
		}
		return out
	}
	if told := tb.send("view-save", "name", " Paid ", "opens", "1"); told != "" {
		t.Fatal(told)
	}
	if got := tabs(tb); !slices.Equal(got, []string{"All", "Paid*"}) {
		t.Errorf("tabs %v", got)
	}
	// The list opens with it, and the whole list is a click away.
	opened := h.list(ann, "orders", "")
	if got := keys(opened.dom()); !slices.Equal(got, []string{"3", "6", "9"}) {
		t.Errorf("opens with %v", got)
	}
	opened.send("go", "to", linkOf(t, opened.dom(), "All"))
	if got := tabs(opened); len(keys(opened.dom())) != 9 || !slices.Equal(got, []string{"All*", "Paid"}) {
		t.Errorf("all: %v", got)
	}
	opened.send("go", "to", linkOf(t, opened.dom(), "Paid"))
	if got := keys(opened.dom()); len(got) != 3 {
		t.Errorf("a tab leads to %v", got)
	}
	// Change it.
	opened.send("search", "value", "N0003")
	id := opened.at(t)
	if told := opened.send("view-save", "id", id, "name", "One"); told != "" {
		t.Fatal(told)
	}
	if got := keys(h.list(ann, "orders", "").dom()); len(got) != 9 {
		t.Errorf("it opens the list no longer, yet %v", got)
	}
	// Others see what is shared, without hidden columns, and change nothing.
	if got := tabs(h.list(clerk, "orders", "")); len(got) != 0 {
		t.Errorf("a private view is shown: %v", got)
	}
	opened.send("narrow", "f.customer_id", "1", "f.status", "paid", "view", id)
	if told := opened.send("view-save", "id", id, "name", "Ours", "shared", "1"); told != "" {
		t.Fatal(told)
	}
	h.rules.hide.set("orders", []string{"customer_id"})
	theirs := h.list(clerk, "orders", "")
	if got := tabs(theirs); !slices.Equal(got, []string{"All*", "Ours"}) {
		t.Errorf("shared: %v", got)
	}
	if to := linkOf(t, theirs.dom(), "Ours"); strings.Contains(to, "customer_id") {
		t.Errorf("a hidden column stands in %q", to)
	}
	for _, fields := range [][]string{{"view-save", "id", id, "name", "Mine"}, {"view-drop", "id", id}, {"view-save", "name", "x", "shared", "1"}} {
		if told := theirs.send(fields[0], fields[1:]...); !strings.Contains(told, "permission") && !strings.Contains(told, "allowed") {
			t.Errorf("%v: told %q", fields, told)
		}
	}
	if told := opened.send("view-drop", "id", id); told != "" || len(tabs(h.list(ann, "orders", ""))) != 0 {
		t.Errorf("delete: %q", told)
	}
}

// at is the id of the saved view that the page is at.
func (tb *tab) at(t *testing.T) string {
	t.Helper()
	return attr(all(tb.dom(), "input[name=id]")[0], "value")
}
