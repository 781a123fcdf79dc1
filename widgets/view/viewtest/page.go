package viewtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"greenroom/widgets/view"
)

// Page is the DOM inside a widget's section.
type Page struct{ root *html.Node }

// Parse reads a widget's live HTML.
func Parse(live string) (*Page, error) {
	p := &Page{root: &html.Node{Type: html.ElementNode, Data: "section", DataAtom: atom.Section}}
	return p, p.fill(live)
}

// fill replaces all there is.
func (p *Page) fill(live string) error {
	nodes, err := fragment(live, p.root)
	if err != nil {
		return err
	}
	clear(p.root)
	insert(p.root, nil, nodes)
	return nil
}

// Root is the section; what it holds is the widget's.
func (p *Page) Root() *html.Node { return p.root }

// Apply applies a change as a patch frame carries it: a Diff, or a string that is the whole live HTML.
func (p *Page) Apply(change []byte) error {
	var v any
	if err := json.Unmarshal(change, &v); err != nil {
		return fmt.Errorf("viewtest: the change is not JSON: %w", err)
	}
	if whole, ok := v.(string); ok {
		return p.fill(whole)
	}
	return patch(parts(p.root.FirstChild, nil), v, "")
}

// HTML is the DOM with its markers. Equal DOMs have equal HTML: attributes are sorted, adjacent texts are one.
func (p *Page) HTML() string {
	var b strings.Builder
	w := writer{b: &b, markers: true}
	w.children(p.root)
	return b.String()
}

// Plain is the same without the markers.
func (p *Page) Plain() string {
	var b strings.Builder
	w := writer{b: &b}
	w.children(p.root)
	return b.String()
}

// Text is what a person reads: all texts, with runs of spaces as one.
func (p *Page) Text() string {
	var words []string
	for n := range p.root.Descendants() {
		if n.Type == html.TextNode {
			words = append(words, n.Data)
		}
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// fragment parses HTML as it would be parsed inside parent.
func fragment(s string, parent *html.Node) ([]*html.Node, error) {
	var decoded string
	if err := json.Unmarshal(view.AppendString(nil, s), &decoded); err != nil { // as a browser decodes UTF-8
		return nil, err
	}
	nodes, err := html.ParseFragment(strings.NewReader(decoded), parent)
	for _, n := range nodes {
		for d := range n.Descendants() {
			distinct(d)
		}
		distinct(n)
	}
	return nodes, err
}

// distinct drops repeated attributes, as a browser does: the first counts.
func distinct(n *html.Node) {
	var kept []html.Attribute
	for _, a := range n.Attr {
		if !slices.ContainsFunc(kept, func(k html.Attribute) bool { return k.Key == a.Key && k.Namespace == a.Namespace }) {
			kept = append(kept, a)
		}
	}
	n.Attr = kept
}

func insert(parent, before *html.Node, nodes []*html.Node) {
	for _, n := range nodes {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
		parent.InsertBefore(n, before)
	}
}

func clear(n *html.Node) {
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
}

// writer writes a DOM in one spelling.
type writer struct {
	b       *strings.Builder
	markers bool
}

func (w writer) children(n *html.Node) {
	text := ""
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			text += c.Data
			continue
		case c.Type == html.CommentNode && !w.markers && isMarker(c.Data):
			continue
		}
		w.text(text)
		text = ""
		w.node(c)
	}
	w.text(text)
}

func (w writer) text(s string) { w.b.WriteString(html.EscapeString(s)) }

func (w writer) node(n *html.Node) {
	switch n.Type {
	case html.CommentNode:
		fmt.Fprintf(w.b, "<!--%s-->", n.Data)
	case html.ElementNode:
		fmt.Fprintf(w.b, "<%s", n.Data)
		attrs := slices.Clone(n.Attr)
		slices.SortFunc(attrs, func(a, b html.Attribute) int {
			return strings.Compare(a.Namespace+":"+a.Key, b.Namespace+":"+b.Key)
		})
		for _, a := range attrs {
			if a.Key == "_" && !w.markers {
				continue
			}
			fmt.Fprintf(w.b, " %s%s=%q", prefix(a.Namespace), a.Key, html.EscapeString(a.Val))
		}
		w.b.WriteByte('>')
		w.children(n)
		fmt.Fprintf(w.b, "</%s>", n.Data)
	default:
		fmt.Fprintf(w.b, "<!%s>", n.Data)
	}
}

func prefix(space string) string {
	if space == "" {
		return ""
	}
	return space + ":"
}

func isMarker(s string) bool {
	switch s {
	case "t", "h", "c", "l", "r", "/":
		return true
	}
	return false
}
