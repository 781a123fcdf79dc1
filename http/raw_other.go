//go:build !unix

package http

import "net"

// raw is for systems where a socket can be tried without a wait; here there is none, and every write takes the slow path.
type raw struct{}

func newRaw(net.Conn) *raw { return nil }

func (*raw) read(*frames) error { return nil }

func (*raw) write(data []byte) []byte { return data }

// Descriptors is how many files and sockets the process may have open, 0 if that is not known.
func Descriptors() int { return 0 }
