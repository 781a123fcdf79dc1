//go:build linux

package target

import (
	"context"

	"greenroom"
)

// What the target serves of a shop: a list of orders without widgets, as an admin has it of which nothing but the columns was declared, and an action that reads
// every row that it is started on and changes nothing.
const (
	App    = "shop"
	Orders = "/admin/shop/orders/"
	List   = "orders"
	Walk   = "walk"
)

type order struct {
	ID     int64  `db:"id"`
	Number string `db:"number"`
	Cents  int64  `db:"total_cents"`
}

func models() []greenroom.Model {
	return []greenroom.Model{
		{
			Table: "orders", Label: "order", Plural: "Orders", Title: "{number}",
			List: greenroom.List{
				Columns: []string{"number", "customer_id", "status", "total_cents", "currency", "created_at", "note"},
				Search:  []string{"number", "note"},
				Filters: []string{"status", "created_at"},
				Sort:    []string{"-created_at"},
				Edit:    []string{"note"},
			},
			Actions: []greenroom.Action{walk()},
		},
		{Table: "customers", Label: "customer", Plural: "Customers", Title: "{name}"},
	}
}

func walk() greenroom.Action {
	return greenroom.On(greenroom.Action{Name: Walk, Label: "Walk over the rows", MaxConcurrent: 16},
		func(ctx context.Context, job *greenroom.Job, rows greenroom.Rows[order], _ struct{}) error {
			for o, err := range rows.All(ctx) {
				if err != nil {
					return err
				}
				job.Status(func() string { return "Walked past " + o.Number })
			}
			return nil
		})
}
