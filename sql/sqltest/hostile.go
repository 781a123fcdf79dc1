package sqltest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"greenroom/widgets"
)

// values go in as text and come out the same, through a form and through a cursor.
func values(t *testing.T, e Engine) {
	f := open(t, e)
	table := f.Table("everything")
	every := map[string][]string{
		"i":      {"0", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993"},
		"n":      {"0", "12.5", "-0.0001", "99999999999", "0.1"},
		"f":      {"0.1", "1e+300", "-2.5", "1.7976931348623157e+308", "5e-324", "0.30000000000000004"},
		"t":      {"", " ", "007", "1e5", "NULL", "'", "line\nbreak", "\u2028", "日本", "a\x00b", strings.Repeat("x", 10000), "2026-11-22", "x'00'", "+1", "<b>"},
		"v":      {"abcde", "ääääö"},
		"yes":    {"0", "1"},
		"day":    {"2026-11-22", "0001-01-01", "9999-12-31"},
		"moment": {"2026-11-22 21:37:35", "2026-11-22 21:37:35.123456", "2026-11-22T21:37:35Z", "2026-11-22 21:37:35+02:00", "2026-11-22"},
		"clock":  {"21:37:35", "00:00:00"},
		"doc":    {"{}", `{"n": 12345678901234567890.10, "b":1}`, "null", "[1,  2]", `"x"`, "1"},
		"u":      {"123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"},
	}
	if e.Server {
		every["moment"] = []string{"2026-11-22 21:37:35", "2026-11-22 21:37:35.123456", "2026-11-22 00:00:00"}
	}
	for name, texts := range every {
		for _, text := range texts {
			if e.NoNUL && strings.Contains(text, "\x00") {
				_, err := table.Insert(t.Context(), given(name, text))
				same(t, "NUL", wrong(err), name+": This text holds a NUL character, which the database cannot store.")
				continue
			}
			what := fmt.Sprintf("%s %.40q", name, text)
			key, err := table.Insert(t.Context(), given(name, text, "t", "x"))
			if name == "t" {
				key, err = table.Insert(t.Context(), map[string]widgets.Value{"t": widgets.Text(text)})
			}
			if err != nil {
				t.Errorf("%s: %v", what, err)
				continue
			}
			row, err := table.Get(t.Context(), key, widgets.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			at := 0
			for i, c := range table.Table().Columns {
				if c.Name == name {
					at = i
				}
			}
			if equal := sameNumber(name, row.Values[at].String(), text); !equal || row.Values[at].IsNull() {
				t.Errorf("%s came back as %.40q", what, row.Values[at].String())
			}
			base := map[string]widgets.Value{}
			for i, c := range table.Table().Columns {
				base[c.Name] = row.Values[i]
			}
			// A form sends back what it was given: that changes nothing and never conflicts.
			f.published()
			if err := table.Update(t.Context(), key, base, map[string]widgets.Value{name: row.Values[at]}); err != nil || len(f.published()) > 0 {
				t.Errorf("%s sent back unchanged: %v", what, err)
			}
		}
	}
	raw := widgets.Blob([]byte{0, 1, 255, 'x'})
	key, err := table.Insert(t.Context(), map[string]widgets.Value{"raw": raw})
	if err != nil {
		t.Fatal(err)
	}
	row := must[widgets.Row](t)(table.Get(t.Context(), key, widgets.Filter{}))
	if row.Values[12] != raw {
		t.Errorf("bytes came back as %q", row.Values[12].Bytes())
	}
	key, err = table.Insert(t.Context(), map[string]widgets.Value{"raw": widgets.Blob(nil), "t": widgets.Text("")})
	if err != nil {
		t.Fatal(err)
	}
	row = must[widgets.Row](t)(table.Get(t.Context(), key, widgets.Filter{}))
	if row.Values[4].IsNull() || row.Values[12].IsNull() {
		t.Error("empty is not NULL")
	}
	// Every sort pages through all rows, whatever they hold.
	total := must[widgets.Count](t)(table.Count(t.Context(), widgets.Query{})).N
	for _, c := range table.Table().Columns {
		seen := map[string]bool{}
		q := widgets.Query{Limit: 3, Order: []widgets.Order{{Column: c.Name, Desc: true}}}
		for range total {
			page, err := table.List(t.Context(), q)
			if err != nil {
				t.Fatalf("by %s: %v", c.Name, err)
			}
			for _, r := range page.Rows {
				seen[r.Key.String()] = true
			}
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if int64(len(seen)) != total {
			t.Errorf("sorted by %s: %d of %d rows", c.Name, len(seen), total)
		}
	}
}

// sameNumber lets an engine write a number in its own way: 12.50 for 12.5, 1e300 for 1e+300, and 21:37:35.000000 for a time.
func sameNumber(name, a, b string) bool {
	switch name {
	case "f":
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		return errX == nil && errY == nil && x == y
	case "moment", "clock":
		return strings.TrimSuffix(a, ".000000") == b
	case "n":
	default:
		return a == b
	}
	trim := func(s string) string {
		if strings.Contains(s, ".") && !strings.Contains(s, "e") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	return trim(a) == trim(b)
}

const nasty = `or"der ?s; DROP`

// names that mean something to SQL are only names.
func names(t *testing.T, e Engine) {
	f := open(t, e)
	table := f.Table(nasty)
	if table == nil {
		t.Fatal("the table is missing")
	}
	name := `naïve "name", ?`
	for i, text := range []string{"a?", "b'", `c"`, "??", "%"} {
		f.add(t, nasty, "select", fmt.Sprint(i), name, text, `%_!'`, "x?"+text)
	}
	q := widgets.Query{
		Search: "?", Order: []widgets.Order{{Column: name, Desc: true}, {Column: "select"}}, Limit: 1,
		Filter: widgets.Where("select", widgets.OpIn, "0", "3", "?").And(widgets.Where(`%_!'`, widgets.OpContains, "?")),
	}
	rows := must[widgets.Rows](t)(table.List(t.Context(), q))
	same(t, "first", column(t, rows, name), "[a?]")
	q.After = rows.Next
	rows = must[widgets.Rows](t)(table.List(t.Context(), q))
	same(t, "second", column(t, rows, name), "[??]")
	if err := table.Update(t.Context(), widgets.Key{"1"}, given(name, "a?"), given(name, "?", `%_!'`, "NULL")); err != nil {
		t.Fatal(err)
	}
	row := must[widgets.Row](t)(table.Get(t.Context(), widgets.Key{"1"}, widgets.Where(name, widgets.OpEq, "?")))
	same(t, "changed", row.Values, "[1 0 ? ]")
	titles := must[map[string]string](t)(table.Names(t.Context(), []string{"id?"}, []widgets.Key{{"2"}}))
	if len(titles) != 1 {
		t.Errorf("names: %v", titles)
	}
	same(t, "sum", must[string](t)(table.Sum(t.Context(), widgets.Query{}, "id?")), "15")
	if facets, err := table.Facets(t.Context(), widgets.Query{}, name, 2); err != nil || len(facets) != 2 {
		t.Errorf("facets: %v, %v", facets, err)
	}
	if got := must[[]widgets.Row](t)(table.Fetch(t.Context(), []widgets.Key{{"2"}, {"3"}}, widgets.Filter{})); len(got) != 2 {
		t.Errorf("fetch: %v", got)
	}
	if err := table.Pin(t.Context(), q, func(widgets.Key) error { return nil }); err != nil {
		t.Error(err)
	}
	if err := table.Delete(t.Context(), widgets.Key{"1"}, widgets.Key{"2"}); err != nil {
		t.Error(err)
	}
	if deps, err := table.Dependents(t.Context(), widgets.Key{"3"}); err != nil || len(deps) != 0 {
		t.Errorf("dependents: %v, %v", deps, err)
	}
	same(t, "nothing is left of two", must[widgets.Count](t)(table.Count(t.Context(), widgets.Query{})).N, 3)
}

// injection is tried through everything that names a column, and through every value.
func injection(t *testing.T, e Engine) {
	f := shop(t, e)
	orders := f.Table("orders")
	for _, evil := range []string{
		`id" OR 1=1 --`, `id; DROP TABLE orders`, `"id"`, `(SELECT 1)`, `id, (SELECT password FROM users)`, "id\x00", "ID", " id", "*", "rowid", "",
		"total) OR (1=1", "1", "?", "t.id", `t"."id`,
	} {
		tries := map[string]error{}
		_, tries["order"] = orders.List(t.Context(), widgets.Query{Order: []widgets.Order{{Column: evil}}})
		_, tries["select"] = orders.List(t.Context(), widgets.Query{Select: []string{evil}})
		_, tries["in"] = orders.List(t.Context(), widgets.Query{Search: "x", In: []string{evil}})
		_, tries["facets"] = orders.Facets(t.Context(), widgets.Query{}, evil, 5)
		_, tries["sum"] = orders.Sum(t.Context(), widgets.Query{}, evil)
		_, tries["names"] = orders.Names(t.Context(), []string{evil}, []widgets.Key{{"1"}})
		_, tries["insert"] = orders.Insert(t.Context(), given("customer_id", "1", "total", "1", evil, "1"))
		tries["update"] = orders.Update(t.Context(), widgets.Key{"1"}, nil, given(evil, "1"))
		tries["base"] = orders.Update(t.Context(), widgets.Key{"1"}, given(evil, "1"), given("note", "x"))
		if evil != "" { // a filter without a column is none
			_, tries["filter"] = orders.List(t.Context(), widgets.Query{Filter: widgets.Where(evil, widgets.OpEq, "1")})
			_, tries["operation"] = orders.List(t.Context(), widgets.Query{Filter: widgets.Where("id", widgets.Op(evil), "1")})
		}
		for name, err := range tries {
			if err == nil {
				t.Errorf("%s took %q", name, evil)
			}
		}
		for _, key := range []widgets.Key{{evil}, {evil, "1"}} {
			if evil == "1" && len(key) == 1 {
				continue
			}
			if row, err := orders.Get(t.Context(), key, widgets.Filter{}); err == nil {
				t.Errorf("the key %q is row %v", key, row)
			}
		}
		if _, err := f.Table("customers").List(t.Context(), widgets.Query{Search: evil, Filter: widgets.Where("name", widgets.OpContains, evil)}); err != nil {
			t.Errorf("as a value, %q: %v", evil, err)
		}
		if e.NoNUL && strings.Contains(evil, "\x00") {
			continue
		}
		key := f.add(t, "customers", "name", evil, "city", evil)
		row := must[widgets.Row](t)(f.Table("customers").Get(t.Context(), key, widgets.Where("city", widgets.OpEq, evil)))
		if row.Values[1].String() != evil {
			t.Errorf("%q was stored as %q", evil, row.Values[1])
		}
	}
	if n := must[widgets.Count](t)(orders.Count(t.Context(), widgets.Query{})); n.N != 12 {
		t.Errorf("%d orders are left", n.N)
	}
}
