package view

import (
	"bytes"
	"html"
	"strings"

	nethtml "golang.org/x/net/html"
)

// appendValue appends a text or attribute as the page holds it: its HTML, read as a parser would.
func appendValue(dst []byte, s *slot, raw []byte) []byte {
	switch {
	case s.kind == slotOptional:
		for _, a := range attributes(raw) {
			return AppendString(dst, a.Val)
		}
		return append(dst, "null"...)
	case bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 && bytes.IndexByte(raw, 0) < 0:
		return AppendString(dst, raw)
	}
	if bytes.IndexByte(raw, '\r') >= 0 {
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	nul := "\uFFFD"
	if s.kind == slotText && s.name == "" {
		nul = "" // in the text of an element it is dropped
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		raw = bytes.ReplaceAll(raw, []byte{0}, []byte(nul))
	}
	if s.kind == slotRaw {
		return AppendString(dst, raw)
	}
	return AppendString(dst, unescape(raw, s.kind == slotAttr))
}

// unescape replaces the character references in HTML. The short ones that html/template writes are read here.
func unescape(raw []byte, attr bool) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '&' {
			out = append(out, raw[i])
			i++
			continue
		}
		n, c := reference(raw[i:])
		switch {
		case n > 0:
			out = append(out, c)
			i += n
		case attr:
			return []byte(attributeValue(raw))
		default:
			return []byte(html.UnescapeString(string(raw)))
		}
	}
	return out
}

// reference reads one of the references that html/template writes, and returns its length.
func reference(s []byte) (int, byte) {
	switch {
	case bytes.HasPrefix(s, []byte("&amp;")):
		return 5, '&'
	case bytes.HasPrefix(s, []byte("&lt;")):
		return 4, '<'
	case bytes.HasPrefix(s, []byte("&gt;")):
		return 4, '>'
	case len(s) >= 5 && s[1] == '#' && s[4] == ';':
		if a, b := s[2]-'0', s[3]-'0'; a <= 9 && b <= 9 && a*10+b >= 32 {
			return 5, a*10 + b
		}
	}
	return 0, 0
}

// attributeValue reads the references of an attribute, where some that lack their semicolon are not references.
func attributeValue(raw []byte) string {
	quoted := bytes.ReplaceAll(raw, []byte(`"`), []byte("&#34;"))
	for _, a := range attributes([]byte(`x="` + string(quoted) + `"`)) {
		return a.Val
	}
	return ""
}

// attributes reads the attributes of a tag; of two with one name the first counts.
func attributes(raw []byte) []nethtml.Attribute {
	z := nethtml.NewTokenizer(strings.NewReader("<a " + string(raw) + ">"))
	if z.Next() == nethtml.ErrorToken {
		return nil
	}
	var all []nethtml.Attribute
next:
	for _, a := range z.Token().Attr {
		for _, known := range all {
			if known.Key == a.Key {
				continue next
			}
		}
		all = append(all, a)
	}
	return all
}

// appendGroup appends which attributes of a group came, went and changed.
func appendGroup(dst []byte, f *diffing, part int, old, new []byte) []byte {
	was, is := attributes(old), attributes(new)
	undo, back := *f, len(dst)
	dst = append(f.key(dst, part), '{')
	n := 0
	name := func(key string) {
		if n > 0 {
			dst = append(dst, ',')
		}
		n++
		dst = append(AppendString(dst, key), ':')
	}
	for _, a := range was {
		if _, ok := find(is, a.Key); !ok {
			name(a.Key)
			dst = append(dst, "null"...)
		}
	}
	for _, a := range is {
		if val, ok := find(was, a.Key); !ok || val != a.Val {
			name(a.Key)
			dst = AppendString(dst, a.Val)
		}
	}
	if n == 0 {
		*f = undo
		return dst[:back]
	}
	return append(dst, '}')
}

func find(attrs []nethtml.Attribute, key string) (string, bool) {
	for _, a := range attrs {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}
