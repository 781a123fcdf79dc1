package viewtest

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// A part is a place that a diff can change.
type part struct {
	code  string     // t h c l, * for a group of attributes, = for one
	el    *html.Node // the owner of an attribute, the parent of a child part
	name  string     // of an attribute
	first *html.Node // a child part with siblings: its marker
	end   *html.Node // and the marker that ends it
}

// parts finds the parts between two siblings, in document order.
func parts(n, end *html.Node) []part {
	var all []part
	for ; n != nil && n != end; n = n.NextSibling {
		if n.Type == html.ElementNode {
			all = append(all, ofElement(n)...)
		}
		switch code := marker(n); code {
		case "t":
			all = append(all, part{code: code, el: n.Parent, first: n})
		case "c", "l", "h":
			p := part{code: code, el: n.Parent, first: n, end: closing(n)}
			all = append(all, p)
			if n = p.end; n == nil {
				return all
			}
		}
	}
	return all
}

// ofElement finds the parts of an element and of what is in it.
func ofElement(n *html.Node) []part {
	var all []part
	child := "-"
	for _, a := range n.Attr {
		if a.Key == "_" && a.Namespace == "" {
			words := strings.Split(a.Val, " ")
			child = words[0]
			for _, name := range words[1:] {
				code := "="
				if name == "*" {
					code = "*"
				}
				all = append(all, part{code: code, el: n, name: name})
			}
		}
	}
	if child == "-" {
		return append(all, parts(n.FirstChild, nil)...)
	}
	return append(all, part{code: child, el: n})
}

func marker(n *html.Node) string {
	if n != nil && n.Type == html.CommentNode {
		return n.Data
	}
	return ""
}

func opens(n *html.Node) bool {
	code := marker(n)
	return code == "c" || code == "l" || code == "h"
}

// closing is the end marker of an opening one.
func closing(n *html.Node) *html.Node {
	depth := 0
	for ; n != nil; n = n.NextSibling {
		if opens(n) {
			depth++
		} else if marker(n) == "/" {
			if depth--; depth == 0 {
				return n
			}
		}
	}
	return nil
}

// start is the first node of a child part's content.
func (p part) start() *html.Node {
	if p.first != nil {
		return p.first.NextSibling
	}
	return p.el.FirstChild
}

// patch applies a diff to the parts of a block; path names the block in errors.
func patch(parts []part, diff any, path string) error {
	list, ok := diff.([]any)
	if !ok || len(list)%2 != 0 {
		return fmt.Errorf("viewtest: %s: %v is no Diff", path, diff)
	}
	last := -1
	for i := 0; i < len(list); i += 2 {
		at, ok := number(list[i])
		if !ok || at <= last || at >= len(parts) {
			return fmt.Errorf("viewtest: %s: no part %v after %d of %d", path, list[i], last, len(parts))
		}
		last = at
		p := parts[at]
		if (p.code == "c" || p.code == "l" || p.code == "h") && p.first != nil && p.end == nil {
			return fmt.Errorf("viewtest: %s: part %d has no end", path, at)
		}
		if err := p.set(list[i+1], fmt.Sprintf("%s/%d", path, at)); err != nil {
			return err
		}
	}
	return nil
}

func number(v any) (int, bool) {
	f, ok := v.(float64)
	return int(f), ok && f >= 0 && f == float64(int(f))
}

func (p part) set(payload any, path string) error {
	s, text := payload.(string)
	switch {
	case p.code == "t" && text:
		p.setText(s)
	case p.code == "=" && (text || payload == nil):
		setAttr(p.el, p.name, payload)
	case p.code == "*":
		group, ok := payload.(map[string]any)
		if !ok {
			return fmt.Errorf("viewtest: %s: %v is no group of attributes", path, payload)
		}
		for name, v := range group {
			if _, ok := v.(string); !ok && v != nil {
				return fmt.Errorf("viewtest: %s: attribute %s is %v", path, name, v)
			}
			setAttr(p.el, name, v)
		}
	case p.code == "h" && text:
		return p.replace(s)
	case p.code == "c":
		return p.setBranch(payload, path)
	case p.code == "l":
		return p.setList(payload, path)
	default:
		return fmt.Errorf("viewtest: %s: a part %s cannot take %v", path, p.code, payload)
	}
	return nil
}

// setText sets the text node that follows the marker, or all that the element holds.
func (p part) setText(s string) {
	if p.first == nil {
		clear(p.el)
		p.el.AppendChild(&html.Node{Type: html.TextNode, Data: s})
		return
	}
	if n := p.first.NextSibling; n != nil && n.Type == html.TextNode {
		n.Data = s
		return
	}
	p.el.InsertBefore(&html.Node{Type: html.TextNode, Data: s}, p.first.NextSibling)
}

func setAttr(n *html.Node, name string, v any) {
	for i, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			if v == nil {
				n.Attr = append(n.Attr[:i:i], n.Attr[i+1:]...)
			} else {
				n.Attr[i].Val = v.(string)
			}
			return
		}
	}
	if v != nil {
		n.Attr = append(n.Attr, html.Attribute{Key: name, Val: v.(string)})
	}
}

// replace makes HTML the content of a child part.
func (p part) replace(s string) error {
	for n := p.start(); n != nil && n != p.end; n = p.start() {
		p.el.RemoveChild(n)
	}
	nodes, err := fragment(s, p.el)
	if err == nil {
		insert(p.el, p.end, nodes)
	}
	return err
}

func (p part) setBranch(payload any, path string) error {
	switch v := payload.(type) {
	case []any:
		return patch(parts(p.start(), p.end), v, path)
	case float64:
		if v == 0 {
			return p.replace("")
		}
	case map[string]any:
		if s, ok := v["h"].(string); ok && len(v) == 1 {
			return p.replace(s)
		}
	}
	return fmt.Errorf("viewtest: %s: %v is no change of a branch", path, payload)
}
