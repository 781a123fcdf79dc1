//go:build unix

package sql_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// orders is a file with GREENROOM_ROWS orders (20,000 unless told): about 180 MB a million. Every 25,000th note holds the word zanzibar, every
// third the word parcel.
var orders = sync.OnceValues(func() (string, error) {
	rows := os.Getenv("GREENROOM_ROWS")
	if rows == "" {
		rows = "20000"
	}
	if _, err := strconv.Atoi(rows); err != nil {
		return "", err
	}
	path := filepath.Join(os.TempDir(), "greenroom-bench-"+rows+".db")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	f, err := os.CreateTemp(os.TempDir(), "greenroom-bench-*")
	if err != nil {
		return "", err
	}
	return path, fill(f.Name(), path, rows)
})

func fill(temporary, path, rows string) error {
	return execute(temporary, `
	PRAGMA journal_mode = WAL;
	CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < `+rows+` / 20)
	INSERT INTO customers SELECT i, 'Customer ' || i, 'c' || i || '@example.org' FROM n;
	CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, status TEXT NOT NULL, total NUMERIC(10, 2) NOT NULL,
		country TEXT, note TEXT, email VARCHAR(80), created_at DATETIME NOT NULL, paid BOOLEAN NOT NULL);
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < `+rows+`)
	INSERT INTO orders SELECT i, 1 + abs(random()) % (`+rows+` / 20), CASE abs(random()) % 20 WHEN 0 THEN 'new' WHEN 1 THEN 'lost' ELSE 'sent' END,
		abs(random()) % 100000 / 100.0, CASE abs(random()) % 3 WHEN 0 THEN 'Germany' WHEN 1 THEN 'France' ELSE 'Peru' END,
		CASE WHEN i % 25000 = 77 THEN 'to zanzibar by ship' WHEN i % 3 = 0 THEN 'a parcel, leave at the door' ELSE 'nothing special about number ' || i END,
		'person' || i || '@example.org', datetime(1600000000 + abs(random()) % 160000000, 'unixepoch'), i % 2 FROM n;
	CREATE INDEX orders_created ON orders (created_at, id);
	CREATE INDEX orders_customer ON orders (customer_id);
	CREATE INDEX orders_status ON orders (status);
	PRAGMA wal_checkpoint(TRUNCATE)`, func() error { return os.Rename(temporary, path) })
}

func BenchmarkTable(b *testing.B) {
	path, err := orders()
	if err != nil {
		b.Fatal(err)
	}
	db := connect(b, path, grsql.Config{})
	table := db.Table("orders")
	newest := []widgets.Order{{Column: "created_at", Desc: true}}
	each := func(name string, f func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := processor()
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(processor()-before)/float64(b.N), "cpu-ns/op") // what others do on the machine does not count
		})
	}
	list := func(name string, q widgets.Query) {
		each(name, func() error { _, err := table.List(b.Context(), q); return err })
	}
	list("first", widgets.Query{Order: newest})
	list("first by key", widgets.Query{})
	list("last", widgets.Query{Order: newest, Last: true})
	list("deep", widgets.Query{Order: newest, After: middle(b, table, newest)})
	list("unindexed sort", widgets.Query{Order: []widgets.Order{{Column: "total", Desc: true}}})
	list("search common", widgets.Query{Order: newest, Search: "parcel"})
	list("search rare", widgets.Query{Order: newest, Search: "zanzibar"})
	list("search rare by key", widgets.Query{Search: "zanzibar"})
	list("search nothing", widgets.Query{Order: newest, Search: "xyzzy"})
	list("filter", widgets.Query{Order: newest, Filter: widgets.Where("status", widgets.OpEq, "lost")})
	each("count", func() error { _, err := table.Count(b.Context(), widgets.Query{}); return err })
	each("count rare", func() error { _, err := table.Count(b.Context(), widgets.Query{Search: "zanzibar"}); return err })
	each("facets indexed", func() error { _, err := table.Facets(b.Context(), widgets.Query{}, "status", 20); return err })
	each("facets", func() error { _, err := table.Facets(b.Context(), widgets.Query{}, "country", 20); return err })
	each("sum", func() error { _, err := table.Sum(b.Context(), widgets.Query{}, "total"); return err })
	each("get", func() error { _, err := table.Get(b.Context(), widgets.Key{"777"}, widgets.Filter{}); return err })
	var keys []widgets.Key
	for i := range 1000 {
		keys = append(keys, widgets.Key{strconv.Itoa(i * 7)})
	}
	customers := db.Table("customers")
	each("names of 25", func() error { _, err := customers.Names(b.Context(), []string{"id"}, keys[:25]); return err })
	each("fetch 1000", func() error { _, err := table.Fetch(b.Context(), keys, widgets.Filter{}); return err })
	each("pin a twentieth", func() error {
		return table.Pin(b.Context(), widgets.Query{Filter: widgets.Where("status", widgets.OpEq, "lost")}, func(widgets.Key) error { return nil })
	})
	n := 0
	each("update", func() error {
		n++
		return table.Update(b.Context(), widgets.Key{strconv.Itoa(1 + n%1000)}, nil, text("note", fmt.Sprint("noted ", n, b.N)))
	})
}

// middle is a cursor in the middle of the table.
func middle(b *testing.B, table *grsql.Table, order []widgets.Order) string {
	b.Helper()
	rows, err := table.List(b.Context(), widgets.Query{Order: order, Limit: 1, Filter: widgets.Where("created_at", widgets.OpLe, "2023-04-01")})
	if err != nil || len(rows.Rows) == 0 {
		b.Fatal(rows, err)
	}
	return rows.Next
}

// processor is how long this process has run on any processor, in nanoseconds.
func processor() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
