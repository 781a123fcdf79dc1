package client_test

import (
	"io/fs"
	"testing"

	"greenroom/http/client"
)

// The bound is that of docs/decisions/0008, over the files as they are served, before compression.
func TestClientIsSmall(t *testing.T) {
	const most = 64 << 10
	var sum int64
	err := fs.WalkDir(client.Files, "src", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum == 0 || sum > most {
		t.Errorf("a page loads %d bytes, want at most %d", sum, most)
	}
}
