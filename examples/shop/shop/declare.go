package shop

import (
	"context"
	"strconv"

	"greenroom"
	"greenroom/examples/shop/reports"
	"greenroom/widgets"
)

// Declare says what the shop's admin looks like, over a database that package seed filled. Whoever runs it sets State before greenroom.New.
func Declare(db *greenroom.Database, gateway *Gateway) greenroom.Config {
	s := shop{db: db, gateway: gateway}
	return greenroom.Config{
		DB:    db,
		Title: "Shop",
		Models: []greenroom.Model{
			s.orders(), s.customers(), s.products(), {Table: "order_lines", Label: "order line", Plural: "Order lines"}, s.activity(),
		},
		Widgets: s.dashboard(),
		Plugins: []greenroom.Plugin{reports.Plugin(db)},
	}
}

// shop is what the declarations work with.
type shop struct {
	db      *greenroom.Database
	gateway *Gateway
}

func (s shop) orders() greenroom.Model {
	return greenroom.Model{
		Table: "orders", Label: "order", Plural: "Orders", Title: "{number}",
		List: greenroom.List{
			Columns: []string{"number", "customer_id", "status", "total_cents", "currency", "created_at", "note"},
			Search:  []string{"number", "note"},
			Filters: []string{"status", "currency", "created_at", "total_cents"},
			Sort:    []string{"-created_at"},
			Edit:    []string{"status", "note"},
			DateBy:  "created_at",
			Widgets: []greenroom.Widget{s.revenue(), s.openOrders()},
			Cells:   map[string]func(greenroom.Value) any{"total_cents": euros, "status": statusPill},
		},
		Form: greenroom.Form{
			ReadOnly: []string{"created_at"},
			Help: map[string]string{
				"number":      "GR- and seven digits; no two orders have the same.",
				"total_cents": "In euro cents, whatever the customer pays in.",
				"currency":    "What the customer pays in.",
			},
			Inlines: []greenroom.Inline{{Table: "order_lines", Fields: []string{"position", "product_id", "quantity", "price_cents"}}},
			Widgets: []greenroom.Widget{s.orderActivity()},
		},
		Actions: []greenroom.Action{s.refund(), s.pack(), s.capture(), s.reconcile()},
	}
}

func (s shop) customers() greenroom.Model {
	return greenroom.Model{
		Table: "customers", Label: "customer", Plural: "Customers", Title: "{name}",
		List: greenroom.List{
			Columns: []string{"name", "email", "country", "city", "newsletter", "created_at"},
			Search:  []string{"name", "email", "city"},
			Filters: []string{"country", "newsletter", "created_at"},
		},
	}
}

func (s shop) products() greenroom.Model {
	return greenroom.Model{
		Table: "products", Label: "product", Plural: "Products", Title: "{name}",
		List: greenroom.List{
			Columns: []string{"name", "sku", "category", "price_cents", "stock", "worth", "active"},
			Search:  []string{"name", "sku"},
			Filters: []string{"category", "active", "stock"},
			Own: []greenroom.OwnFilter{{Name: "supply", Options: []greenroom.FilterOption{
				{Value: "out", Label: "Sold out", Where: func() greenroom.Filter { return widgets.Where("stock", widgets.OpEq, "0") }},
				{Value: "low", Label: "Nearly sold out", Where: func() greenroom.Filter { return widgets.Where("stock", widgets.OpBetween, "1", "19") }},
			}}},
			Sort:  []string{"name"},
			Cells: map[string]func(greenroom.Value) any{"price_cents": euros},
		},
		Computed: []greenroom.Computed{worth()},
		Form: greenroom.Form{
			Help: map[string]string{"price_cents": "In euro cents."},
			Fieldsets: []greenroom.Fieldset{
				{Title: "What it is", Fields: []string{"name", "sku", "category", "description"}},
				{Title: "Shipping", Fields: []string{"weight_kg"}, Closed: true},
				{Title: "For sale", Fields: []string{"active", "price_cents", "stock", "worth"}, Help: "What is not active stays in old orders and cannot be ordered any more."},
			},
			Validate: func(_ context.Context, _ greenroom.In, row greenroom.Fields) map[string]string {
				if price, err := strconv.ParseInt(row.Text("price_cents"), 10, 64); err == nil && price > dearest {
					return map[string]string{"price_cents": "More than " + money(strconv.Itoa(dearest)) + " looks like a slip: the price is in cents."}
				}
				return nil
			},
		},
	}
}

// dearest is the highest price that nobody doubts, in cents.
const dearest = 1_000_000

// worth is what the pieces in stock would bring.
func worth() greenroom.Computed {
	type product struct {
		Price int64 `db:"price_cents"`
		Stock int64 `db:"stock"`
	}
	c := greenroom.Col("worth", func(p *product) any { return money(strconv.FormatInt(p.Price*p.Stock, 10)) })
	c.Label, c.Number, c.Help = "Stock worth", true, "The price of all pieces in stock."
	return c
}

func (s shop) activity() greenroom.Model {
	return greenroom.Model{
		Table: "order_activity", Label: "entry", Plural: "Activity",
		List: greenroom.List{
			Columns: []string{"at", "order_id", "kind", "actor", "message"},
			Search:  []string{"actor", "message"},
			Filters: []string{"kind", "actor", "at"},
			Sort:    []string{"-at"},
		},
	}
}

// levels are the colours of an order's states, and of what led to them.
var levels = map[string]string{
	"new": "info", "paid": "info", "packed": "warn", "shipped": "ok", "refunded": "danger",
}

func statusPill(v greenroom.Value) any {
	return greenroom.Pill{Level: levels[v.String()], Text: v.String()}
}

// pillClass is the class of a pill in the templates of the widgets.
func pillClass(status string) string {
	if level := levels[status]; level != "" {
		return "gr-" + level
	}
	return "gr-mute"
}

// euros draws an amount in cents.
func euros(v greenroom.Value) any {
	if v.IsNull() {
		return "–"
	}
	return money(v.String())
}
