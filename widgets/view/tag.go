package view

import (
	"bytes"
	"slices"
	"strings"
	"text/template/parse"
)

// A tag is what stands between < and >.
type tag struct {
	name    string
	segs    []seg
	names   []string // of the attributes that are known, as they are written
	grouped bool     // which attributes it has is not known
}

// A seg is a run of a tag's source.
type seg struct {
	kind   segKind
	name   string // segValue, segOptional: the attribute
	pieces []piece
	bare   bool // a value without quotes
}

type segKind uint8

const (
	segStatic   segKind = iota
	segValue            // an attribute's value, without its quotes
	segOptional         // {{if}} disabled{{end}}
	segDynamic          // any attributes, or part of a name
)

// closed reports whether the tag ends in "/>".
func (t *tag) closed() bool {
	if len(t.segs) == 0 {
		return false
	}
	pieces := t.segs[len(t.segs)-1].pieces
	return bytes.HasSuffix(pieces[len(pieces)-1].text, []byte("/>"))
}

// repeated reports whether two attributes have one name: then the first counts, and only a parser can tell.
func (t *tag) repeated() bool {
	for i, name := range t.names {
		for _, earlier := range t.names[:i] {
			if strings.EqualFold(earlier, name) {
				return true
			}
		}
	}
	return false
}

// optional reports whether both branches hold one and the same attribute, or nothing.
func optional(m mode, then, other *lexer, loop bool) (name string, tight, ok bool) {
	if m != beforeAttr || loop {
		return "", false, false
	}
	for _, in := range []*lexer{then, other} {
		if in.dead || in.bad != "" || in.over || in.tag.grouped || len(in.out) > 0 {
			return "", false, false
		}
		names := in.tag.names
		if in.mode == inAttr {
			names = append(slices.Clip(names), string(in.name))
		}
		if len(names) == 0 {
			if !in.silent() && in.mode != beforeAttr {
				return "", false, false
			}
			continue
		}
		if len(names) > 1 || name != "" && !strings.EqualFold(name, names[0]) {
			return "", false, false
		}
		name = names[0]
		if in.mode > afterAttr && in.mode != inBare {
			return "", false, false
		}
		tight = tight || in.mode != beforeAttr
		for _, s := range in.tag.segs {
			if s.kind == segOptional { // one inside the other
				return "", false, false
			}
		}
	}
	return name, tight, name != ""
}

// spaced reports whether all that a list can write starts with a space.
func spaced(l *parse.ListNode) bool {
	if l == nil {
		return true
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			if len(n.Text) > 0 {
				return isSpace(n.Text[0])
			}
		case *parse.ActionNode:
			if !writesNothing(n) {
				return false
			}
		case *parse.CommentNode:
		default:
			b := branch(n)
			if b == nil || !spaced(b.List) || !spaced(b.ElseList) {
				return false
			}
		}
	}
	return true
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
