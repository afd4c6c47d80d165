package room

import (
	"errors"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// link is one socket and the connection on it.
type link struct {
	room   *Room
	socket int32
	record record    // what is to be remembered of it
	conn   *hub.Conn // nil before the handshake
	codec  wire.Codec
	stop   func() bool // the handshake's timer

	partial []byte // the beginning of the handshake
	missing missing
	waits   <-chan struct{} // nil: what arrives is taken at once
	held    []byte          // what arrived since
	asked   asked
	groups  uint64        // the version of those in record
	at      int           // among the links of the room
	gone    chan struct{} // closed when the socket has ended
	counted bool

	// The outbox's mutex protects following.
	binary bool
	active bool          // something arrived that may have changed what is to be remembered
	queued int           // bytes in the outbox
	space  chan struct{} // closed when there is room again; nil: nobody waits
	closed bool
}

// The encodings of what a room sends.
var (
	jsonMessages = hub.NewEncoding(wire.JSON, nil)
	packMessages = hub.NewEncoding(wire.MessagePack, nil)
)

// codecs are the protocols that a handshake can ask for, by name.
func findCodec(name string) (codec wire.Codec, ok bool) {
	switch name {
	case wire.JSON.Name():
		return wire.JSON, true
	case wire.MessagePack.Name():
		return wire.MessagePack, true
	}
	return nil, false
}

func (l *link) speak(codec wire.Codec) {
	o := &l.room.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	l.codec, l.binary = codec, codec.Binary()
}

// Send is hub.Sink's.
func (l *link) Send(e *hub.Event) error {
	o := &l.room.outbox
	o.mu.Lock()
	if o.join(l, e) {
		o.mu.Unlock()
		return nil
	}
	o.mu.Unlock()
	return l.queue(e) // on its own: what is deferred there would cost everybody
}

func (l *link) queue(e *hub.Event) error {
	o := &l.room.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	if l.closed {
		return hub.ErrClosed
	}
	encoding := jsonMessages
	if l.binary {
		encoding = packMessages
	}
	message, err := e.Bytes(encoding)
	if err != nil {
		return err
	}
	limit := l.room.options.QueueLimit
	if l.queued > limit/2 && l.queued+len(message) > limit && !e.Last() {
		return hub.ErrOverflow
	}
	if l.active {
		l.asked.answered(l.codec, message)
	}
	o.add(l, e, message)
	return nil
}

// Room is hub.Sink's.
func (l *link) Room() <-chan struct{} {
	o := &l.room.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	if l.closed || l.queued <= l.room.options.QueueLimit/2 {
		return nil
	}
	if l.space == nil {
		l.space = make(chan struct{})
		o.waiting = append(o.waiting, l)
	}
	return l.space
}

// Close is hub.Sink's.
func (l *link) Close(reason hub.CloseReason) {
	o := &l.room.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	code := reason.Code
	if code == 0 {
		code = hub.CodeNormal
	}
	o.end(l, code, reason.Text)
}

// shut notes that the socket has ended: what is queued for it goes nowhere.
func (l *link) shut() {
	o := &l.room.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	l.closed = true
	o.drop(l)
}

// say queues a message that is no event of the core's.
func (l *link) say(message []byte) {
	o := &l.room.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	if !l.closed {
		o.add(l, nil, message)
	}
}

// receive takes what arrived. It never blocks: what the connection cannot take yet is
// held, within limits.
func (l *link) receive(data []byte) {
	if l.waits != nil {
		l.hold(data)
		return
	}
	if l.conn == nil {
		rest, ok := l.shake(data)
		if !ok || len(rest) == 0 {
			return
		}
		data = rest
	}
	l.take(data)
}

// piece is how much the connection is given at once: as much as links at home read
// between two looks at whether it can take more.
const piece = 16 << 10

// take hands data to the connection.
func (l *link) take(data []byte) {
	if l.binary && l.missing.whole() && isPing(data) {
		l.say(packPing)
		return
	}
	for len(data) > 0 && l.waits == nil {
		some := data[:min(len(data), piece)]
		data = data[len(some):]
		l.missing.see(l.codec, some)
		l.asked.see(l.codec, some)
		wait, err := l.conn.Receive(some)
		if err != nil {
			return
		}
		if wait != nil {
			l.await(wait)
		}
	}
	if len(data) > 0 {
		l.hold(data)
	}
}

// await has the room go on with the link when wait is closed.
func (l *link) await(wait <-chan struct{}) {
	l.waits = wait
	l.room.tasks.start(func() {
		select {
		case <-wait:
			l.room.object.Soon()
		case <-l.gone:
		}
	})
}

// hold keeps what the connection cannot take yet.
func (l *link) hold(data []byte) {
	if len(l.held)+len(data) > l.room.options.HoldLimit || l.room.held+len(data) > maxHeld {
		l.release()
		l.fail(hub.CloseReason{Code: hub.CodePolicy, Text: "too much at once"}, errTooMuch)
		return
	}
	l.held = append(l.held, data...)
	l.room.held += len(data)
}

// maxHeld is how many bytes the room holds of all clients together: a part of the
// 128 MiB that a Durable Object has.
const maxHeld = 16 << 20

// release is what was held, which is not held any more.
func (l *link) release() (held []byte) {
	held, l.held = l.held, nil
	l.room.held -= len(held)
	return held
}

// goOn hands over what was held, once there is room.
func (l *link) goOn() {
	if l.waits == nil {
		return
	}
	select {
	case <-l.waits:
		l.waits = nil
		if held := l.release(); len(held) > 0 && !l.over() {
			l.take(held)
		}
	default:
	}
}

var errTooMuch = errors.New("the client sends more than its calls take")

// fail ends a link for what its client did.
func (l *link) fail(reason hub.CloseReason, err error) {
	l.Close(reason)
	if l.conn != nil {
		l.conn.LinkClosed(err)
	}
}

// packPing is a ping in MessagePack, as the protocol has it. Pings of clients that
// speak JSON are answered by the object, without the room.
var packPing = wire.MessagePack.Append(nil, &wire.Message{Kind: wire.Ping})

func isPing(data []byte) bool { return string(data) == string(packPing) }

// missing is how much of the last message has not arrived: until it has, the object
// must stay in memory, since the beginning is there.
type missing struct {
	text   bool // the end of a JSON message
	bytes  int  // of a message in MessagePack
	prefix []byte
}

func (m *missing) whole() bool { return !m.text && m.bytes == 0 && len(m.prefix) == 0 }

// see notes what of a stream of messages data was.
func (m *missing) see(codec wire.Codec, data []byte) {
	if len(data) == 0 {
		return
	}
	if !codec.Binary() {
		m.text = !codec.Ends(data[len(data)-1:])
		return
	}
	for len(data) > 0 {
		if m.bytes > 0 {
			n := min(m.bytes, len(data))
			m.bytes -= n
			data = data[n:]
			continue
		}
		b := data[0]
		data = data[1:]
		if m.prefix = append(m.prefix, b); b < 0x80 || len(m.prefix) == maxPrefix {
			for i, b := range m.prefix {
				m.bytes |= int(b&0x7f) << (7 * i)
			}
			m.prefix = m.prefix[:0]
		}
	}
}

// maxPrefix is how many bytes say how long a message in MessagePack is.
const maxPrefix = 5
