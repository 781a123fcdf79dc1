package sqltest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"greenroom/widgets"
)

// pages walks lists in every kind of order, forwards and backwards, and compares them with a sort in Go.
func pages(t *testing.T, e Engine) {
	f := open(t, e)
	random := rand.New(rand.NewPCG(1, 2))
	maybe := func(s string) string {
		if random.IntN(4) == 0 {
			return "NULL"
		}
		return s
	}
	for i := range 150 {
		f.add(t, "mixed", "id", strconv.Itoa(i+1), "a", maybe(strconv.Itoa(random.IntN(5)-2)), "b", maybe(string(rune('p'+random.IntN(4)))),
			"c", maybe(fmt.Sprintf("%g", float64(random.IntN(6))/4-0.5)), "d", string(rune('x'+random.IntN(2))))
	}
	table := f.Table("mixed")
	every, err := table.List(t.Context(), widgets.Query{Limit: 1000})
	if err != nil || len(every.Rows) != 150 || every.Next != "" || every.Prev != "" {
		t.Fatalf("the whole table: %d rows, next %q, prev %q, %v", len(every.Rows), every.Next, every.Prev, err)
	}
	for range 120 {
		q := widgets.Query{Limit: 1 + random.IntN(60)}
		for _, i := range random.Perm(5)[:random.IntN(4)] {
			q.Order = append(q.Order, widgets.Order{Column: []string{"a", "b", "c", "d", "id"}[i], Desc: random.IntN(2) == 0})
		}
		if random.IntN(2) == 0 {
			q.Filter = widgets.Where("d", widgets.OpEq, "x")
		}
		t.Run(fmt.Sprintf("%v by %d filtered %t", q.Order, q.Limit, !q.Filter.Empty()), func(t *testing.T) { walk(t, e, table, q, every) })
	}
}

func walk(t *testing.T, e Engine, table widgets.Source, q widgets.Query, every widgets.Rows) {
	want := sorted(t, e, q, every)
	var got []string
	page := q
	for first := true; ; first = false {
		rows, err := table.List(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		if first && rows.Prev != "" || !first && rows.Prev == "" {
			t.Fatalf("at %d: prev is %q", len(got), rows.Prev)
		}
		got = append(got, column(t, rows, "id")...)
		if rows.Next == "" || len(got) > len(want) {
			break
		}
		page.After = rows.Next
	}
	same(t, "forwards", got, want)

	got = nil
	page = q
	page.Last = true
	for {
		rows, err := table.List(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		ids := column(t, rows, "id")
		if rows.Prev == "" { // the first page is a whole one, whatever is left
			same(t, "the first page", ids, want[:min(q.Limit, len(want))])
			ids = ids[:max(0, len(want)-len(got))]
			got = append(ids, got...)
			break
		}
		if page.Last && rows.Next != "" || !page.Last && rows.Next == "" {
			t.Fatalf("next is %q on the last page: %t", rows.Next, page.Last)
		}
		got = append(ids, got...)
		page.Last, page.Before = false, rows.Prev
	}
	same(t, "backwards", got, want)

	// The row beside each: what stands before and behind it, and nothing at the ends.
	near, able := table.(widgets.Neighbours)
	if !able {
		t.Fatal("the table does not find neighbours")
	}
	for _, back := range []bool{false, true} {
		line := slices.Clone(want)
		if back {
			slices.Reverse(line)
		}
		for i := 0; i < len(line); i += 7 {
			beside(t, near, q, line[i:], back)
		}
		beside(t, near, q, line[len(line)-1:], back)
	}
}

// beside wants the second of a line of ids beside the first.
func beside(t *testing.T, near widgets.Neighbours, q widgets.Query, line []string, back bool) {
	t.Helper()
	key, err := near.Beside(t.Context(), q, widgets.Key{line[0]}, back)
	switch {
	case len(line) == 1 && !errors.Is(err, widgets.ErrNoRow):
		t.Errorf("beside the last, back %t: %v, %v", back, key, err)
	case len(line) > 1 && (err != nil || key.String() != line[1]):
		t.Errorf("beside %s, back %t: %v, %v, want %s", line[0], back, key, err, line[1])
	}
}

// sorted is what the engine should do, done in Go.
func sorted(t *testing.T, e Engine, q widgets.Query, every widgets.Rows) []string {
	order := slices.Clone(q.Order)
	if !slices.ContainsFunc(order, func(o widgets.Order) bool { return o.Column == "id" }) {
		desc := len(order) > 0 && order[len(order)-1].Desc
		order = append(order, widgets.Order{Column: "id", Desc: desc})
	}
	rows := slices.DeleteFunc(slices.Clone(every.Rows), func(r widgets.Row) bool { return !q.Filter.Empty() && r.Values[4].String() != "x" })
	slices.SortStableFunc(rows, func(x, y widgets.Row) int {
		for _, o := range order {
			i := slices.Index(every.Columns, o.Column)
			c := compare(e, o.Column, x.Values[i], y.Values[i])
			if o.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return column(t, widgets.Rows{Columns: every.Columns, Rows: rows}, "id")
}

func compare(e Engine, name string, a, b widgets.Value) int {
	low := -1
	if e.NullsHigh {
		low = 1
	}
	switch {
	case a.IsNull() && b.IsNull():
		return 0
	case a.IsNull():
		return low
	case b.IsNull():
		return -low
	case name == "b" || name == "d":
		return strings.Compare(a.String(), b.String())
	}
	x, _ := strconv.ParseFloat(a.String(), 64)
	y, _ := strconv.ParseFloat(b.String(), 64)
	return cmp.Compare(x, y)
}

// shifting deletes and adds rows around a cursor: a page goes on where it was, and an address beyond the end shows the end.
func shifting(t *testing.T, e Engine) {
	f := shop(t, e)
	orders := f.Table("orders")
	list := func(q widgets.Query) widgets.Rows {
		t.Helper()
		q.Limit, q.Order = 4, []widgets.Order{{Column: "placed", Desc: true}}
		return must[widgets.Rows](t)(orders.List(t.Context(), q))
	}
	first := list(widgets.Query{})
	same(t, "first", column(t, first, "id"), "[12 11 10 9]")
	if err := orders.Delete(t.Context(), widgets.Key{"9"}, widgets.Key{"8"}); err != nil {
		t.Fatal(err)
	}
	second := list(widgets.Query{After: first.Next})
	same(t, "after the deleted row", column(t, second, "id"), "[7 6 5 4]")
	same(t, "and back: a whole first page", column(t, list(widgets.Query{Before: second.Prev}), "id"), "[12 11 10 7]")
	if err := orders.Delete(t.Context(), widgets.Key{"1"}, widgets.Key{"3"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Exec(t.Context(), []string{"returns"}, "DELETE FROM returns"); err != nil {
		t.Fatal(err)
	}
	if err := orders.Delete(t.Context(), widgets.Key{"2"}); err != nil {
		t.Fatal(err)
	}
	end := list(widgets.Query{After: second.Next})
	same(t, "beyond the end", column(t, end, "id"), "[7 6 5 4]")
	same(t, "the end has no next", end.Next, "")
	view := f.Table("paid_orders")
	page := must[widgets.Rows](t)(view.List(t.Context(), widgets.Query{Limit: 2, Order: []widgets.Order{{Column: "id"}}}))
	same(t, "a view", column(t, page, "id"), "[4 6]")
	page = must[widgets.Rows](t)(view.List(t.Context(), widgets.Query{Limit: 2, Order: []widgets.Order{{Column: "id"}}, After: page.Next}))
	same(t, "a view's next page", column(t, page, "id"), "[10 12]")
	page = must[widgets.Rows](t)(view.List(t.Context(), widgets.Query{Limit: 2, Order: []widgets.Order{{Column: "id"}}, Before: page.Prev}))
	same(t, "and back", column(t, page, "id"), "[4 6]")
	page = must[widgets.Rows](t)(view.List(t.Context(), widgets.Query{Limit: 3, Order: []widgets.Order{{Column: "id"}}, Last: true}))
	same(t, "a view's last page", column(t, page, "id"), "[6 10 12]")
}

// cursors that were meddled with, or are another list's, are told to the person and nothing else happens.
func cursors(t *testing.T, e Engine) {
	f := shop(t, e)
	orders := f.Table("orders")
	byPlaced := []widgets.Order{{Column: "placed"}}
	page := must[widgets.Rows](t)(orders.List(t.Context(), widgets.Query{Limit: 2, Order: byPlaced}))
	bad := []string{"x", "!!", "AAAA", page.Next[1:], page.Next[:len(page.Next)-2], page.Next + "AA", strings.Repeat("A", 5000), "\x00", "e30"}
	for i := range len(page.Next) {
		bad = append(bad, page.Next[:i]+string(rune('A'+(page.Next[i]+1)%26))+page.Next[i+1:])
	}
	for _, text := range bad {
		for _, q := range []widgets.Query{{Order: byPlaced, After: text}, {Order: byPlaced, Before: text}} {
			_, err := orders.List(t.Context(), q)
			var told widgets.UserError
			if err != nil && !errors.As(err, &told) {
				t.Errorf("cursor %q: %v is not for a person", text, err)
			}
		}
	}
	for name, q := range map[string]widgets.Query{
		"another sort":      {After: page.Next, Order: []widgets.Order{{Column: "placed", Desc: true}}},
		"another sort too":  {After: page.Next},
		"more of the sort":  {After: page.Next, Order: []widgets.Order{{Column: "placed"}, {Column: "total"}}},
		"a garbled address": {After: "garbled", Order: byPlaced},
	} {
		_, err := orders.List(t.Context(), q)
		if _, ok := errors.AsType[widgets.UserError](err); !ok {
			t.Errorf("%s: %v, want a text for the person", name, err)
		}
	}
	if _, err := f.Table("customers").List(t.Context(), widgets.Query{After: page.Next}); err == nil {
		t.Error("a cursor of another table was taken")
	}
	if _, err := orders.List(t.Context(), widgets.Query{Order: byPlaced, After: page.Next, Last: true}); err == nil {
		t.Error("After and Last together were taken")
	}
	long := strings.Repeat("lång ", 400)
	for i := range 3 {
		if _, err := f.Exec(t.Context(), []string{"log"}, fmt.Sprintf("INSERT INTO log (line) VALUES ('%s%d')", long, i)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	q := widgets.Query{Limit: 1, Order: []widgets.Order{{Column: "line", Desc: true}}}
	for range 3 {
		rows := must[widgets.Rows](t)(f.Table("log").List(t.Context(), q))
		if len(rows.Next) > 1000 {
			t.Errorf("a cursor of %d letters does not fit an address", len(rows.Next))
		}
		got = append(got, fmt.Sprint(len(rows.Rows)))
		q.After = rows.Next
	}
	same(t, "rows without a key, sorted by a long text", got, "[1 1 1]")
}
