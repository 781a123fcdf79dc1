package view

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"text/template/parse"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// verify compares the elements that were found with those that a parser makes of the same HTML, and reports whether
// it found new elements to make islands of. A parser moves things: a <div> ends a <p>, a <tr> in a <table> gets a
// <tbody>, text in a table goes before it, a <form> in a <form> is dropped. Where that happens, the element around
// becomes an island; without one around, the template has no parts.
//
// One branch after the other is built into a skeleton of the whole, which is parsed.
func (g *grower) verify(root *def) bool {
	v := verifier{grower: g}
	v.visit(root.tree, nil)
	for name, d := range g.defs {
		if name != root.name {
			v.visit(d.tree, nil)
		}
	}
	found := false
	for _, r := range v.routes {
		for _, d := range g.defs {
			if r.blocks[0] == d.tree && v.differs(d, r) {
				found = true
			}
		}
	}
	return found
}

type verifier struct {
	*grower
	routes []route
	route
	html    strings.Builder
	depth   int  // of recursive calls
	texts   int  // written so far
	stopped bool // by a break or continue
}

// A route is which branches a skeleton takes; where it does not say, the first one.
type route struct {
	blocks []*tree      // a block, after those it is in
	inside []parse.Node // conditions in an island that take their else branch
}

// shape is a node as it should come out of the parser.
type shape struct {
	name   string // of an element, "#" for a comment, "" for text
	el     *element
	text   string
	inside []shape
	sealed bool // what is inside does not matter
}

func (v *verifier) visit(t *tree, path []*tree) {
	path = append(slices.Clip(path), t)
	v.routes = append(v.routes, route{blocks: path})
	var visit func([]child)
	visit = func(children []child) {
		for _, c := range children {
			switch {
			case c.el != nil && c.el.sealed():
				for _, p := range pieces(c.el.within) {
					v.islands(p.node, route{blocks: path})
				}
			case c.el != nil:
				visit(c.el.children)
			case c.tok.tree != nil:
				v.visit(c.tok.tree, path)
				v.visit(c.tok.orElse, path)
			}
		}
	}
	visit(t.children)
}

// sealed reports whether the tree does not say what is in the element.
func (el *element) sealed() bool {
	return el.island != nil || el.opaque || isRaw(el.open.name)
}

// islands adds a route for each else branch in an island: it may leave an element open.
func (v *verifier) islands(n parse.Node, r route) {
	if l, ok := n.(*parse.ListNode); ok && l != nil {
		for _, c := range l.Nodes {
			v.islands(c, r)
		}
	}
	if b := branch(n); b != nil {
		v.islands(b.List, r)
		r.inside = append(slices.Clip(r.inside), n)
		v.routes = append(v.routes, r)
		v.islands(b.ElseList, r)
	}
}

// differs builds and compares the skeleton of a route.
func (v *verifier) differs(top *def, r route) bool {
	v.route = r
	v.html.Reset()
	want := v.shapes(top.tree.children, nil)
	context := &html.Node{Type: html.ElementNode, Data: "section", DataAtom: atom.Section}
	nodes, err := html.ParseFragment(strings.NewReader(v.html.String()), context)
	if err != nil {
		return false
	}
	got := &html.Node{Type: html.ElementNode}
	for _, n := range nodes {
		got.AppendChild(n)
	}
	bad, why := compare(want, got)
	switch {
	case why == "":
		return false
	case bad == nil:
		v.broken[top.name] = why
	default:
		v.forced[bad.open] = why
		v.notes.say(bad.node(), "%s: all that is in <%s> is replaced when something in it changes", why, bad.open.name)
	}
	return true
}

// node is some node of the template in an element, for a note.
func (el *element) node() parse.Node {
	for _, p := range el.pieces() {
		if p.node != nil && p.node.Type() != parse.NodeList {
			return p.node
		}
	}
	return nil
}

// shapes writes the HTML of children and returns what should come of it.
func (v *verifier) shapes(children []child, out []shape) []shape {
	for _, c := range children {
		if c.el != nil {
			out = append(out, v.element(c.el))
			continue
		}
		switch t := c.tok; t.kind {
		case tMarkup:
			v.html.Write(t.pieces[0].text)
		case tText:
			if text := t.pieces[0].text; len(bytes.Trim(text, spaces)) > 0 {
				out = append(out, v.text())
			} else {
				v.html.Write(text)
			}
		case tAction, tInline:
			out = v.part(out)
		case tControl:
			if t.tree == nil {
				out = v.part(out)
				continue
			}
			out = v.comment(out)
			_, loop := t.node().(*parse.RangeNode)
			switch {
			case slices.Contains(v.blocks, t.orElse):
				out = v.shapes(t.orElse.children, out)
			case loop:
				out = v.shapes(t.tree.children, out)
				out = v.comment(out)
				fallthrough
			default:
				out = v.shapes(t.tree.children, out)
			}
			out = v.comment(out)
		case tCall:
			out = v.comment(out)
			if d := v.defs[t.node().(*parse.TemplateNode).Name]; d != nil && v.depth < 2 {
				v.depth++
				out = v.shapes(d.tree.children, out)
				v.depth--
			}
			out = v.comment(out)
		}
	}
	return out
}

func (v *verifier) comment(out []shape) []shape {
	v.html.WriteString("<!---->")
	return append(out, shape{name: "#"})
}

// part writes a comment and a text.
func (v *verifier) part(out []shape) []shape { return append(v.comment(out), v.text()) }

// text writes a text that is told from all others, to see where it comes out.
func (v *verifier) text() shape {
	v.texts++
	s := fmt.Sprintf("x%d;", v.texts)
	v.html.WriteString(s)
	return shape{text: s}
}

const spaces = " \t\n\r\f"

func (v *verifier) element(el *element) shape {
	s := shape{name: el.open.name, el: el}
	for _, g := range el.open.tag.segs {
		for _, p := range g.pieces {
			v.html.Write(p.text)
			if p.node != nil && !p.silent && g.kind != segOptional && branch(p.node) == nil {
				v.html.WriteString("x")
			}
		}
	}
	if s.sealed = el.sealed(); s.sealed {
		v.raw(pieces(el.within))
	} else {
		s.inside = v.shapes(el.children, nil)
	}
	if el.close != nil {
		v.html.Write(el.close.pieces[0].text)
	}
	return s
}

// raw writes the text of pieces.
func (v *verifier) raw(in []piece) {
	for _, p := range in {
		v.html.Write(p.text)
		if p.node != nil && !p.silent {
			v.node(p.node)
		}
	}
}

func (v *verifier) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.TextNode:
		v.html.Write(n.Text)
	case *parse.ActionNode:
		switch before := v.html.String(); {
		case writesNothing(n):
		case strings.HasSuffix(before, "<h"), strings.HasSuffix(before, "</h"): // <h{{.Level}}>
			v.html.WriteByte('1')
		default:
			v.text()
		}
	case *parse.BreakNode, *parse.ContinueNode:
		v.stopped = true
	case *parse.ListNode:
		for _, c := range n.Nodes {
			if !v.stopped {
				v.node(c)
			}
		}
	case *parse.TemplateNode:
		if tree := v.src.defs[n.Name]; tree != nil && v.depth < 2 {
			v.depth++
			v.node(tree.Root)
			v.depth--
		}
	default:
		b := branch(n)
		switch {
		case b == nil:
		case !slices.Contains(v.inside, n):
			v.node(b.List)
			if n.Type() == parse.NodeRange {
				v.stopped = false
			}
		case b.ElseList != nil:
			v.node(b.ElseList)
		}
	}
}

// compare finds the outermost element whose children are not as they should be; nil where that is the root.
func compare(want []shape, parent *html.Node) (bad *element, why string) {
	const moved = "a parser moves something"
	n, text := solid(parent.FirstChild)
	var found []*html.Node
	expected := ""
	for _, s := range want {
		switch {
		case s.name == "":
			expected += s.text
			found = append(found, nil)
			continue
		case text != expected, n == nil, s.name[0] == '#' && n.Type != html.CommentNode,
			s.name[0] != '#' && (n.Type != html.ElementNode || !strings.EqualFold(n.Data, s.name)):
			return nil, moved
		}
		found = append(found, n)
		expected = ""
		n, text = solid(n.NextSibling)
	}
	if n != nil || text != expected {
		return nil, moved
	}
	for i, s := range want {
		if s.el == nil || s.sealed {
			continue
		}
		if bad, why := compare(s.inside, found[i]); why != "" {
			if bad == nil {
				bad = s.el
			}
			if s.name == "select" || s.name == "form" { // what is in one comes out differently when it is parsed alone
				bad = nil
			}
			return bad, why
		}
		for _, g := range s.el.open.tag.segs {
			if g.kind == segValue && s.el.foreign && !hasAttr(found[i], g.name) {
				return nil, "the attribute " + g.name + " is not spelled as in svg"
			}
		}
	}
	return nil, ""
}

// solid skips texts, and returns them without spaces.
func solid(n *html.Node) (*html.Node, string) {
	var text strings.Builder
	for n != nil && n.Type == html.TextNode {
		text.WriteString(strings.Join(strings.Fields(n.Data), ""))
		n = n.NextSibling
	}
	return n, text.String()
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name || a.Namespace != "" {
			return true
		}
	}
	return false
}
