package sql

import (
	"context"
	"database/sql"
	"maps"

	"greenroom/widgets"
)

// Saving is a row that is being written.
type Saving struct {
	// Op is insert, update or delete, as in widgets.Change.
	Op string
	// Key is the row's; nil before an insert.
	Key widgets.Key
	// Values are the columns that are set; nil for a deletion. Before may change them, and they are checked afterwards as if a person had typed them.
	Values map[string]widgets.Value
	// Actor is who does it; the zero Actor is the program itself.
	Actor widgets.Actor
}

// Hooks are called for every row of a table that is written by Insert, Update, Set, Delete and Together, whichever page or program calls them; statements
// of a program's own (Tx, Exec, Write) are not looked at. Both run in the transaction: what they write through tx is committed with the row or not at all,
// and an error of either takes everything back. A widgets.UserError or *widgets.Invalid is told to the person, anything else is logged. They must use tx
// and not the Table, which would wait for the transaction to end. Nil means that there is nothing to do.
type Hooks struct {
	Before, After func(ctx context.Context, tx *sql.Tx, s *Saving) error
}

// SetHooks replaces the table's hooks.
func (t *Table) SetHooks(h Hooks) { t.hooks.Store(&h) }

func (t *Table) hooked() Hooks {
	if h := t.hooks.Load(); h != nil {
		return *h
	}
	return Hooks{}
}

// before asks the hook and returns what is to be written then.
func (t *Table) before(ctx context.Context, tx *sql.Tx, op string, key widgets.Key, given map[string]widgets.Value) (map[string]widgets.Value, error) {
	hook := t.hooked().Before
	if hook == nil {
		return given, nil
	}
	s := &Saving{Op: op, Key: key, Values: maps.Clone(given)}
	if s.Values == nil && op != "delete" {
		s.Values = map[string]widgets.Value{}
	}
	s.Actor, _ = widgets.ActorOf(ctx)
	err := hook(ctx, tx, s)
	return s.Values, err
}

// after tells the hook of a row that was written.
func (t *Table) after(ctx context.Context, tx *sql.Tx, op string, key widgets.Key, set []assignment) error {
	hook := t.hooked().After
	if hook == nil {
		return nil
	}
	s := &Saving{Op: op, Key: key}
	if op != "delete" {
		s.Values = make(map[string]widgets.Value, len(set))
		for _, a := range set {
			s.Values[a.column.Name] = value(a.value)
		}
	}
	s.Actor, _ = widgets.ActorOf(ctx)
	return hook(ctx, tx, s)
}
