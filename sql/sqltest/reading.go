package sqltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"greenroom/widgets"
)

// catalogue reads the schema as people see it.
func catalogue(t *testing.T, e Engine) {
	f := open(t, e)
	var names []string
	for _, table := range f.Tables() {
		names = append(names, table.Table().ID())
	}
	same(t, "tables", names, `[shop.countries shop.customers shop.everything shop.log shop.mixed shop.or"der ?s; DROP shop.order_lines shop.orders shop.paid_orders shop.rates shop.returns]`)
	info := f.Table("orders").Table()
	same(t, "labels", []string{info.Label, info.Plural, f.Table("order_lines").Table().Plural, f.Table("order_lines").Table().Label}, "[order Orders Order lines order line]")
	same(t, "key", info.Key, "[id]")
	same(t, "refs", info.Refs, "[{[customer_id] shop customers [id] "+e.rule()+"}]")
	customer := info.Column("customer_id")
	if customer.Label != "Customer" || customer.Ref == nil || customer.Ref.Table != "customers" || !customer.Indexed || customer.Nullable {
		t.Errorf("customer_id is %+v", customer)
	}
	status := info.Column("status")
	if status.Kind != widgets.KindEnum || fmt.Sprint(status.Choices) != "[new paid sent]" || !status.HasDefault {
		t.Errorf("status is %+v", status)
	}
	if id := info.Column("id"); !id.Auto || id.KeyPart != 1 || id.Kind != widgets.KindInteger || id.Label != "ID" {
		t.Errorf("id is %+v", id)
	}
	if email := f.Table("customers").Table().Column("email"); !email.Unique || email.MaxLen != 40 || !email.Nullable {
		t.Errorf("email is %+v", email)
	}
	kinds := map[string]widgets.Kind{}
	for _, c := range f.Table("everything").Table().Columns {
		kinds[c.Name] = c.Kind
	}
	same(t, "kinds", kinds, map[string]widgets.Kind{
		"id": widgets.KindInteger, "i": widgets.KindInteger, "n": widgets.KindDecimal, "f": widgets.KindFloat,
		"t": widgets.KindText, "v": widgets.KindText, "yes": widgets.KindBool, "day": widgets.KindDate, "moment": widgets.KindDateTime, "clock": widgets.KindTime,
		"doc": widgets.KindJSON, "u": widgets.KindUUID, "raw": widgets.KindBytes, "half": widgets.KindInteger,
	})
	if c := f.Table("everything").Table().Column("half"); !c.Generated {
		t.Error("half is generated")
	}
	same(t, "a key of two parts", f.Table("order_lines").Table().Key, "[order_id line]")
	same(t, "a reference of two columns", f.Table("returns").Table().Refs, "[{[order_id line] shop order_lines [order_id line] "+e.rule()+"}]")
	if c := f.Table("returns").Table().Column("order_id"); c.Ref != nil {
		t.Error("order_id alone refers to nothing")
	}
	same(t, "no key", f.Table("log").Table().ReadOnly, "no primary key: rows cannot be told apart")
	if v := f.Table("paid_orders").Table(); !v.View || v.ReadOnly == "" {
		t.Errorf("the view is %+v", v)
	}
	same(t, "titles", [][]string{f.Table("customers").Table().TitleColumns, f.Table("countries").Table().TitleColumns, f.Table("order_lines").Table().TitleColumns},
		"[[email] [label] [product]]")
}

func search(t *testing.T, e Engine) {
	f := shop(t, e)
	f.add(t, "customers", "id", "77", "name", "100_000% sure ünï", "email", "99@example.org")
	for query, want := range map[string]string{
		"":                     "[1 2 3 77]",
		"ada":                  "[1]",
		"ADA":                  "[1]",
		"love":                 "[1]",
		"love london":          "[1]",
		"love berlin":          "[]",
		`"ada love"`:           "[1]",
		`"love ada"`:           "[]",
		"example":              "[1 2 77]",
		"^ada":                 "[1]",
		"^lovelace":            "[]",
		"=London":              "[1]",
		"=Lond":                "[]",
		`="Ada Lovelace"`:      "[1]",
		`^"Ada L"`:             "[1]",
		"100%":                 "[3]",
		"100_":                 "[77]",
		"%":                    "[3 77]",
		"!":                    "[]",
		"o'neil":               "[3]",
		"änne":                 "[2]",
		"ÄNNE":                 "[2]",
		"müLLer":               "[2]",
		"city:london":          "[1]",
		"CITY:lond ada":        "[1]",
		"name:london":          "[]",
		`name:="Ada Lovelace"`: "[1]",
		"city:^don":            "[]",
		"id:3":                 "[3]",
		"nowhere:london":       "[]",
		"77":                   "[77]",
		"=3":                   "[3]",
		"=":                    "[]",
		"^":                    "[]",
		`"`:                    "[1 2 3 77]",
		`"unclosed`:            "[]",
		"'; DROP TABLE x; --":  "[]",
		"?":                    "[]",
		"\x01":                 "[]",
	} {
		rows, err := f.Table("customers").List(t.Context(), widgets.Query{Search: query})
		if err != nil {
			t.Errorf("search %q: %v", query, err)
			continue
		}
		same(t, fmt.Sprintf("search %q", query), column(t, rows, "id"), want)
		count, err := f.Table("customers").Count(t.Context(), widgets.Query{Search: query})
		if err != nil || int(count.N) != len(rows.Rows) {
			t.Errorf("count %q: %+v, %v", query, count, err)
		}
	}
	ids := func(table string, q widgets.Query) []string {
		t.Helper()
		return column(t, must[widgets.Rows](t)(f.Table(table).List(t.Context(), q)), "id")
	}
	same(t, "in one column", ids("customers", widgets.Query{Search: "london", In: []string{"name"}}), "[]")
	same(t, "in a column that is not among those searched", ids("customers", widgets.Query{Search: "city:london", In: []string{"name"}}), "[]")
	same(t, "in a column that may be named", ids("customers", widgets.Query{Search: "city:london", In: []string{"name"}, Named: []string{"city"}}), "[1]")
	same(t, "in one that may not", ids("customers", widgets.Query{Search: "email:ada", Named: []string{"city"}}), "[]")
	same(t, "by yes or no", ids("orders", widgets.Query{Search: "paid:yes", Limit: 2}), "[2 4]")
	same(t, "in a number column", ids("orders", widgets.Query{Search: "3.5", In: []string{"total"}}), "[4]")
	same(t, "a word in a number column", ids("orders", widgets.Query{Search: "three", In: []string{"total"}}), "[]")
	same(t, "a day", ids("orders", widgets.Query{Search: "2026-11-03"}), "[3]")
	var told widgets.UserError
	if _, err := f.Table("customers").List(t.Context(), widgets.Query{Search: "a b c d e f g h i j k"}); !errors.As(err, &told) {
		t.Errorf("eleven words: %v", err)
	}
}

func filters(t *testing.T, e Engine) {
	f := shop(t, e)
	f.add(t, "orders", "id", "13", "customer_id", "1", "total", "100", "placed", "NULL", "note", "N")
	w := widgets.Where
	for name, c := range map[string]struct {
		filter widgets.Filter
		want   string
	}{
		"none":          {widgets.Filter{}, "[1 2 3 4 5 6 7 8 9 10 11 12 13]"},
		"nothing":       {widgets.Nothing(), "[]"},
		"eq":            {w("status", widgets.OpEq, "paid"), "[2 5 8 11]"},
		"ne":            {w("status", widgets.OpNe, "new"), "[2 3 5 6 8 9 11 12]"},
		"ne and null":   {w("note", widgets.OpNe, "N"), "[1 2 3 4 5 6 7 8 9 10 11 12]"},
		"lt":            {w("total", widgets.OpLt, "2"), "[1 2]"},
		"le":            {w("total", widgets.OpLe, "1.50"), "[1 2]"},
		"gt":            {w("total", widgets.OpGt, "11"), "[12 13]"},
		"ge":            {w("id", widgets.OpGe, "12"), "[12 13]"},
		"in":            {w("id", widgets.OpIn, "3", "5", "99"), "[3 5]"},
		"in nothing":    {w("id", widgets.OpIn), "[]"},
		"between":       {w("id", widgets.OpBetween, "3", "5"), "[3 4 5]"},
		"open end":      {w("id", widgets.OpBetween, "12", ""), "[12 13]"},
		"open start":    {w("id", widgets.OpBetween, "", "2"), "[1 2]"},
		"all open":      {w("id", widgets.OpBetween, "", ""), "[1 2 3 4 5 6 7 8 9 10 11 12 13]"},
		"null":          {w("placed", widgets.OpNull), "[13]"},
		"not null":      {w("note", widgets.OpNotNull), "[13]"},
		"contains":      {w("status", widgets.OpContains, "AI"), "[2 5 8 11]"},
		"prefix":        {w("status", widgets.OpPrefix, "se"), "[3 6 9 12]"},
		"bool":          {w("paid", widgets.OpEq, "true"), "[2 4 6 8 10 12]"},
		"a whole day":   {w("placed", widgets.OpEq, "2026-11-03"), "[3]"},
		"up to a day":   {w("placed", widgets.OpLe, "2026-11-02"), "[1 2]"},
		"between days":  {w("placed", widgets.OpBetween, "2026-11-02", "2026-11-03"), "[2 3]"},
		"before a day":  {w("placed", widgets.OpLt, "2026-11-02"), "[1]"},
		"after a day":   {w("placed", widgets.OpGt, "2026-11-11"), "[12]"},
		"a moment":      {w("placed", widgets.OpGe, "2026-11-11 10:00:00"), "[11 12]"},
		"and":           {w("status", widgets.OpEq, "new").And(w("id", widgets.OpLt, "5")), "[1 4]"},
		"or":            {widgets.Filter{Any: []widgets.Filter{w("id", widgets.OpEq, "1"), w("id", widgets.OpEq, "3")}}, "[1 3]"},
		"or everything": {widgets.Filter{Any: []widgets.Filter{w("id", widgets.OpEq, "1"), {}}}, "[1 2 3 4 5 6 7 8 9 10 11 12 13]"},
		"or nothing":    {widgets.Filter{Any: []widgets.Filter{w("id", widgets.OpEq, "1"), widgets.Nothing()}}, "[1]"},
		"nested": {widgets.Filter{All: []widgets.Filter{w("status", widgets.OpEq, "new"), {Any: []widgets.Filter{
			w("id", widgets.OpEq, "1"),
			w("id", widgets.OpEq, "2"),
		}}}}, "[1]"},
		"all and own": {widgets.Filter{All: []widgets.Filter{w("status", widgets.OpEq, "new")}, Column: "id", Op: widgets.OpGt, Values: []string{"8"}}, "[10 13]"},
	} {
		rows, err := f.Table("orders").List(t.Context(), widgets.Query{Filter: c.filter})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, name, column(t, rows, "id"), c.want)
	}
	deep := w("id", widgets.OpEq, "1")
	for range 100 {
		deep = widgets.Filter{All: []widgets.Filter{deep}}
	}
	for name, bad := range map[string]widgets.Filter{
		"unknown column": w("nope", widgets.OpEq, "1"), "unknown operation": w("id", "like", "1"), "no number": w("id", widgets.OpGt, "abc"),
		"too many values": w("id", widgets.OpEq, "1", "2"), "no value": w("id", widgets.OpEq), "too deep": deep,
		"too much": w("id", widgets.OpIn, make([]string, 5000)...), "inside or": {Any: []widgets.Filter{w("x", widgets.OpNull)}},
	} {
		_, err := f.Table("orders").List(t.Context(), widgets.Query{Filter: bad})
		if _, ok := errors.AsType[widgets.UserError](err); !ok {
			t.Errorf("%s: %v, want a text for the person", name, err)
		}
	}
}

func records(t *testing.T, e Engine) {
	f := shop(t, e)
	lines, customers := f.Table("order_lines"), f.Table("customers")
	row, err := lines.Get(t.Context(), widgets.Key{"2", "1"}, widgets.Filter{})
	if err != nil || row.Key.String() != "2,1" || fmt.Sprint(row.Values) != "[2 1 P10 1]" {
		t.Errorf("get: %v, %v", row, err)
	}
	for name, key := range map[string]widgets.Key{"gone": {"2", "9"}, "short": {"2"}, "long": {"2", "1", "1"}, "none": nil, "text": {"two", "one"}} {
		if _, err := lines.Get(t.Context(), key, widgets.Filter{}); !errors.Is(err, widgets.ErrNoRow) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := lines.Get(t.Context(), widgets.Key{"2", "1"}, widgets.Where("qty", widgets.OpGt, "5")); !errors.Is(err, widgets.ErrNoRow) {
		t.Errorf("a row that the filter hides: %v", err)
	}
	if _, err := f.Table("log").Get(t.Context(), widgets.Key{}, widgets.Filter{}); !errors.Is(err, widgets.ErrNoRow) {
		t.Errorf("a table without a key: %v", err)
	}
	names, err := customers.Names(t.Context(), []string{"id"}, []widgets.Key{{"1"}, {"3"}, {"99"}, {"x"}, {"1"}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "names", names, map[string]string{"1": "ada@example.org", "3": "3"})
	names, err = lines.Names(t.Context(), []string{"order_id", "line"}, []widgets.Key{{"1", "2"}, {"3", "1"}, {"3", "9"}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "names by two columns", names, map[string]string{"1,2": "P01", "3,1": "P20"})
	if names, err := customers.Names(t.Context(), []string{"id"}, nil); err != nil || len(names) != 0 {
		t.Errorf("names of nothing: %v, %v", names, err)
	}
	rows, err := lines.Fetch(t.Context(), []widgets.Key{{"3", "2"}, {"9", "9"}, {"1", "1"}, {"2", "1"}}, widgets.Where("order_id", widgets.OpNe, "2"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "fetch keeps the order of the keys", rows, "[{3,2 [3 2 P21 1]} {1,1 [1 1 P00 1]}]")
	var many []widgets.Key
	for i := range 2500 {
		many = append(many, widgets.Key{fmt.Sprint(i)})
	}
	if rows, err := f.Table("orders").Fetch(t.Context(), many, widgets.Filter{}); err != nil || len(rows) != 12 {
		t.Errorf("fetch many: %d, %v", len(rows), err)
	}
	page, err := customers.List(t.Context(), widgets.Query{Select: []string{"city", "name"}, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "selected columns", []any{page.Columns, page.Rows}, "[[city name] [{1 [London Ada Lovelace]}]]")
	if _, err := customers.List(t.Context(), widgets.Query{Select: []string{"name", "password"}}); err == nil {
		t.Error("an unknown column was selected")
	}
	if _, err := customers.List(t.Context(), widgets.Query{Order: []widgets.Order{{Column: "password"}}}); err == nil {
		t.Error("an unknown column was sorted by")
	}
	deps, err := f.Table("orders").Dependents(t.Context(), widgets.Key{"2"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "dependents", deps, "[{shop.order_lines Order lines 2 false CASCADE}]")
	deps, err = lines.Dependents(t.Context(), widgets.Key{"2", "1"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "dependents by two columns", deps, "[{shop.returns Returns 1 false "+e.rule()+"}]")
}

func numbers(t *testing.T, e Engine) {
	f := shop(t, e)
	orders := f.Table("orders")
	count, err := orders.Count(t.Context(), widgets.Query{Filter: widgets.Where("status", widgets.OpEq, "paid")})
	if err != nil || count != (widgets.Count{N: 4}) {
		t.Errorf("count: %+v, %v", count, err)
	}
	facets, err := orders.Facets(t.Context(), widgets.Query{Filter: widgets.Where("id", widgets.OpGt, "3")}, "status", 2)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "facets", facets, "[{new new 3} {paid paid 3}]")
	facets, err = orders.Facets(t.Context(), widgets.Query{}, "customer_id", 0)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "facets of a foreign key have names", facets, "[{1 ada@example.org 4} {2 anne@example.org 4} {3 3 4}]")
	sum := func(table, name string, q widgets.Query) string {
		t.Helper()
		return must[string](t)(f.Table(table).Sum(t.Context(), q, name))
	}
	same(t, "sum", sum("orders", "total", widgets.Query{}), "72.00")
	same(t, "sum of some", sum("orders", "total", widgets.Query{Filter: widgets.Where("status", widgets.OpEq, "new")}), "20.00")
	same(t, "sum of none", sum("orders", "total", widgets.Query{Filter: widgets.Nothing()}), "0")
	for range 3 {
		f.add(t, "everything", "i", "4611686018427387904")
	}
	f.add(t, "everything", "i", "-1", "n", "0.1")
	f.add(t, "everything", "n", "0.2", "f", "0.5")
	same(t, "sum beyond 64 bits", sum("everything", "i", widgets.Query{}), "13835058055282163711")
	same(t, "sum of decimals", sum("everything", "n", widgets.Query{}), "0.3000")
	same(t, "sum of floats", sum("everything", "f", widgets.Query{}), "0.5")
	if _, err := orders.Sum(t.Context(), widgets.Query{}, "status"); err == nil {
		t.Error("texts were added up")
	}
	if _, err := orders.Sum(t.Context(), widgets.Query{}, "nope"); err == nil {
		t.Error("an unknown column was added up")
	}
	if _, err := orders.Facets(t.Context(), widgets.Query{}, "nope", 5); err == nil {
		t.Error("an unknown column has facets")
	}
}

func pin(t *testing.T, e Engine) {
	f := shop(t, e)
	pinned := func(table string, q widgets.Query) []string {
		t.Helper()
		keys := []string{}
		err := f.Table(table).Pin(t.Context(), q, func(k widgets.Key) error {
			keys = append(keys, slices.Clone(k).String())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	same(t, "pin", pinned("orders", widgets.Query{Filter: widgets.Where("status", widgets.OpEq, "paid"), Order: []widgets.Order{{Column: "total", Desc: true}}}), "[2 5 8 11]")
	same(t, "pin by search", pinned("orders", widgets.Query{Search: "sent"}), "[3 6 9 12]")
	same(t, "pin two parts", pinned("order_lines", widgets.Query{}), "[1,1 1,2 2,1 2,2 3,1 3,2]")
	same(t, "pin nothing", pinned("orders", widgets.Query{Filter: widgets.Nothing()}), "[]")
	stop := errors.New("stop")
	if err := f.Table("orders").Pin(t.Context(), widgets.Query{}, func(widgets.Key) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a callback's error: %v", err)
	}
	if err := f.Table("log").Pin(t.Context(), widgets.Query{}, func(widgets.Key) error { return nil }); err == nil {
		t.Error("rows without a key were pinned")
	}
}

// cancel ends a context before and while a query runs.
func cancel(t *testing.T, e Engine) {
	f := shop(t, e)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	orders := f.Table("orders")
	if _, err := orders.List(ctx, widgets.Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("list: %v", err)
	}
	if _, err := orders.Count(ctx, widgets.Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("count: %v", err)
	}
	if _, err := orders.Facets(ctx, widgets.Query{}, "status", 5); !errors.Is(err, context.Canceled) {
		t.Errorf("facets: %v", err)
	}
	if _, err := orders.Insert(ctx, given("customer_id", "1", "total", "1")); !errors.Is(err, context.Canceled) {
		t.Errorf("insert: %v", err)
	}
	ctx, stop = context.WithCancel(t.Context())
	err := orders.Pin(ctx, widgets.Query{}, func(widgets.Key) error { stop(); return ctx.Err() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("pin: %v", err)
	}
	if n, err := orders.Count(t.Context(), widgets.Query{}); err != nil || n.N != 12 {
		t.Errorf("afterwards: %+v, %v", n, err)
	}
}
