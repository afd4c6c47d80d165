package classic

import (
	"sync"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// rawBytes and rawMessages are how much a connection's function may write before
// its client has taken any of it.
const (
	rawBytes    = 256 << 10
	rawMessages = 500 // half of what a ring keeps
)

// rawLink is how what a connection's function writes reaches its client: through
// the core, as what others publish to it does, so that it is kept for a client that
// comes back.
type rawLink struct {
	connection *connection
	conn       *hub.Conn
	raw        *transport.Connection

	mu       sync.Mutex    // Protects following.
	bytes    int           // that the client has not taken
	messages int           // likewise
	room     chan struct{} // closed when there is room again, or at the end; nil: nobody waits
	over     bool
}

// openRaw calls the function of a connection without hubs, once.
func (c *connection) openRaw() {
	o := &c.handler.options
	l := &rawLink{connection: c, conn: c.find(o.Raw)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.raw != nil {
		return
	}
	c.raw = l
	l.raw = c.handler.host.OpenRaw(transport.RawEntry{Hub: o.Raw, Conn: l.conn, Transport: c.transport, Link: l}, o.Connection)
}

// receiveRaw hands on a chunk of the client's.
func (c *connection) receiveRaw(chunk []byte) (wait <-chan struct{}) {
	c.mu.Lock()
	l := c.raw
	c.mu.Unlock()
	if l == nil {
		return nil
	}
	return l.raw.Receive(chunk)
}

// taken notes that the client takes events. The mutex is held.
func (c *connection) taken(events []*hub.Recent) {
	if c.raw == nil {
		return
	}
	bytes := 0
	for _, e := range events {
		bytes += len(e.Item())
	}
	if bytes < fetchLimit { // that was all
		c.raw.emptied()
	}
}

// Write and WriteJSON are transport.RawLink's.
func (l *rawLink) Write(chunk []byte) error {
	return l.write(Encoding.Codec().(hub.RawCodec).AppendRaw(nil, chunk, false))
}

func (l *rawLink) WriteJSON(value []byte) error {
	return l.write(Encoding.Codec().(hub.RawCodec).AppendRaw(nil, value, true))
}

func (l *rawLink) write(item []byte) error {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return hub.ErrClosed
	}
	if !l.hasRoom() && (l.bytes+len(item) > rawBytes || l.messages >= rawMessages) {
		l.mu.Unlock()
		return hub.ErrOverflow
	}
	l.bytes += len(item)
	l.messages++
	l.mu.Unlock()
	_, err := l.conn.Push(item)
	return err
}

// hasRoom tells whether at most half of what may wait does. The mutex is held.
func (l *rawLink) hasRoom() bool { return l.bytes <= rawBytes/2 && l.messages <= rawMessages/2 }

// Room is transport.RawLink's.
func (l *rawLink) Room() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.hasRoom() {
		return nil
	}
	if l.room == nil {
		l.room = make(chan struct{})
	}
	return l.room
}

// emptied notes that the client has taken all.
func (l *rawLink) emptied() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes, l.messages = 0, 0
	l.makeRoom()
}

// makeRoom wakes who waits for room. The mutex is held.
func (l *rawLink) makeRoom() {
	if l.room != nil {
		close(l.room)
		l.room = nil
	}
}

// Close is transport.RawLink's: the function has returned.
func (l *rawLink) Close(reason hub.CloseReason) {
	l.connection.end(ending{code: reason.Code})
}

// end is the end of the connection.
func (l *rawLink) end(err error) {
	l.mu.Lock()
	l.over = true
	l.makeRoom()
	l.mu.Unlock()
	l.raw.Closed(err)
}
