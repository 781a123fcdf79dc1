package sql_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	grsql "greenroom/sql"
	"greenroom/widgets"
)

// shop is a database in a folder that the example removes.
func shop(ctx context.Context) (db *grsql.Database, remove func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	db, err = grsql.Connect(ctx, "sqlite:"+filepath.Join(dir, "shop.db"), grsql.Config{Create: true, App: "shop"})
	if err != nil {
		panic(err)
	}
	for _, statement := range []string{
		`CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)`,
		`CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers, total NUMERIC(10, 2) NOT NULL)`,
		`INSERT INTO customers (name) VALUES ('Ada'), ('Bob')`,
		`INSERT INTO orders (customer_id, total) VALUES (1, 10), (2, 20.5), (1, 30)`,
	} {
		if _, err := db.Exec(ctx, nil, statement); err != nil {
			panic(err)
		}
	}
	return db, func() {
		_ = db.Close()
		_ = os.RemoveAll(dir)
	}
}

func ExampleConnect() {
	ctx := context.Background()
	db, remove := shop(ctx)
	defer remove()
	for _, t := range db.Tables() {
		info := t.Table()
		fmt.Println(info.ID(), "-", info.Plural, info.Key, info.TitleColumns)
	}
	_, err := grsql.Connect(ctx, "oracle://localhost/shop", grsql.Config{})
	fmt.Println(err)
	// Output:
	// shop.customers - Customers [id] [name]
	// shop.orders - Orders [id] [id]
	// sql: unknown kind of database "oracle://"; give sqlite:PATH or the path of an SQLite file, postgres://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE
}

func ExampleTable_List() {
	ctx := context.Background()
	db, remove := shop(ctx)
	defer remove()
	q := widgets.Query{Filter: widgets.Where("total", widgets.OpGe, "10"), Order: []widgets.Order{{Column: "total", Desc: true}}, Limit: 2}
	for {
		page, err := db.Table("orders").List(ctx, q)
		if err != nil {
			panic(err)
		}
		for _, row := range page.Rows {
			fmt.Println(row.Key, row.Values)
		}
		if page.Next == "" {
			break
		}
		fmt.Println("next page")
		q.After = page.Next
	}
	// Output:
	// 3 [3 1 30]
	// 2 [2 2 20.5]
	// next page
	// 1 [1 1 10]
}

func ExampleTable_Update() {
	ctx := context.Background()
	db, remove := shop(ctx)
	defer remove()
	orders := db.Table("orders")
	seen := map[string]widgets.Value{"total": widgets.Text("10")}
	fmt.Println(orders.Update(ctx, widgets.Key{"1"}, seen, map[string]widgets.Value{"total": widgets.Text("1,50")}))
	fmt.Println(orders.Update(ctx, widgets.Key{"1"}, seen, map[string]widgets.Value{"total": widgets.Text("11"), "customer_id": widgets.Text("7")}))
	fmt.Println(orders.Update(ctx, widgets.Key{"1"}, seen, map[string]widgets.Value{"total": widgets.Text("11")}))
	err := orders.Update(ctx, widgets.Key{"1"}, seen, map[string]widgets.Value{"total": widgets.Text("12")})
	if conflict, ok := errors.AsType[*widgets.Conflict](err); ok {
		fmt.Println("theirs:", conflict.Theirs["total"])
	}
	// Output:
	// invalid row: total: Write a point for decimals: 1.50.
	// invalid row: customer_id: There is no such customer.
	// <nil>
	// theirs: 11
}

func ExampleTable_Set() {
	ctx := context.Background()
	db, remove := shop(ctx)
	defer remove()
	if err := db.Table("orders").Set(ctx, widgets.Key{"2"}, map[string]any{"total": 21.75, "customer_id": 1}); err != nil {
		panic(err)
	}
	row, err := db.Table("orders").Get(ctx, widgets.Key{"2"}, widgets.Filter{})
	fmt.Println(row.Values, err)
	// Output: [2 1 21.75] <nil>
}

func ExampleTable_Delete() {
	ctx := context.Background()
	db, remove := shop(ctx)
	defer remove()
	fmt.Println(db.Table("customers").Delete(ctx, widgets.Key{"1"}))
	// Output: invalid row: : This customer cannot be deleted: 2 Orders still refer to it.
}
