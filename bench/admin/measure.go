package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"syscall"
	"time"
)

// figures are what a task costs on average, and the worst of its runs by the clock.
type figures struct{ cpu, worst, allocations, kib float64 }

// measure runs a task a few times unmeasured, then so many times. CPU is that of the whole process, the garbage collector's included.
func measure(do func() error, runs int) (figures, error) {
	for range max(runs/10, 3) {
		if err := do(); err != nil {
			return figures{}, err
		}
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := spent()
	took := make([]time.Duration, 0, runs)
	for range runs {
		start := time.Now()
		if err := do(); err != nil {
			return figures{}, err
		}
		took = append(took, time.Since(start))
	}
	cpu := spent() - began
	runtime.ReadMemStats(&after)
	n := float64(runs)
	return figures{
		cpu: ms(cpu) / n, worst: ms(slices.Max(took)),
		allocations: float64(after.Mallocs-before.Mallocs) / n, kib: float64(after.TotalAlloc-before.TotalAlloc) / n / 1024,
	}, nil
}

// spent is the CPU time of the process so far.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// profiles begins a CPU profile in a folder, "" for none; end writes it, and that of allocations.
func profiles(folder string) (end func() error, err error) {
	if folder == "" {
		return func() error { return nil }, nil
	}
	runtime.MemProfileRate = 4096
	cpu, err := os.Create(filepath.Join(folder, "cpu.pprof"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, err
	}
	return func() error {
		pprof.StopCPUProfile()
		allocs, err := os.Create(filepath.Join(folder, "allocs.pprof"))
		if err != nil {
			return err
		}
		return errors.Join(cpu.Close(), pprof.Lookup("allocs").WriteTo(allocs, 0), allocs.Close())
	}, nil
}
