package load

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is a server's, seen from outside; 0 is one that cannot be seen.
type process int

// cpu is the time that the process has used so far, user and system. The kernel counts it in nanoseconds, where /proc/PID/stat has steps of 10 ms.
func (p process) cpu() (time.Duration, error) {
	if p == 0 {
		return 0, nil
	}
	// A process's clock is numbered by the complement of its pid; 2 means all threads, as the scheduler counts (clock_getcpuclockid(3)).
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^uint32(p)<<3|2), &t); err != nil {
		return 0, fmt.Errorf("read the server's CPU time: %w", err)
	}
	return time.Duration(t.Nano()), nil
}

// rss is how much of the process is in memory, in KiB.
func (p process) rss() (float64, error) {
	if p == 0 {
		return 0, nil
	}
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", p))
	if err != nil {
		return 0, fmt.Errorf("read the server's memory: %w", err)
	}
	defer file.Close() //nolint:errcheck // read only
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			return strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 64)
		}
	}
	return 0, errors.New("read the server's memory: no VmRSS; the process ended")
}

// raiseFiles makes sure that n files can be open in this process and, by inheritance, in one that it starts.
func raiseFiles(n int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("read the limit of open files: %w", err)
	}
	need := uint64(n) + 200
	if limit.Cur >= need {
		return nil
	}
	if limit.Max < need {
		return fmt.Errorf("%d pages need %d open files in one process and the limit is %d; raise it (ulimit -n %d, as root) or open fewer --pages", n, need, limit.Max, need)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the limit of open files to %d: %w", limit.Max, err)
	}
	return nil
}
