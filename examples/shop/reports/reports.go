package reports

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"greenroom"
	"greenroom/widgets"
)

// most is how many values a report shows.
const most = 12

// Plugin reports on the shop in db.
func Plugin(db *greenroom.Database) greenroom.Plugin {
	r := reports{db}
	customers, products := []string{"shop.view_customers"}, []string{"shop.view_products"}
	card := r.chart("by-country", "Customers by country", "customers", "country")
	card.Size, card.Permissions, card.Order = greenroom.LG, customers, 10
	return greenroom.Plugin{
		Name: "reports",
		Pages: []greenroom.PluginPage{
			{Path: "reports/customers", Label: "Customers", Permissions: customers, Order: 1, Widgets: []greenroom.Widget{
				r.chart("countries", "Customers by country", "customers", "country"), r.table("cities", "Where they live", "customers", "city"),
			}},
			{Path: "reports/range", Label: "Range", Permissions: products, Order: 2, Widgets: []greenroom.Widget{
				r.chart("categories", "Products by category", "products", "category"), r.table("figures", "In figures", "products", "category"),
			}},
		},
		Nav:     []greenroom.NavItem{{Label: "Products by stock", URL: "shop/products/?o=stock", Permissions: products, Order: 3}},
		Widgets: []greenroom.Widget{card},
		Ready:   r.ready,
	}
}

// reports is what the pages work with.
type reports struct{ db *greenroom.Database }

// ready looks for the tables that the reports are about. Without them the plugin is switched off and the rest of the admin works.
func (r reports) ready(context.Context, *greenroom.Room) error {
	for _, name := range []string{"customers", "products"} {
		if r.db.Table(name) == nil {
			return fmt.Errorf("there is no table %q to report on", name)
		}
	}
	return nil
}

// values counts the most frequent values of a column among the rows that the person may see.
func (r reports) values(ctx context.Context, in greenroom.In, table, column string) ([]widgets.Facet, error) {
	source := r.db.Table(table)
	if source == nil {
		return nil, greenroom.UserError("The table of this report is gone.")
	}
	return source.Facets(ctx, greenroom.Query{Filter: in.Scope}, column, most)
}

func (r reports) chart(name, label, table, column string) greenroom.Widget {
	w := greenroom.ChartWidget(name, label, func(ctx context.Context, in greenroom.In) (greenroom.Chart, error) {
		found, err := r.values(ctx, in, table, column)
		c := greenroom.Chart{Series: []greenroom.Series{{Name: label}}}
		for _, f := range found {
			c.Labels, c.Series[0].Values = append(c.Labels, f.Value.String()), append(c.Series[0].Values, float64(f.N))
		}
		if len(found) > 0 {
			c.Text = fmt.Sprintf("Most often %s, %d times.", found[0].Value.String(), found[0].N)
		}
		return c, err
	})
	w.Topics, w.Pace = r.topics(table), 2*time.Second
	return w
}

func (r reports) table(name, label, table, column string) greenroom.Widget {
	w := greenroom.TableWidget(name, label, func(ctx context.Context, in greenroom.In) (greenroom.Board, error) {
		found, err := r.values(ctx, in, table, column)
		b := greenroom.Board{Columns: []greenroom.BoardColumn{{Label: "Value"}, {Label: "Rows", Number: true}}}
		for _, f := range found {
			b.Rows = append(b.Rows, greenroom.BoardRow{Key: f.Value.String(), Cells: []any{f.Value.String(), strconv.FormatInt(f.N, 10)}})
		}
		return b, err
	})
	w.Topics, w.Pace = r.topics(table), 2*time.Second
	return w
}

func (r reports) topics(table string) func(greenroom.In) []string {
	return func(greenroom.In) []string {
		if source := r.db.Table(table); source != nil {
			return []string{source.Table().Topic()}
		}
		return nil
	}
}
