package load

import (
	"encoding/binary"
	"errors"
)

// The frame kinds of RFC 6455 that a page meets.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

var errFrame = errors.New("the server sent a frame that no greenroom server sends: fragmented, masked or over 16 MiB")

// appendFrame appends a client's frame. The mask is zero, which the protocol allows and which leaves the payload as it is: masking is the client's cost, and not
// what is measured.
func appendFrame(dst []byte, op byte, payload []byte) []byte {
	dst = append(dst, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, 0x80|127), uint64(n))
	}
	return append(append(dst, 0, 0, 0, 0), payload...)
}

// cutFrame takes the first frame off data. size is 0 while it is not there whole; payload is a part of data.
func cutFrame(data []byte) (op byte, payload []byte, size int, err error) {
	if len(data) < 2 {
		return 0, nil, 0, nil
	}
	if data[0]&0xf0 != 0x80 || data[1]&0x80 != 0 {
		return 0, nil, 0, errFrame
	}
	head, length := 2, uint64(data[1])
	switch {
	case length == 126 && len(data) >= 4:
		head, length = 4, uint64(binary.BigEndian.Uint16(data[2:]))
	case length == 127 && len(data) >= 10:
		head, length = 10, binary.BigEndian.Uint64(data[2:])
	case length >= 126:
		return 0, nil, 0, nil
	}
	if length > 16<<20 {
		return 0, nil, 0, errFrame
	}
	if size = head + int(length); len(data) < size {
		return 0, nil, 0, nil
	}
	return data[0] & 0x0f, data[head:size], size, nil
}
