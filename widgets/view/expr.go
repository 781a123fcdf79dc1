package view

import (
	"fmt"
	"reflect"
	"slices"
	"text/template/parse"
)

// A getter evaluates an expression. It returns false where only the standard executor knows what happens: a nil
// pointer on the way, a key that a map does not have.
type getter func(x *run, dot reflect.Value) (reflect.Value, bool)

// An expr is a compiled expression.
type expr struct {
	typ   reflect.Type // of each value that get returns; nil: not known
	get   getter
	truth func(x *run, dot reflect.Value) (bool, bool)               // a result that is a bool
	text  func(x *run, dot reflect.Value, dst []byte) ([]byte, bool) // a result that is a string, appended
	num   func(x *run, dot reflect.Value) (int64, bool)              // a result that is an int
	ofDot bool                                                       // it is found from dot by path alone
	path  []int
	fixed bool       // it is the same each time
	field *fieldTest // a result that is a field of dot held against something fixed
}

// pipeline compiles a pipeline, declarations aside. What has no closures is evaluated by the standard executor.
func (c *compiler) pipeline(p *parse.PipeNode, dot reflect.Type) expr {
	if p == nil {
		c.err = errUnsupported
		return expr{get: func(*run, reflect.Value) (reflect.Value, bool) { return reflect.Value{}, false }}
	}
	slow := c.slowValue(p)
	e, ok := c.quick(p, dot)
	if !ok {
		return expr{get: slow}
	}
	fast, sure := e.get, checked(expr{get: slow}, e.typ)
	e.get = func(x *run, dot reflect.Value) (reflect.Value, bool) {
		if v, ok := fast(x, dot); ok {
			return v, true
		}
		return sure(x, dot)
	}
	if truth := e.truth; truth != nil {
		e.truth = func(x *run, dot reflect.Value) (bool, bool) {
			if b, ok := truth(x, dot); ok {
				return b, true
			}
			v, ok := slow(x, dot)
			if !ok {
				return false, false
			}
			return isTrue(v)
		}
	}
	return e
}

// quick compiles a pipeline of one command that has a closure.
func (c *compiler) quick(p *parse.PipeNode, dot reflect.Type) (expr, bool) {
	if len(p.Cmds) != 1 {
		return expr{}, false
	}
	args := p.Cmds[0].Args
	if id, ok := args[0].(*parse.IdentifierNode); ok {
		return c.function(id.Ident, args[1:], dot)
	}
	if len(args) != 1 {
		return expr{}, false
	}
	return c.operand(args[0], dot)
}

// operand compiles an argument.
func (c *compiler) operand(n parse.Node, dot reflect.Type) (expr, bool) {
	switch n := n.(type) {
	case *parse.DotNode:
		return dotValue(dot), true
	case *parse.FieldNode:
		return c.chain(dotValue(dot), n.Ident)
	case *parse.VariableNode:
		slot, typ := c.find(n.Ident[0])
		v := plainValue(typ, func(x *run, _ reflect.Value) reflect.Value { return x.vars[x.base+slot] })
		return c.chain(v, n.Ident[1:])
	case *parse.ChainNode:
		e, ok := c.operand(n.Node, dot)
		if !ok {
			return expr{}, false
		}
		return c.chain(e, n.Field)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			return expr{}, false
		}
		return c.quick(n, dot)
	case *parse.IdentifierNode:
		return c.function(n.Ident, nil, dot)
	case *parse.StringNode:
		return constant(reflect.ValueOf(n.Text)), true
	case *parse.BoolNode:
		return constant(reflect.ValueOf(n.True)), true
	case *parse.NumberNode:
		switch typ := constantType(n); {
		case typ == typeInt && n.IsInt && int64(int(n.Int64)) == n.Int64:
			return constant(reflect.ValueOf(int(n.Int64))), true
		case typ == typeFloat:
			return constant(reflect.ValueOf(n.Float64)), true
		}
	}
	return expr{}, false
}

func constant(v reflect.Value) expr {
	e := plainValue(v.Type(), func(*run, reflect.Value) reflect.Value { return v })
	e.fixed = true
	return e
}

// plainValue is an expression whose value is at hand. Of a type that is not known, an empty interface is looked into.
func plainValue(typ reflect.Type, at func(x *run, dot reflect.Value) reflect.Value) expr {
	if typ = known(typ); typ != nil {
		return expr{typ: typ, get: func(x *run, dot reflect.Value) (reflect.Value, bool) { return at(x, dot), true }}
	}
	return expr{get: func(x *run, dot reflect.Value) (reflect.Value, bool) { return unwrapped(at(x, dot)), true }}
}

// dotValue is dot.
func dotValue(typ reflect.Type) expr {
	e := plainValue(typ, func(_ *run, dot reflect.Value) reflect.Value { return dot })
	e.path, e.ofDot = []int{}, e.typ != nil
	return e
}

// along is the value at the end of a path of fields that begins at dot; false where a pointer on the way is nil.
func along(path []int) getter {
	switch {
	case len(path) == 1 && path[0] >= 0:
		i := path[0]
		return func(_ *run, dot reflect.Value) (reflect.Value, bool) { return dot.Field(i), true }
	case len(path) == 2 && path[0] == pointer && path[1] >= 0:
		i := path[1]
		return func(_ *run, dot reflect.Value) (reflect.Value, bool) {
			if dot.IsNil() {
				return dot, false
			}
			return dot.Elem().Field(i), true
		}
	}
	return func(_ *run, dot reflect.Value) (reflect.Value, bool) {
		for _, i := range path {
			if i >= 0 {
				dot = dot.Field(i)
				continue
			}
			if dot.IsNil() {
				return dot, false
			}
			dot = dot.Elem()
		}
		return dot, true
	}
}

// pointer is the step of a path that follows one.
const pointer = -1

func unwrapped(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface && v.NumMethod() == 0 {
		return v.Elem()
	}
	return v
}

// chain compiles .A.B of a value.
func (c *compiler) chain(e expr, fields []string) (expr, bool) {
	for _, name := range fields {
		if e.typ == nil {
			return expr{}, false
		}
		var ok bool
		if e, ok = member(e, name); !ok {
			return expr{}, false
		}
	}
	return e, true
}

// member compiles .name: a method without arguments, a field, or the element of a map.
func member(e expr, name string) (expr, bool) {
	base, levels := e.typ, 0
	for base.Kind() == reflect.Pointer {
		base = base.Elem()
		levels++
	}
	if base.Kind() == reflect.Interface {
		return expr{}, false
	}
	inner := pointedTo(e.get, levels)
	if _, ok := reflect.PointerTo(base).MethodByName(name); ok {
		return method(inner, base, name)
	}
	if f, ok := fieldOf(base, name); ok && e.ofDot {
		path := append(e.path[:len(e.path):len(e.path)], slices.Repeat([]int{pointer}, levels)...)
		for t, i := base, 0; i < len(f.Index); i++ {
			if t.Kind() == reflect.Pointer { // embedded
				path, t = append(path, pointer), t.Elem()
			}
			path, t = append(path, f.Index[i]), t.Field(f.Index[i]).Type
		}
		e := wrapped(f.Type, along(path))
		e.path, e.ofDot = path, e.typ != nil
		return e, true
	}
	switch base.Kind() {
	case reflect.Struct:
		f, ok := fieldOf(base, name)
		if !ok {
			return expr{}, false
		}
		return wrapped(f.Type, fieldAt(inner, f.Index)), true
	case reflect.Map:
		key := reflect.ValueOf(name)
		if !key.Type().AssignableTo(base.Key()) {
			return expr{}, false
		}
		return wrapped(base.Elem(), func(x *run, dot reflect.Value) (reflect.Value, bool) {
			m, ok := inner(x, dot)
			if !ok {
				return m, false
			}
			v := m.MapIndex(key)
			return v, v.IsValid()
		}), true
	}
	return expr{}, false
}

// fieldOf finds an exported field of a struct.
func fieldOf(typ reflect.Type, name string) (reflect.StructField, bool) {
	if typ.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	f, ok := typ.FieldByName(name)
	return f, ok && f.IsExported()
}

// wrapped is an expression of a declared type, which may be an interface.
func wrapped(typ reflect.Type, get getter) expr {
	if typ = known(typ); typ != nil {
		return expr{typ: typ, get: get}
	}
	return expr{get: func(x *run, dot reflect.Value) (reflect.Value, bool) {
		v, ok := get(x, dot)
		return unwrapped(v), ok
	}}
}

// pointedTo follows pointers.
func pointedTo(get getter, levels int) getter {
	if levels == 0 {
		return get
	}
	return func(x *run, dot reflect.Value) (reflect.Value, bool) {
		v, ok := get(x, dot)
		for range levels {
			if !ok || v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		return v, ok
	}
}

func fieldAt(get getter, index []int) getter {
	if len(index) == 1 {
		i := index[0]
		return func(x *run, dot reflect.Value) (reflect.Value, bool) {
			v, ok := get(x, dot)
			if !ok {
				return v, false
			}
			return v.Field(i), true
		}
	}
	return func(x *run, dot reflect.Value) (reflect.Value, bool) {
		v, ok := get(x, dot)
		for n, i := range index {
			if !ok {
				break
			}
			if n > 0 && v.Kind() == reflect.Pointer { // embedded
				if v.IsNil() {
					return v, false
				}
				v = v.Elem()
			}
			v = v.Field(i)
		}
		return v, ok
	}
}

var (
	typeStringer = reflect.TypeFor[fmt.Stringer]()
	typeError    = reflect.TypeFor[error]()
	typeFormat   = reflect.TypeFor[fmt.Formatter]()
)

// method compiles the call of a method without arguments.
func method(get getter, base reflect.Type, name string) (expr, bool) {
	on, byValue := base.MethodByName(name)
	receiver := get
	if !byValue {
		on, _ = reflect.PointerTo(base).MethodByName(name)
		receiver = func(x *run, dot reflect.Value) (reflect.Value, bool) {
			v, ok := get(x, dot)
			if !ok || !v.CanAddr() {
				return v, false
			}
			return v.Addr(), true
		}
	}
	t := on.Type // the receiver is its first argument
	if t.NumIn() != 1 || t.IsVariadic() || t.NumOut() == 0 || t.NumOut() > 2 || t.NumOut() == 2 && t.Out(1) != typeError || t.Out(0) == typeValue {
		return expr{}, false
	}
	if name == "String" && t.NumOut() == 1 && t.Out(0) == typeString {
		e := expr{typ: typeString}
		e.get = func(x *run, dot reflect.Value) (reflect.Value, bool) {
			v, ok := receiver(x, dot)
			if !ok {
				return v, false
			}
			return reflect.ValueOf(asInterface(v).(fmt.Stringer).String()), true
		}
		return e, true
	}
	index, fails := on.Index, t.NumOut() == 2
	return wrapped(t.Out(0), func(x *run, dot reflect.Value) (reflect.Value, bool) {
		v, ok := receiver(x, dot)
		if !ok {
			return v, false
		}
		out := v.Method(index).Call(nil)
		return out[0], !fails || out[1].IsNil()
	}), true
}

// asInterface is a value, or a pointer to it where that spares a copy; both have the value's methods.
func asInterface(v reflect.Value) any {
	if v.Kind() != reflect.Pointer && v.CanAddr() {
		v = v.Addr()
	}
	return v.Interface()
}
