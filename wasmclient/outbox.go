package client

import "sync"

// outbox holds encoded messages, bounded in bytes, until the one writer of a
// connection takes all of them at once.
type outbox struct {
	limit int
	came  chan struct{} // holds a value when something came, or the end

	mu    sync.Mutex // protects following
	queue []byte
	room  chan struct{} // closed when the queue is taken; nil if nobody waits
	ended bool          // nothing more is taken in
}

func newOutbox(limit int) *outbox {
	return &outbox{limit: limit, came: make(chan struct{}, 1)}
}

// put queues p, unless the outbox has ended: then it gives ErrNotConnected. If
// there is no room, room is closed when it is worth another try.
func (o *outbox) put(p []byte) (room <-chan struct{}, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.ended:
		return nil, ErrNotConnected
	case len(o.queue) > 0 && len(o.queue)+len(p) > o.limit:
		if o.room == nil {
			o.room = make(chan struct{})
		}
		return o.room, nil
	}
	o.queue = append(o.queue, p...)
	signal(o.came)
	return nil, nil
}

// putSmall queues a message that takes the place of much and must not wait: a
// ping or a cancellation. It is lost if the outbox has ended.
func (o *outbox) putSmall(p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ended {
		o.queue = append(o.queue, p...)
		signal(o.came)
	}
}

// end queues p as the last. Only the first call counts.
func (o *outbox) end(p []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return
	}
	o.ended = true
	o.queue = append(o.queue, p...)
	o.release()
	signal(o.came)
}

// take returns all that is queued, and gives the outbox the memory of spent to
// go on with. It waits for something to come, and returns nil when all is taken
// and the outbox has ended.
func (o *outbox) take(spent []byte) []byte {
	for {
		o.mu.Lock()
		if p := o.queue; len(p) > 0 {
			o.queue = spent[:0]
			o.release()
			o.mu.Unlock()
			return p
		}
		ended := o.ended
		o.mu.Unlock()
		if ended {
			return nil
		}
		<-o.came
	}
}

// release lets everybody try again who waits for room.
func (o *outbox) release() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}
