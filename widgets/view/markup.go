package view

import (
	"bytes"
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
	if !t.layout.markup {
		return true
	}
	if t.placed.Load() == placedUnknown {
		p := int32(placedHere)
		w := placing{walker: walker{Tree: t, live: true}}
		w.look(t.layout.root)
		if w.doubtful && w.moves() {
			p = placedElsewhere
		}
		t.placed.Store(p)
	}
	return t.placed.Load() == placedHere
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
	doubtful bool     // some value needs a parser
	values   []string // that stand between the pieces of HTML
	pieces   []string
	html     []byte
}

// look looks at each value by itself.
func (p *placing) look(b *block) {
	p.blocks(b, func(s *slot, value []byte) {
		p.doubtful = p.doubtful || s.given != givenNot && !harmless(value, s.given)
	})
}

// blocks calls leaf for each slot of a block and what is in it.
func (p *placing) blocks(b *block, leaf func(*slot, []byte)) {
	p.html = append(p.html, b.live[0]...)
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
		p.html = append(p.html, b.live[i+1]...)
	}
}

// moves parses the page with the values and without, and reports whether anything but they themselves is different.
func (p *placing) moves() bool {
	p.at, p.pos, p.html = 0, 0, p.html[:0]
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

// fence is a comment of ours around a value; a value cannot know the tree's address.
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

// harmless reports whether markup surely stays where it stands: its elements are closed one by one, and may be there.
func harmless(markup []byte, in given) bool {
	if bytes.IndexByte(markup, '<') < 0 {
		return true
	}
	var open []string
	z := html.NewTokenizer(bytes.NewReader(markup))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return len(open) == 0 && len(z.Raw()) == 0
		case html.TextToken:
		case html.StartTagToken:
			name, _ := z.TagName()
			switch class := elementClass(name); {
			case class == classVoid && in >= givenPhrase:
			case class == classPhrase && in >= givenPhrase,
				class == classFlow && in == givenFlow && !phraseIn(open),
				class == classItem && len(open) > 0 && (open[len(open)-1] == "ul" || open[len(open)-1] == "ol"):
				open = append(open, string(name))
			default:
				return false
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			n := len(open)
			if n == 0 || open[n-1] != string(name) {
				return false
			}
			open = open[:n-1]
		default: // comments, and tags that close themselves
			name, _ := z.TagName()
			if elementClass(name) != classVoid || in < givenPhrase {
				return false
			}
		}
	}
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

func elementClass(name []byte) int {
	switch string(name) {
	case "br", "img", "wbr":
		return classVoid
	case "b", "i", "em", "strong", "span", "code", "small", "u", "s", "sub", "sup", "q", "mark", "abbr", "kbd", "samp", "var", "time", "cite", "del", "ins":
		return classPhrase
	case "p", "div", "ul", "ol", "section", "article", "blockquote", "h2", "h3", "h4", "h5", "h6", "pre":
		return classFlow
	case "li":
		return classItem
	}
	return classOther
}
