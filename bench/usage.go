package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// memory is what a process holds.
type memory struct {
	Resident   int64 // bytes, as the kernel counts them
	HeapStack  int64 // bytes of spans with live objects, and of stacks
	Goroutines int64
}

// cpuTime is the CPU that this process has used, in user code and the kernel.
func cpuTime() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// memoryInUse is what this process holds once all that is garbage is gone.
func memoryInUse() (memory, error) {
	runtime.GC() // twice: pools give up what they hold at the second
	debug.FreeOSMemory()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	var size, resident int64
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return memory{}, err
	}
	if _, err := fmt.Sscan(string(b), &size, &resident); err != nil {
		return memory{}, fmt.Errorf("/proc/self/statm: %w", err)
	}
	return memory{
		Resident:   resident * int64(os.Getpagesize()),
		HeapStack:  int64(s.HeapInuse + s.StackInuse),
		Goroutines: int64(runtime.NumGoroutine()),
	}, nil
}
