package seed

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// span is how far back the shop's life goes.
const span = 2 * 365 * 24 * time.Hour

// chunk is how many orders are made before they are written: enough for full statements, few enough to report progress often.
const chunk = 500

// product is what an order needs to know of one.
type product struct{ cents int }

// stream is a source of chance of its own for each table, so that a change to one leaves the others as they were.
func (o Options) stream(table uint64) *rand.Rand {
	return rand.New(rand.NewPCG(o.Seed, table))
}

func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05") }

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (o Options) fillRows(ctx context.Context, tx *sql.Tx) error {
	places, err := o.customers(ctx, tx)
	if err != nil {
		return fmt.Errorf("customers: %w", err)
	}
	products, err := o.products(ctx, tx)
	if err != nil {
		return fmt.Errorf("products: %w", err)
	}
	return o.orders(ctx, tx, places, products)
}

// customers writes the customers and returns each one's currency.
func (o Options) customers(ctx context.Context, tx *sql.Tx) ([]string, error) {
	r := o.stream(1)
	b, err := newBulk(ctx, tx, "customers", "id, name, email, phone, country, city, newsletter, birthday, created_at", 250)
	if err != nil {
		return nil, err
	}
	currencies := make([]string, o.Customers)
	for i := range o.Customers {
		first, last, home := pick(r, firstNames), pick(r, lastNames), pick(r, places)
		currencies[i] = home.currency
		// The number keeps the address unique however often a name returns.
		email := fmt.Sprintf("%s.%s.%d@example.com", first.ascii, last.ascii, i+1)
		var phone, birthday any
		if r.IntN(4) > 0 {
			phone = fmt.Sprintf("%s %d %06d", home.dial, 20+r.IntN(70), r.IntN(1_000_000))
		}
		if r.IntN(3) > 0 {
			birthday = o.Now.AddDate(-18-r.IntN(60), 0, -r.IntN(365)).Format(time.DateOnly)
		}
		// Customers come before the first order, in the order of their numbers.
		since := o.Now.Add(-span - time.Duration(o.Customers-i)*time.Hour/8 - time.Duration(r.IntN(400))*time.Second)
		b.add(i+1, first.text+" "+last.text, email, phone, home.country, pick(r, home.cities), r.IntN(3)/2, birthday, stamp(since))
		if len(b.args) >= chunk*b.width {
			if err := b.flush(ctx, false); err != nil {
				return nil, err
			}
		}
	}
	return currencies, b.flush(ctx, true)
}

func (o Options) products(ctx context.Context, tx *sql.Tx) ([]product, error) {
	r := o.stream(2)
	b, err := newBulk(ctx, tx, "products", "id, sku, name, category, price_cents, weight_kg, stock, active, description", 60)
	if err != nil {
		return nil, err
	}
	products := make([]product, o.Products)
	for i := range products {
		w := wares[i%len(wares)]
		quality, material := pick(r, qualities), pick(r, materials)
		// Prices look like prices: some way around the usual one, ending in 00, 50 or 90.
		cents := max(200, w.cents*(60+r.IntN(90))/100/100*100) + pick(r, []int{0, 0, -50, -10})
		var description, weight any
		if r.IntN(3) > 0 {
			description = fmt.Sprintf("%s %s of %s. Made to be used and repaired; spare parts for ten years.", quality, w.noun, material)
		}
		if r.IntN(8) > 0 {
			weight = float64(10+r.IntN(2_000)) / 100
		}
		sku := fmt.Sprintf("%s-%05d", strings.ToUpper(w.category[:3]), i+1)
		b.add(i+1, sku, quality+" "+material+" "+w.noun, w.category, cents, weight, r.IntN(400), min(1, r.IntN(12)), description)
		products[i] = product{cents}
	}
	return products, b.flush(ctx, true)
}

// orders writes orders, lines and activity together. Parents are written before their children, so that foreign keys hold at each statement.
func (o Options) orders(ctx context.Context, tx *sql.Tx, currencies []string, products []product) error {
	orders, err := newBulk(ctx, tx, "orders",
		"id, number, customer_id, status, total_cents, currency, created_at, shipped_at, note", 250)
	if err != nil {
		return fmt.Errorf("orders: %w", err)
	}
	lines, err := newBulk(ctx, tx, "order_lines", "order_id, position, product_id, quantity, price_cents", 250)
	if err != nil {
		return fmt.Errorf("order_lines: %w", err)
	}
	activity, err := newBulk(ctx, tx, "order_activity", "order_id, at, kind, actor, message", 250)
	if err != nil {
		return fmt.Errorf("order_activity: %w", err)
	}
	g := &orderMaker{Options: o, r: o.stream(3), currencies: currencies, products: products, orders: orders, lines: lines, activity: activity}
	for done := 0; done < o.Orders; {
		next := min(done+chunk, o.Orders)
		for i := done; i < next; i++ {
			g.order(i)
		}
		done = next
		for _, b := range []*bulk{orders, lines, activity} {
			if err := b.flush(ctx, b == orders || done == o.Orders); err != nil {
				return fmt.Errorf("%s: %w", b.table, err)
			}
		}
		o.Progress(done, o.Orders)
	}
	return nil
}

type orderMaker struct {
	Options
	r                       *rand.Rand
	currencies              []string
	products                []product
	orders, lines, activity *bulk
}

// order makes the i-th order, its lines and what happened to it.
func (g *orderMaker) order(i int) {
	id, placed, customer := i+1, g.placed(i), g.customer()
	total := 0
	for position := 1; position == 1 || (position < 6 && g.r.IntN(5) < 2); position++ {
		n := g.r.IntN(len(g.products))
		quantity := 1
		if g.r.IntN(4) == 0 {
			quantity += 1 + g.r.IntN(4)
		}
		g.lines.add(id, position, n+1, quantity, g.products[n].cents)
		total += quantity * g.products[n].cents
	}
	status := g.status(i)
	shipped := g.history(id, placed, status)
	g.orders.add(id, fmt.Sprintf("GR-%07d", id), customer+1, status, total, g.currencies[customer], stamp(placed), shipped, g.note(i))
}

// placed spreads the orders over the span, later ones closer together: the shop grows. Times never go backwards.
func (g *orderMaker) placed(i int) time.Time {
	// Integers only: floating point may round differently on another machine. At the end a day has three times the orders of the beginning.
	at := func(i int) int64 {
		n, all := int64(i), int64(g.Orders)
		return int64(span/time.Second) * (n + n*(2*all-n)/all) / (2 * all)
	}
	from, to := at(i), at(i+1)
	seconds := from
	if to > from {
		seconds += g.r.Int64N(to - from)
	}
	return g.Now.Add(-span + time.Duration(seconds)*time.Second)
}

// customer prefers some customers over others, as shops have it.
func (g *orderMaker) customer() int {
	f := g.r.Float64()
	return int(f * f * float64(g.Customers))
}

// status depends on age: of the newest eighth many are still open, before that nearly all are shipped.
func (g *orderMaker) status(i int) string {
	n := g.r.IntN(100)
	if i >= g.Orders-g.Orders/8 {
		switch {
		case n < 28:
			return "new"
		case n < 58:
			return "paid"
		case n < 78:
			return "packed"
		case n < 95:
			return "shipped"
		}
		return "cancelled"
	}
	switch {
	case n < 1:
		return "paid"
	case n < 5:
		return "refunded"
	case n < 11:
		return "cancelled"
	}
	return "shipped"
}

// history writes what led to the status and returns when the order was shipped, nil if it was not.
func (g *orderMaker) history(id int, placed time.Time, status string) any {
	var shipped any
	at := placed
	step := func(kind, actor string, message any) string {
		when := stamp(at)
		g.activity.add(id, when, kind, actor, message)
		at = at.Add(time.Duration(600+g.r.IntN(40_000)) * time.Second)
		if at.After(g.Now) {
			at = g.Now
		}
		return when
	}
	step("placed", "shop", nil)
	if g.r.IntN(40) == 0 {
		step("comment", pick(g.r, actors), pick(g.r, comments))
	}
	switch status {
	case "paid", "packed", "shipped", "refunded":
		step("paid", "gateway", nil)
	case "cancelled":
		step("cancelled", pick(g.r, actors), "Cancelled by the customer.")
	}
	switch status {
	case "packed":
		step("packed", "warehouse", nil)
	case "shipped", "refunded": // packing is forgotten once the parcel left: a million orders stay below four million lines of log
		shipped = step("shipped", "warehouse", nil)
	}
	if status == "refunded" {
		step("refunded", "gateway", "Came back in good order.")
	}
	return shipped
}

// note is NULL for most orders; every thousandth has the needle of the haystack.
func (g *orderMaker) note(i int) any {
	n := g.r.IntN(200)
	switch {
	case i%1000 == 500:
		return "Look for the needle: " + pick(g.r, shortNotes)
	case n < 1:
		return longNote
	case n < 40:
		return pick(g.r, shortNotes)
	}
	return nil
}
