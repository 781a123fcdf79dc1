//go:build linux

package load

import (
	"bytes"
	"errors"
	"testing"
)

func TestFrames(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 125, 126, 65535, 65536} {
		payload := bytes.Repeat([]byte("a"), size)
		sent := appendFrame(nil, opText, payload)
		// What a client sends is masked; a server's is the same without the mask, which is zero here.
		head := len(sent) - size - 4
		server := append(bytes.Clone(sent[:head]), payload...)
		server[1] &^= 0x80
		for cut := range min(len(server), 12) {
			if _, _, n, err := cutFrame(server[:cut]); cut < len(server) && (n != 0 || err != nil) {
				t.Errorf("%d of %d bytes are taken for a frame: %d, %v", cut, len(server), n, err)
			}
		}
		op, got, n, err := cutFrame(append(server, 0x81))
		if op != opText || !bytes.Equal(got, payload) || n != len(server) || err != nil {
			t.Errorf("a frame of %d bytes comes back as kind %d with %d bytes, %d in all, %v", size, op, len(got), n, err)
		}
		if _, _, _, err := cutFrame(sent); !errors.Is(err, errFrame) {
			t.Errorf("a masked frame is taken from a server: %v", err)
		}
	}
}

func TestSlotsAreReadFromTheDocument(t *testing.T) {
	t.Parallel()
	document := []byte(`<body data-gr-token="id.mac" data-gr-socket="/admin/socket"><section class="gr-widget" data-widget="beat" data-gr="0"><p data-widget="no"></p></section>` +
		`<section class="gr-widget" data-widget="tables" data-gr="12"></section>`)
	if got := slots(document); len(got) != 2 || got["beat"] != 0 || got["tables"] != 12 {
		t.Errorf("slots are %v", got)
	}
	if got := attribute(document, "data-gr-token"); got != "id.mac" {
		t.Errorf("the token is %q", got)
	}
}
