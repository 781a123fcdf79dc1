package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"greenroom/widgets/view"
)

// The words of the wire; docs/protocol.md is their dictionary.
const (
	// WordAttach opens a socket's conversation.
	WordAttach = "attach"
	wordEvent  = "event"
	wordResync = "resync"
	wordPong   = "pong"

	wordAttached   = "attached"
	wordPatch      = "patch"
	wordReply      = "reply"
	wordRedirect   = "redirect"
	wordURL        = "url"
	wordToast      = "toast"
	wordRestarting = "restarting"
	wordPing       = "ping"
)

// MaxFrame is the largest frame taken from a browser, in bytes.
const MaxFrame = 64 << 10

// ErrFrame is returned for a frame that breaks the protocol; the socket is closed with 1008.
var ErrFrame = errors.New("session: not a frame of this protocol")

// ErrNotText is returned for a frame that is not UTF-8; the socket is closed with 1007.
var ErrNotText = errors.New("session: a text frame that is not UTF-8")

// Frame is a decoded frame from a browser.
type Frame struct {
	Word string
	// Token and Seq belong to attach.
	Token string
	Seq   uint64
	// Widget, Name, Payload and Ref belong to event; Widget to resync too. Payload is a JSON object and a copy: the caller may use the bytes again.
	Widget  int
	Name    string
	Payload json.RawMessage
	Ref     int64
}

// Decode reads one frame and keeps nothing of data. It is the only reader of what a browser sends, and fuzzed.
func Decode(data []byte) (Frame, error) {
	if len(data) > MaxFrame {
		return Frame{}, fmt.Errorf("%w: %d bytes, at most %d", ErrFrame, len(data), MaxFrame)
	}
	if !utf8.Valid(data) {
		return Frame{}, ErrNotText
	}
	var parts elements
	if !json.Valid(data) || !parts.split(data) {
		return Frame{}, fmt.Errorf("%w: not a JSON array with a word", ErrFrame)
	}
	var f Frame
	ok := false
	switch word, fields := parts.at[0], parts.n-1; {
	case bytes.Equal(word, quotedEvent):
		f.Word = wordEvent
		ok = fields == 4 && whole(parts.at[1], &f.Widget) && text(parts.at[2], &f.Name) && parts.at[3][0] == '{' && whole(parts.at[4], &f.Ref)
		if ok {
			f.Payload = bytes.Clone(parts.at[3])
		}
	case bytes.Equal(word, quotedPong):
		f.Word = wordPong
		ok = fields == 0
	case bytes.Equal(word, quotedResync):
		f.Word = wordResync
		ok = fields == 1 && whole(parts.at[1], &f.Widget)
	case bytes.Equal(word, quotedAttach):
		f.Word = WordAttach
		ok = fields == 2 && text(parts.at[1], &f.Token) && whole(parts.at[2], &f.Seq)
	default:
		return Frame{}, fmt.Errorf("%w: unknown word %.32q", ErrFrame, word)
	}
	if !ok {
		return Frame{}, fmt.Errorf("%w: the fields of %q do not fit", ErrFrame, f.Word)
	}
	return f, nil
}

// The words as they stand in a frame.
var (
	quotedEvent  = []byte(`"` + wordEvent + `"`)
	quotedPong   = []byte(`"` + wordPong + `"`)
	quotedResync = []byte(`"` + wordResync + `"`)
	quotedAttach = []byte(`"` + WordAttach + `"`)
)

// elements are the raw elements of an array; no frame has more than five.
type elements struct {
	at [5][]byte
	n  int
}

// split cuts valid JSON into the elements of its outermost array; false if it is none, is empty, or has more than a frame may.
func (e *elements) split(data []byte) bool {
	data = bytes.TrimSpace(data)
	if data[0] != '[' {
		return false
	}
	depth, start, quoted := 0, 1, false
	for i := 1; i < len(data); i++ {
		c := data[i]
		if quoted {
			switch c {
			case '\\':
				i++
			case '"':
				quoted = false
			}
			continue
		}
		switch c {
		case '"':
			quoted = true
		case '[', '{':
			depth++
		case '}':
			depth--
		case ',', ']':
			if depth > 0 {
				if c == ']' {
					depth--
				}
				continue
			}
			part := bytes.TrimSpace(data[start:i])
			if len(part) == 0 || e.n == len(e.at) {
				return false
			}
			e.at[e.n] = part
			e.n++
			start = i + 1
		}
	}
	return true
}

// whole reads an integer that fits T: no fraction, no exponent.
func whole[T int | int64 | uint64](raw []byte, to *T) bool {
	digits, negative := raw, false
	if digits[0] == '-' {
		digits, negative = digits[1:], true
	}
	if len(digits) > 18 { // what fits every T whatever the digits are
		return false
	}
	var n uint64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
		n = n*10 + uint64(c-'0')
	}
	switch at := any(to).(type) {
	case *uint64:
		*at = n
		return !negative
	case *int64:
		*at = int64(n)
		if negative {
			*at = -*at
		}
	case *int:
		if n > math.MaxInt32 || negative {
			return false
		}
		*at = int(n)
	}
	return true
}

// text reads a JSON string.
func text(raw []byte, to *string) bool {
	if raw[0] != '"' {
		return false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		*to = string(raw[1 : len(raw)-1])
		return true
	}
	return json.Unmarshal(raw, to) == nil
}

// Ping is the frame that asks a page for a pong.
func Ping() []byte { return frame(wordPing) }

// frame writes ["word",arg,…]; strings are quoted, whatever else is written as the number it is.
func frame(word string, args ...any) []byte {
	dst := view.AppendString([]byte{'['}, word)
	for _, arg := range args {
		dst = append(dst, ',')
		switch a := arg.(type) {
		case string:
			dst = view.AppendString(dst, a)
		case int64:
			dst = strconv.AppendInt(dst, a, 10)
		case uint64:
			dst = strconv.AppendUint(dst, a, 10)
		default:
			panic(fmt.Sprintf("session: frame argument of type %T", arg))
		}
	}
	return append(dst, ']')
}
