package view

import (
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"text/template/parse"
)

// A source is a template after the standard library escaped it.
//
// html/template escapes a template once for each HTML context it is called in and keeps what it makes of it to itself.
// So before it escapes, each {{template}} call is replaced by a copy of its target, a list inside the caller's list:
// the escaper walks into it in the caller's context, and afterwards every action lies open before us. Only a call
// back into a template that is being expanded (recursion) stays a call, to a definition of its own.
type source struct {
	set    *template.Template         // escaped; shared by every execution
	name   string                     // of the template that is rendered
	frames map[*parse.ListNode]*frame // the lists that stand for calls
	defs   map[string]*parse.Tree     // name and whatever calls itself, directly or not
	hidden *parse.TemplateNode        // a recursive call outside of text, whose escaped form html/template hides; nil: none
}

// A frame is one inlined call: its list runs with the call's argument as dot and as $.
type frame struct {
	call *parse.TemplateNode
	body *parse.ListNode
	stub string // the associated template that the standard executor is sent to, see standard.go
}

// maxInlined bounds how many nodes inlining may make; calls beyond it stay calls.
const maxInlined = 50_000

// probe is the template that makes html/template escape without executing anything: its first act is to write, and
// the write fails.
const probe = "greenroom probe"

var errProbe = errors.New("view: probe")

type refusal struct{}

func (refusal) Write([]byte) (int, error) { return 0, errProbe }

// prepare clones t, which was never executed, expands and escapes the clone.
func prepare(t *template.Template) (*source, error) {
	set, err := t.Clone()
	if err != nil {
		return nil, err
	}
	s := &source{set: set, name: t.Name(), frames: map[*parse.ListNode]*frame{}, defs: map[string]*parse.Tree{}}
	x := expansion{source: s, trees: map[string]*parse.Tree{}}
	for _, a := range set.Templates() {
		if a.Tree != nil {
			x.trees[a.Name()] = a.Tree
		}
	}
	if x.trees[s.name] == nil {
		return nil, errors.New("it has no body; pass the template that Lookup finds")
	}
	x.define(s.name)
	for len(x.waiting) > 0 {
		name := x.waiting[0]
		x.waiting = x.waiting[1:]
		tree := &parse.Tree{Name: name, ParseName: x.trees[name].ParseName, Root: x.trees[name].Root.CopyList()}
		x.list(tree.Root, []string{name})
		s.defs[name] = tree
	}
	for name, tree := range s.defs {
		stub := stubTree(name, tree.ParseName)
		if _, err := set.AddParseTree(name, stub); err != nil {
			return nil, err
		}
		stub.Root = tree.Root
		s.defs[name] = stub
	}
	for i, f := range s.byOrder(x.order) {
		f.stub = fmt.Sprintf("%s (call %d)", f.call.Name, i+1)
		if _, err := set.AddParseTree(f.stub, stubTree(f.stub, f.call.Name)); err != nil {
			return nil, err
		}
	}
	w, err := set.New(probe).Delims("{{", "}}").Parse("-{{template " + fmt.Sprintf("%q", s.name) + " .}}")
	if err != nil {
		return nil, err
	}
	if err := w.Execute(refusal{}, nil); !errors.Is(err, errProbe) {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(s.defs)) {
		walk(s.defs[name].Root, func(n parse.Node) {
			if call, ok := n.(*parse.TemplateNode); ok && strings.Contains(call.Name, "$htmltemplate_") {
				s.hidden = call
			}
		})
	}
	return s, nil
}

// stubTree is a tree whose root is filled in later. It holds a text: a tree of spaces would not replace another.
func stubTree(name, parseName string) *parse.Tree {
	text := &parse.TextNode{NodeType: parse.NodeText, Text: []byte("-")}
	root := &parse.ListNode{NodeType: parse.NodeList, Nodes: []parse.Node{text}}
	return &parse.Tree{Name: name, ParseName: parseName, Root: root}
}

func (s *source) byOrder(order []*parse.ListNode) []*frame {
	frames := make([]*frame, len(order))
	for i, l := range order {
		frames[i] = s.frames[l]
	}
	return frames
}

// expansion is the walk that inlines calls.
type expansion struct {
	*source
	trees   map[string]*parse.Tree
	waiting []string // definitions to expand
	known   []string
	nodes   int
	order   []*parse.ListNode
}

func (x *expansion) define(name string) {
	if !slices.Contains(x.known, name) {
		x.known = append(x.known, name)
		x.waiting = append(x.waiting, name)
	}
}

// list expands l in place; stack names the templates that l is part of.
func (x *expansion) list(l *parse.ListNode, stack []string) {
	if l == nil {
		return
	}
	x.nodes += len(l.Nodes)
	for i, n := range l.Nodes {
		if b := branch(n); b != nil {
			x.list(b.List, stack)
			x.list(b.ElseList, stack)
			continue
		}
		call, ok := n.(*parse.TemplateNode)
		if !ok || x.trees[call.Name] == nil { // the escaper says that there is no such template
			continue
		}
		if slices.Contains(stack, call.Name) || x.nodes > maxInlined {
			x.define(call.Name)
			continue
		}
		body := x.trees[call.Name].Root.CopyList()
		x.frames[body] = &frame{call: call, body: body}
		x.order = append(x.order, body)
		x.list(body, append(slices.Clip(stack), call.Name))
		l.Nodes[i] = body
	}
}

// branch is what if, with and range have in common; nil for any other node.
func branch(n parse.Node) *parse.BranchNode {
	switch n := n.(type) {
	case *parse.IfNode:
		return &n.BranchNode
	case *parse.WithNode:
		return &n.BranchNode
	case *parse.RangeNode:
		return &n.BranchNode
	}
	return nil
}

// walk calls visit for n and what is in it, calls inlined, in order.
func walk(n parse.Node, visit func(parse.Node)) {
	if l, ok := n.(*parse.ListNode); ok && l == nil {
		return
	}
	visit(n)
	if l, ok := n.(*parse.ListNode); ok {
		for _, c := range l.Nodes {
			walk(c, visit)
		}
	} else if b := branch(n); b != nil {
		walk(b.List, visit)
		walk(b.ElseList, visit)
	}
}

// where is the place of a node in the text it was parsed from: "name:line".
func where(n parse.Node) string {
	place, _ := (*parse.Tree)(nil).ErrorContext(n)
	if i := strings.LastIndexByte(place, ':'); i > 0 { // the column says little
		place = place[:i]
	}
	return place
}
