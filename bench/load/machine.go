package load

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine says on what was measured, in a line: processor, memory, kernel, Go.
func Machine() string {
	said := []string{fmt.Sprintf("%d × %s", runtime.NumCPU(), after("/proc/cpuinfo", "model name", runtime.GOARCH))}
	if memory := after("/proc/meminfo", "MemTotal", ""); memory != "" {
		var kib int
		if _, err := fmt.Sscanf(memory, "%d kB", &kib); err == nil {
			said = append(said, fmt.Sprintf("%d GiB", (kib+1<<19)>>20))
		}
	}
	if kernel, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		said = append(said, "Linux "+strings.TrimSpace(string(kernel)))
	}
	return strings.Join(append(said, runtime.Version()), ", ")
}

// after is what a file says of a name, as "name : value"; otherwise if it says nothing.
func after(file, name, otherwise string) string {
	f, err := os.Open(file)
	if err != nil {
		return otherwise
	}
	defer f.Close() //nolint:errcheck // read only
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return otherwise
}
