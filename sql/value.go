package sql

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"greenroom/widgets"
)

// value makes a widgets.Value of what the engine stored. Text that is no UTF-8 is bytes.
func value(stored any) widgets.Value {
	switch x := stored.(type) {
	case nil:
		return widgets.Null()
	case []byte:
		return widgets.Blob(x)
	case string:
		if !utf8.ValidString(x) {
			return widgets.Blob([]byte(x))
		}
		return widgets.Text(x)
	}
	return widgets.Text(written(stored))
}

// written is the text of a stored value that is neither NULL nor bytes.
func written(stored any) string {
	switch x := stored.(type) {
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return writtenReal(x)
	case string:
		return x
	case []byte:
		return string(x)
	case bool:
		if x {
			return "1"
		}
		return "0"
	}
	return ""
}

// writtenReal is the shortest text that reads back as the same float, always with a point or an exponent, so that it is never taken for an
// integer: SQLite tells 5 from 5.0 in columns without a type.
func writtenReal(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Inf"
	case math.IsInf(f, -1):
		return "-Inf"
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-5 || a >= 1e15) {
		format = 'e'
	}
	s := strconv.FormatFloat(f, format, -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// number reads a text as the engine would store it in a numeric column: int64 where that is exact, else float64. ok is false for any other text.
func number(s string) (n any, ok bool) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, true
	}
	if s == "Inf" || s == "-Inf" {
		f, _ := strconv.ParseFloat(s, 64)
		return f, true
	}
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return nil, false // ParseFloat would take hexadecimals, underscores and names
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, false
	}
	return f, true
}

// argument is what is bound to compare a column with a text, or to store it: a number where the column's type would make one of the text
// anyway. A column without a type takes a number only if the text is exactly how that number is written.
func (sqlite) argument(c *column, text string) any {
	switch {
	case c.affinity == affinityText:
		return text
	case c.affinity == affinityNone:
		if n, ok := number(text); ok && written(n) == text {
			return n
		}
	default:
		if n, ok := number(text); ok {
			return n
		}
	}
	return text
}

// A key's part is a text, and SQLite may hold a number, a text, bytes or NULL in any column. Where a text alone would be read back as
// something else, the part is written as in SQL: 'text', x'00ff' or NULL.

// part writes a stored value as a part of a key.
func (sqlite) part(c *column, stored any) string {
	var s string
	switch x := stored.(type) {
	case nil:
		return "NULL"
	case []byte:
		return "x'" + hex.EncodeToString(x) + "'"
	case string:
		if same, _ := (sqlite{}).parsed(c, x); same != any(x) {
			return "'" + x + "'"
		}
		return x
	default:
		s = written(x)
	}
	return s
}

// parsed is the inverse of part.
func (sqlite) parsed(c *column, part string) (any, bool) {
	n := len(part)
	switch {
	case part == "NULL" && c.holes:
		return nil, true
	case n >= 2 && part[0] == '\'' && part[n-1] == '\'':
		return part[1 : n-1], true
	case n >= 3 && part[:2] == "x'" && part[n-1] == '\'':
		if b, err := hex.DecodeString(part[2 : n-1]); err == nil {
			return b, true
		}
	case !utf8.ValidString(part):
		return []byte(part), true
	}
	return sqlite{}.argument(c, part), true
}
