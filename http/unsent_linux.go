package http

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// boundUnsent keeps the kernel from holding megabytes of stale patches for a page that stopped reading: at most 16 KiB wait unsent, so that the
// outbox can skip (docs/decisions/0006-own-frame-reader-and-caller-runs-outbox.md). A page that acknowledges nothing for 20 s is cut. Failure costs memory, not correctness.
func boundUnsent(raw syscall.RawConn) {
	if raw == nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, 16<<10)
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 20_000)
	})
}
