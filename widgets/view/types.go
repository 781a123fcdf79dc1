package view

import (
	"html/template"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// typing finds the static types of what actions print, as far as the type of the data tells. They decide whether a
// value in the text of a page can only ever be text, or may be markup (template.HTML, or an interface that holds one).
// A type that is not known is nil.
type typing struct {
	src    *source
	funcs  map[string]reflect.Type
	vars   []variable
	loose  map[string]bool // variables that hold values of different types
	args   map[string]reflect.Type
	called []string                   // definitions in the order of their first call
	dirty  bool                       // a definition is called with another type than was assumed
	markup map[*parse.ActionNode]bool // it may write markup into the text of the page
	holds  map[*parse.ActionNode]bool // what it prints may be template.HTML, wherever it stands
}

type variable struct {
	name string
	typ  reflect.Type
}

var (
	typeBool    = reflect.TypeFor[bool]()
	typeInt     = reflect.TypeFor[int]()
	typeFloat   = reflect.TypeFor[float64]()
	typeComplex = reflect.TypeFor[complex128]()
	typeString  = reflect.TypeFor[string]()
	typeHTML    = reflect.TypeFor[template.HTML]()
	typeValue   = reflect.TypeFor[reflect.Value]()
)

// infer finds the types of a source for data of type data.
func infer(src *source, data reflect.Type, funcs map[string]reflect.Type) *typing {
	t := &typing{src: src, funcs: funcs, loose: map[string]bool{}, args: map[string]reflect.Type{}}
	t.dirty = true
	for t.dirty {
		t.dirty = false
		t.markup, t.holds = map[*parse.ActionNode]bool{}, map[*parse.ActionNode]bool{}
		t.called = nil
		t.call(src.name, data)
		for i := 0; i < len(t.called); i++ { //nolint:intrange // it grows meanwhile
			name := t.called[i]
			t.vars = []variable{{"$", t.args[name]}}
			t.list(src.defs[name].Root, t.args[name])
		}
	}
	return t
}

// call notes that a definition is executed with an argument of a type.
func (t *typing) call(name string, arg reflect.Type) {
	known, seen := t.args[name]
	if seen && known != arg && known != nil {
		t.args[name] = nil
		t.dirty = true
	}
	if !seen {
		t.args[name] = arg
	}
	if !slices.Contains(t.called, name) {
		t.called = append(t.called, name)
	}
}

func (t *typing) list(l *parse.ListNode, dot reflect.Type) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		t.node(n, dot)
	}
}

func (t *typing) node(n parse.Node, dot reflect.Type) {
	switch n := n.(type) {
	case *parse.ActionNode:
		if len(n.Pipe.Decl) == 0 {
			t.markup[n], t.holds[n] = t.mayBeMarkup(n.Pipe, dot)
		} else {
			t.declare(n.Pipe, dot)
		}
	case *parse.IfNode, *parse.WithNode:
		b := branch(n)
		mark := len(t.vars)
		inner := dot
		if typ := t.declare(b.Pipe, dot); n.Type() == parse.NodeWith {
			inner = typ
		}
		t.list(b.List, inner)
		t.list(b.ElseList, dot)
		t.vars = t.vars[:mark]
	case *parse.RangeNode:
		mark := len(t.vars)
		index, elem := elements(t.pipe(n.Pipe, dot))
		set := t.push
		if n.Pipe.IsAssign {
			set = t.assign
		}
		if d := n.Pipe.Decl; len(d) == 2 {
			set(d[0].Ident[0], index)
			set(d[1].Ident[0], elem)
		} else if len(d) == 1 {
			set(d[0].Ident[0], elem)
		}
		t.list(n.List, elem)
		t.vars = t.vars[:mark]
		t.list(n.ElseList, dot)
	case *parse.TemplateNode:
		if t.src.defs[n.Name] != nil {
			t.call(n.Name, t.pipe(n.Pipe, dot))
		}
	case *parse.ListNode:
		f := t.src.frames[n]
		if f == nil {
			t.list(n, dot)
			return
		}
		arg := t.pipe(f.call.Pipe, dot)
		outer := t.vars
		t.vars = []variable{{"$", arg}}
		t.list(n, arg)
		t.vars = outer
	}
}

func (t *typing) declare(p *parse.PipeNode, dot reflect.Type) reflect.Type {
	typ := t.pipe(p, dot)
	for _, d := range p.Decl {
		if p.IsAssign {
			t.assign(d.Ident[0], typ)
		} else {
			t.push(d.Ident[0], typ)
		}
	}
	return typ
}

// assign notes that a variable gets a value of a type: if it was declared with another, its type is not known.
func (t *typing) assign(name string, typ reflect.Type) {
	if known := t.variable(name); known != typ && known != nil {
		t.loose[name] = true
		t.dirty = true
	}
}

func (t *typing) variable(name string) reflect.Type {
	for _, v := range slices.Backward(t.vars) {
		if v.name == name {
			return v.typ
		}
	}
	return nil
}

func (t *typing) push(name string, typ reflect.Type) {
	if t.loose[name] {
		typ = nil
	}
	t.vars = append(t.vars, variable{name, typ})
}

// elements is what ranging over a type yields.
func elements(typ reflect.Type) (index, elem reflect.Type) {
	typ = base(typ)
	if typ == nil {
		return nil, nil
	}
	switch typ.Kind() {
	case reflect.Slice, reflect.Array, reflect.Chan:
		return typeInt, typ.Elem()
	case reflect.Map:
		return typ.Key(), typ.Elem()
	case reflect.Func:
		if typ.CanSeq() {
			return nil, typ.In(0).In(0)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return nil, typ
	}
	return nil, nil
}

// base is what a type points to; nil for an interface, whose content may be anything.
func base(typ reflect.Type) reflect.Type {
	for typ != nil && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ != nil && typ.Kind() == reflect.Interface {
		return nil
	}
	return typ
}

// mayBeMarkup reports whether an action in text may write template.HTML as it is, and whether an action anywhere may
// get one.
func (t *typing) mayBeMarkup(p *parse.PipeNode, dot reflect.Type) (inText, anywhere bool) {
	var typ reflect.Type
	known := false
	for i, c := range p.Cmds {
		id, ok := c.Args[0].(*parse.IdentifierNode)
		switch {
		case ok && (id.Ident == "html" || id.Ident == "urlquery" || id.Ident == "_eval_args_"):
			return false, false // its result is a string
		case ok && id.Ident == "_html_template_htmlescaper":
			may := !known || isMarkup(typ)
			return may, may
		case ok && strings.HasPrefix(id.Ident, "_html_template_"):
			return false, !known || isMarkup(typ) // an attribute, a script
		}
		typ, known = t.command(c, dot, i > 0), true
	}
	return true, true
}

// isMarkup reports whether html/template may find an HTML in a value of a type. It looks through pointers. An
// interface with methods cannot hold one, since HTML has none.
func isMarkup(typ reflect.Type) bool {
	for typ != nil && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	return typ == nil || typ == typeHTML || typ == typeValue || typ.Kind() == reflect.Interface && typ.NumMethod() == 0
}

func (t *typing) pipe(p *parse.PipeNode, dot reflect.Type) reflect.Type {
	if p == nil {
		return nil
	}
	var typ reflect.Type
	for i, c := range p.Cmds {
		typ = t.command(c, dot, i > 0)
	}
	return typ
}

// command is the type of a command's result; piped says that a value comes from the command before.
func (t *typing) command(c *parse.CommandNode, dot reflect.Type, piped bool) reflect.Type {
	if id, ok := c.Args[0].(*parse.IdentifierNode); ok {
		return t.function(id.Ident, c.Args[1:], dot, piped)
	}
	return t.operand(c.Args[0], dot)
}

func (t *typing) operand(n parse.Node, dot reflect.Type) reflect.Type {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return chain(dot, n.Ident)
	case *parse.VariableNode:
		return chain(t.variable(n.Ident[0]), n.Ident[1:])
	case *parse.ChainNode:
		return chain(t.operand(n.Node, dot), n.Field)
	case *parse.PipeNode:
		return t.pipe(n, dot)
	case *parse.IdentifierNode:
		return t.function(n.Ident, nil, dot, false)
	case *parse.BoolNode:
		return typeBool
	case *parse.StringNode:
		return typeString
	case *parse.NumberNode:
		return constantType(n)
	}
	return nil
}

// constantType is the type that a number has where none is asked for.
func constantType(n *parse.NumberNode) reflect.Type {
	hex := len(n.Text) > 2 && n.Text[0] == '0' && n.Text[1]|0x20 == 'x' && !strings.ContainsAny(n.Text, "pP")
	switch {
	case n.IsComplex:
		return typeComplex
	case n.IsFloat && !hex && n.Text[0] != '\'' && strings.ContainsAny(n.Text, ".eEpP"):
		return typeFloat
	}
	return typeInt
}

func chain(typ reflect.Type, fields []string) reflect.Type {
	for _, f := range fields {
		typ = field(typ, f)
	}
	return typ
}

// field is the type of x.name for x of a type: a method's result, a field, a map's element.
func field(typ reflect.Type, name string) reflect.Type {
	for typ != nil && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ == nil {
		return nil
	}
	if typ.Kind() == reflect.Interface {
		if m, ok := typ.MethodByName(name); ok {
			return result(m.Type)
		}
		return nil
	}
	if m, ok := reflect.PointerTo(typ).MethodByName(name); ok {
		return result(m.Type)
	}
	switch typ.Kind() {
	case reflect.Struct:
		if f, ok := typ.FieldByName(name); ok {
			return f.Type
		}
	case reflect.Map:
		return typ.Elem()
	}
	return nil
}

func result(f reflect.Type) reflect.Type {
	if f.NumOut() == 0 || f.Out(0) == typeValue {
		return nil
	}
	return f.Out(0)
}

func (t *typing) function(name string, args []parse.Node, dot reflect.Type, piped bool) reflect.Type {
	if f, ok := t.funcs[name]; ok { // it may shadow a predefined one
		if f.Kind() == reflect.Func {
			return result(f)
		}
		return nil
	}
	var first reflect.Type
	if len(args) > 0 {
		first = t.operand(args[0], dot)
	}
	switch name {
	case "print", "printf", "println", "html", "js", "urlquery":
		return typeString
	case "len":
		return typeInt
	case "not", "eq", "ne", "lt", "le", "gt", "ge":
		return typeBool
	case "and", "or":
		for _, a := range args {
			if t.operand(a, dot) != first {
				return nil
			}
		}
		if piped {
			return nil
		}
		return first
	case "index":
		for range len(args) - 1 {
			if first = base(first); first == nil {
				return nil
			}
			switch first.Kind() {
			case reflect.Slice, reflect.Array, reflect.Map:
				first = first.Elem()
			case reflect.String:
				first = reflect.TypeFor[byte]()
			default:
				return nil
			}
		}
		if piped {
			return nil
		}
		return first
	case "slice":
		if first = base(first); first != nil && first.Kind() == reflect.Array {
			return reflect.SliceOf(first.Elem())
		}
		return first
	case "call":
		if first != nil && first.Kind() == reflect.Func {
			return result(first)
		}
	}
	return nil
}
