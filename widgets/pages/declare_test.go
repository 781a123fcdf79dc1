package pages

import (
	"context"
	"errors"
	"html/template"
	"strings"
	"testing"

	"greenroom/widgets"
)

// euro is worked out from the total, and sorted by it.
func euro() Computed {
	return Computed{Name: "euro", Label: "In euro", Of: []string{"total"}, Sort: "total", Number: true, Value: func(row Fields) any { return "€" + row.Text("total") }}
}

func TestB14ComputedColumns(t *testing.T) {
	t.Parallel()
	h := open(t, func(h *house) {
		m := h.orders()
		m.Computed = []Computed{
			euro(),
			{Name: "state", Of: []string{"status"}, Value: func(row Fields) any { return Pill{"ok", "is " + row.Text("status")} }},
			{Name: "mark", Of: []string{"note"}, Empty: "nothing", Value: func(row Fields) any {
				if row.Get("note").IsNull() {
					return nil
				}
				return template.HTML("<b>" + template.HTMLEscapeString(row.Text("note")) + "</b>")
			}},
			{Name: "fast", Of: []string{"rush"}, Value: func(row Fields) any { return row.Text("rush") == "1" }},
		}
		m.List.Columns = []string{"number", "euro", "state", "mark", "fast"}
		m.List.Open = []string{"number", "state"}
		m.List.Sort = []string{"id"}
		m.Form.Fields = []string{"number", "total", "euro", "mark"}
	})
	h.stock(12)
	h.exec("UPDATE orders SET note = '<i>', total = 12.5, status = 'paid' WHERE id = 1")
	list := h.list(ann, "orders", "")
	dom := list.dom()
	row := all(dom, "tbody tr")[0]
	cells := all(row, "td")
	text := list.html(0)
	for _, want := range []string{"€12.5", "is paid", "&lt;i&gt;", `aria-sort="none"`, ">In euro<", `o=total`, "nothing", ">No<"} {
		if !strings.Contains(text, want) {
			t.Errorf("the list lacks %s", want)
		}
	}
	if strings.Contains(text, "o=euro") || strings.Contains(text, "o=state") {
		t.Error("a computed column is offered to sort by, under its own name")
	}
	if len(cells) == 0 {
		t.Fatal("no cells")
	}
	if got := len(all(row, "a.gr-open")); got != 2 {
		t.Errorf("%d cells lead to the row, want 2", got)
	}
	if problem := list.send("go", "to", "o=-total"); problem != "" {
		t.Error(problem)
	}
	// Whoever may not see what it is made of does not see it, in the list, on the form, in a file.
	file := h.csv("cols=number,euro", nil)
	if file[0][1] != "In euro" && file[0][1] != "euro" || !strings.HasPrefix(file[1][1], "€") {
		t.Errorf("the file: %v", file[:2])
	}
	form := h.change(ann, "orders", "1")
	if got := form.html(0); !strings.Contains(got, "€12.5") || strings.Contains(got, `name="euro"`) {
		t.Error("the form lacks the computed column, or takes it")
	}
	if problem := form.send("save", "euro", "1", "number", "GR-9", "total", "13"); problem != "" {
		t.Error(problem)
	}
	if got := h.one("SELECT total FROM orders WHERE id = 1"); got != "13" {
		t.Errorf("the total is %s", got)
	}
	h.rules.hide.set("orders", []string{"total"})
	if got := h.list(ann, "orders", "").html(0); strings.Contains(got, "€") {
		t.Error("a hidden column is told by what is made of it")
	}
	if got := h.list(ann, "orders", "o=total").html(0); !strings.Contains(got, "cannot be sorted") {
		t.Error("a hidden column tells its order")
	}
	if got := h.change(ann, "orders", "1").html(0); strings.Contains(got, "€") {
		t.Error("the form tells a hidden column")
	}
}

func TestFiltersOfOnesOwn(t *testing.T) {
	t.Parallel()
	h := open(t, func(h *house) {
		h.orders().List.Own = []OwnFilter{{Name: "size", Options: []FilterOption{
			{Value: "small", Where: func() widgets.Filter { return widgets.Where("total", widgets.OpLt, "10") }},
			{Value: "big", Label: "Really big", Where: func() widgets.Filter { return widgets.Where("total", widgets.OpGe, "100") }},
		}}}
	})
	h.stock(6)
	h.exec("UPDATE orders SET total = CASE id WHEN 1 THEN 5 WHEN 2 THEN 500 ELSE 50 END")
	for query, want := range map[string]int{"": 6, "f.size=small": 1, "f.size=big": 1, "f.size=small&f.size=big": 2, "f.size=huge": 6} {
		list := h.list(ann, "orders", query)
		if got := len(all(list.dom(), "tbody tr")); got != want {
			t.Errorf("%q: %d rows, want %d", query, got, want)
		}
		if strings.Contains(query, "huge") && !strings.Contains(list.html(0), "there is no choice “huge”") {
			t.Error("an unknown choice is not told")
		}
	}
	list := h.list(ann, "orders", "f.size=big")
	if got := list.html(0); !strings.Contains(got, "Size: Really big") || !strings.Contains(got, ">Small<") {
		t.Error("the chip or the menu lacks the words")
	}
	if problem := list.send("facets", "column", "size"); problem != "" {
		t.Error(problem)
	}
	h.rules.hide.set("orders", []string{"total"})
	if got := h.list(ann, "orders", "f.size=big").html(0); !strings.Contains(got, "has no filter “size”") || strings.Contains(got, ">Small<") {
		t.Error("a filter over a hidden column is offered")
	}
}

func grouped(h *house) *Model {
	m := h.orders()
	m.Form.Fieldsets = []Fieldset{
		{Fields: []string{"number", "customer_id"}},
		{Title: "Money", Help: "In euro.", Fields: []string{"total"}, Tab: "Pay"},
		{Title: "Rest", Fields: []string{"note"}, Tab: "Pay", Closed: true},
		{Title: "Delivery", Fields: []string{"status", "rush", "created_at"}, Tab: "Send"},
	}
	m.Form.Validate = func(_ context.Context, in widgets.In, row Fields) map[string]string {
		wrong := map[string]string{}
		if row.Text("note") == "bad" {
			wrong["note"] = "Not this word."
		}
		if row.Text("number") == "GR-0" {
			wrong[""] = "No order has the number zero."
		}
		if row.Text("total") == "7" && row.Text("status") == "shipped" {
			wrong["total"] = "Seven is not shipped."
		}
		return wrong
	}
	return m
}

func TestFieldsetsAndTabs(t *testing.T) {
	t.Parallel()
	h := open(t, func(h *house) { grouped(h) })
	h.stock(3)
	form := h.change(ann, "orders", "1")
	hidden := func() string {
		var names []string
		for _, n := range all(form.dom(), ".gr-fieldset[hidden]") {
			names = append(names, attr(n, "aria-label"))
		}
		return strings.Join(names, ",")
	}
	if got := hidden(); got != "Delivery" {
		t.Errorf("at first %q is hidden", got)
	}
	if problem := form.send("tab", "tab", "Send"); problem != "" || hidden() != "Money,Rest" {
		t.Errorf("on the second tab %q is hidden: %s", hidden(), problem)
	}
	if problem := form.send("tab", "tab", "None"); problem == "" {
		t.Error("a tab that is not there was opened")
	}
	// A fault on another tab opens it, and the tab says how many.
	if problem := form.send("save", "note", "bad", "status", "paid"); problem != "" {
		t.Error(problem)
	}
	if got := hidden(); got != "Delivery" || !strings.Contains(form.html(0), "Not this word.") || len(all(form.dom(), ".gr-tabs .gr-danger")) != 1 || len(all(form.dom(), "details[open]")) != 1 {
		t.Errorf("after a fault %q is hidden: %s", got, form.html(0))
	}
	if got := h.change(ann, "orders", "1").html(0); !strings.Contains(got, `href="?tab=Send"`) {
		t.Error("a tab has no address")
	}
}

func TestValidateIsAskedWhereverPeopleSave(t *testing.T) {
	t.Parallel()
	h := open(t, func(h *house) { grouped(h).List.Edit = []string{"total", "note"} })
	h.stock(3)
	h.exec("UPDATE orders SET status = 'shipped' WHERE id = 2")
	form := h.change(ann, "orders", "2")
	if problem := form.send("check", "field", "note", "value", "bad"); problem != "" || !strings.Contains(form.html(0), "Not this word.") {
		t.Error("nothing is said while typing", problem)
	}
	if problem := form.send("save", "number", "GR-0"); problem != "" || !strings.Contains(form.html(0), "No order has the number zero.") {
		t.Error("a fault of the whole is not told", problem)
	}
	list := h.list(ann, "orders", "") // the cell knows one column, the rule looks at two
	list.send("edit", "row", "2", "col", "total")
	if problem := list.send("edit-save", "key", "2", "col", "total", "value", "7"); problem != "" || !strings.Contains(list.html(0), "Seven is not shipped.") {
		t.Error("a cell is saved without being asked about", problem)
	}
	add := h.add(ann, "orders")
	add.send("save", "number", "GR-0", "customer_id", "1")
	if got := h.one("SELECT count(*) FROM orders WHERE number = 'GR-0' OR total = 7"); got != "0" {
		t.Errorf("%s rows were stored all the same", got)
	}
}

func TestEmptyText(t *testing.T) {
	t.Parallel()
	h := open(t, func(h *house) {
		h.orders().Empty = "(unset)"
		h.orders().List.Columns = []string{"number", "note"}
	})
	h.stock(1)
	h.exec("UPDATE orders SET note = NULL")
	if got := h.list(ann, "orders", "").html(0); !strings.Contains(got, "(unset)") {
		t.Error("NULL is not shown as declared")
	}
}

func TestDeclarationsOfColumnsAreChecked(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	some := func(Fields) any { return nil }
	s := &Site{Prefix: "/admin", Decider: h.rules, Models: []*Model{{
		Source: h.model("orders").Source,
		Computed: []Computed{
			{Name: "total", Value: some},
			{Name: "a b", Value: some},
			{Name: "none"},
			{Name: "wrong", Of: []string{"ttal"}, Sort: "numbr", Value: some},
			{Name: "bound", Bind: func(*widgets.Table) ([]string, func(Fields) any, error) { return nil, nil, errors.New("no such tag") }},
		},
		List: List{Open: []string{"nmber"}, Own: []OwnFilter{
			{Name: "status"}, {Name: "nothing"}, {Name: "odd", Options: []FilterOption{{Value: "x"}, {Value: "y", Where: func() widgets.Filter { return widgets.Where("rsh", widgets.OpEq, "1") }}}},
		}},
		Form: Form{Fields: []string{"number"}, Fieldsets: []Fieldset{{Fields: []string{"numbr"}}, {Closed: true}, {Title: "Twice", Fields: []string{"note", "note"}}}},
	}}}
	err := s.Prepare()
	if err == nil {
		t.Fatal("no fault was found")
	}
	for _, want := range []string{
		`"total" is the name of a column already`, `named "a b"`, `"none" has no Value`, `Computed wrong: Of names "ttal", which is no column; the nearest is "total"`,
		`Computed wrong: Sort names "numbr"`, `no such tag`, `List.Open names "nmber"`, `"status" is the name of a column or filter`, `"nothing" has no Options`,
		`"odd": option 1 needs`, `List.Own odd names "rsh", which is no column; the nearest is "rush"`, `Fields and Fieldsets`, `Form.Fieldsets names "numbr"`,
		`group 2 has no Fields`, `group 2 is Closed`, `names "note" twice`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}
