//go:build linux

package target

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// floorHead begins every frame of the floor, so that the client can tell them from the server's.
const floorHead = `["floor","`

// floor writes one frame to every socket that count found, with write(2) and nothing else: what no server can go below on this machine. The server must be quiet
// meanwhile, and no socket may have been closed since.
func (s *server) floor(size int, a *Answer) error {
	if size < len(floorHead)+2 || size > 64<<10 {
		return fmt.Errorf("target: a floor of %d bytes: want %d to 65536", size, len(floorHead)+2)
	}
	payload := append([]byte(floorHead), bytes.Repeat([]byte("x"), size-len(floorHead)-2)...)
	payload = append(payload, `"]`...)
	frame := []byte{0x81}
	if size < 126 {
		frame = append(frame, byte(size))
	} else {
		frame = binary.BigEndian.AppendUint16(append(frame, 126), uint16(size))
	}
	frame = append(frame, payload...)
	for _, fd := range s.open {
		n, err := syscall.Write(fd, frame)
		if err != nil || n != len(frame) {
			return fmt.Errorf("target: the floor wrote %d of %d bytes to a socket: %w", n, len(frame), cmp.Or(err, error(syscall.EAGAIN)))
		}
		a.Writes++
	}
	return nil
}

// count finds the connected sockets of the server's port in the process's own table of files, so it does not matter who in the server holds them.
func (s *server) count(a *Answer) error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	s.open = s.open[:0]
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		local, err := syscall.Getsockname(fd)
		if err != nil {
			continue
		}
		at, ok := local.(*syscall.SockaddrInet4)
		if !ok || at.Port != s.port {
			continue
		}
		if _, err := syscall.Getpeername(fd); err == nil {
			s.open = append(s.open, fd)
		}
	}
	a.Writes = len(s.open)
	return nil
}
