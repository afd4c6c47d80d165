package room

import "sync/atomic"

// tasks are the goroutines of the room's handlers.
type tasks struct {
	n     atomic.Int64
	ended func() // called when the last of those that run has ended
}

// start runs f beside everything else.
func (t *tasks) start(f func()) {
	t.n.Add(1)
	go func() {
		defer func() {
			if t.n.Add(-1) == 0 {
				t.ended()
			}
		}()
		makeRoom()
		f()
	}()
}

// makeRoom lets the stack of a new goroutine grow at once to what a call needs. It would
// grow by steps else, and each has all the frames that there are copied, which is slow in
// WebAssembly.
//
//go:noinline
func makeRoom() {
	var frame [12 << 10]byte
	keep(&frame)
}

//go:noinline
func keep(*[12 << 10]byte) {}

// running tells whether any has not ended.
func (t *tasks) running() bool { return t.n.Load() > 0 }
