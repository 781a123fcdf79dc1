package view

import (
	"fmt"
	"slices"
	"strings"
	"text/template/parse"
)

// refuse finds attributes that a page under a strict content security policy ignores, and our own, in tokens.
func refuse(tokens []token, n *notes) error {
	for i := range tokens {
		t := &tokens[i]
		for _, in := range [][]token{t.body, t.other} {
			if err := refuse(in, n); err != nil {
				return err
			}
		}
		if t.kind == tOpen {
			if err := t.tag.refuse(n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tag) refuse(n *notes) error {
	if slices.Contains(t.names, "_") {
		return fmt.Errorf("%sthe attribute _ of <%s> is greenroom's own; name yours data-…", placeOf(allPieces(t)), t.name)
	}
	for _, s := range t.segs {
		name := strings.ToLower(s.name)
		switch {
		case s.kind == segStatic && name == "style":
			n.say(nil, "a style attribute in <%s>: browsers ignore it under the page's security policy", t.name)
		case s.kind == segStatic:
		case name == "style":
			return fmt.Errorf("%sa style attribute with an action in it is ignored by browsers under the page's security policy; use a class, <progress value>, or an SVG attribute (width, fill)", placeOf(s.pieces))
		case strings.HasPrefix(name, "on") && len(name) > 2:
			return fmt.Errorf("%sthe handler %s with an action in it is ignored by browsers under the page's security policy; use gr-click and its like", placeOf(s.pieces), s.name)
		}
	}
	return nil
}

// placeOf is where the first node among pieces stands, as the beginning of a message.
func placeOf(in []piece) string {
	for _, p := range in {
		if p.node != nil && p.node.Type() != parse.NodeList {
			return where(p.node) + ": "
		}
	}
	return ""
}

func allPieces(t *tag) []piece {
	var all []piece
	for _, s := range t.segs {
		all = append(all, s.pieces...)
	}
	return all
}
