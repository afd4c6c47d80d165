package client

import (
	"context"
	"math/rand/v2"
	"time"
)

// steady is how long a connection must have held for its loss to be the first
// in a row. One that ends soon after every handshake is as bad as none.
const steady = 5 * time.Second

// retries is a row of failures. Every wait is drawn between nothing and all that
// the row allows ("full jitter"), so that ten thousand clients which lose a hub
// together do not come back together.
type retries struct {
	base, max time.Duration
	failed    int                 // how often in this row
	draw      func(n int64) int64 // a number from 0 to n-1
}

func newRetries(base, most time.Duration) *retries {
	return &retries{base: base, max: most, draw: rand.Int64N}
}

// next is how long to wait after one more failure.
func (r *retries) next() time.Duration {
	most := r.base
	for i := 0; i < r.failed && most < r.max; i++ {
		most *= 2
	}
	r.failed++
	return time.Duration(r.draw(int64(min(most, r.max)) + 1))
}

// held says how long a connection has held that is now lost.
func (r *retries) held(d time.Duration) {
	if d >= steady {
		r.failed = 0
	}
}

// sleep waits, or until early has a value. It reports false if ctx ended first.
func sleep(ctx context.Context, d time.Duration, early <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-early:
		return true
	case <-ctx.Done():
		return false
	}
}
