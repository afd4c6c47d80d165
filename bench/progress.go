package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// progress is a counter in memory that two processes share: how many messages
// the clients of a server have received. A publisher reads it to keep every
// server equally busy without overrunning any.
type progress struct{ delivered *atomic.Int64 }

const progressSize = 4096

// progressFD is where a child finds the file of its progress.
const progressFD = 3

// newProgressFile returns a file without a name for a [progress].
func newProgressFile() (*os.File, error) {
	f, err := os.CreateTemp("", "bench-progress-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	return f, f.Truncate(progressSize)
}

// openProgress maps the file that the parent left at progressFD. It stays
// mapped until the process ends.
func openProgress() (progress, error) {
	mem, err := syscall.Mmap(progressFD, 0, progressSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return progress{}, fmt.Errorf("bench's own children only may be started so: %w", err)
	}
	return progress{delivered: (*atomic.Int64)(unsafe.Pointer(&mem[0]))}, nil
}
