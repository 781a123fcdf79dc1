package pages

import (
	"strings"
	"testing"

	"greenroom/widgets"
)

// sought sends words to the palette of an open page and returns what it shows, as "group: text, …" a group.
func (tb *tab) sought(words string) string {
	tb.t.Helper()
	slot := -1
	for _, p := range tb.s.Placed() {
		if p.Name == "palette" {
			slot = p.Slot
		}
	}
	reply, err := tb.s.Post(tb.t.Context(), slot, "find", map[string][]string{"value": {words}})
	must0(tb.t, err)
	if reply.Err != "" {
		tb.t.Fatal(reply.Err)
	}
	var out []string
	for _, group := range all(parse(tb.t, tb.html(slot)), "section") {
		var texts []string
		for _, a := range all(group, "a") {
			texts = append(texts, text(a))
		}
		out = append(out, attr(group, "aria-label")+": "+strings.Join(texts, ", "))
	}
	return strings.Join(out, "; ")
}

func (h *house) furnished(page *widgets.Page, err error) *tab {
	h.t.Helper()
	must0(h.t, err)
	h.site.Furnish(page)
	return h.show(page, nil)
}

func TestThePaletteFindsPagesRowsAndWhatCanBeBegun(t *testing.T) {
	h := open(t, nil)
	h.stock(30)
	m := h.model("orders")
	tb := h.furnished(h.site.ListPage(h.in(ann, m, "/admin/main/orders/"), m))
	if got := tb.sought(""); !strings.HasPrefix(got, "Go to: Dashboard, ") || !strings.Contains(got, "Orders") || strings.Contains(got, "N00") {
		t.Errorf("at first: %s", got)
	}
	if got := tb.sought("order add"); got != "Go to: Add order" {
		t.Errorf("words in any order: %s", got)
	}
	if got := tb.sought("n"); strings.Contains(got, "N0") {
		t.Errorf("one letter searches rows: %s", got)
	}
	if got := tb.sought("N000"); got != "Orders: N0009, N0008, N0007, N0006" {
		t.Errorf("rows: %s", got)
	}
	if got := tb.sought("ann"); got != "Customers: Ann Lee" && got != "Customers: ann@x.org" {
		t.Errorf("rows of another table: %s", got)
	}
	if got := tb.sought(strings.Repeat("x", 5000) + ":::\"'%_\\"); got != "" {
		t.Errorf("nonsense: %s", got)
	}
	h.rules.rows.set("orders", widgets.Where("status", widgets.OpEq, "paid"))
	if got := tb.sought("N000"); got != "Orders: N0009, N0006, N0003" {
		t.Errorf("out of reach: %s", got)
	}
	h.rules.hide.set("orders", []string{"number"})
	if got := tb.sought("N0009"); got != "" {
		t.Errorf("a hidden column is searched: %s", got)
	}
}

func TestLettersOfTheNavigationAreUnlike(t *testing.T) {
	groups := lettered([]navGroup{{Items: []navLink{{Label: "Orders"}, {Label: "Order lines"}, {Label: "Goods"}}}, {Items: []navLink{{Label: "Ärzte"}, {Label: "oo"}}}})
	var got []string
	for _, g := range groups {
		for _, i := range g.Items {
			got = append(got, i.Go)
		}
	}
	if s := strings.Join(got, ","); s != "o,r,s,z," {
		t.Errorf("%s", s)
	}
}
