package view

import (
	"slices"
	"unicode/utf8"
)

const hex = "0123456789abcdef"

// AppendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD, as a browser's decoder would read it,
// so the result is always valid UTF-8: one bad byte would close a WebSocket.
func AppendString[S string | []byte](dst []byte, s S) []byte {
	dst = append(slices.Grow(dst, len(s)+len(s)/8+2), '"') // HTML has a quote in every eighth place or so
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[from:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			from = i
			continue
		}
		n, ok := sequence(s, i)
		if !ok {
			dst = append(dst, s[from:i]...)
			dst = append(dst, "\uFFFD"...)
			from = i + n
		}
		i += n
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

// sequence reads the UTF-8 sequence at s[i]. It returns its length and whether it is whole; of a broken one it is the
// length that a browser replaces by a single U+FFFD: the longest start of some valid sequence, at least one byte.
func sequence[S string | []byte](s S, i int) (int, bool) {
	low, high := byte(0x80), byte(0xBF) // what the second byte may be
	var size int
	switch c := s[i]; {
	case c < 0xC2:
		return 1, c < utf8.RuneSelf
	case c < 0xE0:
		size = 2
	case c < 0xF0:
		size = 3
		if c == 0xE0 {
			low = 0xA0
		} else if c == 0xED {
			high = 0x9F // no surrogates
		}
	case c < 0xF5:
		size = 4
		if c == 0xF0 {
			low = 0x90
		} else if c == 0xF4 {
			high = 0x8F // nothing over U+10FFFF
		}
	default:
		return 1, false
	}
	for n := 1; n < size; n++ {
		if i+n >= len(s) || s[i+n] < low || s[i+n] > high {
			return n, false
		}
		low, high = 0x80, 0xBF
	}
	return size, true
}
