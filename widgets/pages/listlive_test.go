package pages

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"greenroom/widgets"
)

// edit changes an order as somebody else does.
func (h *house) edit(key string, fields ...string) {
	h.t.Helper()
	values := map[string]widgets.Value{}
	for i := 0; i < len(fields); i += 2 {
		values[fields[i]] = widgets.Text(fields[i+1])
	}
	must0(h.t, h.model("orders").Source.Update(h.t.Context(), widgets.Key{key}, nil, values))
}

func (h *house) insertOrder(number string) {
	h.t.Helper()
	_, err := h.model("orders").Source.Insert(h.t.Context(), map[string]widgets.Value{"number": widgets.Text(number), "customer_id": widgets.Text("1")})
	must0(h.t, err)
}

func waiting(dom *html.Node) string {
	if found := all(dom, ".gr-waiting button"); len(found) == 1 {
		return text(found[0])
	}
	return ""
}

func classOf(dom *html.Node, key string) string {
	for _, tr := range all(dom, "tbody tr") {
		if attr(tr, "data-key") == key {
			return attr(tr, "class")
		}
	}
	return "no row " + key
}

func TestRowsThatOthersChangeFlash(t *testing.T) {
	h := open(t, nil)
	h.stock(30)
	tb := h.list(ann, "orders", "")
	flashes := func(want string) func(*html.Node) bool {
		return func(dom *html.Node) bool { return classOf(dom, "30") == want }
	}
	h.edit("30", "status", "shipped")
	dom := tb.wait("the row's flash", flashes("gr-flash"))
	if got := len(all(dom, "tr.gr-flash")); got != 1 {
		t.Errorf("%d rows flash", got)
	}
	h.edit("30", "status", "new")
	tb.wait("the flash by its other name", flashes("gr-flash gr-again"))
	// A column that is not shown changes nothing that could be seen; the row keeps its mark, and nothing runs again.
	h.edit("30", "note", "unseen", "card_token", "unseen")
	h.edit("29", "status", "paid")
	tb.wait("the next row's flash", func(dom *html.Node) bool {
		return classOf(dom, "29") == "gr-flash" && flashes("gr-flash gr-again")(dom)
	})
	tb.send("select", "key", "30", "checked", "true")
	if got := len(all(tb.dom(), "tr.gr-flash")); got != 0 {
		t.Errorf("%d rows would flash again", got)
	}
}

func TestNewRowsWaitAboveThoseThatAreShown(t *testing.T) {
	h := open(t, nil)
	h.stock(30)
	tb := h.list(ann, "orders", "")
	before := keys(tb.dom())
	h.insertOrder("NEW1")
	h.insertOrder("NEW2")
	h.edit("6", "status", "new") // the last of the page, which the new ones pushed off it
	dom := tb.wait("two rows wait", func(dom *html.Node) bool { return waiting(dom) == "2 new — show" && classOf(dom, "6") == "gr-flash" })
	if got := keys(dom); !slices.Equal(got, before) {
		t.Errorf("rows moved: %v", got)
	}
	if got := text(only(t, dom, "h1 .gr-count")); got != "32" {
		t.Errorf("count %q", got)
	}
	must0(t, h.model("orders").Source.Delete(t.Context(), widgets.Key{"20"}))
	dom = tb.wait("the deleted row's end", func(dom *html.Node) bool { return !slices.Contains(keys(dom), "20") })
	if got := keys(dom); len(got) != 24 || waiting(dom) != "2 new — show" {
		t.Errorf("%v with %q", got, waiting(dom))
	}
	if told := tb.send("show"); told != "" {
		t.Fatal(told)
	}
	dom = tb.dom()
	if got := keys(dom); len(got) != 25 || got[0] != "32" || got[1] != "31" || waiting(dom) != "" {
		t.Errorf("shown: %v with %q", got, waiting(dom))
	}
	// The next page goes on behind the rows that are shown, also while some wait.
	h.insertOrder("NEW3")
	dom = tb.wait("one row waits", func(dom *html.Node) bool { return waiting(dom) == "1 new — show" })
	last := keys(dom)[24]
	tb.send("go", "to", attr(only(t, dom, "a[rel=next]"), "gr-value-to"))
	if got := keys(tb.dom()); last != "7" || got[0] != "6" {
		t.Errorf("after %s comes %v", last, got)
	}
}

func TestNewRowsAtTheEndAndInEmptyListsAppearAtOnce(t *testing.T) {
	h := open(t, nil)
	tb := h.list(ann, "orders", "o=id")
	h.stock(0)
	h.insertOrder("FIRST")
	tb.wait("the first row", func(dom *html.Node) bool { return len(keys(dom)) == 2 || len(keys(dom)) == 1 })
	shown := len(keys(tb.dom()))
	h.insertOrder("SECOND")
	dom := tb.wait("the second row", func(dom *html.Node) bool { return len(keys(dom)) == shown+1 })
	if waiting(dom) != "" {
		t.Errorf("waiting: %q", waiting(dom))
	}
}

func TestMoreNewRowsThanAPageAreToldAsSuch(t *testing.T) {
	h := open(t, func(h *house) { h.orders().List.PerPage = 3 })
	h.stock(5)
	tb := h.list(ann, "orders", "")
	for _, number := range []string{"A", "B", "C", "D"} {
		h.insertOrder(number)
	}
	dom := tb.wait("many rows wait", func(dom *html.Node) bool { return waiting(dom) == "3+ new — show" })
	if got := keys(dom); !slices.Equal(got, []string{"5", "4", "3"}) {
		t.Errorf("rows %v", got)
	}
}

func TestListsSayHowFreshTheyAre(t *testing.T) {
	for others, want := range map[time.Duration]string{0: "live within this admin", 100 * time.Millisecond: "live", 5 * time.Second: "live, others every 5s"} {
		h := open(t, func(h *house) { h.site.Others = others })
		h.stock(1)
		live := only(t, h.list(ann, "orders", "").dom(), ".gr-live")
		if text(live) != want || !strings.HasPrefix(attr(live, "title"), "Changes ") {
			t.Errorf("%s: %q, %q", others, text(live), attr(live, "title"))
		}
	}
}
