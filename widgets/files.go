package widgets

import (
	"context"
	"errors"
	"io"
)

// ErrNoFile is returned for a file that a FileStore does not have.
var ErrNoFile = errors.New("widgets: no such file")

// FileStore keeps the files that rows name. What a person called a file is none of its business: it knows files by IDs that it makes itself. It must be
// safe for concurrent use.
type FileStore interface {
	// Put keeps what r has, to its end or not at all, and returns an ID of 32 hexadecimal digits that nobody can guess.
	Put(ctx context.Context, r io.Reader) (id string, err error)
	// Open opens a file; ErrNoFile if there is none. Whoever opens it closes it.
	Open(ctx context.Context, id string) (f io.ReadSeekCloser, size int64, err error)
	// Drop removes a file; one that is not there is no error.
	Drop(ctx context.Context, id string) error
}
