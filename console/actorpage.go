package console

import (
	"context"
	"slices"
	"time"

	"greenroom/actors"
	"greenroom/widgets"
)

// actorPage lists actors: as a tree, in which only what is open was asked for, or as a list of those that fit.
func (c *Console) actorPage(ctx context.Context, by *widgets.User, q Query, now time.Time) Table {
	errors := c.May(ctx, by, ErrorsRight)
	var t Table
	if q.tree() {
		t = c.tree(q, errors, now)
	} else {
		v := c.view(actors.Look{Text: q.Text, Rank: ranks[q.Sort], Kind: q.Kind, State: q.State})
		t = actorTable(v.Actors, errors, now)
		t.Matched = v.Matched
	}
	if c.May(ctx, by, TraceRight) {
		for n := range t.Rows {
			if cell := t.Rows[n].Cells[1]; cell.Text != groupKind {
				t.Rows[n].Verbs, t.Rows[n].Target = []string{Follow}, t.Rows[n].Key
			}
		}
	}
	return t
}

// groupKind stands in the rows of the tree that are groups, not actors.
const groupKind = "group"

// tree has the groups, and below what is open its children: at most mostRows rows in all.
func (c *Console) tree(q Query, errors bool, now time.Time) Table {
	open := q.Branches()
	t := actorTable(nil, errors, now)
	for _, name := range []string{actors.Sessions, actors.Shared, actors.Jobs} {
		cells := make([]Cell, len(t.Columns))
		cells[0], cells[1] = text(name), text(groupKind)
		for n, column := range t.Columns {
			if column.Number {
				cells[n].Value = 0
			}
		}
		n := c.cfg.System.Group(name).Len()
		cells[slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == "doing" })] = Cell{Text: plural(n, "actor"), Value: n}
		row := Row{Key: name, Name: name, Cells: cells, Open: slices.Contains(open, name)}
		if n > 0 {
			row.Branch = name
		}
		t.Rows = append(t.Rows, row)
		if row.Open {
			t.Rows = append(t.Rows, c.branch(name, open, 1, errors, now)...)
		}
	}
	t.Matched = len(t.Rows)
	t.Rows = t.Rows[:min(len(t.Rows), mostRows)]
	return t
}

// branch are the children of a path, with theirs where they are open.
func (c *Console) branch(path string, open []string, depth int, errors bool, now time.Time) []Row {
	v := c.view(actors.Look{Under: path})
	var rows []Row
	for n, row := range actorTable(v.Actors, errors, now).Rows {
		row.Depth = depth
		if v.Actors[n].Children > 0 {
			row.Branch, row.Open = row.Key, slices.Contains(open, row.Key)
		}
		rows = append(rows, row)
		if row.Open {
			rows = append(rows, c.branch(row.Key, open, depth+1, errors, now)...)
		}
	}
	return rows
}
