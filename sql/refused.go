package sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

// invalid is *widgets.Invalid for one field, or for the whole form under "".
func invalid(field, text string) error {
	return &widgets.Invalid{Fields: map[string]string{field: text}}
}

// refused turns what the engine says of a statement into what a form can show: which field, and in words. Other errors come back as they are.
// Final is the row as it would have been, by column.
func (t *Table) refused(ctx context.Context, q querier, s *shape, err error, final map[string]any) error {
	switch f := t.db.dialect.fault(err); f.kind {
	case faultUnique:
		return s.taken(f.detail)
	case faultNotNull:
		if c := s.reported(f.detail); c != nil {
			return invalid(c.Name, required)
		}
	case faultLength:
		if c := s.reported(f.detail); c != nil {
			return invalid(c.Name, "This is too long for the column, which is "+c.Type+".")
		}
		return invalid("", "A value is too long for its column.")
	case faultRange:
		if c := s.reported(f.detail); c != nil {
			return invalid(c.Name, "This is out of range for the column, which is "+c.Type+".")
		}
		return invalid("", "A number or date is out of range for its column.")
	case faultType:
		if c := s.reported(f.detail); c != nil {
			return invalid(c.Name, "The database refuses this kind of value: the column is "+c.Type+".")
		}
		if f.text != "" {
			return invalid("", "The database refuses a value: "+f.text+".")
		}
		return invalid("", "The database refuses a value of the wrong kind.")
	case faultCheck:
		return s.broken(f.detail)
	case faultTrigger:
		return invalid("", f.detail)
	case faultReference:
		return t.dangling(ctx, q, s, final)
	default:
		return unavailable(f, err)
	}
	return err
}

// unavailable words the refusals that have nothing to do with a row.
func unavailable(f fault, err error) error {
	switch f.kind {
	case faultReadOnly:
		return widgets.UserError("The database is read-only: nothing was saved.")
	case faultBusy:
		return widgets.UserError("Another program keeps the database locked. Try again.")
	case faultRights:
		return widgets.UserError("The database user that this admin connects as may not do this: nothing was saved.")
	case faultFull:
		return widgets.UserError("The disk is full: nothing was saved.")
	}
	return err
}

// reported finds the column that the engine names as "table.column", perhaps at the end of a sentence.
func (s *shape) reported(detail string) *column {
	var best *column
	for i := range s.columns {
		c := &s.columns[i]
		if (detail == c.Name || strings.HasSuffix(detail, s.info.Name+"."+c.Name)) && (best == nil || len(c.Name) > len(best.Name)) {
			best = c
		}
	}
	return best
}

// taken words a uniqueness error, for each field of the constraint.
func (s *shape) taken(detail string) error {
	for _, u := range s.uniques {
		group := u.columns
		parts := make([]string, len(group))
		for i, name := range group {
			parts[i] = s.info.Name + "." + name
		}
		if !strings.EqualFold(strings.Join(parts, ", "), detail) && (u.name == "" || u.name != detail) || slices.Contains(group, "") {
			continue
		}
		out := &widgets.Invalid{Fields: map[string]string{}}
		labels := make([]string, len(group))
		for i, name := range group {
			c, err := s.find(name)
			if err != nil {
				return invalid("", err.Error())
			}
			labels[i] = lowered(c.Label)
		}
		text := fmt.Sprintf("Another %s already has this %s.", s.info.Label, labels[0])
		if len(group) > 1 {
			text = fmt.Sprintf("Another %s already has this combination of %s.", s.info.Label, listed(labels))
		}
		for _, name := range group {
			out.Fields[name] = text
		}
		return out
	}
	return invalid("", fmt.Sprintf("Another %s already has these values.", s.info.Label))
}

// broken words a CHECK error, at the field it is about if it is about one.
func (s *shape) broken(detail string) error {
	for _, r := range s.rules {
		if !strings.EqualFold(r.name, detail) && !strings.EqualFold(s.info.Name+"."+r.name, detail) {
			continue
		}
		var about []*column
		for i := range s.columns {
			named := func(w string) bool { return strings.EqualFold(w, s.columns[i].Name) }
			if slices.ContainsFunc(r.words, named) {
				about = append(about, &s.columns[i])
			}
		}
		text := "The database's rule refuses this: " + strings.Join(strings.Fields(r.text), " ") + "."
		if len(about) == 1 {
			return invalid(about[0].Name, text)
		}
		return invalid("", text)
	}
	return invalid("", "The database's rule refuses this: "+detail+".")
}

// dangling finds out which foreign key an error is about, as SQLite does not tell: the one whose parent is not there, or else those of other
// tables that point at this row.
func (t *Table) dangling(ctx context.Context, q querier, s *shape, final map[string]any) error {
	out := &widgets.Invalid{Fields: map[string]string{}}
	for _, ref := range s.info.Refs {
		parent := t.db.refers(&ref)
		if parent == nil {
			continue
		}
		ps := parent.now.Load()
		to, err := ps.finds(ref.To)
		if err != nil {
			continue
		}
		var preds []sq.Sqlizer
		for i, name := range ref.Columns {
			if v, ok := final[name]; ok && v != nil {
				preds = append(preds, ps.is(to[i], v))
			}
		}
		if len(preds) != len(ref.Columns) {
			continue
		}
		found, err := t.rows(ctx, q, where(selecting(ps, "1"), all(preds...)).Limit(1), 1)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			continue
		}
		for _, name := range ref.Columns {
			out.Fields[name] = fmt.Sprintf("There is no such %s.", ps.info.Label)
		}
	}
	if len(out.Fields) == 0 {
		out.Fields[""] = fmt.Sprintf("Other rows refer to this %s by a value that would change.", s.info.Label)
	}
	return out
}

// listed joins words for a sentence: a, b and c.
func listed(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// failed adds the place to an error that is not written for a person, and words those that a database gives everybody.
func (t *Table) failed(what string, s *shape, err error) error {
	var bad *widgets.Invalid
	var conflict *widgets.Conflict
	var user widgets.UserError
	if err == nil || errors.As(err, &bad) || errors.As(err, &conflict) || errors.As(err, &user) || errors.Is(err, widgets.ErrNoRow) {
		return err
	}
	f := t.db.dialect.fault(err)
	if err = unavailable(f, err); errors.As(err, &user) {
		return err
	}
	if f.kind == faultType && t.db.dialect.facts().remote {
		return widgets.UserError("The database does not understand a value of this: " + f.text + ".")
	}
	return fmt.Errorf("sql: %s %s: %w", what, s.info.ID(), err)
}

// afterwards is where questions are asked after a statement of a transaction has failed.
func (t *Table) afterwards(tx *sql.Tx) querier {
	if t.db.dialect.facts().aborts {
		return t.db.read
	}
	return tx
}

// editable refuses tables whose rows cannot be written.
func (s *shape) editable() error {
	if s.info.ReadOnly == "" {
		return nil
	}
	return widgets.UserError(fmt.Sprintf("%s cannot be changed: %s.", s.info.Plural, s.info.ReadOnly))
}

// stored1 reads one row by its address inside a transaction; ErrNoRow if there is none, an error if the address is not one row's.
func (t *Table) stored1(ctx context.Context, tx *sql.Tx, s *shape, at sq.Sqlizer, columns []*column) ([]any, error) {
	list := append(raws(t.db.dialect, columns), "1")
	b := where(selecting(s, list...), at).Limit(2)
	if lock := t.db.dialect.facts().locking; lock != "" {
		b = b.Suffix(lock)
	}
	found, err := t.rows(ctx, tx, b, len(list))
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, widgets.ErrNoRow
	case len(found) > 1:
		return nil, widgets.UserError("Several rows have this key: it holds NULL, and the database does not keep such keys apart.")
	}
	return found[0][:len(columns)], nil
}

// itself is stored1 with the row's own key: 1.0 finds the row 1, and whatever is told or written down of it goes by 1.
func (t *Table) itself(ctx context.Context, tx *sql.Tx, s *shape, key widgets.Key, columns []*column) (widgets.Key, []any, error) {
	at, err := addressed(t.db.dialect, s, key)
	if err != nil {
		return nil, nil, err
	}
	n := len(columns)
	stored, err := t.stored1(ctx, tx, s, at, slices.Concat(columns, s.key()))
	if err != nil {
		return nil, nil, err
	}
	return keyOf(t.db.dialect, s.key(), stored[n:]), stored[:n], nil
}
