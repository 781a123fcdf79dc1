package view

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"
	"unsafe"
)

// function compiles a call of a predefined function. Others are called by the standard executor.
func (c *compiler) function(name string, args []parse.Node, dot reflect.Type) (expr, bool) {
	if _, replaced := c.funcs[name]; replaced {
		return expr{}, false
	}
	var in []expr
	for _, a := range args {
		e, ok := c.operand(a, dot)
		if !ok {
			return expr{}, false
		}
		in = append(in, e)
	}
	switch name {
	case "eq", "ne", "lt", "le", "gt", "ge":
		return comparison(name, in)
	case "not":
		if len(in) != 1 {
			return expr{}, false
		}
		test := c.test(in[0], in[0].typ, false)
		return boolean(func(x *run, dot reflect.Value) (bool, bool) {
			_, truth, ok := test(x, dot)
			return !truth, ok
		}), true
	case "and", "or":
		return c.junction(name == "or", in)
	case "len":
		return length(in)
	case "print", "println", "printf":
		return printed(name, args, in)
	}
	return expr{}, false
}

// boolean is an expression of type bool.
func boolean(truth func(x *run, dot reflect.Value) (bool, bool)) expr {
	return expr{typ: typeBool, truth: truth, get: func(x *run, dot reflect.Value) (reflect.Value, bool) {
		b, ok := truth(x, dot)
		if b {
			return valueTrue, ok
		}
		return valueFalse, ok
	}}
}

var valueTrue, valueFalse = reflect.ValueOf(true), reflect.ValueOf(false)

// junction compiles and, or: the first argument that decides, or the last.
func (c *compiler) junction(or bool, in []expr) (expr, bool) {
	if len(in) == 0 {
		return expr{}, false
	}
	typ := in[0].typ
	var tests []func(*run, reflect.Value) (reflect.Value, bool, bool)
	var truths []func(*run, reflect.Value) (reflect.Value, bool, bool)
	for _, e := range in {
		if e.typ != typ {
			typ = nil
		}
		tests = append(tests, c.test(e, e.typ, true))
		truths = append(truths, c.test(e, e.typ, false))
	}
	e := expr{typ: typ}
	e.get = func(x *run, dot reflect.Value) (v reflect.Value, ok bool) {
		for _, t := range tests {
			var truth bool
			if v, truth, ok = t(x, dot); !ok || truth == or {
				return v, ok
			}
		}
		return v, true
	}
	e.truth = func(x *run, dot reflect.Value) (truth, ok bool) {
		for _, t := range truths {
			if _, truth, ok = t(x, dot); !ok || truth == or {
				return truth, ok
			}
		}
		return truth, true
	}
	return e, true
}

func length(in []expr) (expr, bool) {
	if len(in) != 1 || in[0].typ == nil {
		return expr{}, false
	}
	base, levels := in[0].typ, 0
	for base.Kind() == reflect.Pointer {
		base = base.Elem()
		levels++
	}
	switch base.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.String:
	default:
		return expr{}, false
	}
	of := pointedTo(in[0].get, levels)
	num := func(x *run, dot reflect.Value) (int64, bool) {
		v, ok := of(x, dot)
		if !ok {
			return 0, false
		}
		return int64(v.Len()), true
	}
	return expr{typ: typeInt, num: num, get: func(x *run, dot reflect.Value) (reflect.Value, bool) {
		n, ok := num(x, dot)
		return indexValue(int(n)), ok
	}}, true
}

// printed compiles print, println and printf.
func printed(name string, args []parse.Node, in []expr) (expr, bool) {
	format := ""
	for _, e := range in {
		if e.typ == nil {
			return expr{}, false // it may be nothing at all
		}
	}
	if name == "printf" {
		if len(args) == 0 {
			return expr{}, false
		}
		s, ok := args[0].(*parse.StringNode)
		if !ok {
			return expr{}, false
		}
		format, in = s.Text, in[1:]
	}
	text := func(x *run, dot reflect.Value, dst []byte) ([]byte, bool) {
		args := make([]any, len(in))
		for i, e := range in {
			v, ok := e.get(x, dot)
			if !ok {
				return dst, false
			}
			args[i] = v.Interface()
		}
		switch name {
		case "print":
			return fmt.Append(dst, args...), true
		case "println":
			return fmt.Appendln(dst, args...), true
		}
		return fmt.Appendf(dst, format, args...), true
	}
	return expr{typ: typeString, text: text, get: func(x *run, dot reflect.Value) (reflect.Value, bool) {
		out, ok := text(x, dot, nil)
		return reflect.ValueOf(string(out)), ok
	}}, true
}

// comparison compiles eq and its like for two values of one kind.
func comparison(name string, in []expr) (expr, bool) {
	if len(in) != 2 || in[0].typ == nil || in[1].typ == nil {
		return expr{}, false
	}
	a, b := in[0], in[1]
	kind := basic(a.typ.Kind())
	if kind != basic(b.typ.Kind()) {
		return expr{}, false
	}
	both := func(x *run, dot reflect.Value) (v, w reflect.Value, ok bool) {
		if v, ok = a.get(x, dot); ok {
			w, ok = b.get(x, dot)
		}
		return v, w, ok
	}
	var equal, less func(v, w reflect.Value) bool
	switch kind {
	case reflect.String:
		equal = func(v, w reflect.Value) bool { return v.String() == w.String() }
		less = func(v, w reflect.Value) bool { return strings.Compare(v.String(), w.String()) < 0 }
	case reflect.Int:
		equal = func(v, w reflect.Value) bool { return v.Int() == w.Int() }
		less = func(v, w reflect.Value) bool { return v.Int() < w.Int() }
	case reflect.Uint:
		equal = func(v, w reflect.Value) bool { return v.Uint() == w.Uint() }
		less = func(v, w reflect.Value) bool { return v.Uint() < w.Uint() }
	case reflect.Float64:
		equal = func(v, w reflect.Value) bool { return v.Float() == w.Float() }
		less = func(v, w reflect.Value) bool { return v.Float() < w.Float() }
	case reflect.Bool:
		if name != "eq" && name != "ne" {
			return expr{}, false
		}
		equal = func(v, w reflect.Value) bool { return v.Bool() == w.Bool() }
	default:
		return expr{}, false
	}
	holds := map[string]func(v, w reflect.Value) bool{
		"eq": equal,
		"ne": func(v, w reflect.Value) bool { return !equal(v, w) },
		"lt": less,
		"le": func(v, w reflect.Value) bool { return less(v, w) || equal(v, w) },
		"gt": func(v, w reflect.Value) bool { return !less(v, w) && !equal(v, w) },
		"ge": func(v, w reflect.Value) bool { return !less(v, w) },
	}[name]
	e := boolean(func(x *run, dot reflect.Value) (bool, bool) {
		v, w, ok := both(x, dot)
		return ok && holds(v, w), ok
	})
	if a.ofDot && b.fixed && (kind == reflect.String || kind == reflect.Int) {
		want, _ := b.get(nil, reflect.Value{})
		e.field = &fieldTest{path: a.path, kind: a.typ.Kind(), name: name}
		if kind == reflect.String {
			e.field.text = want.String()
		} else {
			e.field.number = want.Int()
		}
	}
	return e, true
}

// A fieldTest holds a field of dot, a string or an integer, against something fixed.
type fieldTest struct {
	path   []int
	kind   reflect.Kind
	name   string // of the function
	text   string
	number int64
}

// holds reports whether the field at f passes.
func (t *fieldTest) holds(f unsafe.Pointer) bool {
	order := 0
	if t.kind == reflect.String {
		s := textAt(f)
		if t.name == "eq" || t.name == "ne" {
			return (s == t.text) == (t.name == "eq")
		}
		order = strings.Compare(s, t.text)
	} else {
		order = cmp.Compare(integerAt(f, t.kind), t.number)
	}
	switch t.name {
	case "eq":
		return order == 0
	case "ne":
		return order != 0
	case "lt":
		return order < 0
	case "le":
		return order <= 0
	case "gt":
		return order > 0
	}
	return order >= 0
}

// basic is the kind that stands for all that compare with a kind.
func basic(k reflect.Kind) reflect.Kind {
	switch k {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return reflect.Int
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return reflect.Uint
	case reflect.Float32, reflect.Float64:
		return reflect.Float64
	case reflect.String, reflect.Bool:
		return k
	}
	return reflect.Invalid
}
