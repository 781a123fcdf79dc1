package sql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// TestLooseTypes has every class of value in columns and keys of every type, as SQLite allows.
func TestLooseTypes(t *testing.T) {
	t.Parallel()
	path := made(t, `
		CREATE TABLE loose (k PRIMARY KEY NOT NULL, v, d DATE, s STRING);
		INSERT INTO loose VALUES (5, 5, 1700000000, 1), ('5', '5', 'soon', 'x'), (5.5, 5.0, NULL, NULL), ('5.5', 5.5, 2.5, 2), (x'35', x'35', x'00', x'00'),
			('x''35''', NULL, '2026-11-22', '007a'), ('''5''', 'NULL', '', ''), ('NULL', 'x', 'x', 'x'), ('', '', '', ''), (CAST(x'ff' AS TEXT), CAST(x'ff' AS TEXT), 'x', 'x');
		CREATE TABLE holes (a TEXT, b TEXT, PRIMARY KEY (a, b));
		INSERT INTO holes VALUES (NULL, 'x'), ('NULL', 'x'), (NULL, 'y'), (NULL, 'y'), ('a', NULL);
		CREATE TABLE points_at (id INTEGER PRIMARY KEY, k REFERENCES loose);
		INSERT INTO points_at (k) SELECT k FROM loose`)
	db := connect(t, path, grsql.Config{})
	loose := db.Table("loose")
	rows, err := loose.List(t.Context(), widgets.Query{})
	if err != nil || len(rows.Rows) != 10 {
		t.Fatalf("%d rows, %v", len(rows.Rows), err)
	}
	seen := map[string]bool{}
	var keys []widgets.Key
	for _, r := range rows.Rows {
		if seen[r.Key.String()] {
			t.Errorf("two rows have the key %s", r.Key)
		}
		seen[r.Key.String()] = true
		keys = append(keys, r.Key)
		again, err := widgets.ParseKey(r.Key.String())
		if err != nil {
			t.Fatal(err)
		}
		got, err := loose.Get(t.Context(), again, widgets.Filter{})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(r) {
			t.Errorf("key %s: %v, %v; want %v", r.Key, got, err, r)
		}
		// An edit of one column leaves the class of what is in the others, and its own if it can.
		before := ask(t, path, `SELECT group_concat(typeof(k) || typeof(v) || typeof(d) || quote(d), ';') FROM loose`)
		if err := loose.Update(t.Context(), r.Key, nil, map[string]widgets.Value{"v": r.Values[1], "d": r.Values[2], "s": r.Values[3]}); err != nil {
			t.Errorf("key %s sent back unchanged: %v", r.Key, err)
		}
		if after := ask(t, path, `SELECT group_concat(typeof(k) || typeof(v) || typeof(d) || quote(d), ';') FROM loose`); before != after {
			t.Errorf("key %s:\n%s\n%s", r.Key, before, after)
		}
	}
	if got, err := loose.Fetch(t.Context(), keys, widgets.Filter{}); err != nil || fmt.Sprint(got) != fmt.Sprint(rows.Rows) {
		t.Errorf("fetch: %v, %v", got, err)
	}
	if names, err := loose.Names(t.Context(), []string{"k"}, keys); err != nil || len(names) != 10 {
		t.Errorf("names: %v, %v", names, err)
	}
	if err := loose.Update(t.Context(), widgets.Key{"'5'"}, nil, text("v", "6")); err != nil {
		t.Error(err)
	}
	if err := loose.Update(t.Context(), widgets.Key{"5"}, nil, text("v", "6")); err != nil {
		t.Error(err)
	}
	if got := ask(t, path, `SELECT group_concat(typeof(v)) FROM loose WHERE k IN (5, '5')`); got != "integer,text" {
		t.Errorf("classes after an edit: %s", got)
	}
	var bad *widgets.Invalid
	if err := loose.Update(t.Context(), widgets.Key{"5"}, nil, text("s", "007")); !errors.As(err, &bad) || !strings.Contains(bad.Fields["s"], "store this as 7") {
		t.Errorf("a column of the type STRING: %v", err)
	}
	if n, err := loose.Count(t.Context(), widgets.Query{Filter: widgets.Where("v", widgets.OpEq, "6")}); err != nil || n.N != 2 {
		t.Errorf("6 and '6': %v, %v", n, err)
	}

	holes := db.Table("holes")
	page := widgets.Query{Limit: 2}
	var got []string
	for {
		rows, err := holes.List(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows.Rows {
			got = append(got, r.Key.String())
		}
		if page.After = rows.Next; page.After == "" {
			break
		}
	}
	if fmt.Sprint(got) != "[NULL,x NULL,y NULL,y %27NULL%27,x a,NULL]" {
		t.Errorf("keys with NULL: %v", got)
	}
	if err := holes.Update(t.Context(), widgets.Key{"NULL", "x"}, nil, text("b", "z")); err != nil {
		t.Error(err)
	}
	var told widgets.UserError
	if err := holes.Update(t.Context(), widgets.Key{"NULL", "y"}, nil, text("b", "z")); !errors.As(err, &told) {
		t.Errorf("two rows with one key: %v", err)
	}
	if err := holes.Delete(t.Context(), widgets.Key{"NULL", "y"}); !errors.As(err, &told) {
		t.Errorf("two rows with one key: %v", err)
	}
	if err := holes.Delete(t.Context(), widgets.Key{"a", "NULL"}); err != nil {
		t.Error(err)
	}
}
