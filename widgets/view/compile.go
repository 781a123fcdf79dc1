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
	err     error
}

// free is the slot of a variable, and whether anything asks for it.
type free struct {
	slot int
	used *bool
}

var errUnsupported = errors.New("view: no step for this")

// newMachine compiles a layout; it returns nil where something has no steps.
func newMachine(t *typing, data reflect.Type, root *def, planned map[string]*def, std *template.Template) *machine {
	c := &compiler{typing: t, planned: planned, inPlace: map[string]*code{}, flat: map[string]*code{}, chains: map[string]*slowNode{}}
	c.kitchen = &kitchen{std: std}
	m := &machine{root: c.definition(root.name), data: data}
	if c.err != nil {
		return nil
	}
	return m
}

// definition compiles a definition that fills slots.
func (c *compiler) definition(name string) *code {
	if c.inPlace[name] == nil {
		c.inPlace[name] = &code{}
		c.body(c.inPlace[name], name, func(dot reflect.Type) []instruction {
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
		c.body(c.flat[name], name, func(dot reflect.Type) []instruction { return c.list(c.src.defs[name].Root, dot) })
	}
	return c.flat[name]
}

func (c *compiler) body(to *code, name string, steps func(reflect.Type) []instruction) {
	vars, free, window := c.vars, c.free, c.window
	c.vars, c.free, c.window = nil, nil, &to.window
	arg := c.args[name]
	c.declareVar("$", arg)
	to.reach = reacherOf(known(arg))
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

// stepped is an instruction that has nothing but a step.
func stepped(dot reflect.Type, s step) instruction { return instruction{step: s, dot: dot} }

// ops compiles the steps of a block.
func (c *compiler) ops(b *block, ops []op, dot reflect.Type) []instruction {
	var out []instruction
	for _, o := range ops {
		switch o.kind {
		case opText:
		case opSilent:
			out = append(out, c.node(o.node, dot)...)
		case opLeaf:
			out = append(out, leafOf(c.pieces(o.pieces, dot))...)
		case opCond:
			out = append(out, c.cond(o.node, dot, b.slots[o.slot].inner))
		case opList:
			out = append(out, c.loop(o.node.(*parse.RangeNode), dot, &b.slots[o.slot]))
		case opCall:
			n := o.node.(*parse.TemplateNode)
			out = append(out, stepped(dot, condStep(c.call(n, dot, c.definition(n.Name)))))
		case opFrame:
			out = append(out, c.frame(o.node.(*parse.ListNode), dot, func(arg reflect.Type) []instruction { return c.ops(b, o.ops, arg) })...)
		}
	}
	return out
}

// leafOf makes a leaf of what is inside it.
func leafOf(inner []instruction) []instruction {
	if len(inner) == 0 {
		inner = []instruction{{do: doStatic}}
	}
	inner[0].begins, inner[len(inner)-1].ends = true, true
	return inner
}

// condStep makes a condition that always holds of a call.
func condStep(call step) step {
	return func(x *run, dot reflect.Value) signal {
		at, start := x.open(), len(x.buf)
		sig := call(x, dot)
		x.close(at, start, branchThen)
		return sig
	}
}

func (c *compiler) pieces(in []piece, dot reflect.Type) []instruction {
	var out []instruction
	for _, p := range in {
		if p.node != nil {
			out = append(out, c.node(p.node, dot)...)
		} else if len(p.text) > 0 {
			out = append(out, static(p.text))
		}
	}
	return out
}

func static(text []byte) instruction { return instruction{do: doStatic, text: text} }

// list compiles nodes that write into a slot.
func (c *compiler) list(l *parse.ListNode, dot reflect.Type) []instruction {
	var out []instruction
	if l != nil {
		for _, n := range l.Nodes {
			out = append(out, c.node(n, dot)...)
		}
	}
	return out
}

func (c *compiler) node(n parse.Node, dot reflect.Type) []instruction {
	switch n := n.(type) {
	case *parse.TextNode:
		return []instruction{static(n.Text)}
	case *parse.ActionNode:
		return []instruction{c.action(n, dot)}
	case *parse.BreakNode:
		return []instruction{stepped(dot, func(*run, reflect.Value) signal { return breakLoop })}
	case *parse.ContinueNode:
		return []instruction{stepped(dot, func(*run, reflect.Value) signal { return continueLoop })}
	case *parse.IfNode, *parse.WithNode:
		return []instruction{c.cond(n, dot, [2]*block{})}
	case *parse.RangeNode:
		return []instruction{c.loop(n, dot, nil)}
	case *parse.TemplateNode:
		if c.src.defs[n.Name] == nil {
			c.err = errUnsupported
			return nil
		}
		return []instruction{stepped(dot, c.call(n, dot, c.flattened(n.Name)))}
	case *parse.ListNode:
		return c.frame(n, dot, func(arg reflect.Type) []instruction { return c.list(n, arg) })
	case *parse.CommentNode:
		return nil
	}
	c.err = errUnsupported
	return nil
}

// call compiles a recursive call.
func (c *compiler) call(n *parse.TemplateNode, dot reflect.Type, to *code) step {
	arg, window := c.argument(n, dot, c.args[n.Name]), c.window
	return func(x *run, dot reflect.Value) signal {
		v, ok := arg(x, dot)
		if !ok || x.depth == maxDepth {
			return giveUp
		}
		x.depth++
		x.base += *window
		x.reserve(to.window)
		x.vars[x.base] = v
		sig := x.all(to.steps, v, to.reach(v))
		x.base -= *window
		x.depth--
		return sig
	}
}

// argument compiles what a call passes; want is what the callee was compiled for.
func (c *compiler) argument(n *parse.TemplateNode, dot, want reflect.Type) getter {
	if n.Pipe == nil {
		return func(*run, reflect.Value) (reflect.Value, bool) { return reflect.Value{}, true }
	}
	if len(n.Pipe.Decl) > 0 {
		c.err = errUnsupported
	}
	e := c.pipeline(n.Pipe, dot)
	return checked(e, known(want))
}

// checked makes sure that a value is of a type, if one is wanted.
func checked(e expr, want reflect.Type) getter {
	if want == nil || e.typ == want {
		return e.get
	}
	return func(x *run, dot reflect.Value) (reflect.Value, bool) {
		v, ok := e.get(x, dot)
		return v, ok && v.IsValid() && v.Type() == want
	}
}

// frame compiles an inlined call. One that passes dot on and has no use for $ is no more than what is inside.
func (c *compiler) frame(l *parse.ListNode, dot reflect.Type, body func(reflect.Type) []instruction) []instruction {
	f := c.src.frames[l]
	if f == nil {
		c.err = errUnsupported
		return nil
	}
	typ := known(c.typing.pipe(f.call.Pipe, dot))
	arg := c.argument(f.call, dot, typ)
	var slot int
	var used *bool
	var inner []instruction
	c.scope(func() {
		slot, used = c.declareVar("$", typ)
		inner = body(typ)
	})
	if passesDot(f.call.Pipe) && typ != nil && typ == dot && !*used {
		return inner
	}
	reach := reacherOf(typ)
	return []instruction{stepped(dot, func(x *run, dot reflect.Value) signal {
		v, ok := arg(x, dot)
		if !ok {
			return giveUp
		}
		if *used {
			x.vars[x.base+slot] = v
		}
		return x.all(inner, v, reach(v))
	})}
}

// passesDot tells whether a pipeline is {{template "name" .}}'s.
func passesDot(p *parse.PipeNode) bool {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return false
	}
	_, ok := p.Cmds[0].Args[0].(*parse.DotNode)
	return ok
}

// cond compiles if and with. Where inner is set they fill a slot.
func (c *compiler) cond(n parse.Node, dot reflect.Type, inner [2]*block) instruction {
	b := branch(n)
	var e expr
	var typ reflect.Type
	var then, other []instruction
	var test func(*run, reflect.Value) (reflect.Value, bool, bool)
	with := n.Type() == parse.NodeWith
	keeps := with || len(b.Pipe.Decl) > 0
	c.scope(func() {
		inside := dot
		e = c.pipeline(b.Pipe, dot)
		typ = known(c.typing.pipe(b.Pipe, dot))
		if with {
			inside = typ
		}
		test = c.test(e, typ, keeps)
		if len(b.Pipe.Decl) > 0 {
			test = c.keep(b.Pipe, typ, test)
		}
		if inner[0] != nil {
			then = c.ops(inner[0], inner[0].ops, inside)
		} else {
			then = c.list(b.List, inside)
		}
		if inner[1] != nil {
			other = c.ops(inner[1], inner[1].ops, dot)
		} else {
			other = c.list(b.ElseList, dot)
		}
	})
	untaken := branchNone
	if b.ElseList != nil {
		untaken = branchElse
	}
	if !keeps {
		out := instruction{dot: dot, branch: &branching{then: then, other: other, slotted: inner[0] != nil, untaken: untaken}}
		out.branch.truth = func(x *run, dot reflect.Value) (truth, ok bool) {
			_, truth, ok = test(x, dot)
			return truth, ok
		}
		if e.ofDot && e.typ == typ && e.typ != nil && truthKind(e.typ.Kind()) {
			out.kind = e.typ.Kind()
			out.at, out.branch.byField = locate(dot, e.path)
		} else if e.field != nil {
			out.at, out.branch.byField = locate(dot, e.field.path)
			out.branch.test = e.field
		}
		return out
	}
	outside, inside := reacherOf(dot), reacherOf(dot)
	if with {
		inside = reacherOf(typ)
	}
	take := func(x *run, dot reflect.Value) (signal, int) {
		v, truth, ok := test(x, dot)
		switch {
		case !ok:
			return giveUp, 0
		case truth && with:
			return x.all(then, v, inside(v)), branchThen
		case truth:
			return x.all(then, dot, inside(dot)), branchThen
		}
		return x.all(other, dot, outside(dot)), untaken
	}
	if inner[0] == nil {
		return stepped(dot, func(x *run, dot reflect.Value) signal {
			sig, _ := take(x, dot)
			return sig
		})
	}
	return stepped(dot, func(x *run, dot reflect.Value) signal {
		at, start := x.open(), len(x.buf)
		sig, branch := take(x, dot)
		x.close(at, start, branch)
		return sig
	})
}

// keep stores the value of {{if $x := …}}.
func (c *compiler) keep(p *parse.PipeNode, typ reflect.Type, test func(*run, reflect.Value) (reflect.Value, bool, bool)) func(*run, reflect.Value) (reflect.Value, bool, bool) {
	slot := c.slotOf(p, typ)
	return func(x *run, dot reflect.Value) (reflect.Value, bool, bool) {
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
func (c *compiler) test(e expr, typ reflect.Type, keep bool) func(*run, reflect.Value) (reflect.Value, bool, bool) {
	if e.truth != nil && !keep {
		return func(x *run, dot reflect.Value) (reflect.Value, bool, bool) {
			truth, ok := e.truth(x, dot)
			return reflect.Value{}, truth, ok
		}
	}
	get := checked(e, typ)
	return func(x *run, dot reflect.Value) (reflect.Value, bool, bool) {
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
func (c *compiler) action(n *parse.ActionNode, dot reflect.Type) instruction {
	if len(n.Pipe.Decl) == 0 {
		return c.write(n, dot)
	}
	e := c.pipeline(n.Pipe, dot)
	typ := known(c.typing.pipe(n.Pipe, dot))
	if n.Pipe.IsAssign {
		_, typ = c.find(n.Pipe.Decl[0].Ident[0])
	}
	get, slot := checked(e, typ), c.slotOf(n.Pipe, typ)
	return stepped(dot, func(x *run, dot reflect.Value) signal {
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
