//go:build !linux

package http

import "syscall"

// boundUnsent does nothing where the platform has no such bound.
func boundUnsent(syscall.RawConn) {}
