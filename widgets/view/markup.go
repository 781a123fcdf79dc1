package view

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A value that is markup, such as template.HTML, may not stay where it stands: a <div> ends the <p> that it is put into, and
// what it leaves open swallows what follows. A parser of the page then finds other elements around the parts than the
// layout knows, and a patch would change the wrong thing. Trees with such values are sent whole.

// stays reports whether every value of the tree that is markup stays in its place. It is found out once a tree.
func (t *Tree) stays() bool {
	if !t.layout.markup || bytes.IndexByte(t.buf, '<') < 0 { // what is text is escaped
		return true
	}
	if t.placed.Load() == placedUnknown {
		p := int32(placedHere)
		w := placing{walker: walker{Tree: t, live: true}}
		w.look(t.layout.root)
		if len(w.doubts) > 0 && w.moves() {
			p = placedElsewhere
		}
		t.placed.Store(p)
	}
	return t.placed.Load() == placedHere
}

// staysAfter is stays for a tree that comes after one of the same layout, whose markup is most often the same, and a parser of the page costs a hundred times what
// a look at it does. What encloses a slot is the layout's as long as every value stays. So a value that stayed in its slot in the tree before stays there now.
func (t *Tree) staysAfter(from *Tree) bool {
	if !from.stays() {
		return false
	}
	if t.layout.markup && t.placed.Load() == placedUnknown {
		now, before := placing{walker: walker{Tree: t, live: true}}, placing{walker: walker{Tree: from, live: true}}
		now.look(t.layout.root)
		if len(now.doubts) > 0 {
			before.look(t.layout.root)
		}
		if now.nothingNew(before.doubts) {
			t.placed.Store(placedHere)
		}
	}
	return t.stays()
}

// What is known of a tree's markup.
const (
	placedUnknown = iota
	placedHere
	placedElsewhere
)

// placing goes through the markup of a tree.
type placing struct {
	walker
	doubts []doubt
	values []string // that stand between the pieces of HTML
	pieces []string
	html   []byte // the piece that is being written
	write  bool
}

// doubt is a value that takes a parser to tell whether it stays. The value is a part of the tree.
type doubt struct {
	slot  *slot
	value []byte
}

// nothingNew reports whether all doubts are among those that were settled before. There are a few, or in a list of markup one a row in the same order.
func (p *placing) nothingNew(settled []doubt) bool {
	at := 0
	for _, d := range p.doubts {
		same := func(s doubt) bool { return s.slot == d.slot && bytes.Equal(s.value, d.value) }
		if at < len(settled) && same(settled[at]) {
			at++
			continue
		}
		found := slices.IndexFunc(settled, same)
		if found < 0 {
			return false
		}
		at = found + 1
	}
	return true
}

// look looks at each value by itself.
func (p *placing) look(b *block) {
	p.blocks(b, func(s *slot, value []byte) {
		if s.given != givenNot && !harmless(value, s.given) {
			p.doubts = append(p.doubts, doubt{s, value})
		}
	})
}

// blocks calls leaf for each slot of a block and what is in it.
func (p *placing) blocks(b *block, leaf func(*slot, []byte)) {
	p.static(b.live[0])
	for i := range b.slots {
		s := &b.slots[i]
		switch {
		case s.kind.leaf():
			leaf(s, p.leaf())
		case s.kind == slotCond:
			n := p.node(p.at)
			p.at++
			if n.branch() != branchNone && s.inner[n.branch()-1] != nil {
				p.blocks(s.inner[n.branch()-1], leaf)
			}
		default:
			n := p.node(p.at)
			end := p.at + n.nodes()
			p.at++
			if n.branch() == branchElse {
				p.blocks(s.inner[1], leaf)
				break
			}
			for p.at < end {
				p.at++
				p.blocks(s.inner[0], leaf)
			}
		}
		p.static(b.live[i+1])
	}
}

func (p *placing) static(s string) {
	if p.write {
		p.html = append(p.html, s...)
	}
}

// moves parses the page with the values and without, and reports whether anything but they themselves is different.
func (p *placing) moves() bool {
	p.at, p.pos, p.write = 0, 0, true
	p.blocks(p.layout.root, func(s *slot, value []byte) {
		if s.given == givenNot {
			p.html = append(p.html, value...)
			return
		}
		p.pieces, p.values = append(p.pieces, string(p.html)), append(p.values, string(value))
		p.html = p.html[:0]
	})
	p.pieces = append(p.pieces, string(p.html))
	with, err := html.ParseFragment(strings.NewReader(p.page(true)), section())
	if err != nil {
		return true
	}
	without, err := html.ParseFragment(strings.NewReader(p.page(false)), section())
	if err != nil {
		return true
	}
	a, ok := p.cleared(with)
	b, _ := p.cleared(without)
	return !ok || a != b
}

func section() *html.Node {
	return &html.Node{Type: html.ElementNode, Data: "section", DataAtom: atom.Section}
}

// fence is a comment of ours around a value. A value that imitates one is told by it: then they do not match.
func (p *placing) fence(i int) string {
	return "greenroom " + strconv.Itoa(i) + " " + strconv.Itoa(len(p.values)) + " " + strconv.Itoa(len(p.buf))
}

func (p *placing) page(values bool) string {
	var b strings.Builder
	for i, piece := range p.pieces {
		b.WriteString(piece)
		if i < len(p.values) {
			fence := "<!--" + p.fence(i) + "-->"
			b.WriteString(fence)
			if values {
				b.WriteString(p.values[i])
			}
			b.WriteString(fence)
		}
	}
	return b.String()
}

// cleared is the HTML of a page without what stands between fences; ok says that each fence has its other one beside it, and
// that nothing between them looks like a marker.
func (p *placing) cleared(nodes []*html.Node) (page string, ok bool) {
	root := section()
	for _, n := range nodes {
		root.AppendChild(n)
	}
	fences := map[string]int{}
	for i := range p.values {
		fences[p.fence(i)] = i
	}
	found := 0
	ok = true
	var clean func(*html.Node)
	clean = func(parent *html.Node) {
		inside := ""
		for n := parent.FirstChild; n != nil; {
			next := n.NextSibling
			_, isFence := fences[n.Data]
			isFence = isFence && n.Type == html.CommentNode
			switch {
			case isFence && inside == "":
				inside = n.Data
				parent.RemoveChild(n)
			case isFence && inside == n.Data:
				inside = ""
				found++
				parent.RemoveChild(n)
			case inside != "":
				ok = ok && (n.Type != html.CommentNode || !isMarker(n.Data))
				parent.RemoveChild(n)
			default:
				clean(n)
			}
			n = next
		}
		ok = ok && inside == ""
	}
	clean(root)
	var b strings.Builder
	if err := html.Render(&b, root); err != nil {
		return "", false
	}
	return b.String(), ok && found == len(p.values)
}

func isMarker(comment string) bool {
	switch comment {
	case "t", "h", "c", "l", "r", "/":
		return true
	}
	return false
}

// given says that a slot takes markup that is not the template's own, and what surely stays in its place.
type given uint8

const (
	givenNot    given = iota // all of it is the template's
	givenText                // text
	givenPhrase              // and elements that may be in a text: <b>
	givenFlow                // and those that may be in a block: <p>
)

// within is what surely stays in an element of a place.
func (g given) within(name string, foreign bool) given {
	switch name {
	case "td", "th", "caption": // nothing in one ends what is around it
		return givenFlow
	case "div", "section", "article", "main", "aside", "header", "footer", "nav", "li", "dd", "figure", "figcaption", "details", "dialog", "fieldset", "blockquote", "form":
		return g
	case "select", "option", "optgroup", "datalist", "table", "thead", "tbody", "tfoot", "tr", "colgroup":
		return givenText
	}
	if foreign {
		return givenText
	}
	return min(g, givenPhrase)
}

// harmless reports whether markup surely stays where it stands: its elements are closed one by one, and may be there. It
// knows only tags that are written as most are; the rest is left to a parser.
func harmless(markup []byte, in given) bool {
	var stack [16]string
	open := stack[:0]
	for {
		i := bytes.IndexByte(markup, '<')
		if i < 0 {
			return len(open) == 0
		}
		markup = markup[i+1:]
		end := len(markup) > 0 && markup[0] == '/'
		if end {
			markup = markup[1:]
		}
		n := 0
		for n < len(markup) && ('a' <= markup[n] && markup[n] <= 'z' || '0' <= markup[n] && markup[n] <= '9') {
			n++
		}
		noscript := !end && string(markup[:n]) == "noscript"
		name, class := elementClass(markup[:n])
		size, closed := tagEnd(markup[n:])
		if size < 0 {
			return false
		}
		markup = markup[n+size:]
		last := ""
		if len(open) > 0 {
			last = open[len(open)-1]
		}
		switch {
		case noscript && !closed && in >= givenPhrase: // what is in it is text where there are scripts, as there are on a page that is patched
			rest, ok := pastNoscript(markup)
			if !ok {
				return false
			}
			markup = rest
		case end:
			if last == "" || last != name {
				return false
			}
			open = open[:len(open)-1]
		case class == classVoid && in >= givenPhrase:
		case closed:
			return false
		case class == classPhrase && in >= givenPhrase,
			class == classFlow && in == givenFlow && !phraseIn(open),
			class == classItem && (last == "ul" || last == "ol"):
			open = append(open, name)
		default:
			return false
		}
	}
}

// pastNoscript is what follows the end of a noscript element's text; ok is false where it has none, or one that is written in another way.
func pastNoscript(text []byte) (rest []byte, ok bool) {
	const end = "</noscript>"
	for {
		i := bytes.Index(text, []byte("</"))
		if i < 0 {
			return nil, false
		}
		if text = text[i:]; len(text) >= len(end) && bytes.EqualFold(text[:len(end)-1], []byte(end)[:len(end)-1]) {
			return text[len(end):], string(text[:len(end)]) == end
		}
		text = text[2:]
	}
}

// tagEnd is how many bytes a tag goes on after its name, or -1 where it is not written as most are: name="value" after a
// space. Everything else that a quote may mean depends on what is before it.
func tagEnd(s []byte) (size int, closed bool) {
	if len(s) > 0 && s[0] != '>' && s[0] != '/' && !isSpace(s[0]) { // the name goes on
		return -1, false
	}
	name := 0 // where the word that is read began
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '>':
			return i + 1, i > 0 && s[i-1] == '/'
		case isSpace(c):
			name = i + 1
		case c == '=':
			if name == 0 || name == i || i+1 == len(s) || s[i+1] != '"' {
				return -1, false
			}
			n := bytes.IndexByte(s[i+2:], '"')
			if n < 0 {
				return -1, false
			}
			i += 2 + n
			name = 0
		case c != '/' && c != '-' && !isLetter(c) && (c < '0' || c > '9'):
			return -1, false
		}
	}
	return -1, false
}

// phraseIn reports whether one of the open elements ends where a block begins.
func phraseIn(open []string) bool {
	for _, name := range open {
		switch name {
		case "div", "section", "article", "blockquote", "ul", "ol", "li":
		default:
			return true
		}
	}
	return false
}

const (
	classOther = iota
	classVoid
	classPhrase
	classFlow
	classItem
)

// elementClass tells what an element may hold and where it may be; the name is returned without an allocation.
func elementClass(name []byte) (string, int) {
	for class, names := range classes {
		for _, known := range names {
			if string(name) == known {
				return known, class
			}
		}
	}
	return "", classOther
}

var classes = [...][]string{
	classVoid:   {"br", "img", "wbr"},
	classPhrase: {"b", "i", "em", "strong", "span", "code", "small", "u", "s", "sub", "sup", "q", "mark", "abbr", "kbd", "samp", "var", "time", "cite", "del", "ins"},
	classFlow:   {"p", "div", "ul", "ol", "section", "article", "blockquote", "h2", "h3", "h4", "h5", "h6", "pre"},
	classItem:   {"li"},
}
