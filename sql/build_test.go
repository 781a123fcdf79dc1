package sql_test

import (
	"path/filepath"
	"testing"

	"greenroom/internal/race"
	grsql "greenroom/sql"
	"greenroom/widgets"
)

// builds makes the statements of list pages: plain, and with a sort, a filter and a search, as an address has them.
func builds(tb testing.TB) map[string]func() {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "build.db")
	var db *grsql.Database
	if err := execute(path, `CREATE TABLE orders (id INTEGER PRIMARY KEY, number VARCHAR(16) NOT NULL UNIQUE, status TEXT NOT NULL, total_cents INTEGER NOT NULL,
		currency TEXT, created_at DATETIME NOT NULL, note TEXT); CREATE INDEX orders_created ON orders (created_at, id)`, func() error { return nil }); err != nil {
		tb.Fatal(err)
	}
	db = connect(tb, path, grsql.Config{})
	table := db.Table("orders")
	build := func(q widgets.Query) func() {
		return func() {
			if text, _, err := table.Build(q); err != nil || text == "" {
				tb.Fatal(text, err)
			}
		}
	}
	return map[string]func(){
		"plain": build(widgets.Query{}),
		"all": build(widgets.Query{
			Order: []widgets.Order{{Column: "created_at", Desc: true}}, Search: "needle", Filter: widgets.Where("status", widgets.OpEq, "paid"),
		}),
	}
}

// BenchmarkBuild is what a list's query costs before the database hears of it.
func BenchmarkBuild(b *testing.B) {
	for name, build := range builds(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				build()
			}
		})
	}
}

// TestBuildAllocates: squirrel's builders copy themselves at each step, so a query allocates by the hundred; more than now is noticed here.
func TestBuildAllocates(t *testing.T) {
	if race.Enabled {
		t.Skip("allocations cannot be counted under the race detector; the tests without it do")
	}
	most := map[string]float64{"plain": 90, "all": 240}
	for name, build := range builds(t) {
		if n := testing.AllocsPerRun(100, build); n > most[name] {
			t.Errorf("the statement %q allocates %v times, at most %v", name, n, most[name])
		}
	}
}
