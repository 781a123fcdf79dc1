package client_test

import (
	"io/fs"
	"path"
	"testing"

	"greenroom/http/client"
)

// The bounds are those of docs/decisions/0008, over the files as they are served, before compression.
func TestClientIsSmall(t *testing.T) {
	const everyPage, later = 64 << 10, 48 << 10
	sum := map[string]int64{}
	err := fs.WalkDir(client.Files, "src", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum[path.Base(path.Dir(name))] += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum["src"] == 0 || sum["src"] > everyPage {
		t.Errorf("every page loads %d bytes, want at most %d: free some, or move what few pages need to src/later", sum["src"], everyPage)
	}
	if sum["later"] > later {
		t.Errorf("src/later has %d bytes, want at most %d", sum["later"], later)
	}
}
