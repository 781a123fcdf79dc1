package view

import (
	"text/template/parse"
)

// A piece is literal output, or a node that writes output when it is executed.
type piece struct {
	text   []byte
	node   parse.Node // nil: a literal
	silent bool       // the node writes nothing
}

// A token is a step of a template, seen as HTML.
type token struct {
	kind   tokenKind
	pieces []piece // all it writes, in order
	name   string  // tOpen, tClose: the element
	tag    *tag    // tOpen
	body   []token // tControl, tInline: what is inside
	other  []token // tControl: the else branch
	bad    string  // not empty: why it cannot be placed in a tree of elements
	tree   *tree   // tControl, tCall: its branches as trees, see elements.go
	orElse *tree
}

type tokenKind uint8

const (
	tText    tokenKind = iota // static text
	tAction                   // writes text, or markup
	tSilent                   // writes nothing
	tControl                  // if, with, range
	tInline                   // an inlined call that writes text only
	tEnter                    // what follows, up to the matching tLeave, is an inlined call
	tLeave
	tCall   // a recursive call
	tStop   // break, continue
	tOpen   // <a href="{{.}}">
	tClose  // </a>
	tRaw    // what is in a script, style, textarea or title
	tMarkup // <!doctype html>
)

// node is the node that a token of a single node stands for.
func (t *token) node() parse.Node { return t.pieces[0].node }

// textOnly reports whether all tokens together write nothing but text.
func textOnly(tokens []token) bool {
	for i := range tokens {
		switch t := &tokens[i]; t.kind {
		case tText, tAction, tSilent, tStop, tInline:
		case tControl:
			if t.bad != "" || !textOnly(t.body) || !textOnly(t.other) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// quiet reports whether all tokens together write nothing and stop nothing.
func quiet(tokens []token) bool {
	for i := range tokens {
		if tokens[i].kind != tSilent {
			return false
		}
	}
	return true
}

// mode is where a lexer is in the HTML.
type mode uint8

const (
	inText mode = iota
	inName
	beforeAttr
	inAttr
	afterAttr
	beforeValue
	inDouble
	inSingle
	inBare
	inEnd    // an end tag
	inMarkup // <! … >
	inRaw
)

// A lexer turns a list of escaped nodes into tokens. Lists inside a tag or a raw text are read by lexers of their own,
// which start in the mode of their place and tell the mode that they end in.
type lexer struct {
	src   *source
	mode  mode
	start mode
	dead  bool // a break or continue was met: nothing follows
	over  bool // a tag or raw text that was open at the start ended
	cut   bool // an attribute value that was open at the start ended
	out   []token
	lit   []byte  // text that is not a token yet
	seg   []piece // of the tag, end tag, markup or raw text that is being read
	tag   *tag
	bad   string
	name  []byte // of the tag or attribute being read
	raw   string // inRaw: the element
	ctl   bool   // the value being read has a control in it
	tight bool   // an optional attribute may have ended without a space
}

func lex(src *source, l *parse.ListNode, m mode, raw string) *lexer {
	x := &lexer{src: src, mode: m, start: m, raw: raw}
	if m != inText {
		x.tag = &tag{}
	}
	if l != nil {
		for _, n := range l.Nodes {
			if x.dead {
				break // never reached; the escaper did not look at it either
			}
			x.add(n)
		}
	}
	x.flush()
	if m != inText && len(x.seg) > 0 {
		x.tag.segs = append(x.tag.segs, seg{kind: segStatic, pieces: x.seg})
	}
	return x
}

func (x *lexer) add(n parse.Node) {
	switch n := n.(type) {
	case *parse.TextNode:
		x.bytes(n.Text)
	case *parse.CommentNode:
	case *parse.ActionNode:
		x.step(token{kind: tAction, pieces: []piece{{node: n}}}, writesNothing(n))
	case *parse.BreakNode, *parse.ContinueNode:
		x.step(token{kind: tStop, pieces: []piece{{node: n}}}, false)
		x.dead = true
	case *parse.TemplateNode:
		x.step(token{kind: tCall, pieces: []piece{{node: n}}}, false)
	case *parse.ListNode:
		x.frame(n)
	default:
		x.control(n)
	}
}

// writesNothing reports whether an action is a declaration or an assignment, or stands in an HTML comment.
func writesNothing(n *parse.ActionNode) bool {
	if len(n.Pipe.Decl) > 0 {
		return true
	}
	last := n.Pipe.Cmds[len(n.Pipe.Cmds)-1]
	id, ok := last.Args[0].(*parse.IdentifierNode)
	return ok && id.Ident == "_html_template_commentescaper"
}

// step adds a node that holds no lists.
func (x *lexer) step(t token, silent bool) {
	if x.mode == inText {
		if silent {
			t.kind = tSilent
		}
		x.emit(t)
		return
	}
	p := piece{node: t.node(), silent: silent}
	switch {
	case silent || t.kind == tStop:
		x.seg = append(x.seg, p)
	case t.kind == tCall:
		x.bad = "a recursive template inside a tag"
		x.seg = append(x.seg, p)
	default:
		x.write(p)
	}
}

// write adds a piece inside a tag, a value or raw text, where it writes at least something.
func (x *lexer) write(p piece) {
	switch x.mode {
	case inName:
		x.bad = "an action in the name of an element"
	case inEnd, inMarkup:
		x.bad = "an action in an end tag"
	case beforeAttr, inAttr, afterAttr:
		x.dynamic(p, inAttr)
		return
	case beforeValue:
		x.value(inBare)
	}
	x.seg = append(x.seg, p)
}

// dynamic adds what may be any number of attributes, or a part of one's name.
func (x *lexer) dynamic(p piece, after mode) {
	x.static()
	x.tag.grouped = true
	x.tag.segs = append(x.tag.segs, seg{kind: segDynamic, pieces: []piece{p}})
	x.mode = after
	x.name = nil
}

func (x *lexer) flush() {
	if len(x.lit) > 0 {
		x.out = append(x.out, token{kind: tText, pieces: []piece{{text: x.lit}}})
		x.lit = nil
	}
}

func (x *lexer) emit(t token) {
	x.flush()
	x.out = append(x.out, t)
}

// frame adds an inlined call.
func (x *lexer) frame(l *parse.ListNode) {
	if x.mode != inText {
		x.nested(piece{node: l}, lex(x.src, l, x.mode, x.raw), nil, false)
		return
	}
	in := lex(x.src, l, inText, "")
	switch p := []piece{{node: l}}; {
	case in.mode != inText:
		x.emit(token{kind: tInline, pieces: p, bad: "a template that ends inside a tag"})
		x.resume(in)
	case quiet(in.out):
		x.emit(token{kind: tSilent, pieces: p})
	case textOnly(in.out):
		x.emit(token{kind: tInline, pieces: p, body: in.out})
	default:
		x.emit(token{kind: tEnter, pieces: p})
		x.out = append(x.out, in.out...)
		x.emit(token{kind: tLeave, pieces: p})
	}
}

// control adds an if, with or range.
func (x *lexer) control(n parse.Node) {
	b := branch(n)
	_, loop := n.(*parse.RangeNode)
	if x.mode == inText {
		then, other := lex(x.src, b.List, inText, ""), lex(x.src, b.ElseList, inText, "")
		t := token{kind: tControl, pieces: []piece{{node: n}}, body: then.out, other: other.out}
		if quiet(then.out) && quiet(other.out) {
			t.kind = tSilent
		}
		x.dead = !loop && then.dead && other.dead
		end := then
		if then.dead || then.mode == inText {
			end = other
		}
		if end.mode != inText && !end.dead {
			t.bad = "a branch that ends inside a tag"
		}
		x.emit(t)
		if t.bad != "" {
			x.resume(end)
		}
		return
	}
	if (x.mode == inName || x.mode == inAttr || x.mode == afterAttr) && spaced(b.List) && spaced(b.ElseList) {
		x.endName()
		x.mode = beforeAttr
	}
	then := lex(x.src, b.List, x.mode, x.raw)
	other := lex(x.src, b.ElseList, x.mode, x.raw)
	x.nested(piece{node: n}, then, other, loop)
	x.dead = !loop && then.dead && other.dead
}

// resume goes on in the mode in which a list of its own ended, inside something that began there.
func (x *lexer) resume(in *lexer) {
	x.mode, x.raw = in.mode, in.raw
	x.tag = &tag{}
	x.bad = "a tag that begins in a branch and ends outside of it"
	x.seg, x.name = nil, nil
}

// nested adds a control or a call that stands inside a tag, an end tag or raw text. other is nil for a call.
func (x *lexer) nested(p piece, then, other *lexer, loop bool) {
	if other == nil {
		other = then
	}
	p.silent = then.silent() && other.silent()
	for _, in := range []*lexer{then, other} {
		if in.over {
			x.bad = "a branch that ends a tag"
		}
		if in.bad != "" {
			x.bad = in.bad
		}
	}
	end := join(then, other)
	switch x.mode {
	case inRaw, inEnd, inMarkup, inName:
		if x.mode != inRaw && !p.silent {
			x.bad = "a control in the name of an element"
		}
		x.seg = append(x.seg, p)
		x.mode = end
	case inDouble, inSingle, inBare:
		x.ctl = true
		x.seg = append(x.seg, p)
		if then.cut || other.cut {
			x.tag.grouped = true
		}
		x.mode = end
	default:
		if p.silent {
			x.seg = append(x.seg, p)
			return
		}
		if name, tight, ok := optional(x.mode, then, other, loop); ok {
			if x.tight && !(then.begins() && other.begins()) {
				x.tag.grouped = true
			}
			x.static()
			x.tag.segs = append(x.tag.segs, seg{kind: segOptional, name: name, pieces: []piece{p}})
			x.tag.names = append(x.tag.names, name)
			x.tight = x.tight || tight
			return
		}
		x.dynamic(p, end)
	}
	if then.over || other.over {
		x.emit(token{kind: tInline, pieces: x.everything(), bad: x.bad})
		x.tag, x.seg, x.name, x.over = &tag{}, nil, nil, true
		x.raw = then.raw + other.raw
		if then.raw == other.raw {
			x.raw = then.raw
		}
		if x.mode == inText {
			x.bad = ""
		}
	}
}

// silent reports whether nothing was written.
func (x *lexer) silent() bool {
	if x.dead || x.mode != x.start || len(x.out) > 0 {
		return false
	}
	for _, s := range x.tag.segs {
		for _, p := range s.pieces {
			if !p.silent {
				return false
			}
		}
	}
	return true
}

// begins reports whether what was read is empty or starts with a space.
func (x *lexer) begins() bool {
	for _, s := range x.tag.segs {
		for _, p := range s.pieces {
			if len(p.text) > 0 {
				return isSpace(p.text[0])
			}
			if !p.silent {
				return false
			}
		}
	}
	return true
}

// join is the mode after a branch. html/template has checked that both ends agree, up to what comes of an empty string.
func join(a, b *lexer) mode {
	switch {
	case a.dead || a.mode == b.mode:
		return b.mode
	case b.dead:
		return a.mode
	case a.mode == inBare || b.mode == inBare:
		return inBare
	}
	return inAttr
}
