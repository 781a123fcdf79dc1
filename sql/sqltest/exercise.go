package sqltest

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

//go:embed schema/*.sql
var scripts embed.FS

// Schema is the script that makes the suite's tables on an engine: "sqlite", "postgres", "mysql".
func Schema(engine string) string {
	text, err := scripts.ReadFile("schema/" + engine + ".sql")
	if err != nil {
		panic("sqltest: there is no schema for " + engine)
	}
	return string(text)
}

// Engine is what the suite must know of an engine.
type Engine struct {
	// Open opens a database of its own for t, in which Schema has been run, and closes it when t ends.
	Open func(t *testing.T, c grsql.Config) *grsql.Database
	// NullsHigh says that NULL sorts above every value.
	NullsHigh bool
	// Server says that the engine has types and keeps to them: a decimal has all digits of its scale, a time all parts, a text no NUL; and that it does
	// not tell which tables a statement touched, so that more is told than changed.
	Server bool
	// NoNUL says that a text cannot hold the character NUL.
	NoNUL bool
	// Restrict is what the engine calls a foreign key's rule when none was declared. Empty means NO ACTION.
	Restrict string
	// Numbers moves the numbering of keys behind those that were given, where inserting one does not. Nil means that it does.
	Numbers func(t *testing.T, db *grsql.Database)
	// Values are what the columns of the table "everything" hold besides, by column, each with how it comes back.
	Values map[string]map[string]string
}

// decimal is how an engine writes a number of a column with two digits after the point.
func (e Engine) decimal(text string) string {
	if !e.Server {
		return text
	}
	whole, fraction, _ := strings.Cut(text, ".")
	return whole + "." + (fraction + "00")[:2]
}

func (e Engine) rule() string { return cmp.Or(e.Restrict, "NO ACTION") }

func (e Engine) settle(t *testing.T, db *grsql.Database) {
	t.Helper()
	if e.Numbers != nil {
		e.Numbers(t, db)
	}
}

// Exercise runs the whole suite against an engine.
func Exercise(t *testing.T, e Engine) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, Engine)
	}{
		{"Catalogue", catalogue},
		{"Pages", pages},
		{"Shifting", shifting},
		{"Cursors", cursors},
		{"Search", search},
		{"Filters", filters},
		{"Records", records},
		{"Numbers", numbers},
		{"Pin", pin},
		{"Insert", insert},
		{"Update", update},
		{"Conflict", conflict},
		{"Tx", transaction},
		{"Together", together},
		{"Hooks", hooks},
		{"Delete", deletion},
		{"Refusals", refusals},
		{"Changes", changes},
		{"Writers", writers},
		{"Values", values},
		{"Names", names},
		{"Injection", injection},
		{"Cancel", cancel},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(t, e)
		})
	}
}

// fixture is a database with a few rows, and what it published.
type fixture struct {
	*grsql.Database
	mu      sync.Mutex
	changes []widgets.Change
}

func open(t *testing.T, e Engine) *fixture {
	t.Helper()
	f := &fixture{}
	f.Database = e.Open(t, grsql.Config{App: "shop", OnChange: func(c widgets.Change) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.changes = append(f.changes, c)
	}})
	return f
}

// published returns the changes since the last call, sorted.
func (f *fixture) published() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := []string{}
	for _, c := range f.changes {
		var text strings.Builder
		text.WriteString(c.Op + " " + c.Table)
		for _, k := range c.Keys {
			text.WriteString(" " + k.String())
		}
		out = append(out, text.String())
	}
	f.changes = nil
	slices.Sort(out)
	return out
}

// add inserts a row given as column, text, column, text …; the text NULL is NULL.
func (f *fixture) add(t *testing.T, table string, pairs ...string) widgets.Key {
	t.Helper()
	key, err := f.Table(table).Insert(t.Context(), given(pairs...))
	if err != nil {
		t.Fatalf("insert into %s %q: %v", table, pairs, err)
	}
	return key
}

func given(pairs ...string) map[string]widgets.Value {
	out := map[string]widgets.Value{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = widgets.Text(pairs[i+1])
		if pairs[i+1] == "NULL" {
			out[pairs[i]] = widgets.Null()
		}
	}
	return out
}

// shop fills the tables that belong together: 3 customers, 12 orders, 2 lines each for the first three.
func shop(t *testing.T, e Engine) *fixture {
	t.Helper()
	f := open(t, e)
	for i, c := range [][3]string{{"Ada Lovelace", "ada@example.org", "London"}, {"Änne Müller", "anne@example.org", "Köln"}, {"Bob 100% O'Neil", "NULL", "NULL"}} {
		f.add(t, "customers", "id", fmt.Sprint(i+1), "name", c[0], "email", c[1], "city", c[2])
	}
	for i := range 12 {
		f.add(t, "orders", "id", fmt.Sprint(i+1), "customer_id", fmt.Sprint(i%3+1), "status", []string{"new", "paid", "sent"}[i%3], "total", fmt.Sprintf("%d.50", i),
			"placed", fmt.Sprintf("2026-11-%02d 10:00:00", i+1), "paid", fmt.Sprint(i%2))
	}
	for order := range 3 {
		for line := range 2 {
			f.add(t, "order_lines", "order_id", fmt.Sprint(order+1), "line", fmt.Sprint(line+1), "product", fmt.Sprintf("P%d%d", order, line))
		}
	}
	f.add(t, "returns", "order_id", "2", "line", "1", "reason", "too small")
	e.settle(t, f.Database)
	f.published()
	return f
}

// column is the texts of a column over rows.
func column(t *testing.T, rows widgets.Rows, name string) []string {
	t.Helper()
	at := slices.Index(rows.Columns, name)
	if at < 0 {
		t.Fatalf("no column %q in %q", name, rows.Columns)
	}
	out := []string{}
	for _, r := range rows.Rows {
		out = append(out, r.Values[at].String())
	}
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
