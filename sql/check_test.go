package sql

import (
	"fmt"
	"reflect"
	"testing"
)

func TestRules(t *testing.T) {
	t.Parallel()
	for ddl, want := range map[string][]rule{
		`CREATE TABLE t (s TEXT CHECK (s IN ('a', 'b''c')), x)`:        {{text: "s IN ('a', 'b''c')", hint: &hint{column: "s", choices: []string{"a", "b'c"}}}},
		`CREATE TABLE t (s CHECK ("s" = 'a' or [s]='b' OR s IS NULL))`: {{text: `"s" = 'a' or [s]='b' OR s IS NULL`, hint: &hint{column: "s", choices: []string{"a", "b"}}}},
		`CREATE TABLE t (n INT CONSTRAINT "my rule" CHECK ((n in (1,-2,NULL))))`: {{
			name: "my rule", text: "(n in (1,-2,NULL))",
			hint: &hint{column: "n", choices: []string{"1", "-2"}},
		}},
		`CREATE TABLE t (j CHECK(json_valid(j)), s CHECK (length(s) <= 8), u CHECK (length(u) < 8))`: {
			{text: "json_valid(j)", hint: &hint{column: "j", json: true}},
			{text: "length(s) <= 8", hint: &hint{column: "s", maxLen: 8}},
			{text: "length(u) < 8", hint: &hint{column: "u", maxLen: 7}},
		},
		`CREATE TABLE t (a INT -- CHECK (a IN (1))
			, b TEXT DEFAULT 'CHECK (b IN (2))' /* CHECK (c IN (3)) */, "CHECK" INT, CHECK (a > 0 AND b <> ')'))`: {{text: "a > 0 AND b <> ')'"}},
		`CREATE TABLE t (a CHECK (a IN (SELECT 1)), b CHECK (b IN ('x') AND b <> 'y'), c CHECK (c = 'x' OR a = 'y'), d CHECK (d NOT IN ('x')), e CHECK (lower(e) IN ('x')))`: {
			{text: "a IN (SELECT 1)"}, {text: "b IN ('x') AND b <> 'y'"}, {text: "c = 'x' OR a = 'y'"}, {text: "d NOT IN ('x')"}, {text: "lower(e) IN ('x')"},
		},
		`CREATE TABLE t (a CHECK (a IN ('never closed`: nil,
		`CREATE TABLE t (a CHECK (`:                    nil,
		``:                                             nil,
		`CHECK ()`:                                     nil,
	} {
		got := rules(ddl)
		if len(got) != len(want) {
			t.Errorf("%s: %d rules, want %d", ddl, len(got), len(want))
			continue
		}
		for i, r := range got {
			if want[i].name == "" {
				want[i].name = want[i].text
			}
			if r.name != want[i].name || r.text != want[i].text || !reflect.DeepEqual(r.hint, want[i].hint) {
				t.Errorf("%s:\n got %+v %+v\nwant %+v %+v", ddl, r, r.hint, want[i], want[i].hint)
			}
		}
	}
}

// FuzzRules: a definition that nobody foresaw gives no hint, and nothing worse.
func FuzzRules(f *testing.F) {
	for _, seed := range []string{`CREATE TABLE t (s TEXT CHECK (s IN ('a', 'b')))`, `CHECK (((`, `CHECK(a IN (1,`, `'`, `--`, `/*`, `[`, `CHECK (length(a) <= 99999999999999999999)`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ddl string) {
		for _, r := range rules(ddl) {
			if r.hint != nil && r.hint.column == "" {
				t.Errorf("%q: a hint about nothing: %+v", ddl, r.hint)
			}
		}
	})
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][3]string{
		"orders":        {"Orders", "Orders", "order"},
		"order_lines":   {"Order lines", "Order lines", "order line"},
		"OrderLines":    {"Order lines", "Order lines", "order line"},
		"CustomerId":    {"Customer ID", "Customer", "customer ID"},
		"customer_id":   {"Customer ID", "Customer", "customer ID"},
		"id":            {"ID", "ID", "ID"},
		"HTTPStatus":    {"HTTP status", "HTTP status", "HTTP status"},
		"ORDERS":        {"Orders", "Orders", "order"},
		"categories":    {"Categories", "Categories", "category"},
		"boxes":         {"Boxes", "Boxes", "box"},
		"addresses":     {"Addresses", "Addresses", "address"},
		"status":        {"Status", "Status", "status"},
		"news":          {"News", "News", "news"},
		"line2Address":  {"Line2 address", "Line2 address", "line2 address"},
		"_":             {"_", "_", "_"},
		"größe_in_cm":   {"Größe in cm", "Größe in cm", "größe in cm"},
		"MediaType":     {"Media type", "Media type", "media type"},
		"shipping addr": {"Shipping addr", "Shipping addr", "shipping addr"},
	} {
		if got := [3]string{humanised(name), withoutID(name), singular(humanised(name))}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for declared, want := range map[string]string{
		"INTEGER": "2 2", "int": "2 2", "BIGINT UNSIGNED": "2 2", "TINYINT(1)": "5 2", "TINYINT(4)": "2 2", "BOOLEAN": "5 3", "NUMERIC(10,2)": "3 3", "DECIMAL": "3 3",
		"MONEY": "3 3", "REAL": "4 4", "DOUBLE PRECISION": "4 4", "FLOAT": "4 4", "DATE": "6 3", "TIME": "7 3", "DATETIME": "8 3", "TIMESTAMP WITH TIME ZONE": "8 3",
		"JSON": "9 3", "JSONB": "9 3", "UUID": "10 3", "BLOB": "12 0", "VARBINARY(16)": "12 3", "TEXT": "0 1", "VARCHAR(40)": "0 1", "VARCHAR(2000)": "1 1", "CLOB": "1 1",
		"": "0 0", "STRING": "0 3", "POINT": "0 2", "FLOATING POINT": "4 2", "NVARCHAR(160)": "0 1",
	} {
		kind, _, _, _ := kindOf("x", declared)
		if got := fmt.Sprint(kind, affinityOf(declared, false)); got != want {
			t.Errorf("%s: kind and affinity %s, want %s", declared, got, want)
		}
	}
	if kind, _, _, _ := kindOf("long_description", "TEXT"); kind != 1 {
		t.Error("a description is a long text")
	}
	if _, size, _ := declaredType("NUMERIC ( 10 , 2 )"); size != 10 {
		t.Error("blanks in a type")
	}
}
