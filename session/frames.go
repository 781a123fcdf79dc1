package session

import (
	"encoding/json"
	"errors"
	"fmt"
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
	wordGone       = "gone"
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
	// Widget, Name, Payload and Ref belong to event; Widget to resync too. Payload is a JSON object, a copy of nothing: the caller keeps the bytes.
	Widget  int
	Name    string
	Payload json.RawMessage
	Ref     int64
}

// Decode reads one frame. It is the only reader of what a browser sends, and fuzzed.
func Decode(data []byte) (Frame, error) {
	if len(data) > MaxFrame {
		return Frame{}, fmt.Errorf("%w: %d bytes, at most %d", ErrFrame, len(data), MaxFrame)
	}
	if !utf8.Valid(data) {
		return Frame{}, ErrNotText
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil || len(parts) == 0 {
		return Frame{}, fmt.Errorf("%w: not a JSON array with a word", ErrFrame)
	}
	var f Frame
	if err := json.Unmarshal(parts[0], &f.Word); err != nil {
		return Frame{}, fmt.Errorf("%w: the first element is no word", ErrFrame)
	}
	fields, known := map[string][]any{
		WordAttach: {&f.Token, &f.Seq},
		wordEvent:  {&f.Widget, &f.Name, &f.Payload, &f.Ref},
		wordResync: {&f.Widget},
		wordPong:   {},
	}[f.Word]
	if !known {
		return Frame{}, fmt.Errorf("%w: unknown word %.32q", ErrFrame, f.Word)
	}
	if len(parts) != len(fields)+1 {
		return Frame{}, fmt.Errorf("%w: %q has %d fields, want %d", ErrFrame, f.Word, len(parts)-1, len(fields))
	}
	for n, field := range fields {
		if err := json.Unmarshal(parts[n+1], field); err != nil || string(parts[n+1]) == "null" {
			return Frame{}, fmt.Errorf("%w: field %d of %q", ErrFrame, n+1, f.Word)
		}
	}
	if f.Word == wordEvent && (len(f.Payload) == 0 || f.Payload[0] != '{') {
		return Frame{}, fmt.Errorf("%w: an event's payload is an object", ErrFrame)
	}
	return f, nil
}

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
