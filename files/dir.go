package files

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"

	"greenroom/widgets"
)

var _ widgets.FileStore = (*Dir)(nil)

// Dir is a widgets.FileStore on a directory.
type Dir struct{ root *os.Root }

// Open opens the directory, and makes it, for this user only, when it is not there. Close lets go of it.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("files: %w; name a directory that can be written", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return &Dir{root}, nil
}

// Close lets go of the directory; files that were opened stay readable.
func (d *Dir) Close() error { return d.root.Close() }

var wellFormed = regexp.MustCompile(`^[0-9a-f]{32}$`)

// place is where a file stands: 256 folders, so that none grows without bound.
func place(id string) (folder, name string, err error) {
	if !wellFormed.MatchString(id) {
		return "", "", widgets.ErrNoFile
	}
	return id[:2], id[:2] + "/" + id, nil
}

// Put implements widgets.FileStore. It reads no further once ctx has ended.
func (d *Dir) Put(ctx context.Context, r io.Reader) (id string, err error) {
	random := make([]byte, 16)
	rand.Read(random) // never fails
	id = hex.EncodeToString(random)
	folder, name, err := place(id)
	if err != nil {
		return "", err
	}
	if err := d.root.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("files: %w", err)
	}
	part := name + ".part"
	f, err := d.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("files: %w", err)
	}
	_, err = io.Copy(f, reader{ctx, r})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = d.root.Rename(part, name)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("files: keep a file: %w", err), d.root.Remove(part))
	}
	return id, nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Open implements widgets.FileStore.
func (d *Dir) Open(_ context.Context, id string) (io.ReadSeekCloser, int64, error) {
	_, name, err := place(id)
	if err != nil {
		return nil, 0, err
	}
	f, err := d.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, widgets.ErrNoFile
	}
	if err != nil {
		return nil, 0, fmt.Errorf("files: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = widgets.ErrNoFile
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// Drop implements widgets.FileStore.
func (d *Dir) Drop(_ context.Context, id string) error {
	_, name, err := place(id)
	if err != nil {
		return err
	}
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("files: %w", err)
	}
	return nil
}
