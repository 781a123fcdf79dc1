package pages

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom/widgets"
)

// field is one column on a form: what the row had, and what was typed.
type field struct {
	n      int
	column *widgets.Column
	fixed  bool
	// base is the value that the person was shown; on a new row it is NULL and says nothing.
	base widgets.Value
	// typed is the input's text, null its NULL checkbox. For a checkbox typed is "true" or "".
	typed string
	null  bool
	error string
	// theirs is what somebody else made of the field meanwhile.
	theirs *widgets.Value
	// by says who that was and when, as far as the audit knows; "" until it was asked.
	by string
	// options are offered instead of typing, when known; of a select they are all there is.
	options []selectOption
	ref     refKind
	name    named // of the row that the value points to
	// prefix stands before the column in all names of an inline's field, at tells its inputs' ids apart; focus is for the first input of a new row.
	prefix, at string
	focus      bool
}

// refKind is how a foreign key is entered.
type refKind uint8

const (
	refNone   refKind = iota // as its value
	refSelect                // few rows: a list of them
	refLookup                // many: typing finds them
)

// reservedInputs are words that the form itself posts; a column of that name is posted with a prefix.
var reservedInputs = []string{"csrf", "event", "widget", "_then", "_keep", "_take", inlineAdd, inlineDrop, inlineGo, linkDrop, restoreButton}

// reservedPrefixes begin the names that the form itself makes of columns and rows.
var reservedPrefixes = []string{prefixNull, prefixSeen, prefixInline, prefixDrop, prefixLink}

const (
	prefixColumn = "column:"
	prefixNull   = "null."
	prefixSeen   = "seen."
)

// input is what the form posts the column as.
func (f *field) input() string {
	name := f.column.Name
	switch {
	case f.prefix != "":
		return f.prefix + name
	case slices.Contains(reservedInputs, name), slices.ContainsFunc(reservedPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }):
		return prefixColumn + name
	}
	return name
}

// word is what events call the field; with is the name of an input beside its own, such as that of the NULL checkbox.
func (f *field) word() string              { return f.prefix + f.column.Name }
func (f *field) with(prefix string) string { return prefix + f.word() }

// blank is the field of a new row.
func (f *field) blank() {
	c := f.column
	f.null = f.nullBox() && !c.HasDefault
	if f.as() == "check" {
		if yes, _ := truth(strings.Trim(c.Default, "'()")); yes {
			f.typed = "true"
		}
	}
}

// load takes a value as the present one.
func (f *field) load(v widgets.Value) {
	f.base = v // first: how the field is entered depends on it
	f.typed, f.null = f.shown(v), f.nullBox() && v.IsNull()
}

// shown is the text that the input has for a value.
func (f *field) shown(v widgets.Value) string {
	if v.IsNull() {
		return ""
	}
	switch f.as() {
	case "check":
		if yes, _ := truth(v.String()); yes {
			return "true"
		}
		return ""
	case "select":
		if f.column.Kind == widgets.KindBool {
			if yes, ok := truth(v.String()); ok {
				return map[bool]string{true: "true", false: "false"}[yes]
			}
		}
	case "datetime":
		if at, _, ok := stamp(v.String()); ok {
			return at.Format("2006-01-02T15:04:05")
		}
	}
	return v.String()
}

// as is how the column is entered.
func (f *field) as() string {
	c := f.column
	if f.fixed {
		return "fixed"
	}
	switch {
	case f.ref == refSelect:
		return "select"
	case f.ref == refLookup:
		return "lookup"
	case len(c.Choices) > 0:
		return "select"
	}
	switch c.Kind {
	case widgets.KindBool:
		if _, ok := truth(f.base.String()); !f.base.IsNull() && !ok {
			return "text" // neither yes nor no is stored; a box would lose it
		}
		if c.Nullable {
			return "select"
		}
		return "check"
	case widgets.KindLongText, widgets.KindJSON:
		return "long"
	case widgets.KindDate:
		if f.base.IsNull() || dateOnly(f.base.String()) {
			return "date"
		}
	case widgets.KindDateTime:
		if _, _, ok := stamp(f.base.String()); f.base.IsNull() || ok {
			return "datetime"
		}
	case widgets.KindText:
		if c.MaxLen == 0 && (strings.ContainsAny(f.base.String(), "\n") || len(f.base.String()) > 120) {
			return "long"
		}
	}
	return "text"
}

// nullBox tells whether NULL needs a box of its own beside the input: where an empty input could as well be an empty text.
func (f *field) nullBox() bool {
	c := f.column
	return !f.fixed && c.Nullable && c.Ref == nil && len(c.Choices) == 0 && (c.Kind == widgets.KindText || c.Kind == widgets.KindLongText)
}

func dateOnly(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// stamps are the stored texts of a date and time that a browser's input keeps as they are: no fractions, no zones.
var stamps = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04"}

// stamp reads a date and time; layout writes it back exactly.
func stamp(s string) (at time.Time, layout string, ok bool) {
	for _, layout := range stamps {
		if at, err := time.Parse(layout, s); err == nil && at.Format(layout) == s {
			return at, layout, true
		}
	}
	return at, "", false
}

// take puts in what a form posted. An absent box is an unticked one; any other absent input leaves the field as it was.
func (f *field) take(posted widgets.Form) {
	if f.fixed {
		return
	}
	name := f.input()
	if f.as() == "check" {
		f.typed = ""
		if posted.Has(name) && ticked(posted.Get(name)) {
			f.typed = "true"
		}
		return
	}
	if !posted.Has(name) {
		return
	}
	f.enter(f.line(posted.Get(name)))
	if f.nullBox() {
		// A text typed beside a box that stood ticked from the start means the text.
		f.null = posted.Has(f.with(prefixNull)) && (f.typed == "" || !f.base.IsNull())
	}
}

// enter puts in what was typed. The name of the row that a foreign key pointed to goes with the old value.
func (f *field) enter(text string) {
	if text != f.typed {
		f.typed, f.name = text, named{}
	}
}

// line undoes what browsers do to the line ends of a textarea.
func (f *field) line(text string) string {
	if strings.Contains(f.base.String(), "\r\n") {
		return text
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}

// value is what would be stored. ok is false where the database's default is to be used, which only a new row can have.
func (f *field) value(add bool) (v widgets.Value, ok bool) {
	c := f.column
	if f.as() == "check" {
		return widgets.Text(map[bool]string{true: "true", false: "false"}[f.typed == "true"]), true
	}
	if f.nullBox() {
		if f.null {
			return widgets.Null(), !add || !c.HasDefault
		}
		return widgets.Text(f.typed), f.typed != "" || !add || !c.HasDefault
	}
	text := f.typed
	if c.Kind != widgets.KindText && c.Kind != widgets.KindLongText {
		text = strings.TrimSpace(text)
	}
	if text == "" && (f.empties() || c.Nullable) {
		return widgets.Null(), !add || !c.HasDefault
	}
	if text == "" && add && c.HasDefault {
		return widgets.Null(), false
	}
	if f.as() == "datetime" {
		if at, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
			return widgets.Text(at.Format(f.layout())), true
		}
		if at, err := time.Parse("2006-01-02T15:04", text); err == nil {
			return widgets.Text(at.Format(f.layout())), true
		}
	}
	return widgets.Text(text), true
}

// layout is how the row writes a date and time; a new one is written with a space.
func (f *field) layout() string {
	if _, layout, ok := stamp(f.base.String()); ok {
		return layout
	}
	return stamps[0]
}

// empties tells whether an empty input of the column means that there is no value.
func (f *field) empties() bool {
	c := f.column
	return c.Ref != nil || len(c.Choices) > 0 && !slices.Contains(c.Choices, "") || c.Kind != widgets.KindText && c.Kind != widgets.KindLongText
}

// required tells whether the input must be filled in. A text that may not be NULL could be empty all the same; without a default to fall back on that
// is hardly ever meant.
func (f *field) required() bool {
	c := f.column
	return !f.fixed && !c.Nullable && !c.HasDefault && !c.Auto && f.as() != "check" && !slices.Contains(c.Choices, "")
}

// changed tells whether what is typed means another value than base.
func (f *field) changed() bool {
	v, _ := f.value(false)
	return !f.same(v, f.base)
}

func (f *field) same(a, b widgets.Value) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() == b.IsNull()
	}
	if f.column.Kind == widgets.KindBool {
		x, okX := truth(a.String())
		y, okY := truth(b.String())
		if okX && okY {
			return x == y
		}
	}
	if at, _, ok := stamp(a.String()); ok && f.column.Kind == widgets.KindDateTime {
		if other, _, ok := stamp(b.String()); ok {
			return at.Equal(other)
		}
	}
	return a.String() == b.String()
}

// check says what is wrong with what is typed, as far as it can be told without the database, which has the last word.
func (f *field) check(add bool) string {
	c := f.column
	if f.fixed || !add && !f.changed() {
		return ""
	}
	v, given := f.value(add)
	if !given {
		return ""
	}
	if v.IsNull() {
		if !c.Nullable && !(add && c.HasDefault) && !c.Auto {
			return "Please fill this in."
		}
		return ""
	}
	text := v.String()
	if text == "" && f.required() {
		return "Please fill this in."
	}
	if n := utf8.RuneCountInString(text); c.MaxLen > 0 && n > c.MaxLen {
		return "At most " + group(int64(c.MaxLen)) + " characters; this has " + group(int64(n)) + "."
	}
	if len(c.Choices) > 0 && !slices.Contains(c.Choices, text) {
		return "Choose one of the list."
	}
	switch c.Kind {
	case widgets.KindInteger:
		if !integerText.MatchString(text) {
			return "Enter a whole number."
		}
	case widgets.KindDecimal, widgets.KindFloat:
		if !decimalText.MatchString(text) && text != "Inf" && text != "-Inf" {
			return "Enter a number, with a point for decimals."
		}
	case widgets.KindDate:
		if !dateOnly(text) {
			return "Enter a date like 2026-01-31."
		}
	case widgets.KindDateTime:
		if len(text) < 10 || !dateOnly(text[:10]) {
			return "Enter a date and time like 2026-01-31 09:30:00."
		}
	case widgets.KindUUID:
		if !uuidText.MatchString(text) {
			return "Enter a UUID like 123e4567-e89b-12d3-a456-426614174000."
		}
	case widgets.KindJSON:
		if err := json.Unmarshal([]byte(text), new(any)); err != nil {
			return "This is not JSON: " + err.Error() + "."
		}
	}
	return ""
}

// mark is a short word for a value: a form posts it back, so that a page without JavaScript notices a change in between too.
func mark(v widgets.Value) string {
	h := fnv.New64a()
	if !v.IsNull() {
		h.Write([]byte{1})
		h.Write(v.Bytes())
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// shownText is a value in words.
func (f *field) shownText(v widgets.Value) string {
	c := f.column
	switch {
	case v.IsNull():
		return none
	case v.IsBlob() || c.Kind == widgets.KindBytes:
		return bytesText(nil, len(v.Bytes()))
	case c.Kind == widgets.KindBool:
		if yes, ok := truth(v.String()); ok {
			return yesNo(nil, yes)
		}
	}
	if v.String() == "" {
		return "(no text)"
	}
	return v.String()
}
