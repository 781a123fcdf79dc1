package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

const (
	// manyKeys is from how many keys on a Change names none.
	manyKeys = 1000
	// dependentsUpTo is how far Dependents counts, and dependentsBudget how long all of it may take: a foreign key without an index costs a scan.
	dependentsUpTo   = 1000
	dependentsBudget = 500 * time.Millisecond
)

// Delete implements widgets.Writer: all rows or, if the database refuses one of them, none.
func (t *Table) Delete(ctx context.Context, keys ...widgets.Key) error {
	s := t.now.Load()
	if err := s.editable(); err != nil {
		return err
	}
	var refusing []widgets.Key
	noted := t.db.noting(ctx)
	err := t.db.changing(ctx, noted, nil, func(tx *sql.Tx) (*widgets.Change, error) {
		var gone []widgets.Key
		for _, key := range keys {
			own, err := t.deleteOne(ctx, tx, noted, s, key)
			if t.db.dialect.fault(err).kind == faultReference {
				refusing = []widgets.Key{key}
				return nil, t.inUse(ctx, t.afterwards(tx), s, refusing)
			}
			if err != nil {
				return nil, t.refused(ctx, t.afterwards(tx), s, err, nil)
			}
			if own != nil {
				gone = append(gone, own)
			}
		}
		if len(gone) == 0 {
			return nil, widgets.ErrNoRow
		}
		change := &widgets.Change{Table: s.info.ID(), Op: "delete", Keys: gone}
		if len(gone) > manyKeys {
			change.Keys = nil
		}
		return change, nil
	})
	if t.db.dialect.fault(err).kind == faultReference { // a deferred one, found at the commit
		err = t.inUse(ctx, t.db.read, s, keys[:min(len(keys), 20)])
	}
	return t.failed("delete from", s, err)
}

// deleteOne returns the key that the row had, nil if there is none.
func (t *Table) deleteOne(ctx context.Context, tx *sql.Tx, noted *notes, s *shape, key widgets.Key) (widgets.Key, error) {
	at, err := addressed(t.db.dialect, s, key)
	if errors.Is(err, widgets.ErrNoRow) {
		return nil, nil
	}
	var columns []*column
	if noted != nil {
		columns, _ = s.finds(nil)
	}
	key, gone, err := t.itself(ctx, tx, s, key, columns)
	if errors.Is(err, widgets.ErrNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if _, err := t.before(ctx, tx, "delete", key, nil); err != nil {
		return nil, err
	}
	query, args, err := deleting(s, at)
	if err != nil {
		return nil, err
	}
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return nil, err
	}
	if err := t.after(ctx, tx, "delete", key, nil); err != nil || noted == nil {
		return key, err
	}
	return key, noted.add(ctx, widgets.DeedDelete, s, key, columns, values(gone), nil)
}

// inUse says which rows keep a row from being deleted.
func (t *Table) inUse(ctx context.Context, q querier, s *shape, keys []widgets.Key) error {
	var users []string
	for _, key := range keys {
		list, err := t.dependents(ctx, q, s, key)
		if err != nil {
			return err
		}
		for _, d := range list {
			if d.N > 0 && d.OnDelete != "CASCADE" && d.OnDelete != "SET NULL" && d.OnDelete != "SET DEFAULT" {
				text := fmt.Sprintf("%d %s", d.N, d.Label)
				if d.AtLeast {
					text = fmt.Sprintf("more than %d %s", d.N, d.Label)
				}
				users = append(users, text)
			}
		}
		if len(users) > 0 {
			break
		}
	}
	if len(users) == 0 {
		return invalid("", fmt.Sprintf("This %s cannot be deleted: rows of other tables refer to it.", s.info.Label))
	}
	return invalid("", fmt.Sprintf("This %s cannot be deleted: %s still refer to it.", s.info.Label, listed(users)))
}

// Dependents implements widgets.Writer. A table that could not be counted in time is listed with what was found so far and AtLeast.
func (t *Table) Dependents(ctx context.Context, key widgets.Key) ([]widgets.Dependents, error) {
	s := t.now.Load()
	list, err := t.dependents(ctx, t.db.read, s, key)
	if err != nil {
		return nil, t.failed("dependents of", s, err)
	}
	return slices.DeleteFunc(list, func(d widgets.Dependents) bool { return d.N == 0 && !d.AtLeast }), nil
}

func (t *Table) dependents(ctx context.Context, q querier, s *shape, key widgets.Key) ([]widgets.Dependents, error) {
	at, err := addressed(t.db.dialect, s, key)
	if err != nil {
		return nil, err
	}
	columns, _ := s.finds(nil)
	found, err := t.rows(ctx, q, where(selecting(s, raws(t.db.dialect, columns)...), at).Limit(1), len(columns))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, widgets.ErrNoRow
	}
	quick, cancel := context.WithTimeout(ctx, dependentsBudget)
	defer cancel()
	var out []widgets.Dependents
	for _, child := range s.children {
		preds := make([]sq.Sqlizer, len(child.ref.Columns))
		for i, name := range child.ref.Columns {
			from, err := child.shape.find(name)
			if err != nil {
				return nil, err
			}
			to, err := s.find(child.ref.To[i])
			if err != nil {
				return nil, err
			}
			if preds[i] = never; found[0][to.place] != nil { // NULL refers to nothing
				preds[i] = child.shape.is(from, found[0][to.place])
			}
		}
		n, more, err := t.tally(quick, q, where(selecting(child.shape, "1"), all(preds...)), dependentsUpTo)
		if err != nil && (quick.Err() == nil || ctx.Err() != nil) {
			return nil, err
		}
		out = append(out, widgets.Dependents{
			Table: child.shape.info.ID(), Label: s.referring(child), N: n, AtLeast: more || err != nil,
			OnDelete: child.ref.OnDelete,
		})
	}
	return out, nil
}

// referring is what the rows of a child are called; by which column they refer is said when there are several.
func (s *shape) referring(c child) string {
	same := 0
	for _, other := range s.children {
		if other.shape == c.shape {
			same++
		}
	}
	if same < 2 {
		return c.shape.info.Plural
	}
	return c.shape.info.Plural + " (" + withoutID(c.ref.Columns[0]) + ")"
}
