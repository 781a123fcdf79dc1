//go:build !linux

package load

import (
	"context"
	"errors"
)

// Run runs on Linux only.
func Run(context.Context, Config) (*Report, error) {
	return nil, errors.New("bench reads pages by epoll and the server's cost from /proc: run it on Linux")
}
