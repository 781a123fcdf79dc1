package console

import (
	"context"
	"strconv"
	"strings"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// mostFound is how many of each sort Find lists.
const mostFound = 20

// find looks for a text everywhere: actors, jobs, people with a page open, pages, nodes. Each row leads to where there is more.
func (c *Console) find(ctx context.Context, by *widgets.User, what string, now time.Time) (Table, error) {
	t := Table{Columns: []Column{{Name: "what", Label: "What"}, {Name: "name", Label: "Name", Wide: true}, {Name: "state", Label: "State"}, {Name: "more", Label: "More"}}}
	if what == "" {
		return t, nil
	}
	low := strings.ToLower(what)
	add := func(kind, page, find, name string, state Cell, more string) {
		t.Rows = append(t.Rows, Row{Key: kind + " " + find + strconv.Itoa(len(t.Rows)), Page: page, Find: find, Cells: []Cell{text(kind), text(name), state, text(more)}})
	}
	jobs := jobTable(c.cfg.Jobs.List(by), by, now, 1<<30).narrow(what)
	for _, r := range jobs.Rows[:min(mostFound, len(jobs.Rows))] {
		add("job", Jobs, r.Key, r.Name, r.Cells[2], r.Cells[1].Text)
	}
	people := map[string]int{}
	var names []string
	for _, p := range c.sample().pages {
		if strings.Contains(strings.ToLower(p.User), low) {
			if people[p.User] == 0 {
				names = append(names, p.User)
			}
			people[p.User]++
		}
	}
	for _, name := range names[:min(mostFound, len(names))] {
		add("user", Sessions, name, name, Cell{Text: "signed in", Level: "ok"}, count(uint64(people[name]))+" open pages")
	}
	sessions := c.sessionTable(ctx, by, Query{Text: what}, now).narrow(what)
	for _, r := range sessions.Rows[:min(mostFound, len(sessions.Rows))] {
		add("session", Sessions, r.Key, r.Cells[1].Text, r.Cells[3], r.Cells[0].Text)
	}
	nodes, err := c.nodeTable(ctx)
	if err != nil {
		return t, err
	}
	for _, r := range nodes.narrow(what).Rows {
		add("node", Nodes, r.Key, r.Key, r.Cells[1], "")
	}
	found := c.view(actors.Look{Text: what, Most: mostFound})
	for _, r := range actorTable(found.Actors, false, now).Rows {
		add("actor", Actors, r.Key, r.Key, r.Cells[2], r.Cells[1].Text)
	}
	t.Matched = len(jobs.Rows) + len(names) + sessions.Matched + len(nodes.Rows) + found.Matched
	return t, nil
}

// nodeTable has the processes that share the store of jobs, by their leases.
func (c *Console) nodeTable(ctx context.Context) (Table, error) {
	t := Table{Columns: []Column{
		{Name: "node", Label: "Node", Wide: true},
		{Name: "state", Label: "Lease"},
		{Name: "left", Label: "Left", Number: true},
		{Name: "jobs", Label: "Unfinished jobs", Number: true},
		{Name: "here", Label: "This one"},
	}}
	all, self, err := c.cfg.Jobs.Nodes(ctx)
	if err != nil {
		return t, err
	}
	for _, n := range all {
		state, here := Cell{Text: "held", Level: "ok"}, Cell{}
		if n.Left < lateLease {
			state = Cell{Text: "late", Level: "danger"}
		}
		if n.ID == self {
			here = Cell{Text: "yes", Level: "info"}
		}
		t.Rows = append(t.Rows, Row{Key: n.ID, Name: n.ID, Cells: []Cell{text(n.ID), state, {Text: span(n.Left), Value: n.Left.Seconds()}, number(n.Unfinished), here}})
	}
	t.Matched = len(t.Rows)
	return t, nil
}
