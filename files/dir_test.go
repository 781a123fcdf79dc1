package files_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"greenroom/files"
	"greenroom/widgets"
)

func TestDirKeepsFilesWhole(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := files.Open(filepath.Join(dir, "kept"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close() //nolint:errcheck // a test's
	ctx := t.Context()
	id, err := d.Put(ctx, strings.NewReader("hello"))
	if err != nil || len(id) != 32 {
		t.Fatalf("%q, %v", id, err)
	}
	f, size, err := d.Open(ctx, id)
	if err != nil || size != 5 {
		t.Fatalf("%d bytes, %v", size, err)
	}
	got, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"", "../secret", "..", id[:31], id + "0", strings.ToUpper(id), id[:30] + "/.", strings.Repeat("0", 32)} {
		if bad == id {
			continue // all digits
		}
		if _, _, err := d.Open(ctx, bad); !errors.Is(err, widgets.ErrNoFile) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	// What breaks off leaves nothing.
	broken := errors.New("the line is cut")
	if _, err := d.Put(ctx, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := d.Put(ended, strings.NewReader("late")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := errors.Join(d.Drop(ctx, id), d.Drop(ctx, id)); err != nil {
		t.Error(err)
	}
	var left []string
	err = filepath.WalkDir(filepath.Join(dir, "kept"), func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			left = append(left, path)
		}
		return err
	})
	if err != nil || left != nil {
		t.Errorf("left %q, %v", left, err)
	}
}
