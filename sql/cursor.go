package sql

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"

	"greenroom/widgets"
)

// cursor is a position in a sorted list: the stored values of the sort's columns in one row. Where they are long it holds the key only, and
// where rows have no key, a number of rows.
//
//	base64url( kind · hash of schema and sort · values ), each value a tag and its bytes
type cursor struct {
	kind   byte
	values []any
	offset int64
}

const (
	cursorValues byte = 1
	cursorKey    byte = 2
	cursorOffset byte = 3
	// longestCursor keeps addresses below what servers take.
	longestCursor = 900
)

// errCursor is for the person whose address is from before a change of the schema or the sort, or was meddled with.
const errCursor = widgets.UserError("This address does not fit the list any more. Start again at the first page.")

// binding is a hash of what a cursor is only valid for.
func binding(s *shape, keys []sortKey) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s.hash))
	for _, k := range keys {
		fmt.Fprintf(h, "\x00%s\x00%t", k.c.at, k.desc)
	}
	return h.Sum32()
}

func (c cursor) encode(bound uint32) string {
	b := binary.BigEndian.AppendUint32([]byte{c.kind}, bound)
	if c.kind == cursorOffset {
		b = binary.AppendVarint(b, c.offset)
	}
	for _, v := range c.values {
		b = appendValue(b, v)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func appendValue(b []byte, v any) []byte {
	sized := func(tag byte, s string) []byte {
		return append(binary.AppendUvarint(append(b, tag), uint64(len(s))), s...)
	}
	switch x := v.(type) {
	case int64:
		return binary.AppendVarint(append(b, 'i'), x)
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 'r'), math.Float64bits(x))
	case string:
		return sized('t', x)
	case []byte:
		return sized('b', string(x))
	}
	return append(b, 'n')
}

// decodeCursor reads what a request holds; keys and tail say how many values belong to either kind.
func decodeCursor(text string, bound uint32, keys, tail int) (cursor, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < 5 || binary.BigEndian.Uint32(b[1:]) != bound {
		return cursor{}, errCursor
	}
	c := cursor{kind: b[0]}
	want := 0
	b = b[5:]
	switch c.kind {
	case cursorValues:
		want = keys
	case cursorKey:
		want = tail
	case cursorOffset:
		offset, n := binary.Varint(b)
		if n <= 0 || n != len(b) || offset < 0 || tail > 0 {
			return cursor{}, errCursor
		}
		c.offset = offset
		return c, nil
	default:
		return cursor{}, errCursor
	}
	if tail == 0 {
		return cursor{}, errCursor
	}
	for range want {
		v, rest, ok := cutValue(b)
		if !ok {
			return cursor{}, errCursor
		}
		c.values, b = append(c.values, v), rest
	}
	if len(b) > 0 {
		return cursor{}, errCursor
	}
	return c, nil
}

func cutValue(b []byte) (v any, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	tag := b[0]
	b = b[1:]
	switch tag {
	case 'n':
		return nil, b, true
	case 'i':
		i, n := binary.Varint(b)
		if n <= 0 {
			return nil, nil, false
		}
		return i, b[n:], true
	case 'r':
		if len(b) < 8 {
			return nil, nil, false
		}
		f := math.Float64frombits(binary.BigEndian.Uint64(b))
		return f, b[8:], !math.IsNaN(f)
	case 't', 'b':
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, nil, false
		}
		body := b[n : n+int(size)]
		if tag == 't' {
			return string(body), b[n+int(size):], true
		}
		return append([]byte{}, body...), b[n+int(size):], true
	}
	return nil, nil, false
}
