package sql

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom/widgets"
)

const required = "Please fill this in."

// checked makes the argument that stores v in c, or says what is wrong with it in words for the form. Stored is what the column holds now, nil
// for a new row: SQLite stores any class of value in any column, and an edit should not change the class by the way.
func checked(d dialect, c *column, v widgets.Value, stored any) (arg any, problem string) {
	if c.Generated {
		return nil, "The database computes this field; it cannot be set."
	}
	if v.IsNull() || v.String() == "" && !v.IsBlob() && neverEmpty(c) {
		if !c.Nullable && !c.Auto {
			return nil, required
		}
		return nil, ""
	}
	if v.IsBlob() {
		return checkedBytes(c, v, stored)
	}
	text := v.String()
	if !utf8.ValidString(text) {
		return nil, "This text is not valid UTF-8."
	}
	if d.facts().noNUL && c.Kind != widgets.KindBytes && strings.ContainsRune(text, 0) {
		return nil, "This text holds a NUL character, which the database cannot store."
	}
	if c.native != nil {
		return checkedNative(d, c, text, stored)
	}
	if c.Kind != widgets.KindText && c.Kind != widgets.KindLongText {
		trimmed := strings.TrimSpace(text)
		switch _, isNumber := stored.(int64); c.Kind {
		case widgets.KindInteger:
			return checkedInteger(trimmed)
		case widgets.KindDecimal:
			return checkedDecimal(c, trimmed)
		case widgets.KindFloat:
			if n, ok := number(strings.TrimPrefix(trimmed, "+")); ok {
				return n, ""
			}
			return nil, fmt.Sprintf("%q is not a number.", shortened(text))
		case widgets.KindBool:
			if b, ok := boolean(trimmed); ok {
				return b, ""
			}
			return nil, "Choose yes or no."
		case widgets.KindDate, widgets.KindTime, widgets.KindDateTime:
			if n, ok := number(trimmed); ok && isNumber {
				return n, "" // seconds since 1970, as the row had it
			}
			return checkedTime(c.Kind, trimmed, stored)
		case widgets.KindEnum:
			if !slices.Contains(c.Choices, text) {
				return nil, "Choose one of: " + strings.Join(c.Choices, ", ") + "."
			}
		case widgets.KindJSON:
			if !json.Valid([]byte(text)) {
				return nil, notJSON(text)
			}
		case widgets.KindUUID:
			if !uuid.MatchString(trimmed) {
				return nil, "This is not a UUID such as 123e4567-e89b-12d3-a456-426614174000."
			}
			text = trimmed
		case widgets.KindBytes:
			if _, isText := stored.(string); !isText {
				return []byte(text), ""
			}
			return text, ""
		}
	}
	return checkedText(d, c, text, stored)
}

// neverEmpty says of which columns an empty text means NULL, as an empty input does.
func neverEmpty(c *column) bool {
	switch c.Kind {
	case widgets.KindText, widgets.KindLongText:
		return c.native != nil && c.native.solid
	case widgets.KindBytes:
		return false
	case widgets.KindEnum:
		return !slices.Contains(c.Choices, "")
	}
	return true
}

func checkedText(d dialect, c *column, text string, stored any) (any, string) {
	if n := utf8.RuneCountInString(text); c.MaxLen > 0 && n > c.MaxLen {
		return nil, fmt.Sprintf("At most %d characters; this has %d.", c.MaxLen, n)
	}
	if _, wasText := stored.(string); wasText && c.affinity == affinityNone {
		return text, ""
	}
	arg := d.argument(c, text)
	if _, isText := arg.(string); !isText && written(arg) != text {
		// A column declared STRING, say, is numeric to SQLite, and 007 becomes 7.
		return nil, fmt.Sprintf("The column's type %s makes the database store this as %s.", c.Type, written(arg))
	}
	return arg, ""
}

func checkedBytes(c *column, v widgets.Value, stored any) (any, string) {
	switch {
	case c.Kind.Numeric() || c.Kind == widgets.KindBool:
		return nil, "This field takes no file."
	case c.MaxLen > 0 && c.affinity == affinityText && utf8.RuneCount(v.Bytes()) > c.MaxLen:
		return nil, fmt.Sprintf("At most %d characters.", c.MaxLen)
	}
	if _, wasText := stored.(string); wasText {
		return string(v.Bytes()), "" // text that is no UTF-8 travels as bytes
	}
	return v.Bytes(), ""
}

func checkedInteger(text string) (any, string) {
	n, ok := new(big.Int).SetString(strings.TrimPrefix(text, "+"), 10)
	switch {
	case !ok:
		return nil, fmt.Sprintf("%q is not a whole number.", shortened(text))
	case !n.IsInt64():
		return nil, "This number is too large: at most 9223372036854775807 in either direction."
	}
	return n.Int64(), ""
}

var (
	decimal = regexp.MustCompile(`^[+-]?(\d*)(?:\.(\d*))?$`)
	uuid    = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
)

func checkedDecimal(c *column, text string) (any, string) {
	parts := decimal.FindStringSubmatch(text)
	if parts == nil || parts[1]+parts[2] == "" {
		if strings.Count(text, ",") == 1 && decimal.MatchString(strings.Replace(text, ",", ".", 1)) {
			return nil, "Write a point for decimals: " + strings.Replace(text, ",", ".", 1) + "."
		}
		return nil, fmt.Sprintf("%q is not a number.", shortened(text))
	}
	whole, fraction := strings.TrimLeft(parts[1], "0"), strings.TrimRight(parts[2], "0")
	size, scale := c.size, c.scale
	switch {
	case size > 0 && len(fraction) > scale && scale == 0:
		return nil, "Only whole numbers."
	case size > 0 && len(fraction) > scale:
		return nil, fmt.Sprintf("At most %d digits after the point.", scale)
	case size > 0 && len(whole) > size-scale:
		return nil, fmt.Sprintf("At most %d digits before the point.", size-scale)
	}
	if c.affinity == affinityText || c.affinity == affinityNone || c.native != nil {
		return text, ""
	}
	n, ok := number(text)
	if !ok {
		return nil, fmt.Sprintf("%q is not a number.", shortened(text))
	}
	exact, _ := new(big.Rat).SetString(text)
	if kept, ok := new(big.Rat).SetString(written(n)); exact == nil || !ok || exact.Cmp(kept) != 0 {
		return nil, fmt.Sprintf("The database would store this as %s: SQLite keeps about 15 digits.", written(n))
	}
	return n, ""
}

// layouts of what inputs send and what databases hold; the first of a kind is how we write it.
var layouts = map[widgets.Kind][]string{
	widgets.KindDate: {time.DateOnly},
	widgets.KindTime: {time.TimeOnly, "15:04"},
	widgets.KindDateTime: {
		time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly, time.RFC3339,
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05 -0700 MST",
	},
}

// checkedTime takes the forms that databases hold. What an input of type datetime-local sends is written as the row had it, or with a blank
// and seconds: texts in two forms do not sort together.
func checkedTime(kind widgets.Kind, text string, stored any) (any, string) {
	for _, layout := range layouts[kind] {
		if _, err := time.Parse(layout, text); err != nil {
			continue
		}
		local := kind == widgets.KindDateTime && len(text) > 10 && text[10] == 'T' && !strings.Contains(layout, "Z07")
		if before, _ := stored.(string); local && (len(before) <= 10 || before[10] != 'T') {
			text = text[:10] + " " + text[11:]
		}
		if strings.HasSuffix(layout, "15:04") {
			text += ":00"
		}
		return text, ""
	}
	example := map[widgets.Kind]string{
		widgets.KindDate: "a date such as 2026-11-22", widgets.KindTime: "a time such as 15:04:05",
		widgets.KindDateTime: "a date and time such as 2026-11-22 15:04:05",
	}[kind]
	return nil, fmt.Sprintf("%q is not %s.", shortened(text), example)
}

func notJSON(text string) string {
	var any json.RawMessage
	err := json.Unmarshal([]byte(text), &any)
	syntax := &json.SyntaxError{}
	if errors.As(err, &syntax) {
		return fmt.Sprintf("This is not valid JSON: %s at character %d.", strings.TrimPrefix(syntax.Error(), "json: "), syntax.Offset)
	}
	return "This is not valid JSON."
}
