package http

import (
	"bytes"
	"testing"

	"github.com/fasthttp/websocket"
)

func TestAppendFrameHeaders(t *testing.T) {
	for size, head := range map[int][]byte{
		0:       {0x81, 0},
		125:     {0x81, 125},
		126:     {0x81, 126, 0, 126},
		65535:   {0x81, 126, 0xff, 0xff},
		65536:   {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0},
		1 << 20: {0x81, 127, 0, 0, 0, 0, 0, 0x10, 0, 0},
	} {
		got := appendFrame(nil, websocket.TextMessage, make([]byte, size))
		if !bytes.HasPrefix(got, head) || len(got) != len(head)+size {
			t.Errorf("%d bytes: header % x, length %d", size, got[:min(len(got), 10)], len(got))
		}
	}
}
