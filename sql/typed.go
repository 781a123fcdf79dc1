package sql

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"greenroom/widgets"
)

// valueOf writes a Go value as the text that its column holds.
func valueOf(c *column, v any) (widgets.Value, error) {
	switch x := v.(type) {
	case nil:
		return widgets.Null(), nil
	case widgets.Value:
		return x, nil
	case []byte:
		if x == nil {
			return widgets.Null(), nil
		}
		return widgets.Blob(x), nil
	case time.Time:
		if c.native != nil && !c.native.zoned {
			x = x.UTC()
		}
		return widgets.Text(x.Format(layoutFor(c.Kind, x))), nil
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer:
		if r.IsNil() {
			return widgets.Null(), nil
		}
		return valueOf(c, r.Elem().Interface())
	case reflect.String:
		return widgets.Text(r.String()), nil
	case reflect.Bool:
		return widgets.Text(written(r.Bool())), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return widgets.Text(strconv.FormatInt(r.Int(), 10)), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return widgets.Text(strconv.FormatUint(r.Uint(), 10)), nil
	case reflect.Float32, reflect.Float64:
		return widgets.Text(strconv.FormatFloat(r.Float(), 'f', -1, r.Type().Bits())), nil
	}
	if s, ok := v.(fmt.Stringer); ok {
		return widgets.Text(s.String()), nil
	}
	return widgets.Value{}, fmt.Errorf("a %T cannot be stored: give a string, number, bool, time.Time, []byte or widgets.Value", v)
}

// layoutFor keeps a time's zone only if it is not UTC, as most databases hold UTC without saying so.
func layoutFor(kind widgets.Kind, t time.Time) string {
	layout := time.DateTime
	switch kind {
	case widgets.KindDate:
		return time.DateOnly
	case widgets.KindTime:
		layout = time.TimeOnly
	}
	if t.Nanosecond() != 0 {
		layout += ".999999999"
	}
	if _, offset := t.Zone(); offset != 0 && kind != widgets.KindTime {
		layout += "Z07:00"
	}
	return layout
}
