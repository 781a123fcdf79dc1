package sql

import (
	"fmt"
	"strings"
	"unicode"

	sq "github.com/Masterminds/squirrel"

	"greenroom/widgets"
)

const maxTerms = 10

// term is one word or phrase of a search: found inside a text, at its start (^) or as the whole (=).
type term struct {
	mark byte // 0, '=' or '^'
	text string
}

// terms cuts up what a person typed: words, "phrases", =whole and ^start, each of them perhaps quoted. A quote that is never closed runs to the end.
func terms(search string) []term {
	var out []term
	for rest := strings.TrimSpace(search); rest != ""; rest = strings.TrimSpace(rest) {
		var t term
		if (rest[0] == '=' || rest[0] == '^') && len(rest) > 1 && rest[1] != ' ' {
			t.mark, rest = rest[0], rest[1:]
		}
		if rest[0] == '"' {
			t.text, rest, _ = strings.Cut(rest[1:], `"`)
		} else if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
			t.text, rest = rest[:i], rest[i:]
		} else {
			t.text, rest = rest, ""
		}
		if t.text != "" {
			out = append(out, t)
		}
	}
	return out
}

// searching is a query's search as a predicate: every term is found in some column. Nil means that nothing was searched.
func (m *matcher) searching(q widgets.Query) (sq.Sqlizer, error) {
	list := terms(q.Search)
	if len(list) > maxTerms {
		return nil, widgets.UserError(fmt.Sprintf("A search is at most %d words.", maxTerms))
	}
	if len(list) == 0 {
		return nil, nil
	}
	columns, err := searched(m.s, q.In)
	if err != nil {
		return nil, err
	}
	var preds []sq.Sqlizer
	for _, term := range list {
		var found []sq.Sqlizer
		for _, c := range columns {
			p, err := m.holds(c, term)
			if err != nil {
				return nil, err
			}
			found = append(found, p)
		}
		preds = append(preds, either(found...))
	}
	return all(preds...), nil
}

// searched are the columns that a search looks in: those named, or the texts, the dates, and the whole numbers that name a row.
func searched(s *shape, in []string) ([]*column, error) {
	if in != nil {
		return s.finds(in)
	}
	var out []*column
	for i := range s.columns {
		c := &s.columns[i]
		switch c.Kind {
		case widgets.KindText, widgets.KindLongText, widgets.KindUUID, widgets.KindEnum, widgets.KindDate, widgets.KindDateTime:
			out = append(out, c)
		case widgets.KindInteger:
			if c.Unique || c.KeyPart > 0 {
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// holds is a term in one column; nil when the column cannot hold it, as a number column cannot hold a word.
func (m *matcher) holds(c *column, term term) (sq.Sqlizer, error) {
	switch c.Kind {
	case widgets.KindInteger, widgets.KindDecimal, widgets.KindFloat:
		n, ok := number(term.text)
		switch {
		case !ok:
			return nil, nil
		case c.native != nil:
			return sq.Expr(m.at(c)+" = ?", m.d.compare(c, m.d.argument(c, term.text))), nil
		}
		return sq.Expr(m.at(c)+" = ?", n), nil
	case widgets.KindBytes, widgets.KindBool:
		return nil, nil
	case widgets.KindDate, widgets.KindDateTime:
		// 2026, 2026-11 and 2026-11-22 find what begins so.
		if term.mark != 0 || len(term.text) < 4 || strings.Trim(term.text, "0123456789-:") != "" {
			return nil, nil
		}
		return m.like(c, term.text, "")
	}
	switch term.mark {
	case '=':
		if c.native != nil && (!storable(m.d, term.text) || c.understands(m.d, term.text) != "") {
			return never, nil
		}
		return sq.Expr(m.at(c)+" = ?", m.d.compare(c, m.d.argument(c, term.text))), nil
	case '^':
		return m.like(c, term.text, "")
	}
	return m.like(c, term.text, "%")
}
