package sql

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"greenroom/widgets"
)

// changing is changingAll for at most one row's change.
func (d *Database) changing(ctx context.Context, n *notes, also []string, f func(tx *sql.Tx) (edited *widgets.Change, err error)) error {
	return d.changingAll(ctx, n, also, func(tx *sql.Tx) ([]widgets.Change, error) {
		edited, err := f(tx)
		if edited == nil {
			return nil, err
		}
		return []widgets.Change{*edited}, err
	})
}

// changingAll runs f in one immediate transaction, commits, and publishes: what f edited, and a Change without keys for every other table that cascades
// and triggers reached, and for every view.
//
// What n was told stands in the audit before the commit; without its lines nothing is committed.
func (d *Database) changingAll(ctx context.Context, n *notes, also []string, f func(tx *sql.Tx) (edited []widgets.Change, err error)) (failed error) {
	ctx, end := widgets.Span(ctx, "sql write", "tables", strings.Join(also, " "))
	defer func() { end(failed) }()
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return unavailable(d.dialect.fault(err), interrupted(ctx, err))
	}
	// Only SQLite fills touched, whose one connection one goroutine holds; a server's writers are several and share nothing.
	tells := d.dialect.facts().touches
	if tells {
		d.touched.take() // what a rolled back transaction left
	}
	edited, err := f(tx)
	var names []string
	if err == nil && tells {
		names = d.touched.take()
	}
	for i := range edited {
		if !tells {
			also = append(also, d.reached(&edited[i])...)
		}
	}
	if err == nil {
		d.written(n, edited, names, also)
		err = n.flush(ctx)
	}
	if err != nil {
		tx.Rollback() //nolint:errcheck // the first error is the one to tell
		n.undo(ctx, "it was rolled back")
		return interrupted(ctx, err)
	}
	if err := tx.Commit(); err != nil {
		n.undo(ctx, "the database did not commit it")
		return unavailable(d.dialect.fault(err), interrupted(ctx, err))
	}
	for _, c := range edited {
		d.publish(c)
	}
	for _, name := range also {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(edited) == 0 && len(names) == 0 {
		return nil
	}
	for _, t := range d.Tables() {
		info := t.Table()
		// What a view shows may have changed with any table.
		if info.View || (slices.Contains(names, info.Name) || slices.Contains(names, info.ID())) && !edits(edited, info.ID()) {
			d.publish(widgets.Change{Table: info.ID()})
		}
	}
	return nil
}

// written notes the tables that went with an edit, or that a statement of a program's own has touched.
func (d *Database) written(n *notes, edited []widgets.Change, names, also []string) {
	if n == nil {
		return
	}
	var tables []string
	for _, name := range slices.Concat(names, also) {
		if t := d.Table(name); t != nil && !slices.Contains(tables, t.Table().ID()) && !edits(edited, t.Table().ID()) {
			tables = append(tables, t.Table().ID())
		}
	}
	if len(edited) == 0 {
		if len(tables) == 0 && !d.dialect.facts().touches {
			tables = []string{""} // a server does not tell what was touched; that somebody did something is written down all the same
		}
		n.statement(tables)
	} else {
		n.together(tables)
	}
}

// edits tells whether one of the changes is of the table.
func edits(all []widgets.Change, table string) bool {
	return slices.ContainsFunc(all, func(c widgets.Change) bool { return c.Table == table })
}

// reached are the tables that an edit may have touched by cascades, for engines that do not tell. What triggers do is not known.
func (d *Database) reached(edited *widgets.Change) []string {
	moved := edited.Op == "update" && len(edited.Keys) == 2
	if !moved && edited.Op != "delete" {
		return nil
	}
	var out []string
	var follow func(s *shape)
	follow = func(s *shape) {
		for _, c := range s.children {
			action := c.ref.OnDelete
			if moved {
				action = c.onUpdate
			}
			id := c.shape.info.ID()
			if action == "" || action == "NO ACTION" || action == "RESTRICT" || slices.Contains(out, id) {
				continue
			}
			if out = append(out, id); moved || action == "CASCADE" {
				follow(c.shape)
			}
		}
	}
	for _, t := range d.Tables() {
		if s := t.now.Load(); s.info.ID() == edited.Table {
			follow(s)
		}
	}
	return out
}
