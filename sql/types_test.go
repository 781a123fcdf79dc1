package sql_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	grsql "greenroom/sql"
	"greenroom/sql/sqltest"
	"greenroom/widgets"
)

// typed is a type of a server and literals of it, in SQL. Kept says that what is shown is not taken back, and only has to survive unchanged.
type typed struct {
	declared string
	literals []string
	kept     bool
}

// TestPostgresTypes takes values of every type, at their edges, through a form.
func TestPostgresTypes(t *testing.T) {
	u := postgres.Made(t, "CREATE EXTENSION IF NOT EXISTS citext;\nCREATE TYPE mood AS ENUM ('sad', 'it''s, \"ok\"', '');\nCREATE DOMAIN cents AS numeric(12, 2) CHECK (VALUE > -5);\nCREATE TYPE pair AS (a int, b text)")
	walkTypes(t, postgres, u, []typed{
		{declared: "smallint", literals: []string{"-32768", "32767", "0"}},
		{declared: "integer", literals: []string{"-2147483648", "2147483647"}},
		{declared: "bigint", literals: []string{"-9223372036854775808", "9223372036854775807", "9007199254740993"}},
		{declared: "numeric", literals: []string{"'NaN'", "'Infinity'", "'-Infinity'", "12345678901234567890123456789.0123456789", "1.50", "1.5", "0.000"}},
		{declared: "numeric(38,10)", literals: []string{"1234567890123456789012345678.0123456789", "-0.0000000001"}},
		{declared: "cents", literals: []string{"1.10", "-4.99"}},
		{declared: "money", literals: []string{"'-92233720368547758.08'", "'1234.50'"}},
		{declared: "real", literals: []string{"'NaN'", "'Infinity'", "0.1", "1e-45", "3.4028235e38", "'-0'"}},
		{declared: "double precision", literals: []string{"'NaN'", "'-Infinity'", "0.1", "5e-324", "1.7976931348623157e308", "0.30000000000000004"}},
		{declared: "boolean", literals: []string{"true", "false"}},
		{declared: "text", literals: []string{"''", "' '", "'NULL'", "E'a\\nb'", "'日本 🎉'", "'007'"}},
		{declared: "varchar(5)", literals: []string{"''", "'ab   '", "'äöüßé'"}},
		{declared: "char(5)", literals: []string{"'ab'", "''"}},
		{declared: "citext", literals: []string{"'Ab'", "'aB'", "''"}},
		{declared: `"char"`, literals: []string{"'x'"}},
		{declared: "bytea", literals: []string{"''", `'\x00ff'`, `'\x6162'`}},
		{declared: "uuid", literals: []string{"'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"}},
		{declared: "json", literals: []string{`'{"n": 12345678901234567890.10,  "b":1, "b":2}'`, "'null'", `'"x"'`}},
		{declared: "jsonb", literals: []string{`'{"n": 12345678901234567890.10}'`, "'null'", "'[]'"}},
		{declared: "xml", literals: []string{"'<a>b</a>'", "'text'"}},
		{declared: "date", literals: []string{"'infinity'", "'-infinity'", "'4713-01-01 BC'", "'9999-12-31'", "'12345-01-01'"}},
		{declared: "time", literals: []string{"'00:00:00'", "'24:00:00'", "'23:59:59.999999'"}},
		{declared: "timetz", literals: []string{"'12:34:56.789+05:30'", "'00:00:00-12'"}},
		{declared: "timestamp", literals: []string{"'infinity'", "'-infinity'", "'0044-03-15 12:00:00 BC'", "'2026-11-22 21:37:35.123456'", "'0001-01-01'", "'294276-12-31 23:59:59'"}},
		{declared: "timestamptz", literals: []string{"'infinity'", "'2026-11-22 21:37:35.1+02'", "'0044-03-15 12:00:00 BC'"}},
		{declared: "interval", literals: []string{"'1 year 2 mons -3 days 04:05:06.7'", "'-178000000 years'", "'0'"}},
		{declared: "inet", literals: []string{"'10.0.0.1/8'", "'::1'"}},
		{declared: "cidr", literals: []string{"'10.0.0.0/8'", "'fe80::/10'"}},
		{declared: "macaddr", literals: []string{"'08:00:2b:01:02:03'"}},
		{declared: "bit(3)", literals: []string{"B'101'", "B'000'"}},
		{declared: "bit varying(8)", literals: []string{"B''", "B'1'"}},
		{declared: "integer[]", literals: []string{"'{}'", "'{1,NULL,-3}'", "'[0:1]={5,6}'", "'{{1,2},{3,4}}'"}},
		{declared: "text[]", literals: []string{"'{}'", `'{"a,b","",NULL,"NULL","\"q\""}'`}},
		{declared: "mood", literals: []string{"'sad'", `'it''s, "ok"'`, "''"}},
		{declared: "mood[]", literals: []string{`'{sad,"it''s, \"ok\""}'`}},
		{declared: "int4range", literals: []string{"'empty'", "'[1,)'", "'(,)'"}},
		{declared: "tstzrange", literals: []string{"'[2026-01-01 00:00:00+00,infinity]'"}},
		{declared: "point", literals: []string{"'(1.5,-2)'", "'(NaN,Infinity)'"}},
		{declared: "polygon", literals: []string{"'((0,0),(1,1),(1,0))'"}},
		{declared: "tsvector", literals: []string{"'a:1 b:2A'"}},
		{declared: "pair", literals: []string{`'(1,"a ""b"", c")'`, "'(,)'"}},
		{declared: "oid", literals: []string{"4294967295"}},
		{declared: "pg_lsn", literals: []string{"'16/B374D848'"}},
	})
}

// TestMySQLTypes takes values of every type, at their edges, through a form.
func TestMySQLTypes(t *testing.T) {
	u := mysql.Made(t, "")
	walkTypes(t, mysql, u, []typed{
		{declared: "tinyint", literals: []string{"-128", "127"}},
		{declared: "tinyint unsigned", literals: []string{"0", "255"}},
		{declared: "tinyint(1)", literals: []string{"0", "1"}},
		{declared: "tinyint(1)", literals: []string{"2", "-1"}, kept: true},
		{declared: "smallint", literals: []string{"-32768", "32767"}},
		{declared: "mediumint", literals: []string{"-8388608", "8388607"}},
		{declared: "int unsigned", literals: []string{"0", "4294967295"}},
		{declared: "bigint", literals: []string{"-9223372036854775808", "9223372036854775807", "9007199254740993"}},
		{declared: "bigint unsigned", literals: []string{"0", "18446744073709551615", "9223372036854775808"}},
		{declared: "decimal(65,30)", literals: []string{"12345678901234567890123456789012345.012345678901234567890123456789", "-0.000000000000000000000000000001"}},
		{declared: "decimal(30,0)", literals: []string{"999999999999999999999999999999", "999999999999999999999999999998"}},
		{declared: "float", literals: []string{"0.1", "3.40282e38", "16777217", "1e-38", "-0e0"}},
		{declared: "double", literals: []string{"0.1", "1.7976931348623157e308", "2.2250738585072014e-308", "0.30000000000000004"}},
		{declared: "bit(1)", literals: []string{"b'0'", "b'1'"}},
		{declared: "bit(64)", literals: []string{"b'0'", "18446744073709551615", "97"}},
		{declared: "char(5)", literals: []string{"'ab'", "''"}},
		{declared: "varchar(5)", literals: []string{"''", "'ab '", "'äöü🎉é'"}},
		{declared: "varchar(5) collate utf8mb4_bin", literals: []string{"'ab'", "'AB'", "''"}},
		{declared: "varchar(5) character set latin1", literals: []string{"'äöü'", "''"}},
		{declared: "text", literals: []string{"''", "'NULL'", "'a\\nb\\\\'", "'日本 🎉'", "'007'"}},
		{declared: "longtext", literals: []string{"''", "REPEAT('x', 70000)"}},
		{declared: "binary(3)", literals: []string{"x'00ff61'", "''"}},
		{declared: "varbinary(9)", literals: []string{"''", "x'00ff'", "'ab'"}},
		{declared: "longblob", literals: []string{"''", "x'00ff'", "'ab'"}},
		{declared: "date", literals: []string{"'0000-00-00'", "'2026-00-00'", "'1000-01-01'", "'9999-12-31'"}},
		{declared: "time(6)", literals: []string{"'-838:59:59'", "'838:59:59.999999'", "'00:00:00'", "'-00:00:01'"}},
		{declared: "datetime", literals: []string{"'0000-00-00'", "'9999-12-31 23:59:59'", "'1000-01-01'"}},
		{declared: "datetime(6)", literals: []string{"'2026-11-22 21:37:35.123456'", "'0000-00-00'"}},
		{declared: "timestamp(6) null", literals: []string{"'0000-00-00'", "'1970-01-01 00:00:01.5'", "'2038-01-19 03:14:07.999999'"}},
		{declared: "year", literals: []string{"0", "1901", "2155"}},
		{declared: "enum('a','b''c','')", literals: []string{"'a'", "'b''c'", "''"}},
		{declared: "set('x','y','z')", literals: []string{"''", "'x'", "'x,z'"}},
		{declared: "json", literals: []string{`'{"n": 12345678901234567890.10,  "b":1}'`, "'null'", `'"x"'`}},
		{declared: "uuid", literals: []string{"'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"}},
		{declared: "inet6", literals: []string{"'::1'", "'2001:db8::ff00:42:8329'"}},
		{declared: "inet4", literals: []string{"'0.0.0.0'", "'255.255.255.255'"}},
		{declared: "point", literals: []string{"POINT(1.5,-2)"}},
	})
}

// walkTypes makes a table a type, and each of its rows goes to a form and back: saved unchanged nothing is written, and what is shown, given for a
// new row, makes the same value. Then the list is paged by the column, both ways.
func walkTypes(t *testing.T, s sqltest.Server, dsn string, types []typed) {
	t.Helper()
	var script []string
	for i, c := range types {
		script = append(script, fmt.Sprintf("CREATE TABLE t%d (id integer PRIMARY KEY, v %s)", i, c.declared))
		for j, literal := range append(slices.Clone(c.literals), "NULL") {
			script = append(script, fmt.Sprintf("INSERT INTO t%d VALUES (%d, %s)", i, j+1, literal))
		}
	}
	s.Run(t, dsn, strings.Join(script, ";\n"))
	told := 0
	db := connect(t, dsn, grsql.Config{OnChange: func(widgets.Change) { told++ }})
	for i, c := range types {
		t.Run(strings.ReplaceAll(c.declared, " ", "_"), func(t *testing.T) {
			table := db.Table(fmt.Sprintf("t%d", i))
			for j := range len(c.literals) + 1 {
				key := widgets.Key{fmt.Sprint(j + 1)}
				row, err := table.Get(t.Context(), key, widgets.Filter{})
				if err != nil {
					t.Fatal(err)
				}
				shown := row.Values[1]
				if shown.IsNull() != (j == len(c.literals)) {
					t.Errorf("row %s is %q, NULL: %t", key, shown, shown.IsNull())
				}
				told = 0
				seen := map[string]widgets.Value{"v": shown}
				if err := table.Update(t.Context(), key, seen, seen); err != nil || told > 0 {
					t.Errorf("%q sent back unchanged: %v, told %d times", shown, err, told)
				}
				if c.kept {
					continue
				}
				copied, err := table.Insert(t.Context(), map[string]widgets.Value{"id": widgets.Text(fmt.Sprint(100 + j)), "v": shown})
				if err != nil {
					t.Errorf("%q given for a new row: %v", shown, err)
					continue
				}
				again, err := table.Get(t.Context(), copied, widgets.Filter{})
				if err != nil || again.Values[1] != shown {
					t.Errorf("%q came back as %q, %v", shown, again.Values[1], err)
				}
				var equal int
				same := "a.v = b.v"
				if s == postgres {
					same = "a.v::text = b.v::text"
				}
				query := fmt.Sprintf("SELECT count(*) FROM t%d AS a JOIN t%d AS b ON a.id = %d AND b.id = %d AND (%s OR a.v IS NULL AND b.v IS NULL)", i, i, j+1, 100+j, same)
				if err := db.Plain().QueryRowContext(t.Context(), query).Scan(&equal); err != nil || equal != 1 {
					t.Errorf("to the server %q and its copy are two values: %v", shown, err)
				}
			}
			pageThrough(t, table)
		})
	}
}

func pageThrough(t *testing.T, table *grsql.Table) {
	t.Helper()
	all, err := table.List(t.Context(), widgets.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, desc := range []bool{false, true} {
		seen := map[string]bool{}
		q := widgets.Query{Limit: 2, Order: []widgets.Order{{Column: "v", Desc: desc}}}
		for range len(all.Rows) + 1 {
			page, err := table.List(t.Context(), q)
			if err != nil {
				t.Fatalf("sorted, after %d rows: %v", len(seen), err)
			}
			for _, r := range page.Rows {
				if seen[r.Key.String()] {
					t.Errorf("row %s comes twice", r.Key)
				}
				seen[r.Key.String()] = true
			}
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if len(seen) != len(all.Rows) {
			t.Errorf("sorted (descending: %t): %d of %d rows", desc, len(seen), len(all.Rows))
		}
	}
}
