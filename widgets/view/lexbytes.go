package view

import (
	"bytes"
	"strings"
)

// bytes reads static HTML.
func (x *lexer) bytes(s []byte) {
	for len(s) > 0 {
		switch x.mode {
		case inText:
			s = x.text(s)
		case inRaw:
			s = x.rawText(s)
		default:
			x.byte(s[0])
			s = s[1:]
		}
	}
}

func (x *lexer) text(s []byte) []byte {
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '<' {
			continue
		}
		m := inName
		switch c := s[i+1]; {
		case isLetter(c):
		case c == '/' && i+2 < len(s) && isLetter(s[i+2]):
			m = inEnd
		case c == '!' || c == '?':
			m = inMarkup
		default:
			continue
		}
		x.lit = append(x.lit, s[:i]...)
		x.flush()
		x.mode, x.tag, x.bad, x.seg, x.name, x.tight = m, &tag{}, "", nil, nil, false
		skip := 1
		if m == inEnd {
			skip = 2
		}
		x.keep(s[i : i+skip])
		return s[i+skip:]
	}
	x.lit = append(x.lit, s...)
	return nil
}

func (x *lexer) rawText(s []byte) []byte {
	for i := 0; i+2+len(x.raw) < len(s); i++ {
		if s[i] != '<' || s[i+1] != '/' || !bytes.EqualFold(s[i+2:i+2+len(x.raw)], []byte(x.raw)) {
			continue
		}
		if c := s[i+2+len(x.raw)]; !isSpace(c) && c != '>' && c != '/' {
			continue
		}
		x.keep(s[:i])
		if x.start == inRaw && x.out == nil {
			x.over = true
		}
		if len(x.seg) > 0 || x.bad != "" {
			x.emit(token{kind: tRaw, pieces: x.seg, bad: x.bad})
		}
		x.mode, x.tag, x.bad, x.name = inEnd, &tag{}, "", nil
		x.seg = []piece{{text: []byte("</")}}
		return s[i+2:]
	}
	x.keep(s)
	return nil
}

// keep adds literal bytes to the segment.
func (x *lexer) keep(s []byte) {
	if len(s) == 0 {
		return
	}
	if n := len(x.seg); n > 0 && x.seg[n-1].node == nil {
		x.seg[n-1].text = append(x.seg[n-1].text, s...)
		return
	}
	x.seg = append(x.seg, piece{text: bytes.Clone(s)})
}

// byte reads one byte of a tag.
func (x *lexer) byte(c byte) {
	if x.tight {
		x.tight = false
		if !isSpace(c) && c != '/' && c != '>' {
			x.tag.grouped = true
		}
	}
	switch x.mode {
	case inDouble, inSingle:
		if c == '"' && x.mode == inDouble || c == '\'' && x.mode == inSingle {
			x.endValue()
			x.mode = beforeAttr
		}
	case inBare:
		if isSpace(c) || c == '>' {
			x.endValue()
			x.mode = beforeAttr
		}
	case beforeValue:
		switch {
		case c == '"':
			x.keep([]byte{c})
			x.value(inDouble)
			return
		case c == '\'':
			x.keep([]byte{c})
			x.value(inSingle)
			return
		case !isSpace(c) && c != '>':
			x.value(inBare)
		}
	case inName, inEnd, inAttr, afterAttr, beforeAttr:
		x.nameByte(c)
	}
	x.keep([]byte{c})
	if c == '>' && x.mode != inDouble && x.mode != inSingle {
		x.endTag()
	}
}

// nameByte reads a byte where names are.
func (x *lexer) nameByte(c byte) {
	ends := isSpace(c) || c == '/' || c == '>'
	switch x.mode {
	case inName:
		if ends {
			x.endName()
			x.mode = beforeAttr
			return
		}
	case inEnd:
		if ends || x.tag.name != "" {
			x.endName()
			return
		}
	case inAttr:
		switch {
		case c == '=':
			x.endName()
			x.mode = beforeValue
			return
		case isSpace(c):
			x.mode = afterAttr
			x.endName()
			return
		case ends:
			x.endName()
			x.mode = beforeAttr
			return
		}
	case afterAttr, beforeAttr:
		switch {
		case c == '=' && x.mode == afterAttr:
			x.mode = beforeValue
			return
		case isSpace(c):
			return
		case ends:
			x.mode = beforeAttr
			return
		}
		x.mode = inAttr
		x.name = nil
	}
	x.name = append(x.name, c)
}

// endName notes the name of the element or attribute that was read.
func (x *lexer) endName() {
	switch {
	case len(x.name) == 0:
	case x.mode == inName || x.mode == inEnd:
		x.tag.name = strings.ToLower(string(x.name))
	case x.mode != beforeAttr:
		x.tag.names = append(x.tag.names, string(x.name))
	}
	x.name = nil
}

// static ends a segment of literals.
func (x *lexer) static() {
	if len(x.seg) > 0 {
		x.tag.segs = append(x.tag.segs, seg{kind: segStatic, pieces: x.seg})
		x.seg = nil
	}
}

// value begins an attribute's value.
func (x *lexer) value(m mode) {
	x.static()
	x.mode, x.ctl = m, false
}

// endValue ends an attribute's value, which is a segment of its own if something in it is dynamic.
func (x *lexer) endValue() {
	if x.mode == x.start {
		x.cut = true
	}
	kind, name := segStatic, ""
	for _, p := range x.seg {
		if p.node != nil && !p.silent {
			kind = segValue
		}
	}
	if n := len(x.tag.names); n > 0 {
		name = x.tag.names[n-1]
	}
	if kind == segValue && (name == "" || x.mode == inBare && x.ctl) {
		x.tag.grouped = true // it may be empty, and then the next attribute would become its value
	}
	if len(x.seg) > 0 {
		x.tag.segs = append(x.tag.segs, seg{kind: kind, name: name, pieces: x.seg, bare: x.mode == inBare})
		x.seg = nil
	}
}

// everything is all that the tag being read writes.
func (x *lexer) everything() []piece {
	var all []piece
	for _, s := range x.tag.segs {
		all = append(all, s.pieces...)
	}
	return append(all, x.seg...)
}

// endTag ends a tag at its '>'.
func (x *lexer) endTag() {
	t := token{name: x.tag.name, tag: x.tag, bad: x.bad, pieces: x.everything()}
	switch x.mode {
	case inEnd:
		t.kind = tClose
	case inMarkup:
		t.kind = tMarkup
	default:
		t.kind = tOpen
		x.endName()
	}
	x.static()
	if x.start != inText && !x.over {
		x.over = true // it was not ours
	}
	x.mode = inText
	if t.kind == tOpen && isRaw(t.name) {
		x.mode, x.raw = inRaw, t.name
		if t.tag.closed() {
			t.bad = "a self-closed " + t.name
		}
	}
	x.emit(t)
	x.bad, x.name = "", nil
}
