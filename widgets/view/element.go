package view

import (
	"bytes"
	"slices"
	"strings"
	"text/template/parse"
)

// A tree is the elements of a block: of a whole template, a branch, a row.
type tree struct {
	children []child
	fail     string     // not empty: it is not a balanced piece of HTML
	at       parse.Node // what made it fail, or nil
}

// A child is a token that is no tag, or an element.
type child struct {
	tok *token
	el  *element
}

type element struct {
	open, close *token // close is nil for <br>
	children    []child
	within      []token // the tokens between open and close
	island      []piece // not nil: what is inside cannot be followed, and is one part
	opaque      bool    // the page cannot reach into it: noscript, template, iframe; a part as a whole
	foreign     bool    // in svg or math
}

// A grower finds the elements in tokens. What it cannot follow it makes an island: the nearest enclosing element whose
// end it is sure of. It starts over with each island, since everything after one is read differently.
type grower struct {
	src    *source
	tokens map[string][]token // of each definition
	grown  map[*token]bool    // controls whose trees stand, in this round
	defs   map[string]*def
	broken map[string]string // definitions that are not balanced, and why
	forced map[*token]string // elements that must be islands, by their open tag, and why
	notes  *notes
}

// A def is a template that is called recursively.
type def struct {
	name   string
	tokens []token
	tree   *tree
	blk    *block
}

// root grows the tree of the template itself, and those of all definitions.
func (g *grower) root() *def {
	for {
		g.defs, g.grown = map[string]*def{}, map[*token]bool{}
		before := len(g.broken)
		d := g.def(g.src.name)
		if len(g.broken) == before || d.tree.fail != "" {
			return d
		}
	}
}

// def finds a definition; while it is being grown, it counts as balanced.
func (g *grower) def(name string) *def {
	d := g.defs[name]
	if d == nil {
		if g.tokens[name] == nil { // once: forced knows tokens by their address
			g.tokens[name] = lex(g.src, g.src.defs[name].Root, inText, "").out
		}
		d = &def{name: name, tokens: g.tokens[name], tree: &tree{}}
		g.defs[name] = d
		d.tree = g.grow(d.tokens, false)
		if why := g.broken[name]; why != "" && d.tree.fail == "" {
			d.tree.fail = why
		}
		if d.tree.fail != "" {
			g.broken[name] = d.tree.fail
		}
	}
	return d
}

func (g *grower) grow(tokens []token, foreign bool) *tree {
	a := attempt{grower: g, tokens: tokens, islands: map[int]int{}, outside: foreign}
	for {
		a.run()
		if a.why == "" {
			return &tree{children: a.children}
		}
		at := a.culprit()
		if !a.contain() {
			return &tree{fail: a.why, at: at}
		}
		g.notes.island(a.why, at, a.tokens[a.island].name)
	}
}

// attempt is one try to match all tags.
type attempt struct {
	*grower
	tokens   []token
	islands  map[int]int // open tag → close tag, as indices of tokens
	outside  bool        // what surrounds the tokens is svg or math
	stack    []level
	children []child
	why      string
	failed   int // the token that does not fit
	island   int // the last one made
}

// A level is an element that is open.
type level struct {
	open     int
	el       *element
	children []child // of what is around it
}

func (a *attempt) run() {
	a.stack, a.children, a.why = nil, nil, ""
	for i := 0; i < len(a.tokens) && a.why == ""; i++ {
		t := &a.tokens[i]
		switch {
		case t.bad != "":
			a.reject(i, t.bad)
		case t.kind == tOpen:
			i = a.begin(i)
		case t.kind == tClose:
			a.end(i)
		case t.kind == tControl && !textOnly(a.tokens[i:i+1]):
			a.control(i)
		case t.kind == tCall:
			if d := a.def(t.node().(*parse.TemplateNode).Name); d.tree.fail != "" || a.broken[d.name] != "" {
				a.reject(i, "a recursive template that is not balanced")
			} else if a.foreign() {
				a.reject(i, "a recursive template in svg")
			}
			a.children = append(a.children, child{tok: t})
		default:
			a.children = append(a.children, child{tok: t})
		}
	}
	if n := len(a.stack); a.why == "" && n > 0 {
		open := a.stack[n-1].open
		a.stack = a.stack[:n-1]
		a.reject(open, "an element without its end tag")
	}
}

func (a *attempt) reject(i int, why string) {
	if a.why == "" {
		a.failed, a.why = i, why
	}
}

// foreign reports whether the place is in svg or math.
func (a *attempt) foreign() bool {
	for _, l := range slices.Backward(a.stack) {
		switch l.el.open.name {
		case "svg", "math":
			return true
		case "foreignobject", "desc", "title":
			return false
		}
	}
	return a.outside
}

func (a *attempt) begin(i int) int {
	t := &a.tokens[i]
	el := &element{open: t, foreign: a.foreign() || t.name == "svg" || t.name == "math", opaque: isOpaque(t.name)}
	if el.foreign && (isRaw(t.name) || a.tagIsAwkward(t)) {
		el.opaque = true
	}
	if isVoid(t.name) && !el.foreign || el.foreign && t.tag.closed() {
		a.children = append(a.children, child{el: el})
		return i
	}
	if end, ok := a.islands[i]; ok {
		el.close, el.within = &a.tokens[end], a.tokens[i+1:end]
		el.island = pieces(el.within)
		a.children = append(a.children, child{el: el})
		return end
	}
	a.stack = append(a.stack, level{open: i, el: el, children: a.children})
	a.children = nil
	return i
}

// tagIsAwkward reports whether an attribute that may change lives in a namespace, which setAttribute does not reach.
func (a *attempt) tagIsAwkward(t *token) bool {
	return slices.ContainsFunc(t.tag.segs, func(s seg) bool {
		return s.kind == segDynamic || s.kind != segStatic && strings.IndexByte(s.name, ':') >= 0
	})
}

func (a *attempt) end(i int) {
	n := len(a.stack)
	if n == 0 || a.stack[n-1].el.open.name != a.tokens[i].name {
		a.reject(i, "an end tag that does not match")
		return
	}
	l := a.stack[n-1]
	a.stack = a.stack[:n-1]
	l.el.close, l.el.within, l.el.children = &a.tokens[i], a.tokens[l.open+1:i], a.children
	a.children = append(l.children, child{el: l.el})
	why := a.forced[l.el.open]
	if why != "" && framesMatch(l.el.within) {
		l.el.island, l.el.children = pieces(l.el.within), nil
	} else if why != "" {
		a.reject(i, why)
	} else if l.el.opaque && !framesMatch(l.el.within) {
		a.reject(i, "an element that cannot be patched inside")
	}
}

func (a *attempt) control(i int) {
	t := &a.tokens[i]
	if !a.grown[t] {
		t.tree = a.grow(t.body, a.foreign())
		t.orElse = a.grow(t.other, a.foreign())
		a.grown[t] = true
	}
	for _, tr := range []*tree{t.tree, t.orElse} {
		if tr.fail != "" {
			a.reject(i, tr.fail)
		}
	}
	if _, loop := t.node().(*parse.RangeNode); loop && !stopsAtRoot(t.tree) {
		a.reject(i, "a break or continue inside an element")
	}
	a.children = append(a.children, child{tok: t})
}

// culprit is a node to name in a note.
func (a *attempt) culprit() parse.Node {
	t := &a.tokens[a.failed]
	for _, tr := range []*tree{t.tree, t.orElse} {
		if tr != nil && tr.at != nil {
			return tr.at
		}
	}
	for _, t := range slices.Concat(a.tokens[a.failed:], a.tokens[:a.failed]) {
		for _, p := range t.pieces {
			if p.node != nil && p.node.Type() != parse.NodeList {
				return p.node
			}
		}
	}
	return nil
}

// contain makes the nearest element around the failed token an island, if its end is sure.
func (a *attempt) contain() bool {
	levels := a.stack
	for i, l := range levels {
		if l.el.open.name == "select" { // parsers disagree on what may be in one
			levels = levels[:i]
			break
		}
	}
	for _, l := range slices.Backward(levels) {
		name := l.el.open.name
		if l.el.opaque || isRaw(name) {
			continue
		}
		if end := a.find(l.open+1, name); end >= a.failed && framesMatch(a.tokens[l.open+1:end]) {
			a.islands[l.open], a.island = end, l.open
			return true
		}
	}
	return false
}

// find is the end tag of an element, or -1 where branches might open or close such an element unevenly.
func (a *attempt) find(from int, name string) int {
	depth := 1
	for i := from; i < len(a.tokens); i++ {
		n, sure := a.count(&a.tokens[i], name)
		if depth += n; !sure {
			return -1
		}
		if depth == 0 {
			return i
		}
	}
	return -1
}

// count is by how many levels of elements of a name a token goes deeper.
func (a *attempt) count(t *token, name string) (int, bool) {
	switch {
	case t.bad != "" || t.kind == tInline || t.kind == tCall:
		if t.kind == tOpen && t.name == name {
			return 1, true
		}
		return 0, !a.mentions(t.pieces, name)
	case t.kind == tOpen && t.name == name:
		if t.tag.closed() {
			return 0, false
		}
		return 1, true
	case t.kind == tClose && t.name == name:
		return -1, true
	case tokensStop([]token{*t}): // an end tag may be left out
		return 0, false
	case t.kind == tControl:
		if tokensStop(t.body) && a.mentions(t.pieces, name) {
			return 0, false
		}
		for _, branch := range [][]token{t.body, t.other} {
			depth := 0
			for i := range branch {
				n, sure := a.count(&branch[i], name)
				if depth += n; depth < 0 || !sure {
					return 0, false
				}
			}
			if depth != 0 {
				return 0, false
			}
		}
	}
	return 0, true
}

// mentions reports whether some text in the pieces might be a tag of that name.
func (a *attempt) mentions(in []piece, name string) bool {
	found := false
	seen := map[string]bool{}
	open, end := []byte("<"+name), []byte("</"+name)
	var visit func(n parse.Node)
	text := func(s []byte) {
		s = bytes.ToLower(s)
		found = found || bytes.Contains(s, open) || bytes.Contains(s, end)
	}
	visit = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.TextNode:
			text(n.Text)
		case *parse.TemplateNode:
			if d := a.src.defs[n.Name]; d != nil && !seen[n.Name] {
				seen[n.Name] = true
				walk(d.Root, visit)
			}
		}
	}
	for _, p := range in {
		text(p.text)
		if p.node != nil {
			walk(p.node, visit)
		}
	}
	return found
}

// framesMatch reports whether every inlined call that begins in the tokens ends in them, and the other way round.
func framesMatch(tokens []token) bool {
	depth := 0
	for i := range tokens {
		switch tokens[i].kind {
		case tEnter:
			depth++
		case tLeave:
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

// pieces is all that tokens write.
func pieces(tokens []token) []piece {
	all := []piece{}
	depth := 0
	for i := range tokens {
		t := &tokens[i]
		if depth == 0 {
			all = append(all, t.pieces...)
		}
		switch t.kind {
		case tEnter:
			depth++
		case tLeave:
			depth--
		}
	}
	return all
}

// stops reports whether a node can break or continue the loop it stands in.
func stops(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.BreakNode, *parse.ContinueNode:
		return true
	case *parse.ListNode:
		return n != nil && slices.ContainsFunc(n.Nodes, stops)
	case *parse.RangeNode:
		return stops(n.ElseList)
	}
	b := branch(n)
	return b != nil && (stops(b.List) || stops(b.ElseList))
}

func tokensStop(tokens []token) bool {
	return slices.ContainsFunc(tokens, func(t token) bool {
		return slices.ContainsFunc(t.pieces, func(p piece) bool { return p.node != nil && stops(p.node) })
	})
}

// stopsAtRoot reports whether no break or continue would leave an element open.
func stopsAtRoot(tr *tree) bool {
	for _, c := range tr.children {
		if c.el != nil {
			if tokensStop(c.el.within) || tokensStop([]token{*c.el.open}) {
				return false
			}
			continue
		}
		if c.tok.kind == tControl && c.tok.tree != nil {
			if _, loop := c.tok.node().(*parse.RangeNode); !loop && !stopsAtRoot(c.tok.tree) || !stopsAtRoot(c.tok.orElse) {
				return false
			}
		}
	}
	return true
}

func isRaw(name string) bool {
	return name == "script" || name == "style" || name == "textarea" || name == "title"
}

func isVoid(name string) bool {
	switch name {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
		"param", "keygen", "basefont", "bgsound", "frame":
		return true
	}
	return false
}

// isOpaque reports whether a parser keeps what is in an element out of the page's tree, or reads it as text.
func isOpaque(name string) bool {
	switch name {
	case "noscript", "template", "iframe", "xmp", "noembed", "noframes", "plaintext", "object", "applet", "marquee":
		return true
	}
	return false
}
