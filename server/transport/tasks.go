package transport

import (
	"context"
	"sync"
	"sync/atomic"
)

// tasks counts goroutines, so that their host can wait for them. Unlike a
// sync.WaitGroup it may be added to while somebody waits. The zero value is
// ready.
type tasks struct {
	n atomic.Int64

	mu   sync.Mutex    // Protects following.
	none chan struct{} // closed at zero; nil: nobody waits
}

// Go runs f and counts it.
func (t *tasks) Go(f func()) {
	t.add()
	go func() {
		defer t.done()
		f()
	}()
}

// add counts a goroutine that the caller starts itself.
func (t *tasks) add() { t.n.Add(1) }

// done is the last thing that a counted goroutine does.
func (t *tasks) done() {
	if t.n.Add(-1) > 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.none != nil {
		close(t.none)
		t.none = nil
	}
}

// wait returns when no counted goroutine runs, or with the context's error.
func (t *tasks) wait(ctx context.Context) error {
	for {
		t.mu.Lock()
		if t.n.Load() == 0 {
			t.mu.Unlock()
			return nil
		}
		if t.none == nil {
			t.none = make(chan struct{})
		}
		none := t.none
		t.mu.Unlock()
		select {
		case <-none:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
