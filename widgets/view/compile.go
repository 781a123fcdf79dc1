package view

import (
	"errors"
	"html/template"
	"reflect"
	"slices"
	"text/template/parse"
)

// compiler makes the steps of a layout. It goes through the template as typing does, with the same variables in scope.
type compiler struct {
	*typing
	planned map[string]*def
	inPlace map[string]*code // definitions that fill slots
	flat    map[string]*code // definitions that are called inside a slot and write all they write into it
	window  *int             // variables that the definition being compiled needs
	free    []free           // where their slots are, in step with typing.vars
	kitchen *kitchen
	chains  map[string]*slowNode
	calls   map[string]reflect.Value // functions that the caller vouched for
	err     error
}

// free is the slot of a variable, and whether anything asks for it.
type free struct {
	slot int
	used *bool
}

var errUnsupported = errors.New("view: no step for this")

// newMachine compiles a layout; it returns nil where something has no steps.
func newMachine(t *typing, root *def, planned map[string]*def, std *template.Template, calls map[string]reflect.Value) *machine {
	c := &compiler{typing: t, planned: planned, inPlace: map[string]*code{}, flat: map[string]*code{}, chains: map[string]*slowNode{}, calls: calls}
	c.kitchen = &kitchen{std: std}
	m := &machine{root: c.definition(root.name)}
	if c.err != nil {
		return nil
	}
	return m
}

// definition compiles a definition that fills slots.
func (c *compiler) definition(name string) *code {
	if c.inPlace[name] == nil {
		c.inPlace[name] = &code{}
		c.body(c.inPlace[name], name, func(dot reflect.Type) []ins {
			b := c.planned[name].blk
			return c.ops(b, b.ops, dot)
		})
	}
	return c.inPlace[name]
}

// flattened compiles a definition that writes into the slot it is called in.
func (c *compiler) flattened(name string) *code {
	if c.flat[name] == nil {
		c.flat[name] = &code{}
		c.body(c.flat[name], name, func(dot reflect.Type) []ins { return c.list(c.src.defs[name].Root, dot) })
	}
	return c.flat[name]
}

func (c *compiler) body(to *code, name string, steps func(reflect.Type) []ins) {
	vars, free, window := c.vars, c.free, c.window
	c.vars, c.free, c.window = nil, nil, &to.window
	arg := c.args[name]
	c.declareVar("$", arg)
	to.steps = steps(known(arg))
	c.vars, c.free, c.window = vars, free, window
}

// known is the type if values of it are sure to be of it; an interface may hold anything.
func known(t reflect.Type) reflect.Type {
	if t == nil || t.Kind() == reflect.Interface || t == typeValue {
		return nil
	}
	return t
}

// declareVar gives a variable its slot.
func (c *compiler) declareVar(name string, typ reflect.Type) (slot int, used *bool) {
	slot, used = len(c.vars), new(bool)
	c.push(name, typ)
	c.free = append(c.free, free{slot, used})
	*c.window = max(*c.window, slot+1)
	return slot, used
}

// find is the slot of a variable and its type.
func (c *compiler) find(name string) (int, reflect.Type) {
	for i, v := range slices.Backward(c.vars) {
		if v.name == name {
			*c.free[i].used = true
			return c.free[i].slot, known(v.typ)
		}
	}
	c.err = errUnsupported
	return 0, nil
}

// scope runs f and forgets the variables it declared.
func (c *compiler) scope(f func()) {
	n := len(c.vars)
	f()
	c.vars, c.free = c.vars[:n], c.free[:n]
}

// ops compiles the steps of a block.
func (c *compiler) ops(b *block, ops []op, dot reflect.Type) []ins {
	var out []ins
	for _, o := range ops {
		switch o.kind {
		case opText:
		case opSilent:
			out = append(out, c.node(o.node, dot)...)
		case opLeaf:
			out = append(out, leaf(c.pieces(o.pieces, dot))...)
		case opCond:
			out = append(out, c.cond(o.node, dot, &b.slots[o.slot]))
		case opList:
			out = append(out, stepIns(c.loop(o.node.(*parse.RangeNode), dot, &b.slots[o.slot]))...)
		case opCall:
			n := o.node.(*parse.TemplateNode)
			out = append(out, stepIns(condStep(c.call(n, dot, c.definition(n.Name))))...)
		case opFrame:
			out = append(out, c.frame(o.node.(*parse.ListNode), dot, func(arg reflect.Type) []ins { return c.ops(b, o.ops, arg) })...)
		}
	}
	return out
}

// condStep makes a condition that always holds of a call.
func condStep(call step) step {
	return func(x *run, dot subject) signal {
		at, start := x.open(), x.n
		sig := call(x, dot)
		x.close(at, start, branchThen)
		return sig
	}
}

func (c *compiler) pieces(in []piece, dot reflect.Type) []ins {
	var out []ins
	for _, p := range in {
		if p.node != nil {
			out = append(out, c.node(p.node, dot)...)
		} else if len(p.text) > 0 {
			out = append(out, ins{do: doText, text: string(p.text)})
		}
	}
	return out
}

// list compiles nodes that write into a slot.
func (c *compiler) list(l *parse.ListNode, dot reflect.Type) []ins {
	var out []ins
	if l != nil {
		for _, n := range l.Nodes {
			out = append(out, c.node(n, dot)...)
		}
	}
	return out
}

func (c *compiler) node(n parse.Node, dot reflect.Type) []ins {
	switch n := n.(type) {
	case *parse.TextNode:
		return []ins{{do: doText, text: string(n.Text)}}
	case *parse.ActionNode:
		return c.action(n, dot)
	case *parse.BreakNode:
		return stepIns(func(*run, subject) signal { return breakLoop })
	case *parse.ContinueNode:
		return stepIns(func(*run, subject) signal { return continueLoop })
	case *parse.IfNode, *parse.WithNode:
		return []ins{c.cond(n, dot, nil)}
	case *parse.RangeNode:
		return stepIns(c.loop(n, dot, nil))
	case *parse.TemplateNode:
		if c.src.defs[n.Name] == nil {
			c.err = errUnsupported
			return nil
		}
		return stepIns(c.call(n, dot, c.flattened(n.Name)))
	case *parse.ListNode:
		return c.frame(n, dot, func(arg reflect.Type) []ins { return c.list(n, arg) })
	case *parse.CommentNode:
		return nil
	}
	c.err = errUnsupported
	return nil
}

// call compiles a recursive call.
func (c *compiler) call(n *parse.TemplateNode, dot reflect.Type, to *code) step {
	arg, lies := c.argument(n, dot, c.args[n.Name])
	window := c.window
	return func(x *run, dot subject) signal {
		v, ok := arg(x, dot)
		if !ok || x.depth == maxDepth {
			return giveUp
		}
		inner := lies(x, dot, v)
		x.depth++
		x.base += *window
		x.reserve(to.window)
		x.vars[x.base] = v
		sig := x.exec(to.steps, &inner)
		x.base -= *window
		x.depth--
		return sig
	}
}

// argument compiles what a call passes; want is what the callee was compiled for.
func (c *compiler) argument(n *parse.TemplateNode, dot, want reflect.Type) (getter, func(*run, subject, reflect.Value) subject) {
	if n.Pipe == nil {
		return func(*run, subject) (reflect.Value, bool) { return reflect.Value{}, true }, lying(expr{})
	}
	if len(n.Pipe.Decl) > 0 {
		c.err = errUnsupported
	}
	e := c.pipeline(n.Pipe, dot)
	return checked(e, known(want)), lying(e)
}

// checked makes sure that a value is of a type, if one is wanted.
func checked(e expr, want reflect.Type) getter {
	if want == nil || e.typ == want {
		return e.get
	}
	return func(x *run, dot subject) (reflect.Value, bool) {
		v, ok := e.get(x, dot)
		return v, ok && v.IsValid() && v.Type() == want
	}
}

// frame compiles an inlined call.
func (c *compiler) frame(l *parse.ListNode, dot reflect.Type, body func(reflect.Type) []ins) []ins {
	f := c.src.frames[l]
	if f == nil {
		c.err = errUnsupported
		return nil
	}
	typ := known(c.typing.pipe(f.call.Pipe, dot))
	arg, lies := c.argument(f.call, dot, typ)
	var slot int
	var used *bool
	var inner []ins
	c.scope(func() {
		slot, used = c.declareVar("$", typ)
		inner = body(typ)
	})
	if isDot(f.call.Pipe) { // as if it stood here
		if *used {
			return append([]ins{{do: doDollar, slot: slot}}, inner...)
		}
		return inner
	}
	return stepIns(func(x *run, dot subject) signal {
		v, ok := arg(x, dot)
		if !ok {
			return giveUp
		}
		if *used {
			x.vars[x.base+slot] = v
		}
		arg := lies(x, dot, v)
		return x.exec(inner, &arg)
	})
}

// isDot reports whether a pipeline is a dot and no more.
func isDot(p *parse.PipeNode) bool {
	return p != nil && len(p.Decl) == 0 && len(p.Cmds) == 1 && len(p.Cmds[0].Args) == 1 && p.Cmds[0].Args[0].Type() == parse.NodeDot
}

// cond compiles if and with. Where s is set they fill a slot.
func (c *compiler) cond(n parse.Node, dot reflect.Type, s *slot) ins {
	b := branch(n)
	f := &fork{slot: s != nil, elseBranch: branchNone}
	with := n.Type() == parse.NodeWith
	c.scope(func() {
		inside := dot
		e := c.pipeline(b.Pipe, dot)
		typ := known(c.typing.pipe(b.Pipe, dot))
		if with {
			inside = typ
			f.inside = lying(e)
		}
		f.test = c.test(e, typ, with || len(b.Pipe.Decl) > 0)
		switch {
		case len(b.Pipe.Decl) > 0:
			f.test = c.keep(b.Pipe, typ, f.test)
		case !with && e.spot != nil && e.typ != nil && e.typ == typ && tells(typ.Kind()):
			f.by, f.kind, f.near, f.off = e.spot, typ.Kind(), e.spot.near(), e.spot.hops[0]
		}
		if s != nil {
			f.then = c.ops(s.inner[0], s.inner[0].ops, inside)
		} else {
			f.then = c.list(b.List, inside)
		}
		if s != nil && s.inner[1] != nil {
			f.other = c.ops(s.inner[1], s.inner[1].ops, dot)
		} else {
			f.other = c.list(b.ElseList, dot)
		}
	})
	if b.ElseList != nil {
		f.elseBranch = branchElse
	}
	return ins{do: doFork, fork: f}
}

// lying makes a subject of an expression's value: it lies where the expression does.
func lying(e expr) func(x *run, dot subject, v reflect.Value) subject {
	at := e.spot
	if e.typ != nil && e.typ.Kind() == reflect.Pointer || e.typ == nil {
		at = nil // the value itself tells
	}
	if at == nil {
		return func(_ *run, _ subject, v reflect.Value) subject { return subjectOf(v) }
	}
	return func(x *run, dot subject, v reflect.Value) subject { return subject{v, at.find(x, &dot)} }
}

// keep stores the value of {{if $x := …}}.
func (c *compiler) keep(p *parse.PipeNode, typ reflect.Type, test tester) tester {
	slot := c.slotOf(p, typ)
	return func(x *run, dot subject) (reflect.Value, bool, bool) {
		v, truth, ok := test(x, dot)
		if ok {
			x.vars[x.base+slot] = v
		}
		return v, truth, ok
	}
}

// slotOf is the slot of the variable that a pipeline declares or assigns to.
func (c *compiler) slotOf(p *parse.PipeNode, typ reflect.Type) int {
	if len(p.Decl) != 1 {
		c.err = errUnsupported
		return 0
	}
	if p.IsAssign {
		slot, _ := c.find(p.Decl[0].Ident[0])
		return slot
	}
	slot, _ := c.declareVar(p.Decl[0].Ident[0], typ)
	return slot
}

// test compiles the truth of an expression; its value is wanted only if keep.
func (c *compiler) test(e expr, typ reflect.Type, keep bool) tester {
	if e.truth != nil && !keep {
		return func(x *run, dot subject) (reflect.Value, bool, bool) {
			truth, ok := e.truth(x, dot)
			return reflect.Value{}, truth, ok
		}
	}
	get := checked(e, typ)
	return func(x *run, dot subject) (reflect.Value, bool, bool) {
		v, ok := get(x, dot)
		if !ok {
			return v, false, false
		}
		truth, ok := isTrue(v)
		return v, truth, ok
	}
}

// isTrue is whether a value counts as true; ok says whether it can be told.
func isTrue(v reflect.Value) (truth, ok bool) {
	switch v.Kind() {
	case reflect.Invalid:
		return false, true
	case reflect.String, reflect.Slice, reflect.Map, reflect.Array:
		return v.Len() > 0, true
	case reflect.Bool:
		return v.Bool(), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int() != 0, true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return v.Uint() != 0, true
	case reflect.Float32, reflect.Float64:
		return v.Float() != 0, true
	case reflect.Pointer, reflect.Func, reflect.Chan:
		return !v.IsNil(), true
	case reflect.Struct:
		return true, true
	case reflect.Interface:
		return isTrue(v.Elem())
	}
	return false, false
}

// action compiles {{…}}: a declaration, an assignment, or something that is written.
func (c *compiler) action(n *parse.ActionNode, dot reflect.Type) []ins {
	if len(n.Pipe.Decl) == 0 {
		return c.write(n, dot)
	}
	e := c.pipeline(n.Pipe, dot)
	typ := known(c.typing.pipe(n.Pipe, dot))
	if n.Pipe.IsAssign {
		_, typ = c.find(n.Pipe.Decl[0].Ident[0])
	}
	get, slot := checked(e, typ), c.slotOf(n.Pipe, typ)
	return stepIns(func(x *run, dot subject) signal {
		v, ok := get(x, dot)
		if !ok {
			return giveUp
		}
		x.vars[x.base+slot] = v
		return goOn
	})
}

// small integers, so that an index needs no allocation.
var indices = func() []reflect.Value {
	all := make([]reflect.Value, 1024)
	for i := range all {
		all[i] = reflect.ValueOf(i)
	}
	return all
}()

func indexValue(i int) reflect.Value {
	if i < len(indices) {
		return indices[i]
	}
	return reflect.ValueOf(i)
}
