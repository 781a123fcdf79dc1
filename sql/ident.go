package sql

import (
	"errors"
	"strings"

	sq "github.com/Masterminds/squirrel"
)

// ident is a name out of the database's own catalogue, quoted for a statement. Nothing that a request holds ever becomes one: requests name
// columns by text, and a shape looks the text up.
type ident string

// masked stands for '?' inside an ident until the statement is finished, because squirrel takes every '?' for a placeholder.
const masked = "\x01"

// quoted makes an ident. It refuses what no engine can have as a name and what would collide with the mask.
func quoted(d dialect, name string) (ident, error) {
	if name == "" || strings.ContainsAny(name, "\x00"+masked) {
		return "", errors.New("sql: the name is empty or holds a control character")
	}
	quote := d.facts().quote
	return ident(quote + strings.ReplaceAll(strings.ReplaceAll(name, quote, quote+quote), "?", masked) + quote), nil
}

// finished is the outermost placeholder format: it leaves '?' for values, and puts back the '?' of names.
type finished struct{}

func (finished) ReplacePlaceholders(s string) (string, error) {
	return strings.ReplaceAll(s, masked, "?"), nil
}

// numbered is finished for engines whose placeholders are $1, $2 …
type numbered struct{}

func (numbered) ReplacePlaceholders(s string) (string, error) {
	s, err := sq.Dollar.ReplacePlaceholders(s)
	return strings.ReplaceAll(s, masked, "?"), err
}

// errEverything guards against the one statement that must never run: squirrel renders an empty predicate as (1=1).
var errEverything = errors.New("sql: refused to change every row of a table")

// all joins predicates by AND; none of them means nil, which holds for every row.
func all(preds ...sq.Sqlizer) sq.Sqlizer {
	return joined(preds, func(p []sq.Sqlizer) sq.Sqlizer { return sq.And(p) })
}

// either joins predicates by OR; none of them means a predicate that never holds.
func either(preds ...sq.Sqlizer) sq.Sqlizer {
	if p := joined(preds, func(p []sq.Sqlizer) sq.Sqlizer { return sq.Or(p) }); p != nil {
		return p
	}
	return never
}

func joined(preds []sq.Sqlizer, join func([]sq.Sqlizer) sq.Sqlizer) sq.Sqlizer {
	kept := make([]sq.Sqlizer, 0, len(preds))
	for _, p := range preds {
		if p != nil {
			kept = append(kept, p)
		}
	}
	switch len(kept) {
	case 0:
		return nil
	case 1:
		return kept[0]
	}
	return join(kept)
}

// never holds for no row.
var never sq.Sqlizer = sq.Expr("(1=0)")

// selecting starts a SELECT of columns from s, aliased t. Columns are always written t."name": a bare "name" that has gone from the table
// would be taken for a string by SQLite.
func selecting(s *shape, columns ...string) sq.SelectBuilder {
	return sq.Select(columns...).From(string(s.from)).PlaceholderFormat(s.d.facts().format)
}

// where adds a predicate that may be nil.
func where(b sq.SelectBuilder, p sq.Sqlizer) sq.SelectBuilder {
	if p == nil {
		return b
	}
	return b.Where(p)
}

// updating is an UPDATE of the rows that p holds for; p must say something.
func updating(s *shape, set []assignment, p sq.Sqlizer) (string, []any, error) {
	if p == nil {
		return "", nil, errEverything
	}
	b := sq.Update(string(s.from)).PlaceholderFormat(s.d.facts().format).Where(p)
	for _, a := range set {
		b = b.Set(string(a.column.ident), s.d.store(a.column, a.value))
	}
	return b.ToSql()
}

// deleting is a DELETE of the rows that p holds for; p must say something.
func deleting(s *shape, p sq.Sqlizer) (string, []any, error) {
	if p == nil {
		return "", nil, errEverything
	}
	f := s.d.facts()
	return sq.Delete(f.deletes + string(s.from)).PlaceholderFormat(f.format).Where(p).ToSql()
}

// inserting is an INSERT that returns expressions of the new row, where the engine can.
func inserting(s *shape, set []assignment, returning []string) (string, []any, error) {
	f, suffix := s.d.facts(), ""
	if f.returning {
		suffix = " RETURNING " + strings.Join(returning, ", ")
	}
	if len(set) == 0 {
		text, err := f.format.ReplacePlaceholders("INSERT INTO " + string(s.ident) + f.noRow + suffix)
		return text, nil, err
	}
	names, values := make([]string, len(set)), make([]any, len(set))
	for i, a := range set {
		names[i], values[i] = string(a.column.ident), s.d.store(a.column, a.value)
	}
	b := sq.Insert(string(s.ident)).PlaceholderFormat(f.format).Columns(names...).Values(values...)
	if suffix != "" {
		b = b.Suffix(suffix[1:])
	}
	return b.ToSql()
}

// assignment is a column and the argument to store in it; a Sqlizer is an expression.
type assignment struct {
	column *column
	value  any
}
