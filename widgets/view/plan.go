package view

import (
	"bytes"
	"slices"
	"strings"
	"text/template/parse"
)

// A planner lays out blocks: which part stands where, its number, its markers.
type planner struct {
	*grower
	types  *typing
	markup bool // some slot takes markup that is not the template's
}

// A place is what a block needs to know of its surroundings.
type place struct {
	parent  string // the element around it, or empty
	given   given  // what markup surely stays there
	pre     bool   // spaces count
	foreign bool
}

// A writer lays out one block.
type writer struct {
	*planner
	blk         *block
	plain, live []byte
	ops         []op
	frames      [][]op
	text        bool // a text part is open: text that followed would become part of its node
	parts       int
}

func (p *planner) writer() *writer { return &writer{planner: p, blk: &block{key: -1}} }

// block lays out a tree that is not a row.
func (p *planner) block(t *tree, at place) *block {
	w := p.writer()
	w.children(t.children, at)
	return w.done()
}

func (w *writer) done() *block {
	w.cut()
	w.blk.ops = w.ops
	return w.blk
}

// cut ends the current static.
func (w *writer) cut() {
	w.blk.plain = append(w.blk.plain, string(w.plain))
	w.blk.live = append(w.blk.live, string(w.live))
	w.plain, w.live = w.plain[:0], w.live[:0]
}

// static adds text to both versions.
func (w *writer) static(s []byte) {
	w.live = append(w.live, s...)
	w.plainOnly(s)
}

func (w *writer) plainOnly(s []byte) {
	if len(s) > 0 {
		w.plain = append(w.plain, s...)
		w.ops = append(w.ops, op{kind: opText, text: s})
	}
}

func (w *writer) marker(s string) { w.live = append(w.live, s...) }

// slot adds a slot and the step that fills it.
func (w *writer) slot(s slot, o op) {
	o.slot = len(w.blk.slots)
	w.blk.slots = append(w.blk.slots, s)
	w.ops = append(w.ops, o)
	w.cut()
}

func (w *writer) part() int {
	w.parts++
	return w.parts - 1
}

// markupLeaf adds a slot for markup, which may be the template's own or hold some that is not.
func (w *writer) markupLeaf(in []piece, may given) {
	s := slot{kind: slotHTML, part: w.part()}
	if w.holdsMarkup(in) {
		s.given = max(may, givenText)
		w.planner.markup = true
	}
	w.slot(s, op{kind: opLeaf, pieces: in})
}

func (w *writer) leaf(kind slotKind, name string, in []piece) {
	w.slot(slot{kind: kind, name: name, part: w.part()}, op{kind: opLeaf, pieces: in})
}

// literal adds pieces of which none writes anything that is not static.
func (w *writer) literal(in []piece) {
	for _, p := range in {
		if p.node != nil {
			w.ops = append(w.ops, op{kind: opSilent, node: p.node})
		} else {
			w.static(p.text)
		}
	}
}

func dynamic(in []piece) bool {
	for _, p := range in {
		if p.node != nil && !p.silent {
			return true
		}
	}
	return false
}

// A group is one or more children that are laid out together.
type group struct {
	kind   groupKind
	pieces []piece  // groupStatic, groupText, groupHTML, groupSilent
	el     *element // groupElement
	tok    *token   // others; groupHTML: the tag of an element that is a part as a whole
	space  bool     // groupStatic: nothing but spaces
	row    *block   // groupList, and the else branch
	orElse *block
	tight  bool // groupList: a row is one element, and spaces around it do not show
}

type groupKind uint8

const (
	groupStatic groupKind = iota
	groupText
	groupHTML
	groupElement
	groupCond
	groupList
	groupCall
	groupEnter
	groupLeave
	groupMarkup
)

// groups collects runs of text.
func (w *writer) groups(children []child, at place) []group {
	var all []group
	var run []*token
	flush := func() {
		all = append(all, w.run(run)...)
		run = nil
	}
	for _, c := range children {
		if c.tok != nil && c.tok.tree == nil && c.tok.kind <= tInline {
			run = append(run, c.tok)
			continue
		}
		flush()
		switch {
		case c.el != nil && c.el.opaque && dynamic(c.el.pieces()):
			all = append(all, group{kind: groupHTML, pieces: c.el.pieces(), tok: c.el.open})
		case c.el != nil:
			all = append(all, group{kind: groupElement, el: c.el})
		case c.tok.kind == tControl:
			g := group{kind: groupCond, tok: c.tok}
			if c.tok.node().Type() == parse.NodeRange {
				g.kind = groupList
				g.row, g.orElse, g.tight = w.list(c.tok, at)
			}
			all = append(all, g)
		case c.tok.kind == tCall:
			all = append(all, group{kind: groupCall, tok: c.tok})
		case c.tok.kind == tEnter:
			all = append(all, group{kind: groupEnter, tok: c.tok})
		case c.tok.kind == tLeave:
			all = append(all, group{kind: groupLeave, tok: c.tok})
		case c.tok.kind == tStop:
			all = append(all, group{kind: groupStatic, pieces: []piece{{node: c.tok.node(), silent: true}}, space: true})
		default:
			all = append(all, group{kind: groupMarkup, pieces: c.tok.pieces})
		}
	}
	flush()
	return all
}

func (el *element) pieces() []piece {
	all := append([]piece{}, el.open.pieces...)
	all = append(all, pieces(el.within)...)
	if el.close != nil {
		all = append(all, el.close.pieces...)
	}
	return all
}

// run makes groups of a run of text: what writes nothing is kept out of a part at both of its ends.
func (w *writer) run(run []*token) []group {
	for len(run) > 0 && run[0].kind == tSilent {
		rest := w.run(run[1:])
		return append([]group{{kind: groupStatic, pieces: silenced(run[:1]), space: true}}, rest...)
	}
	end := len(run)
	for end > 0 && run[end-1].kind == tSilent {
		end--
	}
	if end == 0 {
		return nil
	}
	g := group{kind: groupStatic, pieces: silenced(run[:end]), space: true}
	for _, t := range run[:end] {
		for _, p := range t.pieces {
			g.space = g.space && len(bytes.Trim(p.text, " \t\n\r\f")) == 0
		}
		if t.kind != tText && t.kind != tSilent && g.kind != groupHTML {
			g.kind = groupText
		}
		if w.holdsMarkup(t.pieces) {
			g.kind = groupHTML
		}
	}
	all := []group{g}
	if end < len(run) {
		all = append(all, group{kind: groupStatic, pieces: silenced(run[end:]), space: true})
	}
	return all
}

// silenced is the pieces of tokens of a run, where a silent token's nodes are known to be silent.
func silenced(run []*token) []piece {
	var all []piece
	for _, t := range run {
		for _, p := range t.pieces {
			p.silent = t.kind == tSilent
			all = append(all, p)
		}
	}
	return all
}

// holdsMarkup reports whether pieces may write markup that is not the template's.
func (w *writer) holdsMarkup(in []piece) bool {
	found := false
	for _, p := range in {
		if p.node != nil {
			walk(p.node, func(n parse.Node) {
				if a, ok := n.(*parse.ActionNode); ok && w.types.markup[a] {
					found = true
				}
			})
		}
	}
	return found
}

// children lays out what is in a block, or in an element that holds more than one part.
func (w *writer) children(in []child, at place) {
	for _, g := range w.groups(in, at) {
		w.group(g, at, false)
	}
}

// group lays out one group; only says that its element's marker names it, so it needs none of its own.
func (w *writer) group(g group, at place, only bool) {
	open := w.text
	w.text = false
	switch g.kind {
	case groupStatic:
		w.text = open
		if text := hasText(g.pieces); open && text {
			w.marker("<!--t-->")
			w.leaf(slotText, "", g.pieces)
		} else {
			w.literal(g.pieces)
		}
	case groupText:
		if !only {
			for !open && len(g.pieces) > 0 && g.pieces[0].node == nil {
				w.static(g.pieces[0].text)
				g.pieces = g.pieces[1:]
			}
			w.marker("<!--t-->")
			w.text = true
		}
		w.leaf(slotText, "", g.pieces)
	case groupHTML:
		var after []piece
		if !only && g.tok == nil { // static text around it stays outside
			for !open && g.pieces[0].node == nil {
				w.static(g.pieces[0].text)
				g.pieces = g.pieces[1:]
			}
			for n := len(g.pieces) - 1; g.pieces[n].node == nil; n-- {
				after = append([]piece{g.pieces[n]}, after...)
				g.pieces = g.pieces[:n]
			}
		}
		w.open("h", only)
		if g.tok != nil {
			at.given = givenText
		}
		w.markupLeaf(g.pieces, at.given)
		w.close(only)
		w.literal(after)
	case groupElement:
		w.element(g.el, at, false)
	case groupMarkup: // a parser drops it
		w.literal(g.pieces)
		w.text = open
	case groupEnter:
		w.frames = append(w.frames, w.ops)
		w.ops = nil
		w.text = open
	case groupLeave:
		inner, n := w.ops, len(w.frames)-1
		w.ops = append(w.frames[n], op{kind: opFrame, node: g.tok.node(), ops: inner})
		w.frames = w.frames[:n]
		w.text = open
	case groupCond:
		inner := [2]*block{w.block(g.tok.tree, at), nil}
		if branch(g.tok.node()).ElseList != nil {
			inner[1] = w.block(g.tok.orElse, at)
		}
		w.open("c", only)
		w.slot(slot{kind: slotCond, part: w.part(), inner: inner}, op{kind: opCond, node: g.tok.node()})
		w.close(only)
	case groupCall:
		d := w.def(g.tok.node().(*parse.TemplateNode).Name)
		inner := [2]*block{w.definition(d), nil}
		w.open("c", only)
		w.slot(slot{kind: slotCond, part: w.part(), inner: inner}, op{kind: opCall, node: g.tok.node()})
		w.close(only)
	case groupList:
		w.open("l", only)
		w.slot(slot{kind: slotList, part: w.part(), inner: [2]*block{g.row, g.orElse}}, op{kind: opList, node: g.tok.node()})
		w.close(only)
	}
}

func hasText(in []piece) bool {
	for _, p := range in {
		if len(p.text) > 0 {
			return true
		}
	}
	return false
}

func (w *writer) open(code string, only bool) {
	if !only {
		w.marker("<!--" + code + "-->")
	}
}

func (w *writer) close(only bool) {
	if !only {
		w.marker("<!--/-->")
	}
}

// definition lays out a recursive template, once.
func (p *planner) definition(d *def) *block {
	if d.blk == nil {
		w := p.writer()
		d.blk = w.blk                 // known before it is laid out: it calls itself
		at := place{given: givenText} // it may be called from anywhere
		if d.name == p.src.name && !calls(d) {
			at.given = givenFlow
		}
		w.children(d.tree.children, at)
		w.done()
	}
	return d.blk
}

// calls reports whether a definition calls another one, or itself.
func calls(d *def) bool {
	return slices.ContainsFunc(d.tokens, func(t token) bool {
		found := false
		for _, p := range t.pieces {
			if p.node != nil {
				walk(p.node, func(n parse.Node) { found = found || n.Type() == parse.NodeTemplate })
			}
		}
		return found
	})
}

// list lays out a row and the else branch of a range. tight says that a row is one element, and spaces around it do
// not count.
func (w *writer) list(t *token, at place) (row, orElse *block, tight bool) {
	if t.node().(*parse.RangeNode).ElseList != nil {
		orElse = w.block(t.orElse, at)
	}
	if r := t.tree; !hasKey(r) && hasField(r) {
		w.notes.say(t.node(), "rows with fields to fill in need data-key=\"{{…}}\" on their one root element: else what a person types may end up in another row")
	}
	r := w.writer()
	if tokensStop(t.body) {
		r.blk.whole = true
		r.marker("<!--r-->")
		r.markupLeaf(pieces(t.body), givenText)
		return r.done(), orElse, false
	}
	groups := r.groups(t.tree.children, at)
	root, spaced := soleElement(groups)
	if root != nil && (root.opaque && dynamic(root.pieces()) || spaced && !spaceless(at, root.open.name)) {
		root = nil
	}
	if root == nil {
		r.marker("<!--r-->")
		for _, g := range groups {
			r.group(g, at, false)
		}
		return r.done(), orElse, false
	}
	for _, g := range groups {
		switch g.kind {
		case groupElement:
			r.element(g.el, at, true)
		case groupStatic:
			r.aside(g.pieces)
		default:
			r.group(g, at, false)
		}
	}
	return r.done(), orElse, spaceless(at, root.open.name)
}

// hasKey reports whether a row's roots have one with a data-key.
func hasKey(t *tree) bool {
	for _, c := range t.children {
		if c.el != nil && slices.ContainsFunc(c.el.open.tag.names, func(name string) bool { return strings.EqualFold(name, "data-key") }) {
			return true
		}
	}
	return false
}

// hasField reports whether there is something in a tree that a person fills in.
func hasField(t *tree) bool {
	return slices.ContainsFunc(t.children, func(c child) bool {
		if c.el == nil {
			return c.tok.tree != nil && (hasField(c.tok.tree) || c.tok.orElse != nil && hasField(c.tok.orElse))
		}
		switch c.el.open.name {
		case "input":
			return !c.el.open.tag.hidden()
		case "textarea", "select":
			return true
		}
		return hasField(&tree{children: c.el.children})
	})
}

// hidden reports whether an <input> is of a type that nobody types into.
func (t *tag) hidden() bool {
	return slices.ContainsFunc(t.segs, func(s seg) bool {
		if s.kind != segStatic || !strings.EqualFold(s.name, "type") {
			return false
		}
		switch string(s.pieces[0].text) {
		case "hidden", "submit", "button", "image", "reset":
			return true
		}
		return false
	})
}

// aside adds spaces that the live version leaves out.
func (w *writer) aside(in []piece) {
	for _, p := range in {
		if p.node != nil {
			w.ops = append(w.ops, op{kind: opSilent, node: p.node})
		} else {
			w.plainOnly(p.text)
		}
	}
}

// soleElement is the element that groups consist of, but for spaces.
func soleElement(groups []group) (el *element, spaced bool) {
	for _, g := range groups {
		switch {
		case g.kind == groupElement && el == nil:
			el = g.el
		case g.kind == groupEnter, g.kind == groupLeave:
		case g.kind == groupStatic && g.space:
			spaced = spaced || hasText(g.pieces)
		default:
			return nil, false
		}
	}
	return el, spaced
}

// spaceless reports whether spaces between elements of a name do not show.
func spaceless(at place, name string) bool {
	if at.pre {
		return false
	}
	switch at.parent {
	case "table", "thead", "tbody", "tfoot", "tr", "colgroup", "ul", "ol", "menu", "dl", "select", "optgroup", "datalist",
		"svg", "g", "defs", "symbol":
		return true
	}
	switch name {
	case "address", "article", "aside", "blockquote", "col", "colgroup", "dd", "details", "dialog", "div", "dl", "dt",
		"fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup",
		"hr", "legend", "li", "main", "nav", "ol", "optgroup", "option", "p", "pre", "search", "section", "summary",
		"table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul":
		return true
	}
	return false
}
