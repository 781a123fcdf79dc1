package sql

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom/widgets"
)

// checkedNative is checked for a column of an engine that keeps to its types: the result is a text, or bytes. What has no simple form, such as a
// network address or an array, is left to the engine to judge.
func checkedNative(d dialect, c *column, text string, stored any) (any, string) {
	if c.Kind == widgets.KindText || c.Kind == widgets.KindLongText {
		return checkedText(d, c, text, stored)
	}
	text = strings.TrimSpace(text)
	switch c.Kind {
	case widgets.KindInteger:
		return c.native.checkedInteger(text)
	case widgets.KindFloat, widgets.KindDecimal:
		if slices.Contains(floats, text) && d.facts().notNumbers {
			return text, "" // PostgreSQL has these, and MariaDB has not
		}
		if c.Kind == widgets.KindDecimal {
			return checkedDecimal(c, text)
		}
	case widgets.KindBool:
		b, ok := boolean(text)
		if !ok {
			return nil, "Choose yes or no."
		}
		// MariaDB's TINYINT(1) may hold 2, which is yes too and stays what it is.
		if was, isText := stored.(string); isText && b == 1 && was != "0" {
			return was, ""
		}
		return strconv.FormatInt(b, 10), ""
	case widgets.KindBytes:
		return []byte(text), ""
	case widgets.KindDate, widgets.KindTime, widgets.KindDateTime:
		return c.checkedMoment(text)
	}
	if problem := c.understands(d, text); problem != "" {
		return nil, problem
	}
	return checkedText(d, c, text, stored)
}

// understands says what is wrong with a text that a native column is compared with, "" if nothing is.
func (c *column) understands(d dialect, text string) string {
	problem := ""
	switch c.Kind {
	case widgets.KindInteger:
		if _, ok := number(text); !ok {
			problem = fmt.Sprintf("%q is not a number.", shortened(text))
		}
	case widgets.KindFloat, widgets.KindDecimal:
		if _, ok := number(text); !ok && !(d.facts().notNumbers && slices.Contains(floats, text)) {
			problem = fmt.Sprintf("%q is not a number.", shortened(text))
		}
	case widgets.KindBool:
		if _, ok := boolean(text); !ok {
			problem = "Choose yes or no."
		}
	case widgets.KindDate, widgets.KindTime, widgets.KindDateTime:
		_, problem = c.checkedMoment(text)
	case widgets.KindUUID:
		if !uuid.MatchString(text) {
			problem = "This is not a UUID such as 123e4567-e89b-12d3-a456-426614174000."
		}
	case widgets.KindEnum:
		if !slices.Contains(c.Choices, text) {
			problem = "Choose one of: " + strings.Join(c.Choices, ", ") + "."
		}
	case widgets.KindJSON:
		if !json.Valid([]byte(text)) {
			problem = notJSON(text)
		}
	case widgets.KindText, widgets.KindLongText:
		if !storable(d, text) {
			problem = "No text of the database holds such characters."
		}
	}
	return problem
}

// floats are the values that are no numbers and that PostgreSQL has.
var floats = []string{"NaN", "Infinity", "-Infinity"}

// integer reads a whole number that the column can hold, and writes it in the one way that the engine does.
func (n *native) integer(text string) (string, bool) {
	i, ok := new(big.Int).SetString(strings.TrimPrefix(text, "+"), 10)
	if !ok {
		return "", false
	}
	low, high := n.limits()
	return i.String(), i.Cmp(low) >= 0 && i.Cmp(high) <= 0
}

func (n *native) limits() (low, high *big.Int) {
	one := big.NewInt(1)
	if n.unsigned {
		return new(big.Int), new(big.Int).Sub(new(big.Int).Lsh(one, uint(n.bits)), one)
	}
	half := new(big.Int).Lsh(one, uint(n.bits-1))
	return new(big.Int).Neg(half), new(big.Int).Sub(half, one)
}

func (n *native) checkedInteger(text string) (any, string) {
	i, fits := n.integer(text)
	switch {
	case i == "":
		return nil, fmt.Sprintf("%q is not a whole number.", shortened(text))
	case !fits && n.bits == 64 && !n.unsigned:
		return nil, "This number is too large: at most 9223372036854775807 in either direction."
	case !fits:
		low, high := n.limits()
		return nil, fmt.Sprintf("This number is out of range: %s to %s.", low, high)
	}
	return i, ""
}

// odd are moments that Go's time does not read and that engines hold: infinity, years before Christ or of five digits, zero dates, and
// MariaDB's TIME, which is a span of up to 838 hours.
var odd = regexp.MustCompile(`^(-?infinity|[0-9: .+-]+ BC|\d{5,6}-\d\d-\d\d([ T][0-9:.+-]+)?|\d{4}-\d\d-\d\d( 00:00:00(\.0+)?)?|-?\d{1,3}:\d\d:\d\d(\.\d{1,6})?|24:00:00)$`)

var zones = map[widgets.Kind][]string{
	widgets.KindDateTime: {"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00", time.RFC3339, "2006-01-02T15:04Z07:00"},
	widgets.KindTime:     {"15:04:05Z07", "15:04:05Z07:00", "15:04Z07:00"},
}

// checkedMoment takes a date or time as inputs and databases write it. An offset is only taken where the column keeps one: the engine would drop
// it without a word.
func (c *column) checkedMoment(text string) (any, string) {
	for _, layout := range zones[c.Kind] {
		if _, err := time.Parse(layout, text); err != nil {
			continue
		}
		if !c.native.zoned {
			return nil, "This field has no time zone: leave out what follows the time."
		}
		return text, ""
	}
	got, problem := checkedTime(c.Kind, text, nil)
	if problem != "" && odd.MatchString(text) && c.holds(text) {
		return text, ""
	}
	return got, problem
}

// holds tells an odd moment from a mistake: a date of four digits is only odd if it has a zero in it.
func (c *column) holds(text string) bool {
	clock := strings.Contains(text[:min(5, len(text))], ":")
	switch {
	case c.Kind == widgets.KindTime:
		return clock
	case clock:
		return false
	case len(text) >= 10 && text[4] == '-' && !strings.HasSuffix(text, "BC"):
		return text[:4] == "0000" || text[5:7] == "00" || text[8:10] == "00"
	}
	return true
}

// sameNumber reports whether a number that is to be stored is the one that is stored, written in another way.
func (c *column) sameNumber(arg, stored any) bool {
	a, isText := arg.(string)
	b, wasText := stored.(string)
	if c.native == nil || !isText || !wasText {
		return false
	}
	switch c.Kind {
	case widgets.KindDecimal:
		if c.size == 0 && c.native.base != "money" {
			return false // PostgreSQL's numeric keeps the zeros that it is given
		}
		x, okX := new(big.Rat).SetString(a)
		y, okY := new(big.Rat).SetString(b)
		return okX && okY && x.Cmp(y) == 0
	case widgets.KindFloat:
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		return errX == nil && errY == nil && (x == y && math.Signbit(x) == math.Signbit(y))
	}
	return false
}
