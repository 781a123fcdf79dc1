package seed_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"greenroom/examples/shop/seed"
)

// open returns a new database file, with foreign keys enforced.
func open(tb testing.TB) *sql.DB {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "shop.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=foreign_keys(1)&_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_txlock=immediate")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func filled(tb testing.TB, o seed.Options) *sql.DB {
	tb.Helper()
	db := open(tb)
	if err := seed.Fill(tb.Context(), db, o); err != nil {
		tb.Fatal(err)
	}
	return db
}

func number(tb testing.TB, db *sql.DB, query string, args ...any) int {
	tb.Helper()
	var n int
	if err := db.QueryRowContext(tb.Context(), query, args...).Scan(&n); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return n
}

// digest is a hash over the schema and every value of every table with its storage class.
func digest(tb testing.TB, db *sql.DB) string {
	tb.Helper()
	sum := sha256.New()
	for _, query := range []string{
		`SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY name`,
		`SELECT quote(id), quote(name), quote(email), quote(phone), quote(country), quote(city), quote(newsletter), quote(birthday), quote(created_at) FROM customers ORDER BY id`,
		`SELECT quote(id), quote(sku), quote(name), quote(category), quote(price_cents), quote(weight_kg), quote(stock), quote(active), quote(description) FROM products ORDER BY id`,
		`SELECT quote(id), quote(number), quote(customer_id), quote(status), quote(total_cents), quote(currency), quote(created_at), quote(shipped_at), quote(note) FROM orders ORDER BY id`,
		`SELECT quote(order_id), quote(position), quote(product_id), quote(quantity), quote(price_cents) FROM order_lines ORDER BY order_id, position`,
		`SELECT quote(id), quote(order_id), quote(at), quote(kind), quote(actor), quote(message) FROM order_activity ORDER BY id`,
	} {
		hashRows(tb, sum, db, query)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

func hashRows(tb testing.TB, sum hash.Hash, db *sql.DB, query string) {
	tb.Helper()
	rows, err := db.QueryContext(tb.Context(), query)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	values := make([]string, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			tb.Fatal(err)
		}
		fmt.Fprintf(sum, "%q\n", values)
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
}

func TestFillIsDeterministic(t *testing.T) {
	t.Parallel()
	size := seed.Options{Orders: 700, Customers: 200, Products: 70}
	first := digest(t, filled(t, size))
	if again := digest(t, filled(t, size)); again != first {
		t.Errorf("the same options gave two contents:\n%s\n%s", first, again)
	}
	// A change of this line changes every demo in the world: it belongs into the CHANGELOG.
	if want := "ebb47f701d403189b28e159b4d1ef8417ed49d257fae3d7716297c205fa37994"; first != want {
		t.Errorf("the content is %s, was %s", first, want)
	}
	for name, change := range map[string]func(*seed.Options){
		"seed":  func(o *seed.Options) { o.Seed = 2 },
		"now":   func(o *seed.Options) { o.Now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC) },
		"times": func(o *seed.Options) { o.Orders++ },
	} {
		o := size
		change(&o)
		if digest(t, filled(t, o)) == first {
			t.Errorf("another %s gave the same content", name)
		}
	}
}

func TestFillKeepsTheRules(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 8, time.FixedZone("east", 3600))
	var steps []int
	db := filled(t, seed.Options{Orders: 2_000, Now: now, Progress: func(done, total int) {
		if total != 2_000 {
			t.Errorf("progress of %d orders, want 2000", total)
		}
		steps = append(steps, done)
	}})
	if len(steps) < 4 || steps[len(steps)-1] != 2_000 {
		t.Errorf("progress was %v, want several steps up to 2000", steps)
	}
	var verdict string
	if err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check says %q, %v", verdict, err)
	}
	for what, query := range map[string]string{
		"dangling foreign keys":                   `SELECT count(*) FROM pragma_foreign_key_check`,
		"totals unlike their lines":               `SELECT count(*) FROM orders WHERE total_cents <> (SELECT sum(quantity * price_cents) FROM order_lines WHERE order_id = orders.id)`,
		"orders without activity":                 `SELECT count(*) FROM orders WHERE NOT EXISTS (SELECT 1 FROM order_activity WHERE order_id = orders.id AND kind = 'placed')`,
		"shipped without a time":                  `SELECT count(*) FROM orders WHERE (status IN ('shipped', 'refunded')) <> (shipped_at IS NOT NULL)`,
		"activity in the future":                  `SELECT count(*) FROM order_activity WHERE at > '2026-03-04 04:06:07'`,
		"orders before their numbers":             `SELECT count(*) FROM orders a JOIN orders b ON b.id = a.id + 1 WHERE b.created_at < a.created_at`,
		"times of another form":                   `SELECT count(*) FROM orders WHERE created_at NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]'`,
		"customers after their order":             `SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.created_at > o.created_at`,
		"product names given twice to one number": `SELECT count(*) FROM (SELECT sku FROM products GROUP BY sku HAVING count(*) > 1)`,
	} {
		if n := number(t, db, query); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	for what, query := range map[string]string{
		"notes that are NULL":    `SELECT count(*) FROM orders WHERE note IS NULL`,
		"long notes":             `SELECT count(*) FROM orders WHERE length(note) > 500`,
		"names with apostrophes": `SELECT count(*) FROM customers WHERE name LIKE '%''%'`,
		"names beyond ASCII":     `SELECT count(*) FROM customers WHERE name GLOB '*[^ -~]*'`,
		"products taken off":     `SELECT count(*) FROM products WHERE NOT active`,
	} {
		if number(t, db, query) == 0 {
			t.Errorf("no %s", what)
		}
	}
	if n := number(t, db, `SELECT count(*) FROM orders WHERE note LIKE '%needle%'`); n != 2 {
		t.Errorf("%d orders have the needle, want one in a thousand", n)
	}
	for _, status := range []string{"new", "paid", "packed", "shipped", "refunded", "cancelled"} {
		if number(t, db, `SELECT count(*) FROM orders WHERE status = ?`, status) == 0 {
			t.Errorf("no order is %s", status)
		}
	}
}

func TestFillRefuses(t *testing.T) {
	t.Parallel()
	db := filled(t, seed.Options{Orders: 3})
	if n := number(t, db, `SELECT count(*) FROM orders`); n != 3 {
		t.Errorf("%d orders, want 3", n)
	}
	if err := seed.Fill(t.Context(), db, seed.Options{Orders: 3}); !errors.Is(err, seed.ErrNotEmpty) {
		t.Errorf("a second Fill said %v, want ErrNotEmpty", err)
	}
	if err := seed.Fill(t.Context(), open(t), seed.Options{Orders: -1}); err == nil {
		t.Error("a negative number of orders was taken")
	}
}

// TestFillLeavesNothing cancels in the middle: the file must be as it was. That needs a journal.
func TestFillLeavesNothing(t *testing.T) {
	t.Parallel()
	db := open(t)
	if _, err := db.ExecContext(t.Context(), `PRAGMA journal_mode = DELETE`); err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // the pragma holds for the connection it was given on
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := seed.Fill(ctx, db, seed.Options{Orders: 1_200, Progress: func(int, int) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled Fill said %v", err)
	}
	if n := number(t, db, `SELECT count(*) FROM sqlite_schema`); n != 0 {
		t.Errorf("%d tables and indexes were left", n)
	}
}

func BenchmarkFill10000(b *testing.B) {
	for b.Loop() {
		filled(b, seed.Options{})
	}
}
