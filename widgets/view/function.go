package view

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"
)

// function compiles a call of a function that Compile was given, or of a predefined one; piped is the last argument of a
// call in a pipeline. Others are called by the standard executor.
func (c *compiler) function(name string, args []parse.Node, dot reflect.Type, piped *expr) (expr, bool) {
	var in []expr
	for _, a := range args {
		e, ok := c.operand(a, dot)
		if !ok {
			return expr{}, false
		}
		in = append(in, e)
	}
	if piped != nil {
		in = append(in, *piped)
	}
	if f, ours := c.calls[name]; ours {
		return called(f, in)
	}
	switch name {
	case "eq", "ne", "lt", "le", "gt", "ge":
		return comparison(name, in)
	case "not":
		if len(in) != 1 {
			return expr{}, false
		}
		test := c.test(in[0], in[0].typ, false)
		return boolean(func(x *run, dot subject) (bool, bool) {
			_, truth, ok := test(x, dot)
			return !truth, ok
		}), true
	case "and", "or":
		if piped != nil {
			return expr{}, false
		}
		return c.junction(name == "or", in)
	case "len":
		return length(in)
	case "index":
		return indexed(in)
	case "print", "println", "printf":
		return printed(name, args, in)
	}
	return expr{}, false
}

// called compiles a call whose arguments have exactly the types of the parameters.
func called(f reflect.Value, in []expr) (expr, bool) {
	t := f.Type()
	if f.Kind() != reflect.Func || t.IsVariadic() || t.NumIn() != len(in) || !results(t) {
		return expr{}, false
	}
	for i, e := range in {
		if e.typ == nil || e.typ != t.In(i) {
			return expr{}, false
		}
	}
	switch f := f.Interface().(type) {
	case func(string) string:
		return textual(func(x *run, dot subject) (string, bool) {
			s, ok := in[0].get(x, dot)
			if !ok {
				return "", false
			}
			return f(s.String()), true
		}), true
	case func(int) string:
		return textual(func(x *run, dot subject) (string, bool) {
			n, ok := in[0].get(x, dot)
			if !ok {
				return "", false
			}
			return f(int(n.Int())), true
		}), true
	}
	fails := t.NumOut() == 2
	return wrapped(t.Out(0), func(x *run, dot subject) (reflect.Value, bool) {
		args := make([]reflect.Value, len(in))
		for i, e := range in {
			var ok bool
			if args[i], ok = e.get(x, dot); !ok {
				return args[i], false
			}
		}
		out := f.Call(args)
		return out[0], !fails || out[1].IsNil()
	}), true
}

// results reports whether a function returns a value, or one and an error.
func results(t reflect.Type) bool {
	return t.NumOut() > 0 && t.NumOut() <= 2 && t.Out(0) != typeValue && (t.NumOut() == 1 || t.Out(1) == typeError)
}

// textual is an expression of type string.
func textual(text func(x *run, dot subject) (string, bool)) expr {
	return expr{typ: typeString, text: func(x *run, dot subject, dst []byte) ([]byte, bool) {
		s, ok := text(x, dot)
		return append(dst, s...), ok
	}, get: func(x *run, dot subject) (reflect.Value, bool) {
		s, ok := text(x, dot)
		return reflect.ValueOf(s), ok
	}}
}

// indexed compiles index for one index.
func indexed(in []expr) (expr, bool) {
	if len(in) != 2 || in[0].typ == nil || in[1].typ == nil {
		return expr{}, false
	}
	of, by, typ := in[0].get, in[1].get, in[0].typ
	switch {
	case typ.Kind() == reflect.Slice && basic(in[1].typ.Kind()) == reflect.Int:
		return wrapped(typ.Elem(), func(x *run, dot subject) (reflect.Value, bool) {
			v, ok := of(x, dot)
			if !ok {
				return v, false
			}
			i, ok := by(x, dot)
			if !ok || i.Int() < 0 || i.Int() >= int64(v.Len()) {
				return v, false
			}
			return v.Index(int(i.Int())), true
		}), true
	case typ.Kind() == reflect.Map && typ.Key() == in[1].typ:
		zero := reflect.Zero(typ.Elem())
		return wrapped(typ.Elem(), func(x *run, dot subject) (reflect.Value, bool) {
			v, ok := of(x, dot)
			if !ok {
				return v, false
			}
			key, ok := by(x, dot)
			if !ok {
				return v, false
			}
			if v = v.MapIndex(key); !v.IsValid() {
				v = zero
			}
			return v, true
		}), true
	}
	return expr{}, false
}

// boolean is an expression of type bool.
func boolean(truth func(x *run, dot subject) (bool, bool)) expr {
	return expr{typ: typeBool, truth: truth, get: func(x *run, dot subject) (reflect.Value, bool) {
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
	var tests []tester
	var truths []tester
	for _, e := range in {
		if e.typ != typ {
			typ = nil
		}
		tests = append(tests, c.test(e, e.typ, true))
		truths = append(truths, c.test(e, e.typ, false))
	}
	e := expr{typ: typ}
	e.get = func(x *run, dot subject) (v reflect.Value, ok bool) {
		for _, t := range tests {
			var truth bool
			if v, truth, ok = t(x, dot); !ok || truth == or {
				return v, ok
			}
		}
		return v, true
	}
	e.truth = func(x *run, dot subject) (truth, ok bool) {
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
	num := func(x *run, dot subject) (int64, bool) {
		v, ok := of(x, dot)
		if !ok {
			return 0, false
		}
		return int64(v.Len()), true
	}
	return expr{typ: typeInt, num: num, get: func(x *run, dot subject) (reflect.Value, bool) {
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
	text := func(x *run, dot subject, dst []byte) ([]byte, bool) {
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
	return expr{typ: typeString, text: text, get: func(x *run, dot subject) (reflect.Value, bool) {
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
	both := func(x *run, dot subject) (v, w reflect.Value, ok bool) {
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
	e := boolean(func(x *run, dot subject) (bool, bool) {
		v, w, ok := both(x, dot)
		return ok && holds(v, w), ok
	})
	if a.spot == nil || b.fixed == nil {
		return e, true
	}
	// A field and a constant, as most comparisons are.
	slow, sign := e.truth, signs[name]
	compared := func(order func(at address) int) {
		e = boolean(func(x *run, dot subject) (bool, bool) {
			at := a.spot.find(x, &dot)
			if !at.known() {
				return slow(x, dot)
			}
			return sign[1+order(at)], true
		})
	}
	switch kind {
	case reflect.String:
		s := b.fixed.String()
		if name == "eq" || name == "ne" {
			compared(func(at address) int {
				if at.string() == s {
					return 0
				}
				return 1
			})
			break
		}
		compared(func(at address) int { return strings.Compare(at.string(), s) })
	case reflect.Int:
		n, of := b.fixed.Int(), a.typ.Kind()
		compared(func(at address) int { return cmp.Compare(at.int(of), n) })
	}
	return e, true
}

// signs says by name which comparisons hold: where the first is less, equal, greater.
var signs = map[string][3]bool{
	"eq": {false, true, false},
	"ne": {true, false, true},
	"lt": {true, false, false},
	"le": {true, true, false},
	"gt": {false, false, true},
	"ge": {false, true, true},
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
