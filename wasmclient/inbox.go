package client

import (
	"context"
	"sync"
	"time"
)

// eventOverhead is what an event holds besides its bytes, about.
const eventOverhead = 64

// event is one that arrived and waits for its handlers.
type event struct {
	target    string // lower case
	arguments []byte
}

func (e event) size() int { return len(e.target) + len(e.arguments) + eventOverhead }

// inbox holds events, bounded in bytes, between the one reader of a connection
// and the one goroutine that runs handlers.
type inbox struct {
	limit int
	came  chan struct{} // holds a value when something came
	went  chan struct{} // holds a value when something went

	mu     sync.Mutex // protects following
	events []event
	size   int
	ended  bool // nothing more comes
}

func (b *inbox) init(limit int) {
	b.limit = limit
	b.came, b.went = make(chan struct{}, 1), make(chan struct{}, 1)
}

// begin empties the inbox for the next Run.
func (b *inbox) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events, b.size, b.ended = nil, 0, false
}

// end says that nothing more comes.
func (b *inbox) end() {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	signal(b.came)
}

// tryPut adds e, unless there is no room.
func (b *inbox) tryPut(e event) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.size > 0 && b.size+e.size() > b.limit {
		return false
	}
	b.events = append(b.events, e)
	b.size += e.size()
	signal(b.came)
	return true
}

// put adds e. It waits for room until quit is closed, and then drops e. Every
// time that it has waited for patience it asks stalled, and ends with its error.
func (b *inbox) put(e event, quit <-chan struct{}, patience time.Duration, stalled func() error) error {
	t := time.NewTicker(patience)
	defer t.Stop()
	for !b.tryPut(e) {
		select {
		case <-b.went:
		case <-quit:
			return nil
		case <-t.C:
			if err := stalled(); err != nil {
				return err
			}
		}
	}
	return nil
}

// take returns the next event. It waits for one until ctx ends, or until the
// inbox has ended and is empty; then it reports false.
func (b *inbox) take(ctx context.Context) (event, bool) {
	for {
		b.mu.Lock()
		if len(b.events) > 0 && ctx.Err() == nil {
			e := b.events[0]
			b.events[0] = event{}
			b.events = b.events[1:]
			if len(b.events) == 0 {
				b.events = nil // an idle client holds no queue
			}
			b.size -= e.size()
			b.mu.Unlock()
			signal(b.went)
			return e, true
		}
		ended := b.ended
		b.mu.Unlock()
		if ended {
			return event{}, false
		}
		select {
		case <-b.came:
		case <-ctx.Done():
			return event{}, false
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
