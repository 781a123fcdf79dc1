package view

import (
	"bytes"
	"slices"
	"strings"
	"text/template/parse"
)

// element lays out an element; row says that it is the one element of a list's row, so that its data-key is the key.
func (w *writer) element(el *element, at place, row bool) {
	own := el.open.name == "pre" || el.open.name == "textarea" || el.open.name == "listing"
	inside := place{parent: el.open.name, given: at.given.within(el.open.name, el.foreign), foreign: el.foreign && el.open.name != "foreignobject", pre: own || at.pre}
	c := w.content(el, inside)
	if own {
		c = c.splitNewline()
	}
	w.tag(el, c.code, row)
	if own && c.newline() {
		w.marker("\n") // a parser drops the first one
	}
	switch {
	case c.code == "-" || c.groups != nil:
		for _, g := range c.groups {
			if c.dropSpace && g.kind == groupStatic {
				w.aside(g.pieces)
				continue
			}
			w.group(g, inside, c.code != "-" && g.kind != groupStatic && g.kind != groupEnter && g.kind != groupLeave)
		}
		w.literal(c.static)
	default:
		switch {
		case c.code != "t":
			w.markupLeaf(c.static, givenText)
		case el.open.name == "script", el.open.name == "style":
			w.leaf(slotRaw, el.open.name, c.static)
		default:
			w.leaf(slotText, el.open.name, c.static)
		}
	}
	w.text = false
	if el.close != nil {
		w.literal(el.close.pieces)
	}
}

// content is how an element's inside is laid out.
type content struct {
	code      string // of the part that is all there is, or "-"
	groups    []group
	static    []piece // without groups: what an island or a raw text holds
	dropSpace bool
}

func (w *writer) content(el *element, inside place) content {
	switch {
	case el.opaque:
		return content{code: "-", static: pieces(el.within)} // static, or it would be a part
	case el.island != nil:
		if !dynamic(el.island) {
			return content{code: "-", static: el.island}
		}
		return content{code: "h", static: el.island}
	case isRaw(el.open.name):
		in := pieces(el.within)
		if !dynamic(in) {
			return content{code: "-", static: in}
		}
		if el.open.name == "script" {
			w.notes.add(in, "a script that changes does not run again")
		}
		return content{code: "t", static: in}
	}
	c := content{code: "-", groups: w.groups(el.children, inside)}
	var sole *group
	spaced := false
	for i := range c.groups {
		g := &c.groups[i]
		switch {
		case g.kind == groupEnter, g.kind == groupLeave:
		case g.kind == groupStatic && g.space:
			spaced = spaced || hasText(g.pieces)
		case sole != nil:
			return c
		default:
			sole = g
		}
	}
	if sole == nil {
		return c
	}
	switch {
	case sole.kind == groupList:
		if !spaced || sole.tight {
			c.code, c.dropSpace = "l", spaced
		}
	case spaced:
	case sole.kind == groupText:
		c.code = "t"
	case sole.kind == groupHTML:
		c.code = "h"
	case sole.kind == groupCond, sole.kind == groupCall:
		c.code = "c"
	}
	return c
}

// splitNewline keeps the first newline of a pre or textarea out of its part: a parser drops it.
func (c content) splitNewline() content {
	if c.code != "t" && c.code != "h" {
		return c
	}
	if c.groups == nil {
		kind := groupText
		if c.code == "h" {
			kind = groupHTML
		}
		c.groups, c.static = []group{{kind: kind, pieces: c.static}}, nil
	}
	i := slices.IndexFunc(c.groups, group.writes)
	head, rest := firstNewline(c.groups[i].pieces)
	if head != nil {
		c.groups[i].pieces = rest
		c.groups = slices.Insert(c.groups, i, group{kind: groupStatic, pieces: head, space: true})
	}
	return c
}

// writes reports whether a group may write something itself.
func (g group) writes() bool {
	switch g.kind {
	case groupEnter, groupLeave:
		return false
	case groupStatic:
		return hasText(g.pieces)
	}
	return true
}

func firstNewline(in []piece) (head, rest []piece) {
	if len(in) == 0 || in[0].node != nil {
		return nil, nil
	}
	n := 0
	switch text := in[0].text; {
	case bytes.HasPrefix(text, []byte("\n")), bytes.HasPrefix(text, []byte("\r")) && !bytes.HasPrefix(text, []byte("\r\n")):
		n = 1
	case bytes.HasPrefix(text, []byte("\r\n")):
		n = 2
	default:
		return nil, nil
	}
	head = []piece{{text: in[0].text[:n]}}
	if n < len(in[0].text) {
		rest = []piece{{text: in[0].text[n:]}}
	}
	return head, append(rest, in[1:]...)
}

// newline reports whether what comes first may begin with a newline that is not in the template's own text.
func (c content) newline() bool {
	first := c.static
	if i := slices.IndexFunc(c.groups, group.writes); i >= 0 {
		switch c.groups[i].kind {
		case groupElement:
			return false
		case groupCond, groupList, groupCall:
			return true
		}
		first = c.groups[i].pieces
	}
	for _, p := range first {
		if p.node == nil {
			return false
		}
		if !p.silent {
			return true
		}
	}
	return false
}

// tag lays out a start tag with its marker.
func (w *writer) tag(el *element, code string, row bool) {
	t := el.open.tag
	segs := t.segs
	key := -1
	if row {
		for i, s := range segs {
			if s.kind == segValue && strings.EqualFold(s.name, "data-key") && key < 0 {
				key = i
			}
		}
	}
	var names []string
	grouped := false
	for i, s := range segs {
		switch {
		case i == key:
		case s.kind == segDynamic, s.kind != segStatic && (t.grouped || t.repeated()), w.mayVanish(el, s):
			grouped = true
		case s.kind != segStatic:
			names = append(names, attrName(el, s.name))
		}
	}
	grouped = grouped || t.grouped && dynamic(allPieces(t))
	if grouped {
		names = []string{"*"}
	}
	name := 1 + len(t.name)
	w.static(segs[0].pieces[0].text[:name])
	if len(names) > 0 || code != "-" {
		w.marker(` _="` + strings.Join(append([]string{code}, names...), " ") + `"`)
	}
	first := append([]piece{{text: segs[0].pieces[0].text[name:]}}, segs[0].pieces[1:]...)
	segs = append([]seg{{kind: segStatic, pieces: first}}, segs[1:]...)
	if grouped {
		w.grouped(segs, key)
		return
	}
	for i, s := range segs {
		switch {
		case i == key:
			w.key(s)
		case s.kind == segValue:
			w.leaf(slotAttr, attrName(el, s.name), s.pieces)
		case s.kind == segOptional:
			w.leaf(slotOptional, attrName(el, s.name), s.pieces)
		default:
			w.literal(s.pieces)
		}
	}
}

// mayVanish reports whether nothing may be left of a value without quotes, as of an HTML's text where it is only tags:
// then the attribute after it becomes the value.
func (w *writer) mayVanish(el *element, s seg) bool {
	if s.kind != segValue || !s.bare || el.foreign {
		return false
	}
	return !slices.ContainsFunc(s.pieces, func(p piece) bool {
		a, ok := p.node.(*parse.ActionNode)
		return len(p.text) > 0 || ok && !p.silent && !w.types.holds[a]
	})
}

// attrName is the name an attribute has in the page: HTML has them in lower case, SVG as they are written.
func attrName(el *element, name string) string {
	if el.foreign {
		return name
	}
	return strings.ToLower(name)
}

func (w *writer) key(s seg) {
	w.blk.key = len(w.blk.slots)
	w.slot(slot{kind: slotKey, part: -1}, op{kind: opLeaf, pieces: s.pieces})
}

// grouped lays out a tag whose attributes are one part: all between its name and its end, but for the key.
func (w *writer) grouped(segs []seg, key int) {
	part, first := w.part(), -1
	var run []piece
	flush := func() {
		if !dynamic(run) {
			w.literal(run)
		} else if first < 0 {
			first = len(w.blk.slots)
			w.slot(slot{kind: slotGroup, part: part}, op{kind: opLeaf, pieces: run})
		} else {
			w.blk.slots[first].rest = len(w.blk.slots) - first
			w.slot(slot{kind: slotRest, part: -1}, op{kind: opLeaf, pieces: run})
		}
		run = nil
	}
	for i, s := range segs {
		in := s.pieces
		if i == len(segs)-1 { // ends with '>'
			last := in[len(in)-1].text
			in = append(append([]piece{}, in[:len(in)-1]...), piece{text: last[:len(last)-1]})
		}
		if i == key {
			flush()
			w.key(s)
			continue
		}
		run = append(run, in...)
	}
	flush()
	w.static([]byte(">"))
}
