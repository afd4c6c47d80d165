package hubtest

import "sync"

// work counts what the core has begun. Unlike a sync.WaitGroup it may be waited
// for while more is begun. The zero value is ready.
type work struct {
	mu      sync.Mutex // Protects following.
	running int
	idle    chan struct{} // closed when nothing runs; nil: nothing ever ran
}

// begin runs f in a goroutine of its own; it is the core's Env.Go.
func (w *work) begin(f func()) {
	w.mu.Lock()
	if w.running == 0 {
		w.idle = make(chan struct{})
	}
	w.running++
	w.mu.Unlock()
	go func() {
		defer w.end()
		f()
	}()
}

func (w *work) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running--
	if w.running == 0 {
		close(w.idle)
	}
}

// ended is closed once nothing runs.
func (w *work) ended() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.idle == nil {
		w.idle = make(chan struct{})
		close(w.idle)
	}
	return w.idle
}
