package client

import (
	"errors"
	"sync"
)

var errAckOfNothing = errors.New("it confirms messages that it was not sent")

// outbox holds encoded messages, bounded in bytes, until the one writer of a
// connection takes all of them at once. On a connection that can be resumed it
// keeps those that count until the hub has confirmed them.
type outbox struct {
	limit int
	came  chan struct{} // holds a value when something came, or the end

	mu     sync.Mutex // protects following
	queue  []byte
	room   chan struct{} // closed when it is worth another try; nil if nobody waits
	ended  bool          // nothing more is taken in
	paused bool          // the link is lost

	keepLimit int      // in bytes; zero: nothing is kept
	kept      [][]byte // not confirmed, in order
	keptSize  int
	counted   int64 // how many messages that count there were; the number of the last
	taken     int64 // the number of the last that the writer took: it may have arrived
}

func newOutbox(limit int) *outbox {
	return &outbox{limit: limit, came: make(chan struct{}, 1)}
}

// put queues p, one message that counts, and gives its number, unless the outbox
// has ended: then it gives ErrNotConnected. If there is no room, room is closed
// when it is worth another try.
func (o *outbox) put(p []byte) (number int64, room <-chan struct{}, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.ended:
		return 0, nil, ErrNotConnected
	case len(o.queue) > 0 && len(o.queue)+len(p) > o.limit,
		o.keptSize > 0 && o.keptSize+len(p) > o.keepLimit:
		if o.room == nil {
			o.room = make(chan struct{})
		}
		return 0, o.room, nil
	}
	o.add(p, true)
	return o.counted, nil, nil
}

// mayHaveArrived tells whether the message of that number was on a link.
func (o *outbox) mayHaveArrived(number int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return number <= o.taken
}

// putSmall queues a message that takes the place of much and must not wait:
// a cancellation or the end of an upload, which count, or one that does not. It
// is lost if the outbox has ended.
func (o *outbox) putSmall(p []byte, counts bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ended {
		o.add(p, counts)
	}
}

// add queues p. The caller holds mu.
func (o *outbox) add(p []byte, counts bool) {
	if counts {
		o.counted++
	}
	if counts && o.keepLimit > 0 {
		o.kept = append(o.kept, p)
		o.keptSize += len(p)
	}
	if o.paused && counts {
		return // it is queued with all that is kept
	}
	o.queue = append(o.queue, p...)
	signal(o.came)
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
// and the outbox has ended, or the link is lost.
func (o *outbox) take(spent []byte) []byte {
	for {
		o.mu.Lock()
		if p := o.queue; len(p) > 0 && !o.paused {
			o.queue, o.taken = spent[:0], o.counted
			o.release()
			o.mu.Unlock()
			return p
		}
		over := o.ended || o.paused
		o.mu.Unlock()
		if over {
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

// keep begins to keep what counts. Nothing was put yet.
func (o *outbox) keep(limit int) { o.keepLimit = limit }

// pause says that the link is lost.
func (o *outbox) pause() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.paused, o.queue = true, nil
	signal(o.came)
}

// firstKept is the number of the first message that is not confirmed, or of the
// next if all are.
func (o *outbox) firstKept() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counted - int64(len(o.kept)) + 1
}

// resume queues all that is kept, in the place of what was queued, for another
// link.
func (o *outbox) resume() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.paused, o.queue = false, nil
	for _, p := range o.kept {
		o.queue = append(o.queue, p...)
	}
	o.release()
	signal(o.came)
}

// confirm forgets the messages up to a number.
func (o *outbox) confirm(number int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if number > o.counted {
		return errAckOfNothing
	}
	for o.counted-int64(len(o.kept)) < number {
		o.keptSize -= len(o.kept[0])
		o.kept[0] = nil
		o.kept = o.kept[1:]
	}
	if len(o.kept) == 0 {
		o.kept = nil
	}
	o.release()
	return nil
}
