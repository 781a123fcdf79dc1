package shop

import "greenroom"

// Declare says what the shop's admin looks like, over a database that package seed filled. Whoever runs it sets State before greenroom.New.
func Declare(db *greenroom.Database, gateway *Gateway) greenroom.Config {
	s := shop{db: db, gateway: gateway}
	return greenroom.Config{
		DB:    db,
		Title: "Shop",
		Models: []greenroom.Model{
			s.orders(), s.customers(), s.products(), {Table: "order_lines", Label: "order line", Plural: "Order lines"}, s.activity(),
		},
		Widgets: []greenroom.Widget{s.openCard(), s.refundedCard(), s.customersCard(), s.stockCard(), s.weeks(), s.latest()},
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
			Columns: []string{"name", "sku", "category", "price_cents", "stock", "active"},
			Search:  []string{"name", "sku"},
			Filters: []string{"category", "active", "stock"},
			Sort:    []string{"name"},
			Cells:   map[string]func(greenroom.Value) any{"price_cents": euros},
		},
		Form: greenroom.Form{Help: map[string]string{"price_cents": "In euro cents."}},
	}
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
