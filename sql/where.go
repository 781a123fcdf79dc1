package sql

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

// The bounds of what a request may make us put into one statement.
const (
	maxDepth   = 16
	maxValues  = 1000
	maxPattern = 1000
)

// matcher turns searches and filters into SQL. At is how a column is written: t."a", or in a way that no index serves.
type matcher struct {
	d    dialect
	s    *shape
	at   func(*column) string
	left int // how many conditions may still come
}

func plainly(c *column) string { return c.order }

func (t *Table) matcher(s *shape, at func(*column) string) *matcher {
	return &matcher{d: t.db.dialect, s: s, at: at, left: maxValues}
}

// matching is a query's search and filter as one predicate, nil for every row.
func (m *matcher) matching(q widgets.Query) (sq.Sqlizer, error) {
	found, err := m.searching(q)
	if err != nil {
		return nil, err
	}
	filtered, err := m.condition(q.Filter, 0)
	if err != nil {
		return nil, err
	}
	return all(filtered, found), nil
}

// matching is the usual predicate of a query.
func (t *Table) matching(s *shape, q widgets.Query) (sq.Sqlizer, error) {
	return t.matcher(s, plainly).matching(q)
}

func (m *matcher) condition(f widgets.Filter, depth int) (sq.Sqlizer, error) {
	if depth > maxDepth {
		return nil, widgets.UserError("The filter is nested too deeply.")
	}
	if m.left -= 1 + len(f.Values); m.left < 0 {
		return nil, widgets.UserError(fmt.Sprintf("The filter has more than %d conditions.", maxValues))
	}
	var preds []sq.Sqlizer
	for _, g := range f.All {
		p, err := m.condition(g, depth+1)
		if err != nil {
			return nil, err
		}
		preds = append(preds, p)
	}
	if f.Any != nil {
		p, err := m.anyOf(f.Any, depth)
		if err != nil {
			return nil, err
		}
		preds = append(preds, p)
	}
	if f.Column != "" {
		c, err := m.s.find(f.Column)
		if err != nil {
			return nil, err
		}
		p, err := m.comparison(c, f.Op, f.Values)
		if err != nil {
			return nil, err
		}
		preds = append(preds, p)
	}
	return all(preds...), nil
}

func (m *matcher) anyOf(list []widgets.Filter, depth int) (sq.Sqlizer, error) {
	var preds []sq.Sqlizer
	for _, g := range list {
		p, err := m.condition(g, depth+1)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, nil // one alternative holds for every row, so the whole does
		}
		preds = append(preds, p)
	}
	return either(preds...), nil
}

// comparison is one condition on one column.
func (m *matcher) comparison(c *column, op widgets.Op, values []string) (sq.Sqlizer, error) {
	at := m.at(c)
	want := 1
	switch op {
	case widgets.OpNull:
		return sq.Expr(at + " IS NULL"), nil
	case widgets.OpNotNull:
		return sq.Expr(at + " IS NOT NULL"), nil
	case widgets.OpBetween:
		want = 2
	case widgets.OpIn:
		want = len(values)
	}
	if len(values) != want {
		return nil, widgets.UserError(fmt.Sprintf("%s: the filter %q needs %d value(s).", c.Label, op, want))
	}
	switch op {
	case widgets.OpContains:
		return m.like(c, values[0], "%")
	case widgets.OpPrefix:
		return m.like(c, values[0], "")
	case widgets.OpBetween:
		return m.between(c, values[0], values[1])
	}
	args := make([]any, len(values))
	for i, v := range values {
		arg, err := m.operand(c, v)
		if err != nil {
			return nil, err
		}
		args[i] = m.d.compare(c, arg)
	}
	if op == widgets.OpIn || op == widgets.OpEq && c.affinity == affinityNone {
		return among(at, c, args, values), nil
	}
	switch op {
	case widgets.OpEq, widgets.OpNe, widgets.OpLt, widgets.OpLe, widgets.OpGt, widgets.OpGe:
		if day, ok := wholeDay(c, values[0]); ok {
			return onDay(at, op, day), nil
		}
		// "Not" holds for NULL too: a person who filters for "is not paid" means the rows without a state as well.
		if op == widgets.OpNe {
			return sq.Expr(fmt.Sprintf(m.d.facts().distinct, at), args[0]), nil
		}
		sign := map[widgets.Op]string{widgets.OpEq: " = ?", widgets.OpLt: " < ?", widgets.OpLe: " <= ?", widgets.OpGt: " > ?", widgets.OpGe: " >= ?"}[op]
		return sq.Expr(at+sign, args[0]), nil
	}
	return nil, widgets.UserError(fmt.Sprintf("%s: there is no filter %q.", c.Label, op))
}

// among holds for any of the values. A column without a type may hold the number 5 or the text "5": both are meant.
func among(at string, c *column, args []any, values []string) sq.Sqlizer {
	if c.affinity == affinityNone {
		for i, v := range values {
			if _, isText := args[i].(string); !isText {
				args = append(args, v)
			}
		}
	}
	if len(args) == 0 {
		return never
	}
	return sq.Expr(at+" IN ("+sq.Placeholders(len(args))+")", args...)
}

// operand is the argument that a column is compared with. A number column is only compared with numbers: SQLite sorts every text above every
// number, so "total < abc" would hold for all rows.
func (m *matcher) operand(c *column, v string) (any, error) {
	if c.Kind == widgets.KindBool {
		if b, ok := boolean(v); ok {
			return b, nil
		}
	}
	if c.native != nil {
		if problem := c.understands(m.d, v); problem != "" {
			return nil, widgets.UserError(c.Label + ": " + problem)
		}
	}
	arg := m.d.argument(c, v)
	if _, isText := arg.(string); isText && c.native == nil && c.Kind.Numeric() && c.affinity.numeric() {
		return nil, widgets.UserError(fmt.Sprintf("%s: %q is not a number.", c.Label, shortened(v)))
	}
	return arg, nil
}

func (m *matcher) between(c *column, low, high string) (sq.Sqlizer, error) {
	var preds []sq.Sqlizer
	if low != "" {
		p, err := m.comparison(c, widgets.OpGe, []string{low})
		if err != nil {
			return nil, err
		}
		preds = append(preds, p)
	}
	if high != "" {
		p, err := m.comparison(c, widgets.OpLe, []string{high})
		if err != nil {
			return nil, err
		}
		preds = append(preds, p)
	}
	return all(preds...), nil
}

var onlyDate = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

// wholeDay reports whether a date and time is compared with a date: then the whole day is meant.
func wholeDay(c *column, v string) (time.Time, bool) {
	if c.Kind != widgets.KindDateTime || !onlyDate.MatchString(v) {
		return time.Time{}, false
	}
	day, err := time.Parse(time.DateOnly, v)
	return day, err == nil
}

// onDay compares stored texts, in which the time follows the date: a day's texts start with it and sort before the next day's.
func onDay(at string, op widgets.Op, day time.Time) sq.Sqlizer {
	first, next := day.Format(time.DateOnly), day.AddDate(0, 0, 1).Format(time.DateOnly)
	switch op {
	case widgets.OpLt:
		return sq.Expr(at+" < ?", first)
	case widgets.OpLe:
		return sq.Expr(at+" < ?", next)
	case widgets.OpGt:
		return sq.Expr(at+" >= ?", next)
	case widgets.OpGe:
		return sq.Expr(at+" >= ?", first)
	case widgets.OpNe:
		return sq.Expr("("+at+" < ? OR "+at+" >= ? OR "+at+" IS NULL)", first, next)
	}
	return sq.Expr("("+at+" >= ? AND "+at+" < ?)", first, next)
}

var escapeLike = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// like matches a part of a text. SQLite folds only the case of ASCII letters, so a word with others is tried in three spellings.
func (m *matcher) like(c *column, word, before string) (sq.Sqlizer, error) {
	if len(word) > maxPattern {
		return nil, widgets.UserError(fmt.Sprintf("A search is at most %d letters long.", maxPattern))
	}
	if !storable(m.d, word) {
		return never, nil
	}
	var preds []sq.Sqlizer
	for _, w := range spellings(word) {
		preds = append(preds, sq.Expr(m.d.like(c, m.at(c)), before+escapeLike.Replace(w)+"%"))
	}
	return either(preds...), nil
}

// storable reports whether a text could stand in a column at all.
func storable(d dialect, text string) bool {
	return !d.facts().remote || utf8.ValidString(text) && !(d.facts().noNUL && strings.ContainsRune(text, 0))
}

func spellings(word string) []string {
	out := []string{word}
	for _, r := range word {
		if r < 0x80 {
			continue
		}
		lower := strings.ToLower(word)
		first := []rune(lower)
		title := strings.ToUpper(string(first[:1])) + string(first[1:])
		for _, w := range []string{lower, strings.ToUpper(word), title} {
			known := false
			for _, o := range out {
				known = known || o == w
			}
			if !known {
				out = append(out, w)
			}
		}
		break
	}
	return out
}

// boolean reads what people and forms write for yes and no.
func boolean(s string) (int64, bool) {
	switch strings.ToLower(s) {
	case "1", "true", "t", "yes", "y", "on":
		return 1, true
	case "0", "false", "f", "no", "n", "off":
		return 0, true
	}
	return 0, false
}

// shortened keeps what a person typed from filling a message.
func shortened(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return s
}
