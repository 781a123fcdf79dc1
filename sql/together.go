package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"

	"greenroom/widgets"
)

var _ widgets.Together = (*Table)(nil)

// Together implements widgets.Together: a row and the rows that belong to it, in one transaction, each with its own line in the audit.
func (t *Table) Together(ctx context.Context, steps []widgets.Step) (widgets.Key, error) {
	w := joint{n: t.db.noting(ctx), final: map[string]any{}}
	err := t.db.changingAll(ctx, w.n, nil, func(tx *sql.Tx) ([]widgets.Change, error) {
		var made []widgets.Change
		w.tx = tx
		for i, e := range steps {
			of := t.db.Table(e.Table)
			if of == nil {
				return nil, fmt.Errorf("sql: step %d: no table %q", i, e.Table)
			}
			change, err := w.step(ctx, of, e)
			if err != nil {
				return nil, &widgets.StepError{N: i, Err: of.failed(e.Op, of.now.Load(), err)}
			}
			if i == 0 {
				w.head, w.key = of, e.Key
				if change != nil {
					w.key = change.Keys[len(change.Keys)-1]
				}
			}
			if change != nil {
				made = append(made, *change)
			}
		}
		return made, nil
	})
	if t.db.dialect.fault(err).kind == faultReference { // a deferred one, found at the commit
		err = invalid("", "One of these rows refers to a row that does not exist.")
	}
	return w.key, t.failed("change", t.now.Load(), err)
}

// joint is a transaction of several steps.
type joint struct {
	tx *sql.Tx
	n  *notes
	// head and key are the first step's row.
	head  *Table
	key   widgets.Key
	final map[string]any // of no use here: the text of a deferred fault is a general one
}

// step makes one step; the change is nil where nothing was to be done.
func (w *joint) step(ctx context.Context, t *Table, e widgets.Step) (*widgets.Change, error) {
	s := t.now.Load()
	if err := s.editable(); err != nil {
		return nil, err
	}
	switch e.Op {
	case "insert":
		given, err := w.given(ctx, e)
		if err != nil {
			return nil, err
		}
		if given, err = t.before(ctx, w.tx, "insert", nil, given); err != nil {
			return nil, err
		}
		set, err := t.newRow(s, given)
		if err != nil {
			return nil, err
		}
		change, err := t.insertIn(ctx, w.tx, w.n, s, set, w.final)
		if err != nil {
			return nil, err
		}
		return change, t.within(ctx, w.tx, s, change.Keys[0], e.Within)
	case "update":
		if err := t.within(ctx, w.tx, s, e.Key, e.Within); err != nil {
			return nil, err
		}
		change, err := t.updateIn(ctx, w.tx, w.n, s, e.Key, e.Base, e.Values, w.final)
		if err != nil || change == nil {
			return nil, err
		}
		return change, t.within(ctx, w.tx, s, change.Keys[len(change.Keys)-1], e.Within)
	case "delete":
		if err := t.within(ctx, w.tx, s, e.Key, e.Within); err != nil {
			return nil, err
		}
		own, err := t.deleteOne(ctx, w.tx, w.n, s, e.Key)
		switch {
		case t.db.dialect.fault(err).kind == faultReference:
			return nil, t.inUse(ctx, t.afterwards(w.tx), s, []widgets.Key{e.Key})
		case err != nil:
			return nil, t.refused(ctx, t.afterwards(w.tx), s, err, nil)
		case own == nil:
			return nil, widgets.ErrNoRow
		}
		return &widgets.Change{Table: s.info.ID(), Op: "delete", Keys: []widgets.Key{own}}, nil
	}
	return nil, errors.New("sql: a step is insert, update or delete, not " + e.Op)
}

// given are the values of a row to be, with those that it takes from the first step's row as that is stored by now.
func (w *joint) given(ctx context.Context, e widgets.Step) (map[string]widgets.Value, error) {
	given := map[string]widgets.Value{}
	maps.Copy(given, e.Values)
	if len(e.Of) == 0 {
		return given, nil
	}
	if w.head == nil {
		return nil, errors.New("sql: the first step has no row before it to take values of")
	}
	s := w.head.now.Load()
	for into, from := range e.Of {
		c, err := s.find(from)
		if err != nil {
			return nil, err
		}
		_, stored, err := w.head.itself(ctx, w.tx, s, w.key, []*column{c})
		if err != nil {
			return nil, err
		}
		given[into] = value(stored[0])
	}
	return given, nil
}

// within is ErrNoRow where the filter does not hold for the row, as the transaction sees it. The row is locked: it stays so until the commit.
func (t *Table) within(ctx context.Context, tx *sql.Tx, s *shape, key widgets.Key, f widgets.Filter) error {
	if f.Empty() {
		return nil
	}
	at, err := addressed(t.db.dialect, s, key)
	if err != nil {
		return err
	}
	scope, err := t.matching(s, widgets.Query{Filter: f})
	if err != nil {
		return err
	}
	_, err = t.stored1(ctx, tx, s, all(at, scope), nil)
	return err
}
