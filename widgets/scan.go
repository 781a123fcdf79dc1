package widgets

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Decode reads one row into a struct; see DecoderOf, which is for many.
func Decode[R any](t *Table, columns []string, row Row) (R, error) {
	decode, err := DecoderOf[R](t, columns)
	if err != nil {
		var zero R
		return zero, err
	}
	return decode(row)
}

// DecoderOf prepares reading rows into R, a struct whose fields name their columns with a tag: `db:"customer_id"`. Columns are the rows' columns
// in order (Rows.Columns); nil means all of the table's. Integers, floats, strings, booleans, []byte, time.Time, Value, and whatever has Scan or
// UnmarshalText will do for a field; a pointer to one of them is nil for NULL, and a NULL for anything else but []byte and Value is an error. A field
// of type Key without a tag gets the row's key; other fields without a tag, and those tagged "-", are left alone. R may also be Row itself.
func DecoderOf[R any](t *Table, columns []string) (func(Row) (R, error), error) {
	of := reflect.TypeFor[R]()
	if of == reflect.TypeFor[Row]() {
		return func(row Row) (R, error) { return any(row).(R), nil }, nil
	}
	if of.Kind() != reflect.Struct {
		return nil, fmt.Errorf("widgets: rows of %s are decoded into a struct, not into %s", t.ID(), of)
	}
	if columns == nil {
		columns = make([]string, len(t.Columns))
		for i := range t.Columns {
			columns[i] = t.Columns[i].Name
		}
	}
	fields, err := fieldsOf(t, columns, of, nil)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf(`widgets: no field of %s names a column of %s; tag them like this: db:"%s"`, of, t.ID(), columns[0])
	}
	return func(row Row) (R, error) {
		var r R
		into := reflect.ValueOf(&r).Elem()
		for i := range fields {
			f := &fields[i]
			if f.column < 0 {
				into.FieldByIndex(f.index).Set(reflect.ValueOf(row.Key))
				continue
			}
			if f.column >= len(row.Values) {
				return r, fmt.Errorf("widgets: a row of %s has %d values and %d columns", t.ID(), len(row.Values), len(columns))
			}
			if err := f.set(into.FieldByIndex(f.index), row.Values[f.column]); err != nil {
				return r, fmt.Errorf("widgets: %s.%s of row %s into %s.%s: %w", t.ID(), columns[f.column], row.Key, of, f.name, err)
			}
		}
		return r, nil
	}, nil
}

// field is a struct's field and where its value stands in a row; -1 is the key.
type field struct {
	index  []int
	name   string
	column int
	set    func(reflect.Value, Value) error
}

func fieldsOf(t *Table, columns []string, of reflect.Type, at []int) ([]field, error) {
	var out []field
	var faults []error
	for i := range of.NumField() {
		f := of.Field(i)
		index := append(append([]int{}, at...), i)
		tag, tagged := f.Tag.Lookup("db")
		switch {
		case tag == "-":
			continue
		case !tagged && f.Anonymous && f.Type.Kind() == reflect.Struct:
			inner, err := fieldsOf(t, columns, f.Type, index)
			out, faults = append(out, inner...), append(faults, err)
			continue
		case !tagged && f.IsExported() && f.Type == reflect.TypeFor[Key]():
			out = append(out, field{index, f.Name, -1, nil})
			continue
		case !tagged:
			continue
		case !f.IsExported():
			faults = append(faults, fmt.Errorf("widgets: the field %s.%s has a db tag and must begin with a capital", of, f.Name))
			continue
		}
		column := place(columns, tag)
		if column < 0 {
			faults = append(faults, fmt.Errorf("widgets: %s.%s names the column %q, which %s does not have here; did you mean %q?", of, f.Name, tag, t.ID(),
				nearest(tag, columns)))
			continue
		}
		set := setterOf(f.Type)
		if set == nil {
			faults = append(faults, fmt.Errorf("widgets: a column cannot be read into %s.%s of type %s", of, f.Name, f.Type))
			continue
		}
		out = append(out, field{index, f.Name, column, set})
	}
	return out, errors.Join(faults...)
}

// ColumnsOf are the columns that the tags of R name.
func ColumnsOf[R any]() []string {
	var names []string
	var walk func(of reflect.Type)
	walk = func(of reflect.Type) {
		if of.Kind() != reflect.Struct {
			return
		}
		for f := range of.Fields() {
			switch tag, tagged := f.Tag.Lookup("db"); {
			case !tagged && f.Anonymous:
				walk(f.Type)
			case tagged && tag != "-" && f.IsExported() && place(names, tag) < 0:
				names = append(names, tag)
			}
		}
	}
	walk(reflect.TypeFor[R]())
	return names
}

func place(columns []string, name string) int {
	for i, c := range columns {
		if c == name {
			return i
		}
	}
	return -1
}

var errNull = errors.New("the value is NULL: make the field a pointer")

type scanner interface{ Scan(any) error }

// setterOf returns how a value is put into a field of a type, nil if it cannot be.
func setterOf(of reflect.Type) func(reflect.Value, Value) error {
	switch of {
	case reflect.TypeFor[Value]():
		return func(r reflect.Value, v Value) error { r.Set(reflect.ValueOf(v)); return nil }
	case reflect.TypeFor[[]byte]():
		return func(r reflect.Value, v Value) error { r.SetBytes(v.Bytes()); return nil }
	case reflect.TypeFor[time.Time]():
		return notNull(func(r reflect.Value, v Value) error {
			at, err := timeOf(v.String())
			r.Set(reflect.ValueOf(at))
			return err
		})
	}
	switch pointer := reflect.PointerTo(of); {
	case pointer.Implements(reflect.TypeFor[scanner]()):
		return func(r reflect.Value, v Value) error {
			var given any
			switch {
			case v.IsBlob():
				given = v.Bytes()
			case !v.IsNull():
				given = v.String()
			}
			return r.Addr().Interface().(scanner).Scan(given)
		}
	case pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return notNull(func(r reflect.Value, v Value) error {
			return r.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(v.Bytes())
		})
	}
	return setterOfKind(of)
}

func setterOfKind(of reflect.Type) func(reflect.Value, Value) error {
	switch of.Kind() {
	case reflect.Pointer:
		inner := setterOf(of.Elem())
		if inner == nil {
			return nil
		}
		return func(r reflect.Value, v Value) error {
			if v.IsNull() {
				return nil
			}
			r.Set(reflect.New(of.Elem()))
			return inner(r.Elem(), v)
		}
	case reflect.String:
		return notNull(func(r reflect.Value, v Value) error { r.SetString(string(v.Bytes())); return nil })
	case reflect.Bool:
		return notNull(func(r reflect.Value, v Value) error {
			b, err := boolOf(v.String())
			r.SetBool(b)
			return err
		})
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return notNull(func(r reflect.Value, v Value) error {
			n, err := strconv.ParseInt(whole(v.String()), 10, of.Bits())
			r.SetInt(n)
			return err
		})
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return notNull(func(r reflect.Value, v Value) error {
			n, err := strconv.ParseUint(whole(v.String()), 10, of.Bits())
			r.SetUint(n)
			return err
		})
	case reflect.Float32, reflect.Float64:
		return notNull(func(r reflect.Value, v Value) error {
			n, err := strconv.ParseFloat(v.String(), of.Bits())
			r.SetFloat(n)
			return err
		})
	}
	return nil
}

func notNull(set func(reflect.Value, Value) error) func(reflect.Value, Value) error {
	return func(r reflect.Value, v Value) error {
		if v.IsNull() {
			return errNull
		}
		return set(r, v)
	}
}

// whole drops the fraction of a number that has none: databases write 5 and 5.0.
func whole(s string) string {
	if before, after, ok := strings.Cut(s, "."); ok && strings.Trim(after, "0") == "" {
		return before
	}
	return s
}

func boolOf(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "1", "t", "true", "yes", "y", "on":
		return true, nil
	case "0", "f", "false", "no", "n", "off", "":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", s)
}

// timeOf reads the forms in which databases keep times; a number is seconds since 1970, and a text without a zone is UTC.
func timeOf(s string) (time.Time, error) {
	s, _, _ = strings.Cut(s, " m=") // what time.Time prints of its monotonic clock
	for _, layout := range []string{
		time.DateTime, time.RFC3339, time.DateOnly, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07",
		"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05 -0700 MST", "2006-01-02 15:04:05 -0700 -0700", time.TimeOnly, "15:04",
	} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, nil
		}
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(n) < 1e12 {
		seconds, fraction := math.Modf(n)
		return time.Unix(int64(seconds), int64(fraction*1e9)).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%q is no time", s)
}

// nearest is the word that takes the fewest changes to become, for a message.
func nearest(word string, among []string) string {
	best, least := "", math.MaxInt
	for _, other := range among {
		if d := distance(strings.ToLower(word), strings.ToLower(other)); d < least {
			best, least = other, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
