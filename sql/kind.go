package sql

import (
	"slices"
	"strconv"
	"strings"

	"greenroom/widgets"
)

// affinity is what SQLite makes of a value that is stored in a column; a column's declared type decides it.
type affinity uint8

const (
	affinityNone affinity = iota // BLOB in SQLite's words: nothing is converted
	affinityText
	affinityInteger
	affinityNumeric
	affinityReal
)

func (a affinity) numeric() bool {
	return a == affinityInteger || a == affinityNumeric || a == affinityReal
}

// affinityOf follows the five rules of sqlite.org/datatype3.html, in their order. Strict tables know ANY besides, which converts nothing.
func affinityOf(declared string, strict bool) affinity {
	d := strings.ToUpper(declared)
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(d, p) })
	}
	switch {
	case strict && d == "ANY":
		return affinityNone
	case has("INT"):
		return affinityInteger
	case has("CHAR", "CLOB", "TEXT"):
		return affinityText
	case d == "", has("BLOB"):
		return affinityNone
	case has("REAL", "FLOA", "DOUB"):
		return affinityReal
	}
	return affinityNumeric
}

// declaredType takes a declared type apart: "NUMERIC(10,2)" is "NUMERIC", 10 and 2; numbers that are absent are 0.
func declaredType(declared string) (base string, size, scale int) {
	base = strings.ToUpper(strings.TrimSpace(declared))
	open := strings.IndexByte(base, '(')
	if open < 0 {
		return base, 0, 0
	}
	inside, _, _ := strings.Cut(base[open+1:], ")")
	base = strings.TrimSpace(base[:open])
	first, second, _ := strings.Cut(inside, ",")
	size, _ = strconv.Atoi(strings.TrimSpace(first))
	scale, _ = strconv.Atoi(strings.TrimSpace(second))
	return base, size, scale
}

// longNames are words in a text column's name that promise more than a line.
var longNames = []string{
	"description", "body", "notes", "note", "content", "comment", "comments", "bio", "biography", "text", "message", "summary",
	"details", "remarks", "markdown", "html", "abstract",
}

// kindOf says how a column is shown and edited, by its declared type, its name where the type leaves it open, and what a CHECK says.
func kindOf(name, declared string) (kind widgets.Kind, maxLen, digits, scale int) {
	base, size, scale := declaredType(declared)
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(base, p) })
	}
	switch {
	case base == "TINYINT" && size == 1, has("BOOL"):
		return widgets.KindBool, 0, 0, 0
	case has("DATETIME", "TIMESTAMP"):
		return widgets.KindDateTime, 0, 0, 0
	case base == "DATE":
		return widgets.KindDate, 0, 0, 0
	case base == "TIME":
		return widgets.KindTime, 0, 0, 0
	case has("JSON"):
		return widgets.KindJSON, 0, 0, 0
	case has("UUID", "GUID", "UNIQUEIDENTIFIER"):
		return widgets.KindUUID, 0, 0, 0
	case has("BLOB", "BINARY", "BYTEA", "IMAGE"):
		return widgets.KindBytes, 0, 0, 0
	case has("DOUB", "FLOA", "REAL"):
		return widgets.KindFloat, 0, 0, 0
	case has("DEC", "NUMERIC", "MONEY", "NUMBER"):
		return widgets.KindDecimal, 0, size, scale
	case has("INT") && !has("POINT", "INTERVAL"):
		return widgets.KindInteger, 0, 0, 0
	case has("CLOB", "LONGTEXT", "MEDIUMTEXT"):
		return widgets.KindLongText, size, 0, 0
	case has("CHAR") && size > 0:
		if size > 255 {
			return widgets.KindLongText, size, 0, 0
		}
		return widgets.KindText, size, 0, 0
	case has("TEXT") && longNamed(name):
		return widgets.KindLongText, size, 0, 0
	}
	return widgets.KindText, size, 0, 0
}

// longNamed reports whether a column's name promises more than a line.
func longNamed(name string) bool {
	parts := words(name)
	return len(parts) > 0 && slices.Contains(longNames, strings.ToLower(parts[len(parts)-1]))
}

// affinity says which of a native column's values are numbers.
func (n *native) affinity() affinity {
	switch n.kind {
	case widgets.KindInteger:
		return affinityInteger
	case widgets.KindDecimal:
		return affinityNumeric
	case widgets.KindFloat:
		return affinityReal
	}
	return affinityText
}

// hinted refines a column by what a CHECK says of it.
func hinted(c *widgets.Column, h *hint) {
	switch {
	case h.json:
		c.Kind = widgets.KindJSON
	case h.maxLen > 0:
		if c.MaxLen == 0 || h.maxLen < c.MaxLen {
			c.MaxLen = h.maxLen
		}
	case c.Kind == widgets.KindInteger && len(h.choices) == 2 && slices.Contains(h.choices, "0") && slices.Contains(h.choices, "1"):
		c.Kind = widgets.KindBool
	case c.Kind == widgets.KindBool:
	default:
		c.Kind, c.Choices = widgets.KindEnum, h.choices
	}
}
