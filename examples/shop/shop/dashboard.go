package shop

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/widgets"
)

// dashboard is what stands on the first page: four numbers, two charts, two tables.
func (s shop) dashboard() []greenroom.Widget {
	return []greenroom.Widget{
		s.openCard(), s.refundedCard(), s.customersCard(), s.stockCard(), s.weeks(), s.flow(), s.latest(), s.scarce(),
	}
}

func (s shop) openCard() greenroom.Widget {
	w := greenroom.StatWidget("open", "Open orders", func(ctx context.Context, in greenroom.In) (greenroom.Stat, error) {
		all, err := s.count(ctx, "orders", open().And(in.Scope))
		if err != nil {
			return greenroom.Stat{}, err
		}
		unpaid, err := s.count(ctx, "orders", is("new").And(in.Scope))
		return greenroom.Stat{Value: number(all), Delta: number(unpaid) + " to be paid", Level: "info"}, err
	})
	w.Permissions, w.Topics, w.Pace, w.Shared = sees, s.topic("orders"), time.Second, forAll
	return w
}

func (s shop) count(ctx context.Context, table string, f greenroom.Filter) (widgets.Count, error) {
	return s.db.Table(table).Count(ctx, greenroom.Query{Filter: f})
}

// card is a dashboard card with a count, and a note about some of it.
func (s shop) card(name, label, table string, f greenroom.Filter, note func(ctx context.Context) (text, level string, err error)) greenroom.Widget {
	w := greenroom.StatWidget(name, label, func(ctx context.Context, _ greenroom.In) (greenroom.Stat, error) {
		n, err := s.count(ctx, table, f)
		if err != nil {
			return greenroom.Stat{}, err
		}
		text, level, err := note(ctx)
		return greenroom.Stat{Value: number(n), Delta: text, Level: level}, err
	})
	w.Permissions, w.Topics, w.Pace, w.Shared = []string{"shop.view_" + table}, s.topic(table), time.Second, forAll
	return w
}

func (s shop) refundedCard() greenroom.Widget {
	return s.card("refunded", "Refunded orders", "orders", is("refunded"), func(ctx context.Context) (string, string, error) {
		sum, err := s.db.Table("orders").Sum(ctx, greenroom.Query{Filter: is("refunded")}, "total_cents")
		return money(sum) + " sent back", "danger", err
	})
}

func (s shop) customersCard() greenroom.Widget {
	return s.card("customers", "Customers", "customers", greenroom.Filter{}, func(ctx context.Context) (string, string, error) {
		n, err := s.count(ctx, "customers", widgets.Where("newsletter", widgets.OpEq, "1"))
		return number(n) + " read the newsletter", "mute", err
	})
}

// lowStock is below how many pieces a product is nearly sold out.
const lowStock = "20"

func (s shop) stockCard() greenroom.Widget {
	active := widgets.Where("active", widgets.OpEq, "1")
	return s.card("stock", "Products on sale", "products", active, func(ctx context.Context) (string, string, error) {
		low, err := s.count(ctx, "products", active.And(widgets.Where("stock", widgets.OpLt, lowStock)))
		return number(low) + " nearly sold out", "warn", err
	})
}

// at is a time as the database has it.
func at(t time.Time) string { return t.Format(time.DateTime) }

// newest is when the newest order was placed; the zero time when there is none.
func (s shop) newest(ctx context.Context) (time.Time, error) {
	rows, err := s.db.Table("orders").List(ctx, greenroom.Query{
		Order: []widgets.Order{{Column: "created_at", Desc: true}}, Limit: 1, Select: []string{"created_at"},
	})
	if err != nil || len(rows.Rows) == 0 {
		return time.Time{}, err
	}
	return time.Parse(time.DateTime, rows.Rows[0].Values[0].String())
}

// weekCount is how many weeks the charts show.
const weekCount = 12

// week is a part of the charts.
type week struct {
	label string
	span  greenroom.Filter
}

// lastWeeks are counted back from the newest order, so that a shop that rests shows something too.
func (s shop) lastWeeks(ctx context.Context) ([]week, error) {
	end, err := s.newest(ctx)
	if err != nil || end.IsZero() {
		return nil, err
	}
	var weeks []week
	for i := range weekCount {
		from := end.AddDate(0, 0, -7*(weekCount-i))
		weeks = append(weeks, week{
			label: from.Format("2 Jan"),
			span:  widgets.Where("created_at", widgets.OpGt, at(from)).And(widgets.Where("created_at", widgets.OpLe, at(from.AddDate(0, 0, 7)))),
		})
	}
	return weeks, nil
}

// weeks draws the revenue of the last weeks.
func (s shop) weeks() greenroom.Widget {
	w := greenroom.ChartWidget("weeks", "Revenue by week", func(ctx context.Context, _ greenroom.In) (greenroom.Chart, error) {
		weeks, err := s.lastWeeks(ctx)
		if err != nil {
			return greenroom.Chart{}, err
		}
		c := greenroom.Chart{Format: cents, Short: shortCents, Empty: "No orders yet."}
		revenue := greenroom.Series{Name: "Revenue"}
		for _, w := range weeks {
			sum, err := s.db.Table("orders").Sum(ctx, greenroom.Query{Filter: w.span}, "total_cents")
			if err != nil {
				return c, err
			}
			n, err := strconv.ParseFloat(sum, 64)
			if err != nil {
				return c, fmt.Errorf("revenue of the week from %s: %w", w.label, err)
			}
			c.Labels, revenue.Values = append(c.Labels, w.label), append(revenue.Values, n)
		}
		c.Series = []greenroom.Series{revenue}
		if n := len(revenue.Values); n > 1 {
			c.Text = "Last week " + cents(revenue.Values[n-1]) + ", the week before " + cents(revenue.Values[n-2]) + "."
		}
		return c, nil
	})
	w.Permissions, w.Topics, w.Pace, w.Shared = sees, s.topic("orders"), 2*time.Second, forAll
	return w
}

// flow draws how many orders came in, and how many of them were sent back.
func (s shop) flow() greenroom.Widget {
	w := greenroom.ChartWidget("flow", "Orders by week", func(ctx context.Context, _ greenroom.In) (greenroom.Chart, error) {
		weeks, err := s.lastWeeks(ctx)
		if err != nil {
			return greenroom.Chart{}, err
		}
		c := greenroom.Chart{Kind: greenroom.Areas, Empty: "No orders yet."}
		all, back := greenroom.Series{Name: "Placed"}, greenroom.Series{Name: "Refunded"}
		for _, w := range weeks {
			placed, err := s.count(ctx, "orders", w.span)
			if err != nil {
				return c, err
			}
			refunded, err := s.count(ctx, "orders", w.span.And(is("refunded")))
			if err != nil {
				return c, err
			}
			c.Labels = append(c.Labels, w.label)
			all.Values, back.Values = append(all.Values, float64(placed.N)), append(back.Values, float64(refunded.N))
		}
		c.Series = []greenroom.Series{all, back}
		if n := len(all.Values); n > 0 {
			c.Text = fmt.Sprintf("Last week %.0f orders were placed; %.0f of them were refunded.", all.Values[n-1], back.Values[n-1])
		}
		return c, nil
	})
	w.Permissions, w.Topics, w.Pace, w.Shared = sees, s.topic("orders"), 2*time.Second, forAll
	return w
}

// cents writes an amount, shortCents does it beside an axis.
func cents(v float64) string { return money(strconv.FormatFloat(v, 'f', 0, 64)) }

func shortCents(v float64) string {
	switch euros := v / 100; {
	case euros >= 1e6:
		return "€" + strconv.FormatFloat(euros/1e6, 'f', -1, 64) + "M"
	case euros >= 1e3:
		return "€" + strconv.FormatFloat(euros/1e3, 'f', -1, 64) + "k"
	default:
		return "€" + strconv.FormatFloat(euros, 'f', -1, 64)
	}
}

// latest lists the newest orders on the dashboard.
func (s shop) latest() greenroom.Widget {
	w := greenroom.TableWidget("latest", "Latest orders", func(ctx context.Context, in greenroom.In) (greenroom.Board, error) {
		rows, err := s.db.Table("orders").List(ctx, greenroom.Query{
			Order:  []widgets.Order{{Column: "created_at", Desc: true}},
			Select: []string{"number", "created_at", "status", "total_cents"}, Limit: 6,
		})
		list := in.Prefix + "/shop/orders/"
		b := greenroom.Board{
			Columns: []greenroom.BoardColumn{{Label: "Number"}, {Label: "Placed"}, {Label: "Status"}, {Label: "Total", Number: true}},
			Empty:   "No orders yet.", More: list, MoreLabel: "All orders",
		}
		for _, row := range rows.Rows {
			b.Rows = append(b.Rows, greenroom.BoardRow{
				Key: row.Key.String(), URL: list + row.Key.String() + "/change/",
				Cells: []any{row.Values[0].String(), day(row.Values[1].String()), statusPill(row.Values[2]), euros(row.Values[3])},
			})
		}
		return b, err
	})
	w.Permissions, w.Topics, w.Pace, w.Shared = sees, s.topic("orders"), time.Second, forAll
	return w
}

// day is the day of a time as the database has it.
func day(at string) string {
	day, _, _ := strings.Cut(at, " ")
	return day
}

// scarce lists the products on sale of which the fewest are left.
func (s shop) scarce() greenroom.Widget {
	w := greenroom.TableWidget("scarce", "Nearly sold out", func(ctx context.Context, in greenroom.In) (greenroom.Board, error) {
		rows, err := s.db.Table("products").List(ctx, greenroom.Query{
			Filter: widgets.Where("active", widgets.OpEq, "1").And(widgets.Where("stock", widgets.OpLt, lowStock)),
			Order:  []widgets.Order{{Column: "stock"}}, Select: []string{"name", "category", "stock"}, Limit: 6,
		})
		list := in.Prefix + "/shop/products/"
		b := greenroom.Board{
			Columns: []greenroom.BoardColumn{{Label: "Product"}, {Label: "Category"}, {Label: "Left", Number: true}},
			Empty:   "There is enough of everything.", More: list + "?o=stock", MoreLabel: "All products by stock",
		}
		for _, row := range rows.Rows {
			b.Rows = append(b.Rows, greenroom.BoardRow{
				Key: row.Key.String(), URL: list + row.Key.String() + "/change/",
				Cells: []any{row.Values[0].String(), row.Values[1].String(), row.Values[2].String()},
			})
		}
		return b, err
	})
	w.Permissions, w.Topics, w.Pace, w.Shared = []string{"shop.view_products"}, s.topic("products"), time.Second, forAll
	return w
}
