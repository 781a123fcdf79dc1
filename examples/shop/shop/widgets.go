package shop

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"strconv"
	"time"

	"greenroom"
	"greenroom/widgets"
)

//go:embed templates/*.html
var files embed.FS

var templates = template.Must(template.ParseFS(files, "templates/*.html"))

// draw finds a template by its file.
func draw(name string) *template.Template { return templates.Lookup(name + ".html") }

// sees is the permission that every widget over orders needs.
var sees = []string{"shop.view_orders"}

// topic is the news of a table's rows.
func (s shop) topic(tables ...string) func(greenroom.In) []string {
	var topics []string
	for _, name := range tables {
		topics = append(topics, s.db.Table(name).Table().Topic())
	}
	return func(greenroom.In) []string { return topics }
}

// forAll lets all pages share one actor that renders once, unless the page shows a part of the table only.
func forAll(in greenroom.In) string {
	if !in.Scope.Empty() {
		return ""
	}
	return "all"
}

// patience is how long a number above a list may take: the page waits for it.
const patience = 100 * time.Millisecond

// revenue adds up the orders that the list shows, over all of its pages, and follows its search and filters.
func (s shop) revenue() greenroom.Widget {
	return greenroom.Widget{
		Name: "revenue", Permissions: sees, Template: draw("stat"), Topics: s.topic("orders"), Pace: time.Second,
		Mount: func(ctx context.Context, in greenroom.In) (any, error) {
			const label = "Revenue of this list"
			query := scoped(in)
			quick, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			sum, err := s.db.Table("orders").Sum(quick, query, "total_cents")
			if err != nil && quick.Err() != nil && ctx.Err() == nil {
				return stat{label, "–", "too many orders to add up while you wait: search or filter", "gr-mute"}, nil
			}
			if err != nil {
				return nil, err
			}
			count, err := s.db.Table("orders").Count(ctx, query)
			text := "in " + number(count) + " orders"
			if count.N == 1 {
				text = "in 1 order"
			}
			return stat{label, money(sum), text, "gr-mute"}, err
		},
	}
}

// scoped is the list's query, narrowed to what the person may see.
func scoped(in greenroom.In) greenroom.Query {
	var q greenroom.Query
	if in.Query != nil {
		q = *in.Query
	}
	q.Filter = q.Filter.And(in.Scope)
	return q
}

// number writes a count as exactly as it is known.
func number(c widgets.Count) string {
	text := grouped(strconv.FormatInt(c.N, 10))
	switch {
	case c.Unknown:
		return "many"
	case c.Estimate:
		return "about " + text
	case c.AtLeast:
		return "more than " + text
	}
	return text
}

// stat is drawn by templates/stat.html.
type stat struct{ Label, Value, Note, Class string }

// open holds for orders that somebody still has to work on.
func open() greenroom.Filter { return widgets.Where("status", widgets.OpIn, "new", "paid", "packed") }

func is(status string) greenroom.Filter { return widgets.Where("status", widgets.OpEq, status) }

// openOrders stands above the list of orders and tells how much work there is, whatever the list shows.
func (s shop) openOrders() greenroom.Widget {
	w := s.openCard()
	w.Name, w.Size, w.Shared = "open-orders", greenroom.MD, forAll
	return w
}

func (s shop) openCard() greenroom.Widget {
	return greenroom.Widget{
		Name: "open", Size: greenroom.SM, Permissions: sees, Template: draw("stat"), Topics: s.topic("orders"), Pace: time.Second, Shared: forAll,
		Mount: func(ctx context.Context, in greenroom.In) (any, error) {
			all, err := s.count(ctx, "orders", open().And(in.Scope))
			if err != nil {
				return nil, err
			}
			unpaid, err := s.count(ctx, "orders", is("new").And(in.Scope))
			return stat{"Open orders", number(all), number(unpaid) + " to be paid", "gr-info"}, err
		},
	}
}

func (s shop) count(ctx context.Context, table string, f greenroom.Filter) (widgets.Count, error) {
	return s.db.Table(table).Count(ctx, greenroom.Query{Filter: f})
}

// card is a dashboard card with a count, and a note about some of it.
func (s shop) card(name, label, table string, f greenroom.Filter, note func(ctx context.Context) (text, class string, err error)) greenroom.Widget {
	return greenroom.Widget{
		Name: name, Size: greenroom.SM, Permissions: []string{"shop.view_" + table}, Template: draw("stat"), Topics: s.topic(table), Pace: time.Second,
		Shared: forAll,
		Mount: func(ctx context.Context, _ greenroom.In) (any, error) {
			n, err := s.count(ctx, table, f)
			if err != nil {
				return nil, err
			}
			text, class, err := note(ctx)
			return stat{label, number(n), text, class}, err
		},
	}
}

func (s shop) refundedCard() greenroom.Widget {
	return s.card("refunded", "Refunded orders", "orders", is("refunded"), func(ctx context.Context) (string, string, error) {
		sum, err := s.db.Table("orders").Sum(ctx, greenroom.Query{Filter: is("refunded")}, "total_cents")
		return money(sum) + " sent back", "gr-danger", err
	})
}

func (s shop) customersCard() greenroom.Widget {
	return s.card("customers", "Customers", "customers", greenroom.Filter{}, func(ctx context.Context) (string, string, error) {
		n, err := s.count(ctx, "customers", widgets.Where("newsletter", widgets.OpEq, "1"))
		return number(n) + " read the newsletter", "gr-mute", err
	})
}

func (s shop) stockCard() greenroom.Widget {
	active := widgets.Where("active", widgets.OpEq, "1")
	return s.card("stock", "Products on sale", "products", active, func(ctx context.Context) (string, string, error) {
		low, err := s.count(ctx, "products", active.And(widgets.Where("stock", widgets.OpLt, "20")))
		return number(low) + " nearly sold out", "gr-warn", err
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

// weeksState is drawn by templates/weeks.html.
type weeksState struct {
	Label, Text string
	Weeks       []week
}

type week struct {
	Start, Title string
	X, Y, Height int
}

// weekCount is how many weeks the chart shows, and chartHeight how high its highest bar is.
const weekCount, chartHeight = 12, 170

// weeks draws the revenue of the last weeks. They are counted back from the newest order, so that a shop that rests shows something too.
func (s shop) weeks() greenroom.Widget {
	return greenroom.Widget{
		Name: "weeks", Label: "Revenue by week", Size: greenroom.MD, Permissions: sees, Template: draw("weeks"), Topics: s.topic("orders"), Pace: 2 * time.Second,
		Shared: forAll,
		Mount: func(ctx context.Context, _ greenroom.In) (any, error) {
			end, err := s.newest(ctx)
			if err != nil {
				return nil, err
			}
			var sums [weekCount]int64
			var highest int64
			for i := range sums {
				from := end.AddDate(0, 0, -7*(weekCount-i))
				span := widgets.Where("created_at", widgets.OpGt, at(from)).And(widgets.Where("created_at", widgets.OpLe, at(from.AddDate(0, 0, 7))))
				sum, err := s.db.Table("orders").Sum(ctx, greenroom.Query{Filter: span}, "total_cents")
				if err != nil {
					return nil, err
				}
				if sums[i], err = strconv.ParseInt(sum, 10, 64); err != nil {
					return nil, fmt.Errorf("revenue of the week from %s: %w", at(from), err)
				}
				highest = max(highest, sums[i])
			}
			return chart(end, sums, highest), nil
		},
	}
}

func chart(end time.Time, sums [weekCount]int64, highest int64) weeksState {
	state := weeksState{Label: "Revenue of the last twelve weeks"}
	for i, sum := range sums {
		start := end.AddDate(0, 0, -7*(weekCount-i)).Format(time.DateOnly)
		height := 1
		if highest > 0 {
			height = max(1, int(sum*chartHeight/highest))
		}
		state.Weeks = append(state.Weeks, week{
			Start: start, Title: "Week from " + start + ": " + money(strconv.FormatInt(sum, 10)), X: 10 + i*42, Y: 180 - height, Height: height,
		})
	}
	state.Text = "Last week " + money(strconv.FormatInt(sums[weekCount-1], 10)) + ", the week before " + money(strconv.FormatInt(sums[weekCount-2], 10))
	return state
}

// latestOrder is a line of templates/latest.html.
type latestOrder struct{ Number, URL, When, Total, Status, Class string }

// latest lists the newest orders on the dashboard.
func (s shop) latest() greenroom.Widget {
	return greenroom.Widget{
		Name: "latest", Label: "Latest orders", Size: greenroom.MD, Permissions: sees, Template: draw("latest"), Topics: s.topic("orders"), Pace: time.Second,
		Shared: forAll,
		Mount: func(ctx context.Context, in greenroom.In) (any, error) {
			rows, err := s.db.Table("orders").List(ctx, greenroom.Query{
				Order:  []widgets.Order{{Column: "created_at", Desc: true}},
				Select: []string{"number", "created_at", "total_cents", "status"}, Limit: 6,
			})
			var orders []latestOrder
			for _, row := range rows.Rows {
				status := row.Values[3].String()
				orders = append(orders, latestOrder{
					Number: row.Values[0].String(), URL: in.Prefix + "/shop/orders/" + row.Key.String() + "/change/", When: row.Values[1].String(),
					Total: money(row.Values[2].String()), Status: status, Class: pillClass(status),
				})
			}
			return orders, err
		},
	}
}

// activityState is drawn by templates/activity.html.
type activityState struct {
	New, More bool
	Entries   []entry
}

type entry struct{ ID, Kind, Class, Message, Actor, At string }

// shownEntries is how much of an order's history stands above its form.
const shownEntries = 6

// orderActivity stands above the order's form and tells what happened to it, as it happens. On the add page there is no order yet.
func (s shop) orderActivity() greenroom.Widget {
	return greenroom.Widget{
		Name: "activity", Label: "Activity", Size: greenroom.LG, Permissions: []string{"shop.view_orders", "shop.view_order_activity"},
		Template: draw("activity"), Topics: s.topic("order_activity"),
		Mount: func(ctx context.Context, in greenroom.In) (any, error) {
			if in.Key == nil {
				return activityState{New: true}, nil
			}
			rows, err := s.db.Table("order_activity").List(ctx, greenroom.Query{
				Filter: widgets.Where("order_id", widgets.OpEq, in.Key[0]),
				Order:  []widgets.Order{{Column: "at", Desc: true}},
				Select: []string{"kind", "message", "actor", "at"}, Limit: shownEntries,
			})
			state := activityState{More: rows.Next != ""}
			for _, row := range rows.Rows {
				kind := row.Values[0].String()
				state.Entries = append(state.Entries, entry{
					ID: row.Key.String(), Kind: kind, Class: pillClass(kind), Message: row.Values[1].String(), Actor: row.Values[2].String(),
					At: row.Values[3].String(),
				})
			}
			return state, err
		},
	}
}
