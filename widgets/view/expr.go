package view

import (
	"fmt"
	"reflect"
	"text/template/parse"
)

// A getter evaluates an expression. It returns false where only the standard executor knows what happens: a nil
// pointer on the way, a key that a map does not have.
type getter func(x *run, dot subject) (reflect.Value, bool)

// An expr is a compiled expression.
type expr struct {
	typ   reflect.Type // of each value that get returns; nil: not known
	get   getter
	truth func(x *run, dot subject) (bool, bool)               // a result that is a bool
	text  func(x *run, dot subject, dst []byte) ([]byte, bool) // a result that is a string, appended
	num   func(x *run, dot subject) (int64, bool)              // a result that is an int
	spot  *spot                                                // where it lies, if that is a matter of offsets
	ends  *spot                                                // of a pointer: where it points to
	open  bool                                                 // an empty interface lies there
	fixed *reflect.Value                                       // it is a constant
}

// pipeline compiles a pipeline, declarations aside. What has no closures is evaluated by the standard executor.
func (c *compiler) pipeline(p *parse.PipeNode, dot reflect.Type) expr {
	if p == nil {
		c.err = errUnsupported
		return expr{get: func(*run, subject) (reflect.Value, bool) { return reflect.Value{}, false }}
	}
	slow := c.slowValue(p)
	e, ok := c.quick(p, dot)
	if !ok {
		return expr{get: slow}
	}
	fast, sure := e.get, checked(expr{get: slow}, e.typ)
	e.get = func(x *run, dot subject) (reflect.Value, bool) {
		if v, ok := fast(x, dot); ok {
			return v, true
		}
		return sure(x, dot)
	}
	if truth := e.truth; truth != nil {
		e.truth = func(x *run, dot subject) (bool, bool) {
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

// quick compiles a pipeline of commands that have closures.
func (c *compiler) quick(p *parse.PipeNode, dot reflect.Type) (e expr, ok bool) {
	for i, cmd := range p.Cmds {
		id, call := cmd.Args[0].(*parse.IdentifierNode)
		switch {
		case call && i > 0:
			e, ok = c.function(id.Ident, cmd.Args[1:], dot, &e)
		case call:
			e, ok = c.function(id.Ident, cmd.Args[1:], dot, nil)
		case len(cmd.Args) == 1 && i == 0:
			e, ok = c.operand(cmd.Args[0], dot)
		default:
			return expr{}, false
		}
		if !ok {
			return expr{}, false
		}
	}
	return e, ok
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
		v := plainValue(typ, func(x *run, _ subject) reflect.Value { return x.vars[x.base+slot] }).from(slot)
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
		return c.function(n.Ident, nil, dot, nil)
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
	e := plainValue(v.Type(), func(*run, subject) reflect.Value { return v })
	e.fixed = &v
	return e
}

// plainValue is an expression whose value is at hand. Of a type that is not known, an empty interface is looked into.
func plainValue(typ reflect.Type, at func(x *run, dot subject) reflect.Value) expr {
	if typ = known(typ); typ != nil {
		return expr{typ: typ, get: func(x *run, dot subject) (reflect.Value, bool) { return at(x, dot), true }}
	}
	return expr{get: func(x *run, dot subject) (reflect.Value, bool) { return unwrapped(at(x, dot)), true }}
}

// dotValue is dot.
func dotValue(typ reflect.Type) expr {
	return plainValue(typ, func(_ *run, dot subject) reflect.Value { return dot.v }).from(ofDot)
}

// from says that an expression is dot or a variable itself.
func (e expr) from(slot int) expr {
	base := &spot{slot, []uintptr{0}}
	switch {
	case e.typ == nil:
	case e.typ.Kind() == reflect.Pointer:
		e.ends = base
	default:
		e.spot = base
	}
	return e
}

// target is where an expression of a pointer's type points to, if it is known where that lies.
func (e expr) target() *spot {
	if e.ends == nil && e.spot != nil {
		return e.spot.target()
	}
	return e.ends
}

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
	switch base.Kind() {
	case reflect.Struct:
		f, ok := fieldOf(base, name)
		if !ok {
			return expr{}, false
		}
		field := wrapped(f.Type, fieldAt(inner, f.Index))
		if field.open = f.Type.Kind() == reflect.Interface && f.Type.NumMethod() == 0; field.open || field.typ != nil {
			field.spot = fieldSpot(e, levels, base, f.Index)
		}
		return field, true
	case reflect.Map:
		key := reflect.ValueOf(name)
		if !key.Type().AssignableTo(base.Key()) {
			return expr{}, false
		}
		return wrapped(base.Elem(), func(x *run, dot subject) (reflect.Value, bool) {
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

// fieldSpot is where a field lies of the struct that e is, or that it points to by some levels.
func fieldSpot(e expr, levels int, typ reflect.Type, index []int) *spot {
	at := e.spot
	for i := range levels {
		if i == 0 {
			at = e.target()
		} else if at != nil {
			at = at.target()
		}
	}
	if at == nil {
		return nil
	}
	for _, i := range index {
		if typ.Kind() == reflect.Pointer { // embedded
			at, typ = at.target(), typ.Elem()
		}
		f := typ.Field(i)
		at, typ = at.field(f.Offset), f.Type
	}
	return at
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
	return expr{get: func(x *run, dot subject) (reflect.Value, bool) {
		v, ok := get(x, dot)
		return unwrapped(v), ok
	}}
}

// pointedTo follows pointers.
func pointedTo(get getter, levels int) getter {
	if levels == 0 {
		return get
	}
	return func(x *run, dot subject) (reflect.Value, bool) {
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
		return func(x *run, dot subject) (reflect.Value, bool) {
			v, ok := get(x, dot)
			if !ok {
				return v, false
			}
			return v.Field(i), true
		}
	}
	return func(x *run, dot subject) (reflect.Value, bool) {
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
		receiver = func(x *run, dot subject) (reflect.Value, bool) {
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
		e.get = func(x *run, dot subject) (reflect.Value, bool) {
			v, ok := receiver(x, dot)
			if !ok {
				return v, false
			}
			return reflect.ValueOf(asInterface(v).(fmt.Stringer).String()), true
		}
		return e, true
	}
	index, fails := on.Index, t.NumOut() == 2
	return wrapped(t.Out(0), func(x *run, dot subject) (reflect.Value, bool) {
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
