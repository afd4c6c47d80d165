package client

import (
	"errors"
	"sync"
	"time"

	"partline.dev/shared/wire"
)

const (
	// ackEvery is how long the hub waits to hear that its messages arrived.
	ackEvery = time.Second

	// ackBytes is how many bytes of them are acknowledged without waiting, with
	// what a message costs besides. A hub keeps 100,000 for a client; then it
	// waits, or closes the connection.
	ackBytes = 16 << 10
)

var (
	errMissed = errors.New("the hub goes on behind messages that never arrived")
	errNumber = errors.New("the hub broke the protocol: it numbers messages from 1")
)

// counts tells whether the two ends of a connection that can be resumed number
// messages of that kind.
func counts(k wire.Kind) bool { return k >= wire.Invocation && k <= wire.CancelInvocation }

// sequence counts the messages that arrive.
type sequence struct {
	mu       sync.Mutex // protects following
	next     int64      // the number of the next message that counts
	latest   int64      // the number of the latest that was taken in
	due      bool       // there is something to acknowledge
	dueSince time.Time
	dueBytes int
}

// reset says which number the next message has. Those that were taken in may
// come again; none may be left out that was not.
func (q *sequence) reset(number int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case number < 1:
		return errNumber
	case number > max(q.next, q.latest+1):
		return errMissed
	}
	q.next, q.due = number, false
	return nil
}

// isNew tells whether the next message was not taken in yet.
func (q *sequence) isNew() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.next > q.latest
}

// received says that the next message, of size bytes, was taken in, now or
// before. It reports whether that is the first to acknowledge, and whether it is
// time to. Of what came again the hub is told at once: its buffer may be full
// because the last acknowledgement was lost.
func (q *sequence) received(size int) (first, now bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	cameAgain := q.next == q.latest
	q.latest = max(q.latest, q.next)
	q.next++
	if first = !q.due; first {
		q.due, q.dueSince, q.dueBytes = true, time.Now(), 0
	}
	q.dueBytes += size + eventOverhead
	return first, cameAgain || q.dueBytes >= ackBytes || time.Since(q.dueSince) >= ackEvery
}

// acknowledge is the number to tell the hub; ok is false if it knows. Messages
// that come again are told only when they have: a hub that forgot them earlier
// could not go on with them when the link is lost once more.
func (q *sequence) acknowledge() (number int64, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	ok, q.due = q.due, false
	return q.next - 1, ok
}
