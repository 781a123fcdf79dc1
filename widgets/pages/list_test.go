package pages

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"greenroom/widgets"
)

func TestListShowsTheNewestRowsWithNamesOfWhatTheyPointTo(t *testing.T) {
	h := open(t, nil)
	h.stock(30)
	tb := h.list(ann, "orders", "")
	dom := tb.dom()
	if got := keys(dom); len(got) != 25 || got[0] != "30" || got[24] != "6" {
		t.Fatalf("rows %v", got)
	}
	if got := text(only(t, dom, "h1 .gr-count")); got != "30" {
		t.Errorf("count %q", got)
	}
	first := all(dom, "tbody tr")[0]
	if a := only(t, first, "a.gr-open"); attr(a, "href") != "/admin/main/orders/30/change/" {
		t.Errorf("row's link %q", attr(a, "href"))
	}
	ref := only(t, first, "td[data-col=customer_id] a")
	if text(ref) != "ann@x.org" || attr(ref, "href") != "/admin/main/customers/1/change/" {
		t.Errorf("reference %q to %q", text(ref), attr(ref, "href"))
	}
	if got := text(only(t, first, "td[data-col=rush] .gr-pill")); got != "No" {
		t.Errorf("boolean %q", got)
	}
	if got := only(t, first, "td[data-col=total]"); attr(got, "class") != "gr-num" || attr(got, "data-label") != "Total" {
		t.Errorf("number cell %v", got.Attr)
	}
	if len(all(dom, "td[data-col=note]")) != 0 {
		t.Error("long text is shown by default")
	}
	if tb.page.Title != "Orders" || tb.page.Section != "main.orders" {
		t.Errorf("page %q in %q", tb.page.Title, tb.page.Section)
	}
}

func TestListSearchStandsInTheAddressAndTellsTheOtherWidgets(t *testing.T) {
	h := open(t, nil)
	h.stock(30)
	tb := h.list(ann, "orders", "")
	if told := tb.send("search", "value", "N0007"); told != "" {
		t.Fatal(told)
	}
	if got := keys(tb.dom()); !slices.Equal(got, []string{"7"}) {
		t.Fatalf("rows %v", got)
	}
	if a := tb.last.Effects.Address; a == nil || *a != "q=N0007" {
		t.Errorf("address %v", a)
	}
	if q := tb.last.Effects.Query; q == nil || q.Search != "N0007" || q.Limit != 0 {
		t.Errorf("query %+v", q)
	}
	if got := text(only(t, tb.dom(), ".gr-pager-text")); got != "1 order" {
		t.Errorf("pager %q", got)
	}
	// The same address in another tab shows the same.
	if got := keys(h.list(ann, "orders", "q=N0007").dom()); !slices.Equal(got, []string{"7"}) {
		t.Errorf("shared address: %v", got)
	}
}

// X24: list state stands in the address: sort, filters and page survive a reload.
func TestX24AddressHoldsSortFiltersAndPage(t *testing.T) {
	h := open(t, nil)
	h.stock(80)
	tb := h.list(ann, "orders", "f.status=paid&o=number")
	dom := tb.dom()
	if got := keys(dom); got[0] != "3" || len(got) != 25 {
		t.Fatalf("rows %v", got)
	}
	next := attr(only(t, dom, "a[rel=next]"), "gr-value-to")
	if !strings.Contains(next, "f.status=paid") || !strings.Contains(next, "o=number") {
		t.Fatalf("next page's address %q", next)
	}
	if told := tb.send("go", "to", next); told != "" {
		t.Fatal(told)
	}
	if got := keys(tb.dom()); len(got) != 1 || got[0] != "78" {
		t.Errorf("second page %v", got)
	}
	again := h.list(ann, "orders", *tb.last.Effects.Address)
	if got := keys(again.dom()); len(got) != 1 || got[0] != "78" {
		t.Errorf("second page in a new tab %v", got)
	}
}

// B18: a click on a heading sorts ascending, then descending, then as the list does by itself.
func TestB18SortCycles(t *testing.T) {
	h := open(t, nil)
	h.stock(5)
	tb := h.list(ann, "orders", "")
	head := func() (string, string) {
		for _, th := range all(tb.dom(), "th") {
			if text(th) == "Number" {
				return attr(th, "aria-sort"), attr(only(t, th, "a"), "gr-value-to")
			}
		}
		t.Fatal("no heading")
		return "", ""
	}
	for _, want := range []string{"none", "ascending", "descending", "none"} {
		sort, to := head()
		if sort != want {
			t.Fatalf("aria-sort %q, want %q", sort, want)
		}
		tb.send("go", "to", to)
	}
	tb.send("go", "to", "o=-number")
	if got := keys(tb.dom()); got[0] != "5" {
		t.Errorf("descending: %v", got)
	}
}

// X14: only columns that the list declares can be filtered or sorted by; anything else is told, not run.
func TestX14UnknownAndHiddenColumnsAreNoOracle(t *testing.T) {
	h := open(t, nil)
	h.stock(6)
	h.rules.hide.set("orders", []string{"card_token", "total"})
	tb := h.list(ann, "orders", "f.card_token=secret&o=total&f.nope=1&from.total=3&q=secret")
	dom := tb.dom()
	told := ""
	for _, p := range all(dom, ".gr-banner") {
		told += text(p)
	}
	for _, name := range []string{"card_token", "total", "nope"} {
		if !strings.Contains(told, name) {
			t.Errorf("%s: not told: %q", name, told)
		}
	}
	if len(keys(dom)) != 0 {
		t.Error("the search looked into a hidden column")
	}
	if got := keys(h.list(ann, "orders", "q=card_token:secret").dom()); len(got) != 0 {
		t.Error("a hidden column can be named in the search")
	}
	if strings.Contains(tb.html(tb.main), "data-col=\"total\"") {
		t.Error("a hidden column is shown")
	}
}

// X12: the scope holds for lists, counts and forms alike.
func TestX12ScopeHoldsEverywhere(t *testing.T) {
	h := open(t, nil)
	h.stock(9)
	h.rules.rows.set("orders", widgets.Where("customer_id", widgets.OpEq, "1"))
	dom := h.list(ann, "orders", "").dom()
	if got := keys(dom); !slices.Equal(got, []string{"9", "6", "3"}) {
		t.Fatalf("rows %v", got)
	}
	if got := text(only(t, dom, "h1 .gr-count")); got != "3" {
		t.Errorf("count %q", got)
	}
	m := h.model("orders")
	in := h.in(ann, m, "/admin/main/orders/2/change/")
	in.Key = widgets.Key{"2"}
	_, err := h.site.ChangePage(in, m)
	mustErr(t, err, widgets.ErrNoRow)
	_, err = h.site.DeletePage(in, m)
	mustErr(t, err, widgets.ErrNoRow)
}

// B17 and X21: filters combine, and a chosen value does not hide its siblings.
func TestX21FiltersShowTheirSiblings(t *testing.T) {
	h := open(t, nil)
	h.stock(9)
	tb := h.list(ann, "orders", "f.status=paid")
	if told := tb.send("facets", "column", "status"); told != "" {
		t.Fatal(told)
	}
	dom := tb.dom()
	menu := only(t, dom, "details[data-key=status]")
	counts := map[string]string{}
	for _, a := range all(menu, "a") {
		if n := all(a, ".gr-count"); len(n) == 1 {
			counts[attr(a, "data-key")] = text(n[0])
		}
	}
	if counts["=new"] != "3" || counts["=paid"] != "3" || counts["=shipped"] != "3" {
		t.Errorf("counts %v", counts)
	}
	var to string
	for _, a := range all(menu, "a") {
		if attr(a, "data-key") == "=new" {
			to = attr(a, "gr-value-to")
		}
	}
	tb.send("go", "to", to)
	if got := keys(tb.dom()); len(got) != 6 {
		t.Errorf("two values: %v", got)
	}
	if got := text(only(t, tb.dom(), ".gr-chip")); !strings.HasPrefix(got, "Status: paid, new") {
		t.Errorf("chip %q", got)
	}
	// A foreign key's filter is told by name, a range by its ends.
	dom = h.list(ann, "orders", "f.customer_id=2&f.created_at=2026-01-01..2026-01-30&f.rush=yes").dom()
	chips := ""
	for _, c := range all(dom, ".gr-chip") {
		chips += text(c) + "|"
	}
	if !strings.Contains(chips, "Customer: bob@x.org×") || !strings.Contains(chips, "2026-01-01 to 2026-01-30") || !strings.Contains(chips, "Rush: Yes") {
		t.Errorf("chips %s", chips)
	}
	if got := keys(dom); !slices.Equal(got, []string{"7", "1"}) {
		t.Errorf("rows %v", got)
	}
}

func TestRangeFormOfAFilterWorksAsGETAndAsEvent(t *testing.T) {
	h := open(t, func(h *house) { h.orders().List.Filters = []string{"total", "note"} })
	h.stock(9)
	tb := h.list(ann, "orders", "")
	if told := tb.send("narrow", "q", "", "from.total", "3", "to.total", "6"); told != "" {
		t.Fatal(told)
	}
	if got := keys(tb.dom()); !slices.Equal(got, []string{"4", "3", "2"}) {
		t.Errorf("rows %v", got)
	}
	if got := *tb.last.Effects.Address; got != "f.total=3..6" {
		t.Errorf("address %q", got)
	}
	if got := keys(h.list(ann, "orders", "from.total=3&to.total=6").dom()); len(got) != 3 {
		t.Errorf("as GET: %v", got)
	}
	dom := h.list(ann, "orders", "f.total=abc..").dom()
	if got := text(all(dom, ".gr-banner")[0]); !strings.Contains(got, "is not a number") {
		t.Errorf("told %q", got)
	}
	if got := keys(h.list(ann, "orders", "null.note=1").dom()); len(got) != 9 {
		t.Errorf("empty notes: %v", got)
	}
	if got := keys(h.list(ann, "orders", "null.note=0").dom()); len(got) != 0 {
		t.Errorf("notes that are not empty: %v", got)
	}
}

// orders is the model while it is being declared.
func (h *house) orders() *Model {
	return h.site.Models[slices.IndexFunc(h.site.Models, func(m *Model) bool { return m.table().Name == "orders" })]
}

func TestEmptyListsSayWhyAndWhatToDo(t *testing.T) {
	h := open(t, nil)
	dom := h.list(ann, "orders", "").dom()
	if got := text(only(t, dom, ".gr-empty h2")); got != "No orders yet." {
		t.Errorf("%q", got)
	}
	if got := attr(only(t, dom, ".gr-empty a"), "href"); got != "/admin/main/orders/add/" {
		t.Errorf("%q", got)
	}
	h.stock(3)
	dom = h.list(ann, "orders", "q=zzz&o=number").dom()
	if got := text(only(t, dom, ".gr-empty h2")); got != "No orders match." {
		t.Errorf("%q", got)
	}
	if a := only(t, dom, ".gr-empty a"); attr(a, "href") != "/admin/main/orders/?o=number" {
		t.Errorf("clear leads to %q", attr(a, "href"))
	}
}

func TestReadOnlyTablesSaySo(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	dom := h.list(ann, "totals", "").dom()
	if got := text(only(t, dom, ".gr-banner")); !strings.HasPrefix(got, "Read-only:") {
		t.Errorf("%q", got)
	}
	if len(all(dom, "input.gr-check")) != 0 || len(all(dom, "a.gr-open")) != 0 || len(all(dom, "a.gr-primary")) != 0 {
		t.Error("a read-only list offers to select, open or add")
	}
	if len(all(dom, "tbody tr")) != 2 {
		t.Errorf("rows %d", len(all(dom, "tbody tr")))
	}
}

func TestACursorThatLeadsNowhereShowsTheNearestPage(t *testing.T) {
	h := open(t, nil)
	h.stock(30)
	dom := h.list(ann, "orders", "after=garbage").dom()
	if got := keys(dom); len(got) != 25 || got[0] != "30" {
		t.Errorf("rows %v", got)
	}
	if got := text(only(t, dom, ".gr-banner")); !strings.Contains(got, "first") {
		t.Errorf("told %q", got)
	}
	tb := h.list(ann, "orders", "")
	next := attr(only(t, tb.dom(), "a[rel=next]"), "gr-value-to")
	h.exec("DELETE FROM orders WHERE id <= 5")
	if got := keys(h.list(ann, "orders", next).dom()); len(got) == 0 {
		t.Error("an empty page is shown")
	}
}

func TestListFollowsTheTable(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	tb := h.list(ann, "orders", "")
	tb.dom()
	must0(t, h.model("orders").Source.Update(t.Context(), widgets.Key{"2"}, nil, map[string]widgets.Value{"status": widgets.Text("paid")}))
	dom := tb.wait("the new status", func(n *html.Node) bool { return slices.Equal(column(n, "status"), []string{"paid", "paid", "new"}) })
	if got := keys(dom); !slices.Equal(got, []string{"3", "2", "1"}) {
		t.Errorf("rows %v", got)
	}
}

// X20: keys of any kind and of several parts can be selected.
func TestX20CompositeKeysAreSelected(t *testing.T) {
	h := open(t, nil)
	h.stock(2)
	h.exec("INSERT INTO lines VALUES (1, 1, 'lamp'), (1, 2, 'rug'), (2, 1, 'cup')")
	tb := h.list(ann, "lines", "")
	if told := tb.send("select", "key", "1,2", "checked", "true"); told != "" {
		t.Fatal(told)
	}
	if got := text(only(t, tb.dom(), ".gr-bulk-count")); got != "1 selected" {
		t.Errorf("%q", got)
	}
	if told := tb.send("select", "key", "1", "checked", "true"); told == "" {
		t.Error("half a key was taken")
	}
}

func TestPermissionsDecideWhatTheListOffers(t *testing.T) {
	h := open(t, nil)
	h.stock(3)
	guest := &widgets.User{ID: "2", Rights: []string{"main.view_orders"}}
	dom := h.list(guest, "orders", "").dom()
	if len(all(dom, "a.gr-primary")) != 0 || len(all(dom, "input.gr-check")) != 0 {
		t.Error("the list offers what the person may not do")
	}
	if got := column(dom, "customer_id")[0]; got != "1" {
		t.Errorf("a name of a table that the person may not see: %q", got)
	}
	_, err := h.site.ListPage(h.in(guest, h.model("customers"), "/admin/main/customers/"), h.model("customers"))
	mustErr(t, err, widgets.ErrDenied)
	_, err = h.site.AddPage(h.in(guest, h.model("orders"), "/admin/main/orders/add/"), h.model("orders"))
	mustErr(t, err, widgets.ErrDenied)
}

// broken is a Source whose lists can be made to fail.
type broken struct {
	widgets.Source
	fails *bool
}

func (b broken) List(ctx context.Context, q widgets.Query) (widgets.Rows, error) {
	if *b.fails {
		return widgets.Rows{}, errors.New("disk on fire")
	}
	return b.Source.List(ctx, q)
}

func (b broken) Get(ctx context.Context, key widgets.Key, f widgets.Filter) (widgets.Row, error) {
	if *b.fails {
		return widgets.Row{}, errors.New("disk on fire")
	}
	return b.Source.Get(ctx, key, f)
}

func (b broken) Count(context.Context, widgets.Query) (widgets.Count, error) {
	return widgets.Count{}, errors.New("no count")
}

func TestWhatFailsLaterLeavesThePageAsItWas(t *testing.T) {
	fails := false
	h := open(t, func(h *house) { m := h.orders(); m.Source = broken{m.Source, &fails} })
	h.stock(30)
	list, form := h.list(ann, "orders", ""), h.change(ann, "orders", "2")
	dom := list.dom()
	if len(keys(dom)) != 25 || text(only(t, dom, "h1 .gr-count")) != "" || len(all(dom, "[gr-click=count]")) != 1 {
		t.Error("a failing count held the rows back, or is not offered again")
	}
	form.send("check", "field", "total", "value", "77")
	fails = true
	if told := list.send("go", "to", "o=number"); !strings.Contains(told, "ncident") || strings.Contains(told, "fire") {
		t.Errorf("told %q", told)
	}
	m := h.model("orders")
	state, err := m.mountForm(t.Context(), form.page.In)
	if err == nil {
		t.Errorf("mounted %v", state)
	}
	must0(t, h.tables.Table("orders").Update(t.Context(), widgets.Key{"2"}, nil, map[string]widgets.Value{"total": widgets.Text("60")}))
	list.wait("that the rows may be old", func(n *html.Node) bool { return len(all(n, ".gr-banner")) == 1 && len(keys(n)) == 25 })
	form.submit(formIs, "")
	if got := attr(input(t, form.dom(), "total"), "value"); got != "77" {
		t.Errorf("typed text became %q", got)
	}
}
