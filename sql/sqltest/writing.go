package sqltest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom/widgets"
)

// wrong is what an error says of each field, "" if it is no *Invalid.
func wrong(err error) string {
	var bad *widgets.Invalid
	if !errors.As(err, &bad) {
		return fmt.Sprintf("(not Invalid: %v)", err)
	}
	return strings.TrimPrefix(bad.Error(), "invalid row: ")
}

func insert(t *testing.T, e Engine) {
	f := shop(t, e)
	same(t, "a numbered key", f.add(t, "orders", "customer_id", "1", "total", "7"), "13")
	row, err := f.Table("orders").Get(t.Context(), widgets.Key{"13"}, widgets.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "defaults", row.Values, "[13 1 new "+e.decimal("7")+"   0]")
	if !row.Values[4].IsNull() || !row.Values[5].IsNull() {
		t.Error("absent columns are NULL, not empty")
	}
	same(t, "an empty input gets the default", f.add(t, "orders", "customer_id", "1", "total", "8", "status", "", "paid", "NULL"), "14")
	row, err = f.Table("orders").Get(t.Context(), widgets.Key{"14"}, widgets.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "defaults for empty inputs", row.Values, "[14 1 new "+e.decimal("8")+"   0]")
	same(t, "a key of two parts", f.add(t, "order_lines", "order_id", "13", "line", "1", "product", "X"), "13,1")
	same(t, "a text key", f.add(t, "countries", "code", "a,", "label", "Comma"), "a%2C")
	same(t, "a row of defaults only", f.add(t, "everything"), "1")
	for name, c := range map[string]struct {
		table string
		row   map[string]widgets.Value
		want  string
	}{
		"nothing given":   {"orders", given(), "customer_id: Please fill this in.; total: Please fill this in."},
		"null":            {"orders", given("customer_id", "NULL", "total", "1"), "customer_id: Please fill this in."},
		"empty number":    {"orders", given("customer_id", "1", "total", ""), "total: Please fill this in."},
		"no number":       {"orders", given("customer_id", "1", "total", "abc"), `total: "abc" is not a number.`},
		"comma":           {"orders", given("customer_id", "1", "total", "1,50"), "total: Write a point for decimals: 1.50."},
		"too exact":       {"orders", given("customer_id", "1", "total", "1.505"), "total: At most 2 digits after the point."},
		"too large":       {"orders", given("customer_id", "1", "total", "123456789.00"), "total: At most 8 digits before the point."},
		"no such choice":  {"orders", given("customer_id", "1", "total", "1", "status", "lost"), "status: Choose one of: new, paid, sent."},
		"no date":         {"orders", given("customer_id", "1", "total", "1", "placed", "tomorrow"), `placed: "tomorrow" is not a date and time such as 2026-11-22 15:04:05.`},
		"no such day":     {"orders", given("customer_id", "1", "total", "1", "placed", "2026-02-30"), `placed: "2026-02-30" is not a date and time such as 2026-11-22 15:04:05.`},
		"neither":         {"orders", given("customer_id", "1", "total", "1", "paid", "maybe"), "paid: Choose yes or no."},
		"too long":        {"customers", given("name", "x", "email", strings.Repeat("ä", 41)), "email: At most 40 characters; this has 41."},
		"whole number":    {"everything", given("i", "1.5"), `i: "1.5" is not a whole number.`},
		"huge":            {"everything", given("i", "9223372036854775808"), "i: This number is too large: at most 9223372036854775807 in either direction."},
		"generated":       {"everything", given("half", "2"), "half: The database computes this field; it cannot be set."},
		"no JSON":         {"everything", given("doc", "{"), "doc: This is not valid JSON: unexpected end of JSON input at character 1."},
		"no UUID":         {"everything", given("u", "1234"), "u: This is not a UUID such as 123e4567-e89b-12d3-a456-426614174000."},
		"several at once": {"everything", given("i", "x", "day", "y"), `day: "y" is not a date such as 2026-11-22.; i: "x" is not a whole number.`},
	} {
		_, err := f.Table(c.table).Insert(t.Context(), c.row)
		same(t, name, wrong(err), c.want)
	}
	if _, err := f.Table("orders").Insert(t.Context(), given("nope", "1")); err == nil {
		t.Error("an unknown column was taken")
	}
	for _, table := range []string{"log", "paid_orders"} {
		var told widgets.UserError
		if _, err := f.Table(table).Insert(t.Context(), given()); !errors.As(err, &told) {
			t.Errorf("%s is read-only: %v", table, err)
		}
	}
}

// transaction is Table.Tx: an error takes everything back and publishes nothing, success tells the pages once.
func transaction(t *testing.T, e Engine) {
	f := shop(t, e)
	orders := f.Table("orders")
	status := func() string {
		t.Helper()
		return must[widgets.Row](t)(orders.Get(t.Context(), widgets.Key{"2"}, widgets.Filter{})).Values[2].String()
	}
	f.published()
	fails := errors.New("no")
	send := func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE orders SET status = 'sent' WHERE id = 2")
		return err
	}
	err := orders.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		if err := send(ctx, tx); err != nil {
			t.Error(err)
		}
		return fails
	})
	if !errors.Is(err, fails) || status() != "paid" || len(f.published()) != 0 {
		t.Errorf("%v, the status is %s", err, status())
	}
	if err := orders.Tx(t.Context(), send); err != nil || status() != "sent" {
		t.Errorf("%v, the status is %s", err, status())
	}
	if told := f.published(); !slices.Contains(told, " shop.orders") {
		t.Errorf("published %v", told)
	}
}

func update(t *testing.T, e Engine) {
	f := shop(t, e)
	orders := f.Table("orders")
	get := func() []widgets.Value {
		t.Helper()
		return must[widgets.Row](t)(orders.Get(t.Context(), widgets.Key{"2"}, widgets.Filter{})).Values
	}
	same(t, "before", get(), "[2 2 paid "+e.decimal("1.5")+"  2026-11-02 10:00:00 1]")
	change := func(pairs ...string) {
		t.Helper()
		if err := orders.Update(t.Context(), widgets.Key{"2"}, nil, given(pairs...)); err != nil {
			t.Fatal(err)
		}
	}
	change("status", "sent", "note", "hello", "placed", "2026-12-24T18:30")
	same(t, "changed", get(), "[2 2 sent "+e.decimal("1.5")+" hello 2026-12-24 18:30:00 1]")
	f.published()
	change("status", "sent", "total", "1.50", "paid", "on")
	same(t, "nothing changed, nothing published", f.published(), "[]")
	change("note", "", "placed", "")
	if v := get(); v[4].IsNull() || !v[5].IsNull() {
		t.Errorf("an empty note is a text, an empty date is none: %v", v)
	}
	change("note", "NULL")
	if v := get(); !v[4].IsNull() {
		t.Error("a note can be NULL")
	}
	same(t, "the key is numbered", wrong(orders.Update(t.Context(), widgets.Key{"2"}, nil, given("id", "500"))), "id: The database numbers the rows; this cannot be changed.")
	same(t, "bad and good", wrong(orders.Update(t.Context(), widgets.Key{"2"}, nil, given("total", "x", "note", "kept out"))), `total: "x" is not a number.`)
	if v := get(); !v[4].IsNull() {
		t.Error("half a change was written")
	}
	if err := orders.Update(t.Context(), widgets.Key{"999"}, nil, given("note", "x")); !errors.Is(err, widgets.ErrNoRow) {
		t.Errorf("no such row: %v", err)
	}
	if err := orders.Update(t.Context(), widgets.Key{"2"}, nil, given("nope", "x")); err == nil {
		t.Error("an unknown column was taken")
	}
	lines := f.Table("order_lines")
	f.published()
	if err := lines.Update(t.Context(), widgets.Key{"1", "1"}, nil, given("line", "7")); err != nil {
		t.Fatal(err)
	}
	same(t, "a moved row is told by both keys", f.published(), "[ shop.paid_orders update shop.order_lines 1,1 1,7]")
	rates := f.Table("rates")
	key := f.add(t, "rates", "rate", "01.5", "label", "low")
	same(t, "a new row's key is as it is stored", key, e.decimal("1.5"))
	f.published()
	if err := rates.Update(t.Context(), key, nil, given("rate", "02.5")); err != nil {
		t.Fatal(err)
	}
	moved := widgets.Key{e.decimal("2.5")}
	same(t, "a moved row's key is as it is stored", f.published(), "[ shop.paid_orders update shop.rates "+key.String()+" "+moved.String()+"]")
	same(t, "the moved row", must[widgets.Row](t)(rates.Get(t.Context(), moved, widgets.Filter{})).Key, moved)
	err := orders.Set(t.Context(), widgets.Key{"2"}, map[string]any{"total": 9.25, "paid": false, "note": nil, "placed": time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "set with Go values", get(), "[2 2 sent 9.25  2027-01-02 03:04:05 0]")
	if err := orders.Set(t.Context(), widgets.Key{"2"}, map[string]any{"note": struct{}{}}); err == nil {
		t.Error("a struct was stored")
	}
}

func conflict(t *testing.T, e Engine) {
	f := shop(t, e)
	orders := f.Table("orders")
	row := must[widgets.Row](t)(orders.Get(t.Context(), widgets.Key{"3"}, widgets.Filter{}))
	base := map[string]widgets.Value{}
	for i, c := range orders.Table().Columns {
		base[c.Name] = row.Values[i]
	}
	if err := orders.Update(t.Context(), widgets.Key{"3"}, base, given("note", "mine")); err != nil {
		t.Fatalf("nobody else wrote: %v", err)
	}
	err := orders.Update(t.Context(), widgets.Key{"3"}, base, given("total", "5"))
	var clash *widgets.Conflict
	if !errors.As(err, &clash) || len(clash.Theirs) != 1 || clash.Theirs["note"] != widgets.Text("mine") {
		t.Errorf("conflict: %v, %+v", err, clash)
	}
	if err := orders.Update(t.Context(), widgets.Key{"3"}, map[string]widgets.Value{"total": base["total"]}, given("total", "5")); err != nil {
		t.Errorf("the note does not matter to this one: %v", err)
	}
	err = orders.Update(t.Context(), widgets.Key{"3"}, base, given("total", "6"))
	if !errors.As(err, &clash) || len(clash.Theirs) != 2 {
		t.Errorf("conflict of two: %v", err)
	}
	row = must[widgets.Row](t)(orders.Get(t.Context(), widgets.Key{"3"}, widgets.Filter{}))
	same(t, "a conflict writes nothing", row.Values[3], e.decimal("5"))
	err = orders.Update(t.Context(), widgets.Key{"3"}, map[string]widgets.Value{"placed": widgets.Text("")}, given("total", "6"))
	if !errors.As(err, &clash) {
		t.Errorf("NULL and empty differ: %v", err)
	}
}

func deletion(t *testing.T, e Engine) {
	f := shop(t, e)
	same(t, "in use", wrong(f.Table("customers").Delete(t.Context(), widgets.Key{"1"})), ": This customer cannot be deleted: 4 Orders still refer to it.")
	same(t, "in use by two columns", wrong(f.Table("order_lines").Delete(t.Context(), widgets.Key{"2", "1"})), ": This order line cannot be deleted: 1 Returns still refer to it.")
	same(t, "all or none", wrong(f.Table("order_lines").Delete(t.Context(), widgets.Key{"1", "1"}, widgets.Key{"2", "1"})), ": This order line cannot be deleted: 1 Returns still refer to it.")
	if _, err := f.Table("order_lines").Get(t.Context(), widgets.Key{"1", "1"}, widgets.Filter{}); err != nil {
		t.Errorf("the first of two is still there: %v", err)
	}
	same(t, "refusals publish nothing", f.published(), "[]")
	if err := f.Table("orders").Delete(t.Context(), widgets.Key{"1"}); err != nil {
		t.Fatal(err)
	}
	same(t, "a cascade is told", f.published(), "[ shop.order_lines  shop.paid_orders delete shop.orders 1]")
	if n := must[widgets.Count](t)(f.Table("order_lines").Count(t.Context(), widgets.Query{})); n.N != 4 {
		t.Errorf("the lines are gone too: %d left", n.N)
	}
	if err := f.Table("orders").Delete(t.Context(), widgets.Key{"1"}, widgets.Key{"10"}); err != nil {
		t.Errorf("one of two is gone already: %v", err)
	}
	lines := " shop.order_lines "
	if !e.Server {
		lines = ""
	}
	same(t, "only what was there is told", f.published(), "["+lines+" shop.paid_orders delete shop.orders 10]")
	for name, keys := range map[string][]widgets.Key{"gone": {{"1"}}, "none": nil, "bad": {{"1", "2"}}} {
		if err := f.Table("orders").Delete(t.Context(), keys...); !errors.Is(err, widgets.ErrNoRow) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := must[widgets.Count](t)(f.Table("orders").Count(t.Context(), widgets.Query{})); n.N != 10 {
		t.Errorf("%d orders are left", n.N)
	}
}

// refusals of the engine itself, at the field they are about.
func refusals(t *testing.T, e Engine) {
	f := shop(t, e)
	try := func(table string, pairs ...string) string {
		t.Helper()
		_, err := f.Table(table).Insert(t.Context(), given(pairs...))
		return wrong(err)
	}
	same(t, "unique", try("customers", "name", "x", "email", "ada@example.org"), "email: Another customer already has this email.")
	same(t, "key", try("customers", "id", "1", "name", "x"), "id: Another customer already has this ID.")
	same(t, "text key", func() string {
		try("countries", "code", "de", "label", "x")
		return try("countries", "code", "de", "label", "y")
	}(),
		"code: Another country already has this code.")
	same(t, "key of two parts", try("order_lines", "order_id", "1", "line", "1", "product", "x"),
		"line: Another order line already has this combination of order and line.; order_id: Another order line already has this combination of order and line.")
	same(t, "check", try("orders", "customer_id", "1", "total", "-1"), "total: The database's rule refuses this: total >= 0.")
	same(t, "reference", try("orders", "customer_id", "99", "total", "1"), "customer_id: There is no such customer.")
	same(t, "reference of two", try("returns", "order_id", "1", "line", "9"), "line: There is no such order line.; order_id: There is no such order line.")
	if got := try("returns", "order_id", "77"); got != "(not Invalid: <nil>)" {
		t.Errorf("half a reference refers to nothing: %s", got)
	}
	update := func(table string, key widgets.Key, pairs ...string) string {
		t.Helper()
		return wrong(f.Table(table).Update(t.Context(), key, nil, given(pairs...)))
	}
	same(t, "unique on update", update("customers", widgets.Key{"2"}, "email", "ada@example.org"), "email: Another customer already has this email.")
	same(t, "reference on update", update("orders", widgets.Key{"2"}, "customer_id", "99"), "customer_id: There is no such customer.")
	same(t, "referred to", update("order_lines", widgets.Key{"2", "1"}, "line", "5"), ": Other rows refer to this order line by a value that would change.")
	same(t, "check on update", update("orders", widgets.Key{"2"}, "total", "-0.01"), "total: The database's rule refuses this: total >= 0.")
}

func changes(t *testing.T, e Engine) {
	f := shop(t, e)
	f.add(t, "customers", "name", "New")
	same(t, "insert", f.published(), "[ shop.paid_orders insert shop.customers 4]")
	if err := f.Table("customers").Update(t.Context(), widgets.Key{"4"}, nil, given("name", "Newer")); err != nil {
		t.Fatal(err)
	}
	same(t, "update", f.published(), "[ shop.paid_orders update shop.customers 4]")
	n, err := f.Exec(t.Context(), []string{"orders"}, "UPDATE orders SET note = 'x' WHERE id < 4")
	if err != nil || n != 3 {
		t.Errorf("exec: %d, %v", n, err)
	}
	same(t, "exec", f.published(), "[ shop.orders  shop.paid_orders]")
	if _, err := f.Exec(t.Context(), []string{"orders"}, "UPDATE orders SET nope = 1"); err == nil {
		t.Error("nonsense was executed")
	}
	same(t, "what failed is not told", f.published(), "[]")
}

// writers write at once; nobody is refused and nothing is lost.
func writers(t *testing.T, e Engine) {
	f := shop(t, e)
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	const each = 20
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range each {
				key, err := f.Table("customers").Insert(ctx, given("name", fmt.Sprintf("w%d-%d", w, i)))
				if err == nil {
					err = f.Table("customers").Update(ctx, key, given("city", "NULL"), given("city", "Rome"))
				}
				if err == nil {
					_, err = f.Table("customers").List(ctx, widgets.Query{Search: "rome", Order: []widgets.Order{{Column: "name"}}})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	n := must[widgets.Count](t)(f.Table("customers").Count(t.Context(), widgets.Query{Filter: widgets.Where("city", widgets.OpEq, "Rome")}))
	same(t, "rows", n.N, 8*each)
}
