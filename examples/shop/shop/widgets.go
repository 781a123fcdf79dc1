package shop

import (
	"context"
	"embed"
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
	w := greenroom.StatWidget("revenue", "Revenue of this list", func(ctx context.Context, in greenroom.In) (greenroom.Stat, error) {
		query := scoped(in)
		quick, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		sum, err := s.db.Table("orders").Sum(quick, query, "total_cents")
		if err != nil && quick.Err() != nil && ctx.Err() == nil {
			return greenroom.Stat{Value: "–", Delta: "too many orders to add up while you wait: search or filter"}, nil
		}
		if err != nil {
			return greenroom.Stat{}, err
		}
		count, err := s.db.Table("orders").Count(ctx, query)
		text := "in " + number(count) + " orders"
		if count.N == 1 {
			text = "in 1 order"
		}
		return greenroom.Stat{Value: money(sum), Delta: text}, err
	})
	w.Size, w.Permissions, w.Topics, w.Pace = greenroom.MD, sees, s.topic("orders"), time.Second
	return w
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

// open holds for orders that somebody still has to work on.
func open() greenroom.Filter { return widgets.Where("status", widgets.OpIn, "new", "paid", "packed") }

func is(status string) greenroom.Filter { return widgets.Where("status", widgets.OpEq, status) }

// openOrders stands above the list of orders and tells how much work there is, whatever the list shows.
func (s shop) openOrders() greenroom.Widget {
	w := s.openCard()
	w.Name, w.Size, w.Shared = "open-orders", greenroom.MD, forAll
	return w
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
