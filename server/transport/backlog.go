package transport

import (
	"errors"
	"sync"
	"sync/atomic"

	"partline.dev/server/hub"
)

// frameCost is what a queued frame counts for besides its bytes, so that a
// flood of tiny events is bounded too.
const frameCost = 32

// link is how a connection reaches its client, whichever transport that is.
type link interface {
	hub.Sink

	// wrap frames a message that was made for this client alone.
	wrap(binary bool, buf []byte) []byte

	// speak sets what the hub's events are encoded in from now on, and reports
	// whether the link can carry it.
	speak(p *protocol) bool

	// enqueue queues framed bytes, which nobody may change afterwards. Hold
	// does too, but they stay until release or the next enqueue.
	enqueue(frame []byte) error
	hold(frame []byte) error
	release()

	// sealing returns a channel that is closed when nothing more is queued,
	// and state tells whether that is so and why.
	sealing() <-chan struct{}
	state() (sealed bool, reason hub.CloseReason, err error)

	// abort ends the link now, without a word.
	abort()
}

// backlog is what waits for one client, bounded in bytes: what the links of all
// transports have in common. While it is empty it owns no buffer.
type backlog struct {
	host     *Host
	framing  framing
	encoding atomic.Pointer[hub.Encoding]
	wake     func() // has somebody take what is queued; called with the mutex held

	mu       sync.Mutex // Protects following.
	queue    queue
	bytes    int  // queued and being written, with frameCost each
	held     bool // what is queued waits for release
	sealed   bool // nothing more is queued
	reason   hub.CloseReason
	err      error         // what went wrong; nil: nothing, or the core knows
	isSealed chan struct{} // closed with sealed; nil: nobody waits
	room     chan struct{} // closed when there is room again, or sealed; nil: nobody waits
}

func (b *backlog) wrap(binary bool, buf []byte) []byte { return b.framing.wrap(binary, buf) }

func (b *backlog) speak(p *protocol) bool {
	e := p.encodings[b.framing]
	if e != nil {
		b.encoding.Store(e)
	}
	return e != nil
}

// Send queues e. It is the core's end of the link.
func (b *backlog) Send(e *hub.Event) error {
	frame, err := e.Bytes(b.encoding.Load())
	if err != nil {
		return err
	}
	err = b.enqueue(frame)
	if errors.Is(err, hub.ErrOverflow) && e.Last() {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.add(frame) // the client of a full queue still hears why
	}
	return err
}

func (b *backlog) enqueue(frame []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.push(frame)
	if err == nil {
		b.held = false
		b.wake()
	}
	return err
}

func (b *backlog) hold(frame []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = true
	return b.push(frame)
}

func (b *backlog) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = false
	b.wake()
}

// push adds a frame to the queue. A queue that is at most half full takes any
// frame; else the limit holds. The mutex is held.
func (b *backlog) push(frame []byte) error {
	if b.bytes > b.host.options.QueueLimit/2 && b.bytes+len(frame)+frameCost > b.host.options.QueueLimit && !b.sealed {
		return hub.ErrOverflow
	}
	return b.add(frame)
}

// add is push without a limit. The mutex is held.
func (b *backlog) add(frame []byte) error {
	if b.sealed {
		return hub.ErrClosed
	}
	b.bytes += len(frame) + frameCost
	b.queue.push(frame)
	return nil
}

// wrote takes what was written off the count. The mutex is held.
func (b *backlog) wrote(cost int) {
	b.bytes -= cost
	if b.bytes <= b.host.options.QueueLimit/4 {
		b.makeRoom()
	}
}

// Room is hub.Sink's: something to wait for while more than half of the queue is
// full.
func (b *backlog) Room() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sealed || b.bytes <= b.host.options.QueueLimit/2 {
		return nil
	}
	if b.room == nil {
		b.room = make(chan struct{})
	}
	return b.room
}

// makeRoom lets those go on who wait for room. The mutex is held.
func (b *backlog) makeRoom() {
	if b.room != nil {
		close(b.room)
		b.room = nil
	}
}

// shut lets nothing more into the queue, and those know who wait for that. It
// reports whether this was the first call. The mutex is held.
func (b *backlog) shut(reason hub.CloseReason, err error) bool {
	if b.sealed {
		return false
	}
	b.sealed = true
	b.held = false
	b.reason, b.err = reason, err
	if b.isSealed != nil {
		close(b.isSealed)
	}
	b.makeRoom()
	return true
}

func (b *backlog) sealing() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.isSealed == nil {
		b.isSealed = make(chan struct{})
		if b.sealed {
			close(b.isSealed)
		}
	}
	return b.isSealed
}

func (b *backlog) state() (sealed bool, reason hub.CloseReason, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sealed, b.reason, b.err
}
