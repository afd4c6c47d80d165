package transport

import (
	"errors"
	"sync"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// replay is the sink of a connection under stateful reconnect. Between the core
// and whichever link the connection has, it keeps what the client has not
// acknowledged, and gives it to the next link behind a Sequence message that
// says where that begins.
//
// Its events are framed once and never compressed: another link may not have
// agreed to that.
type replay struct {
	connection *connection
	protocol   *protocol
	encoding   *hub.Encoding
	limit      int       // of bytes, in frames that are not acknowledged
	conn       *hub.Conn // set when it is open

	mu      sync.Mutex // Protects following. May be held while a link's is taken.
	link    link       // nil: there is none now
	holding bool       // numbered frames wait for the client's first word
	frames  [][]byte   // not acknowledged
	next    int64      // number of the next frame
	bytes   int        // of frames, with frameCost each
	room    chan struct{}
	closed  bool
}

// holdTime is how long, in ms, numbered frames wait for the first word of a
// client that loses count of what comes with the handshake's reply. It says it at
// once.
const holdTime = 1000

// newReplay returns the sink of c, whose first link l is.
func newReplay(c *connection, p *protocol, l link) *replay {
	host := c.host
	r := &replay{
		connection: c, protocol: p, encoding: p.encodings[socketFrames],
		limit: min(host.options.ReplayLimit, host.options.QueueLimit/2),
		link:  l, holding: c.holds, next: 1,
	}
	if r.holding {
		host.wheel.after(holdTime, r.release)
	}
	return r
}

// Send is hub.Sink's. Without a link only numbered events are kept: what else
// there is, pings and acknowledgements, means nothing to another link.
func (r *replay) Send(e *hub.Event) error {
	frame, err := e.Bytes(r.encoding)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return hub.ErrClosed
	}
	if !e.Numbered() {
		if e.Last() {
			r.releaseLocked() // nothing follows it, so what comes before it goes now
		}
		if r.link == nil {
			return nil
		}
		return r.link.Send(e)
	}
	cost := len(frame) + frameCost
	if r.bytes > r.limit/2 && r.bytes+cost > r.limit {
		return hub.ErrOverflow
	}
	if r.link != nil && !r.holding {
		// A link that is going is no error: another may come.
		if err := r.link.enqueue(frame); err != nil && !errors.Is(err, hub.ErrClosed) {
			return err
		}
	}
	r.frames = append(r.frames, frame)
	r.next++
	r.bytes += cost
	return nil
}

// Room is hub.Sink's.
func (r *replay) Room() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	if r.bytes <= r.limit/2 {
		if r.link == nil {
			return nil
		}
		return r.link.Room() // a client may acknowledge what it has not read
	}
	if r.room == nil {
		r.room = make(chan struct{})
	}
	return r.room
}

// Acknowledge is hub.Replayer's.
func (r *replay) Acknowledge(number int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if number >= r.next {
		return hub.ErrAcknowledgement
	}
	done := len(r.frames) - int(r.next-1-number)
	if done <= 0 {
		return nil
	}
	for _, frame := range r.frames[:done] {
		r.bytes -= len(frame) + frameCost
	}
	n := copy(r.frames, r.frames[done:])
	clear(r.frames[n:])
	if r.frames = r.frames[:n]; n == 0 {
		r.frames = nil // an idle connection holds no queue
	}
	if r.room != nil && r.bytes <= r.limit/4 {
		close(r.room)
		r.room = nil
	}
	return nil
}

// Close is hub.Sink's.
func (r *replay) Close(reason hub.CloseReason) {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return
	}
	r.closed = true
	r.frames, r.bytes = nil, 0
	if r.room != nil {
		close(r.room)
		r.room = nil
	}
	l := r.link
	r.mu.Unlock()
	if l == nil {
		r.connection.abandon(reason)
		return
	}
	l.Close(reason)
}

// attach gives the connection the link l: everything that the client has not
// acknowledged goes out again.
func (r *replay) attach(l link) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || !l.speak(r.protocol) {
		return hub.ErrClosed
	}
	m := wire.Message{Kind: wire.Sequence, SequenceID: r.next - int64(len(r.frames))}
	codec := r.protocol.codec
	if err := l.enqueue(l.wrap(codec.Binary(), codec.Append(headroom(), &m))); err != nil {
		return err
	}
	if err := r.sendAgain(l); err != nil {
		return err
	}
	r.link, r.holding = l, false
	return nil
}

// sendAgain gives l all that the client has not acknowledged. The mutex is held.
func (r *replay) sendAgain(l link) error {
	for _, frame := range r.frames {
		if err := l.enqueue(frame); err != nil {
			return err
		}
	}
	return nil
}

// detach takes the link from the connection. It reports false if the core has
// ended the connection.
func (r *replay) detach() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.link = nil
	return true
}

// release lets numbered frames go that were held for the client's first word.
func (r *replay) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.releaseLocked()
}

// releaseLocked is release with the mutex held.
func (r *replay) releaseLocked() {
	if !r.holding {
		return
	}
	r.holding = false
	if r.link != nil {
		_ = r.sendAgain(r.link) // a link that goes gives way to another
	}
}
