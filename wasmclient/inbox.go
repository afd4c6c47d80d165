package client

import (
	"context"
	"sync"
	"time"

	"partline.dev/shared/wire"
)

// eventOverhead is what an event holds besides its bytes, about.
const eventOverhead = 64

// event is one that arrived and waits for its handlers.
type event struct {
	target    string // lower case
	arguments []byte
	headers   []wire.Header // who sent it
}

func (e event) size() int {
	return len(e.target) + len(e.arguments) + headersSize(e.headers) + eventOverhead
}

// item is a value of a stream.
type item []byte

func (i item) size() int { return len(i) + eventOverhead }

// sized is what has a size in bytes.
type sized interface{ size() int }

// inbox holds what arrived, bounded in bytes, between the one reader of a
// connection and the one goroutine that acts on it: events on their way to their
// handlers, and values of a stream.
type inbox[T sized] struct {
	limit int
	came  chan struct{} // holds a value when something came
	went  chan struct{} // holds a value when something went

	mu      sync.Mutex // protects following
	waiting []T
	size    int
	ended   bool // nothing more comes
}

func (b *inbox[T]) init(limit int) {
	b.limit = limit
	b.came, b.went = make(chan struct{}, 1), make(chan struct{}, 1)
}

// begin empties the inbox for the next Run.
func (b *inbox[T]) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting, b.size, b.ended = nil, 0, false
}

// end says that nothing more comes.
func (b *inbox[T]) end() {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	signal(b.came)
}

// tryPut adds v, unless there is no room. After the end v is dropped.
func (b *inbox[T]) tryPut(v T) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return true
	}
	if b.size > 0 && b.size+v.size() > b.limit {
		return false
	}
	b.waiting = append(b.waiting, v)
	b.size += v.size()
	signal(b.came)
	return true
}

// put adds v. It waits for room until quit is closed, which drops v with
// errDropped, or until gone is: then nobody wants v. Every time that it has
// waited for patience it asks stalled, and ends with its error.
func (b *inbox[T]) put(v T, quit, gone <-chan struct{}, patience time.Duration, stalled func() error) error {
	t := time.NewTicker(patience)
	defer t.Stop()
	for !b.tryPut(v) {
		select {
		case <-b.went:
		case <-gone:
			return nil
		case <-quit:
			return errDropped
		case <-t.C:
			if err := stalled(); err != nil {
				return err
			}
		}
	}
	return nil
}

// take returns what came first. It waits for something until ctx ends, or until
// the inbox has ended and is empty; then it reports false.
func (b *inbox[T]) take(ctx context.Context) (v T, ok bool) {
	for {
		b.mu.Lock()
		if len(b.waiting) > 0 && ctx.Err() == nil {
			b.waiting[0], v = v, b.waiting[0]
			b.waiting = b.waiting[1:]
			if len(b.waiting) == 0 {
				b.waiting = nil // an idle client holds no queue
			}
			b.size -= v.size()
			b.mu.Unlock()
			signal(b.went)
			return v, true
		}
		ended := b.ended
		b.mu.Unlock()
		if ended {
			return v, false
		}
		select {
		case <-b.came:
		case <-ctx.Done():
			return v, false
		}
	}
}

// signal leaves a value in c, which has room for one, if there is none.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
