package widgets

import "unicode/utf8"

// Value is one field of a row as the database wrote it: NULL, text or bytes. Values travel as text in both directions and are typed by
// their Column, never by a Go type, so a 64-bit integer, a decimal or a date comes back as it was. The zero Value is NULL.
type Value struct {
	form form
	text string
}

type form uint8

const (
	null form = iota
	text
	blob
)

// Text is a value that is not NULL.
func Text(s string) Value { return Value{form: text, text: s} }

// Blob is a value of raw bytes; it is never shown as text.
func Blob(b []byte) Value { return Value{form: blob, text: string(b)} }

// Null is the absence of a value, the same as the zero Value.
func Null() Value { return Value{} }

// IsNull tells NULL from an empty text.
func (v Value) IsNull() bool { return v.form == null }

// IsBlob reports whether the value is raw bytes.
func (v Value) IsBlob() bool { return v.form == blob }

// String is the text of the value, "" for NULL; bytes that are no UTF-8 are replaced by U+FFFD.
func (v Value) String() string {
	if v.form == blob && !utf8.ValidString(v.text) {
		return string([]rune(v.text))
	}
	return v.text
}

// Bytes is the raw content of the value, nil for NULL.
func (v Value) Bytes() []byte {
	if v.form == null {
		return nil
	}
	return []byte(v.text)
}
