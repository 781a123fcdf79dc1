package sqltest

import (
	"errors"
	"testing"

	"greenroom/widgets"
)

// together changes rows of several tables in one transaction, and is refused as a whole when one of them is.
func together(t *testing.T, e Engine) {
	f := shop(t, e)
	orders, lines := f.Table("orders"), f.Table("order_lines")
	line := func(no, product string) widgets.Step {
		return widgets.Step{Table: "shop.order_lines", Op: "insert", Values: given("line", no, "product", product), Of: map[string]string{"order_id": "id"}}
	}
	count := func() int64 {
		t.Helper()
		n := must[widgets.Count](t)(orders.Count(t.Context(), widgets.Query{}))
		return n.N*100 + must[widgets.Count](t)(lines.Count(t.Context(), widgets.Query{})).N
	}
	order := widgets.Step{Table: "shop.orders", Op: "insert", Values: given("customer_id", "1", "total", "5")}

	key := must[widgets.Key](t)(orders.Together(t.Context(), []widgets.Step{order, line("1", "A"), line("2", "B")}))
	same(t, "the new order", key, "13")
	same(t, "with its lines", count(), 1308)
	same(t, "published", f.published(), "[ shop.paid_orders insert shop.order_lines 13,1 insert shop.order_lines 13,2 insert shop.orders 13]")

	// An update, an insert and a deletion at once, each within what may be touched.
	mine := widgets.Where("order_id", widgets.OpEq, "13")
	steps := []widgets.Step{
		{Table: "shop.orders", Op: "update", Key: key, Base: given("note", "NULL"), Values: given("note", "Gift")},
		{Table: "shop.order_lines", Op: "update", Key: widgets.Key{"13", "1"}, Values: given("qty", "3"), Within: mine},
		{Table: "shop.order_lines", Op: "delete", Key: widgets.Key{"13", "2"}, Within: mine},
		line("3", "C"),
	}
	same(t, "the row's key", must[widgets.Key](t)(orders.Together(t.Context(), steps)), "13")
	same(t, "one line went, one came", count(), 1308)
	row := must[widgets.Row](t)(lines.Get(t.Context(), widgets.Key{"13", "1"}, widgets.Filter{}))
	same(t, "the line", row.Values, "[13 1 A 3]")
	f.published()

	invalid := func(err error) bool { return errors.As(err, new(*widgets.Invalid)) }
	conflict := func(err error) bool { return errors.As(err, new(*widgets.Conflict)) }
	gone := func(err error) bool { return errors.Is(err, widgets.ErrNoRow) }
	of := map[string]string{"order_id": "id"}
	for what, c := range map[string]struct {
		at   int
		is   func(error) bool
		rest []widgets.Step // after the order
	}{
		"a line that is there":         {2, invalid, []widgets.Step{line("1", "A"), line("1", "B")}},
		"a value that does not fit":    {1, invalid, []widgets.Step{{Table: "shop.order_lines", Op: "insert", Values: given("line", "x", "product", "A"), Of: of}}},
		"a row that others refer to":   {1, invalid, []widgets.Step{{Table: "shop.order_lines", Op: "delete", Key: widgets.Key{"2", "1"}}}},
		"what somebody else changed":   {1, conflict, []widgets.Step{{Table: "shop.order_lines", Op: "update", Key: widgets.Key{"1", "1"}, Base: given("qty", "9"), Values: given("qty", "2")}}},
		"a row that is gone":           {1, gone, []widgets.Step{{Table: "shop.order_lines", Op: "delete", Key: widgets.Key{"99", "1"}}}},
		"a row out of reach":           {1, gone, []widgets.Step{{Table: "shop.order_lines", Op: "update", Key: widgets.Key{"1", "1"}, Values: given("qty", "2"), Within: mine}}},
		"a row that goes out of reach": {1, gone, []widgets.Step{{Table: "shop.order_lines", Op: "insert", Values: given("order_id", "1", "line", "9", "product", "A"), Within: mine}}},
	} {
		_, err := orders.Together(t.Context(), append([]widgets.Step{order}, c.rest...))
		var at *widgets.StepError
		if !errors.As(err, &at) || at.N != c.at || !c.is(err) {
			t.Errorf("%s: %v", what, err)
		}
		same(t, what+": rows", count(), 1308)
		same(t, what+": published", f.published(), "[]")
	}
	if _, err := orders.Together(t.Context(), []widgets.Step{{Table: "shop.nowhere", Op: "insert"}}); err == nil {
		t.Error("a table that is not there")
	}
}
