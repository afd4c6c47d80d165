package hub

import (
	"errors"
	"fmt"
	"sync"

	"partline.dev/shared/wire"
)

// What a client gets wrong under stateful reconnect.
var (
	errSequence           = errors.New("wrong sequence number")
	errSequenceGap        = fmt.Errorf("%w: it is greater than the messages received", errSequence)
	errSequenceUnexpected = fmt.Errorf("%w: the link goes on", errSequence)

	// ErrAcknowledgement is what a [Replayer] gives for a number that it has
	// not sent.
	ErrAcknowledgement = errors.New("acknowledgement of a message that was not sent")
)

// Replayer is the [Sink] of a connection under stateful reconnect: it numbers
// the events that are [Event.Numbered] from 1, and keeps them until the client
// has acknowledged them, so that a new link can go on where the old one broke.
// A connection that is opened with one counts what it receives in the same way.
type Replayer interface {
	Sink

	// Acknowledge says that the client has all events up to that number. It
	// gives ErrAcknowledgement if there is no such event yet; a number that
	// was acknowledged before is nothing.
	Acknowledge(number int64) error
}

const (
	// ackDelay is the time within which what was received is acknowledged, in
	// milliseconds: SignalR's.
	ackDelay = 1000

	// ackBytes is how much is received until it is acknowledged before that:
	// a third of what SignalR's clients hold back until they hear of it, so
	// that one second is not all that they wait for.
	ackBytes = 32 << 10

	// unackedLimit is how much SignalR's clients send, at most, without an
	// acknowledgement: 100,000 bytes, unless they are told otherwise, and what
	// a message is longer than it is counted.
	unackedLimit = 256 << 10
)

// resumption is what a connection under stateful reconnect knows of what it has
// received. Messages of the kinds 1 to 5 are numbered from 1; neither side sends
// the numbers but where a link begins anew.
type resumption struct {
	replayer Replayer

	// The reader's alone.
	next    int64 // number of the next message on this link
	waiting bool  // the link is new: nothing counts before its Sequence
	unacked int   // bytes received since the last acknowledgement

	mu       sync.Mutex // Protects following.
	received int64      // the highest number so far
	acked    int64      // what the client has been told
	timed    bool       // an acknowledgement is due
}

// numbered tells whether messages of kind k are numbered.
func numbered(k wire.Kind) bool { return wire.Invocation <= k && k <= wire.CancelInvocation }

// Resume tells a connection under stateful reconnect that it has a new link. It
// is called by the new link's reader, after the old one's last Receive and
// before its own first. The client says first where it goes on; what comes
// before that is ignored.
func (c *Conn) Resume() {
	c.resumption.waiting = true
	c.partial = nil
	c.heardAt.Store(c.core.env.Now())
}

// count numbers one message of size bytes and tells whether it is news, for the
// connection to act on.
func (c *Conn) count(m *wire.Message, size int) (news bool, err error) {
	r := c.resumption
	switch {
	case r == nil:
		return true, nil
	case m.Kind == wire.Ack:
		return false, r.replayer.Acknowledge(m.SequenceID)
	case m.Kind == wire.Sequence:
		return false, c.goOn(m.SequenceID)
	case !numbered(m.Kind):
		return true, nil
	case r.waiting:
		return false, nil
	}
	number := r.next
	r.next++
	r.mu.Lock()
	news = number > r.received
	if news {
		r.received = number
	}
	r.mu.Unlock()
	r.unacked += size
	c.acknowledgeSoon()
	return news, nil
}

// goOn takes the number of the first message that the client sends again.
func (c *Conn) goOn(number int64) error {
	r := c.resumption
	if !r.waiting {
		return errSequenceUnexpected
	}
	r.mu.Lock()
	received := r.received
	r.acked = min(r.acked, number-1) // whoever sends it again has not heard that it is here
	r.mu.Unlock()
	if number > received+1 {
		return errSequenceGap
	}
	r.next, r.waiting = number, false
	c.acknowledgeSoon()
	return nil
}

// acknowledgeSoon sees to it that the client hears how far it was understood.
func (c *Conn) acknowledgeSoon() {
	r := c.resumption
	if r.unacked >= ackBytes && !c.crowded() {
		r.unacked = 0
		c.acknowledge()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timed || r.received == r.acked {
		return
	}
	r.timed = true
	c.core.env.After(ackDelay, c.ackDue)
}

// ackDue is the end of ackDelay. While more calls wait than may, the client does
// not hear that they arrived: it holds back the next ones then, and what it has
// to say of ours is still read.
func (c *Conn) ackDue() {
	crowded := c.crowded()
	r := c.resumption
	r.mu.Lock()
	r.timed = crowded
	r.mu.Unlock()
	switch {
	case c.over():
	case crowded:
		c.core.env.After(ackDelay, c.ackDue)
	default:
		c.acknowledge()
	}
}

// over tells whether the connection is closed.
func (c *Conn) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// crowded tells whether as many bytes wait as may, the client's own buffer not
// counted.
func (c *Conn) crowded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queue.bytes >= c.core.options.QueueLimit
}

// readLimit is how many bytes may wait before the link is not read on. Under
// stateful reconnect it is more by what clients send without an
// acknowledgement: behind that, they may have to acknowledge what the connection
// waits for. The mutex is held.
func (c *Conn) readLimit() int {
	if c.resumption == nil {
		return c.core.options.QueueLimit
	}
	return c.core.options.QueueLimit + unackedLimit
}

// acknowledge tells the client what was received, if that is news.
func (c *Conn) acknowledge() {
	r := c.resumption
	r.mu.Lock()
	received, news := r.received, r.received != r.acked
	r.acked = received
	r.mu.Unlock()
	if news {
		c.sendMessage(&wire.Message{Kind: wire.Ack, SequenceID: received})
	}
}
