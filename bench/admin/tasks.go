package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"greenroom"
	"greenroom/widgets"
)

// task is something that people do, and what it may cost of CPU, in milliseconds. begin opens the page that it is done on.
type task struct {
	name  string
	most  float64
	begin func() (do func() error, err error)
}

const list = "/admin/shop/orders/"

// get asks for a page.
func get(c *client, path string) func() (func() error, error) {
	return func() (func() error, error) {
		return func() error {
			_, err := c.get(path)
			return err
		}, nil
	}
}

// turn goes between places of a list, so that each is drawn anew over the socket.
func turn(c *client, to ...string) func() (func() error, error) {
	return func() (func() error, error) {
		page, err := c.open(list)
		turns := 0
		return func() error {
			turns++
			return page.send("orders", "go", map[string]string{"to": to[turns%len(to)]})
		}, err
	}
}

// save saves a form whose note is always another one.
func save(c *client) func() (func() error, error) {
	return func() (func() error, error) {
		form, err := c.open(list + "77/change/")
		saves := 0
		return func() error {
			saves++
			return form.send("form", "save", map[string]string{"note": "saved " + strconv.Itoa(saves), "_then": "continue"})
		}, err
	}
}

// tasks are those of the issue: lists at any depth, whole and as a difference, a search, a form, a save.
func tasks(ctx context.Context, db *greenroom.Database, c *client) ([]task, error) {
	n, err := db.Table("orders").Count(ctx, greenroom.Query{})
	if err != nil {
		return nil, err
	}
	all := []task{
		{"list, first page", 3, get(c, list)},
		{"list, sorted otherwise, as a difference", 1, turn(c, "", "o="+url.QueryEscape("-number"))},
	}
	for _, share := range []float64{.25, .99} {
		deep, err := cursors(ctx, db, n, share)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("list, deep at %.0f %%", share*100)
		all = append(all, task{name, 3, get(c, list+"?"+deep[0])}, task{name + ", as a difference", 1, turn(c, deep...)})
	}
	return append(all,
		task{"list, filtered", 3, get(c, list+"?f.status=paid")},
		task{"search, a word of one row", 400, get(c, list+"?q=needle")},
		task{"search, a word of every tenth row, the newest", 50, get(c, list+"?q=GR-09")},
		task{"search, a word of every tenth row, the oldest", 50, get(c, list+"?q=GR-00")},
		task{"form", 1.5, get(c, list+"77/change/")},
		task{"save, with its commit", 1.5, save(c)},
	), nil
}

// cursors are two places a page apart, at a share of the list.
func cursors(ctx context.Context, db *greenroom.Database, n widgets.Count, share float64) ([]string, error) {
	at := strconv.FormatFloat((1-share)*float64(n.N), 'f', 0, 64) // orders are numbered in the order of their time
	var places []string
	q := greenroom.Query{
		Order: []greenroom.Order{{Column: "created_at", Desc: true}}, Limit: 25, Select: []string{"number"},
		Filter: widgets.Where("id", widgets.OpLe, at),
	}
	for range 2 {
		rows, err := db.Table("orders").List(ctx, q)
		if err != nil {
			return nil, err
		}
		places = append(places, "after="+url.QueryEscape(rows.Next))
		q.After = rows.Next
	}
	return places, nil
}
