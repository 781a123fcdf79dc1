package view

import (
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"sync"
	"text/template/parse"
)

// What has no closures is executed by the standard library, action by action: an associated template holds nothing but
// that action, in which dot and variables are calls that ask the run for them.
//
//	{{printf $f (index .Rows 3)}}   ⇒   {{printf (var . 2) (index (dot .).Rows 3)}}   executed with the run as its dot
//
// All of them live in a clone of the template set, the kitchen, since only there are the functions known.
type kitchen struct {
	std   *template.Template
	nodes []*slowNode
	once  sync.Once
	err   error
}

// A slowNode is one such template.
type slowNode struct {
	kitchen *kitchen
	nodes   []parse.Node
	tmpl    *template.Template
}

const (
	askDot   = "greenroom_dot"
	askVar   = "greenroom_var"
	askValue = "greenroom_value"
	tell     = "greenroom_tell"
)

var asks = template.FuncMap{
	askDot:   func(x *run) reflect.Value { return x.dot },
	askVar:   func(x *run, i int) reflect.Value { return x.vars[x.base+i] },
	askValue: func(x *run) reflect.Value { return x.value },
	tell: func(x *run, v reflect.Value) string {
		x.value = v
		return ""
	},
}

// open makes the templates, when the first of them is needed.
func (k *kitchen) open() {
	set, err := k.std.Clone()
	if err != nil {
		k.err = err
		return
	}
	set.Funcs(asks)
	roots := make([]*parse.Tree, len(k.nodes))
	for i, n := range k.nodes {
		name := fmt.Sprintf("greenroom %d", i)
		roots[i] = stubTree(name, k.std.Name())
		if n.tmpl, k.err = set.AddParseTree(name, roots[i]); k.err != nil {
			return
		}
	}
	// One execution of each makes html/template look at it, as the text that it still is.
	for i, n := range k.nodes {
		if k.err = n.tmpl.Execute(nothing{}, nil); k.err != nil {
			return
		}
		roots[i].Root.Nodes = n.nodes
	}
}

type nothing struct{}

func (nothing) Write(p []byte) (int, error) { return len(p), nil }

// execute runs the template; what it writes is appended to the recording.
func (n *slowNode) execute(x *run, dot subject) bool {
	n.kitchen.once.Do(n.kitchen.open)
	if n.kitchen.err != nil {
		return false
	}
	x.dot = dot.v
	return n.tmpl.Execute(x, x) == nil
}

func (c *compiler) cook(nodes ...parse.Node) *slowNode {
	n := &slowNode{kitchen: c.kitchen, nodes: nodes}
	c.kitchen.nodes = append(c.kitchen.nodes, n)
	return n
}

// slowAction executes an action as a whole.
func (c *compiler) slowAction(p *parse.PipeNode) step {
	n := c.cook(&parse.ActionNode{NodeType: parse.NodeAction, Pos: p.Pos, Line: p.Line, Pipe: c.asking(p)})
	return func(x *run, dot subject) signal {
		if !n.execute(x, dot) {
			return giveUp
		}
		return goOn
	}
}

// slowValue evaluates a pipeline.
func (c *compiler) slowValue(p *parse.PipeNode) getter {
	told := &parse.PipeNode{NodeType: parse.NodePipe, Cmds: []*parse.CommandNode{command(parse.NewIdentifier(tell), &parse.DotNode{NodeType: parse.NodeDot}, c.asking(p))}}
	n := c.cook(&parse.ActionNode{NodeType: parse.NodeAction, Pipe: told})
	return func(x *run, dot subject) (reflect.Value, bool) {
		at := x.n
		ok := n.execute(x, dot)
		x.n = at
		return x.value, ok
	}
}

// finish sends a value through escapers.
func (c *compiler) finish(escapers []string) func(*run, reflect.Value) bool {
	name := strings.Join(escapers, " ")
	n := c.chains[name]
	if n == nil {
		p := asked(askValue)
		for _, e := range escapers {
			p.Cmds = append(p.Cmds, command(parse.NewIdentifier("_html_template_"+e)))
		}
		n = c.cook(&parse.ActionNode{NodeType: parse.NodeAction, Pipe: p})
		c.chains[name] = n
	}
	return func(x *run, v reflect.Value) bool {
		x.value = v
		return n.execute(x, subject{})
	}
}

func command(args ...parse.Node) *parse.CommandNode {
	return &parse.CommandNode{NodeType: parse.NodeCommand, Args: args}
}

// asked is a call of one of ours with the run.
func asked(name string, more ...parse.Node) *parse.PipeNode {
	args := append([]parse.Node{parse.NewIdentifier(name), &parse.DotNode{NodeType: parse.NodeDot}}, more...)
	return &parse.PipeNode{NodeType: parse.NodePipe, Cmds: []*parse.CommandNode{command(args...)}}
}

// asking copies a pipeline, with calls for dot and variables.
func (c *compiler) asking(p *parse.PipeNode) *parse.PipeNode {
	out := &parse.PipeNode{NodeType: parse.NodePipe, Pos: p.Pos, Line: p.Line}
	for _, cmd := range p.Cmds {
		args := make([]parse.Node, len(cmd.Args))
		for i, a := range cmd.Args {
			args[i] = c.askingFor(a)
		}
		out.Cmds = append(out.Cmds, command(args...))
	}
	return out
}

func (c *compiler) askingFor(n parse.Node) parse.Node {
	switch n := n.(type) {
	case *parse.DotNode:
		return asked(askDot)
	case *parse.FieldNode:
		return &parse.ChainNode{NodeType: parse.NodeChain, Pos: n.Pos, Node: asked(askDot), Field: slices.Clone(n.Ident)}
	case *parse.VariableNode:
		slot, _ := c.find(n.Ident[0])
		v := asked(askVar, &parse.NumberNode{NodeType: parse.NodeNumber, IsInt: true, Int64: int64(slot), Text: fmt.Sprint(slot)})
		if len(n.Ident) == 1 {
			return v
		}
		return &parse.ChainNode{NodeType: parse.NodeChain, Pos: n.Pos, Node: v, Field: slices.Clone(n.Ident[1:])}
	case *parse.ChainNode:
		return &parse.ChainNode{NodeType: parse.NodeChain, Pos: n.Pos, Node: c.askingFor(n.Node), Field: slices.Clone(n.Field)}
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			c.err = errUnsupported
		}
		return c.asking(n)
	}
	return n.Copy()
}
