package view

import (
	"fmt"
	"slices"
	"text/template/parse"
)

// notes is what the compiler tells a developer, each once, with the place.
type notes struct{ list []string }

func (n *notes) say(at parse.Node, format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if at != nil {
		s = where(at) + ": " + s
	}
	if !slices.Contains(n.list, s) {
		n.list = append(n.list, s)
	}
}

func (n *notes) add(in []piece, format string, args ...any) {
	for _, p := range in {
		if p.node != nil && p.node.Type() != parse.NodeList {
			n.say(p.node, format, args...)
			return
		}
	}
	n.say(nil, format, args...)
}

func (n *notes) island(why string, at parse.Node, name string) {
	n.say(at, "%s: all that is in <%s> is replaced when something in it changes", why, name)
}
