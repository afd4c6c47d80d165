package main

import (
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

// hiccupMeter tells how late the machine lets a thread run that only sleeps:
// what is slow then is not the server's fault. One thread sleeps 1 ms after
// another and notes by how much each was too long.
type hiccupMeter struct {
	stop chan struct{}
	done sync.WaitGroup

	mu    sync.Mutex // Protects following.
	sleep []span     // since the last take
}

// span is a time, as Unix nanoseconds.
type span struct{ From, To int64 }

const (
	hiccupSleep = time.Millisecond

	// hiccupLimit is the 99th percentile above which no wall-clock figure
	// means anything.
	hiccupLimit = 20 * time.Millisecond
)

func startHiccupMeter() *hiccupMeter {
	m := &hiccupMeter{stop: make(chan struct{})}
	m.done.Go(m.run)
	return m
}

func (m *hiccupMeter) run() {
	runtime.LockOSThread()
	nap := syscall.NsecToTimespec(int64(hiccupSleep))
	for {
		select {
		case <-m.stop:
			return
		default:
		}
		due := time.Now().UnixNano() + int64(hiccupSleep)
		// A signal may cut the nap short: then it was no hiccup.
		_ = syscall.Nanosleep(&nap, nil)
		now := max(due, time.Now().UnixNano())
		m.mu.Lock()
		m.sleep = append(m.sleep, span{due, now})
		m.mu.Unlock()
	}
}

// take returns the hiccups since the last take, one for each nap.
func (m *hiccupMeter) take() []span {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sleep
	m.sleep = nil
	return s
}

func (m *hiccupMeter) close() {
	close(m.stop)
	m.done.Wait()
}

// hiccupP99 is the 99th percentile of the hiccups' lengths.
func hiccupP99(hiccups []span) time.Duration {
	lengths := make([]int64, len(hiccups))
	for i, h := range hiccups {
		lengths[i] = h.To - h.From
	}
	slices.Sort(lengths)
	return time.Duration(percentile(lengths, 99))
}

// longHiccups are those of 1 ms and more: what a latency is corrected by.
func longHiccups(hiccups []span) []span {
	return slices.DeleteFunc(slices.Clone(hiccups), func(h span) bool { return h.To-h.From < int64(hiccupSleep) })
}
