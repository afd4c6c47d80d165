package transport

import (
	"net"
	"sync/atomic"

	"partline.dev/server/hub"
)

// rawSide is the way of a connection to a function of its own.
type rawSide struct {
	connection *connection
	opening    *opening    // nil: it has begun
	raw        *Connection // nil: it has not begun, or was turned away
}

func (s *rawSide) begin() {
	c, o := s.connection, s.opening
	s.opening = nil
	link := &rawLink{link: c.link}
	link.setBinary(false)
	conn, err := c.handler.core.Open(hub.OpenOptions{
		Hub: c.handler.hub, ID: c.id, Codec: hub.Raw, Sink: rawSink{c.link}, Principal: o.principal, Where: o.where,
		Context: o.request, Transport: c.transport.String(), Quiet: true,
	})
	if err != nil {
		c.turnAway(err)
		return
	}
	s.raw = c.host.OpenRaw(RawEntry{Hub: c.handler.raw, Conn: conn, Transport: c.transport, Link: link}, c.handler.run)
}

func (s *rawSide) receive(p []byte) (wait <-chan struct{}, err error) {
	if s.raw == nil {
		return nil, net.ErrClosed
	}
	return s.raw.Receive(p), nil
}

func (s *rawSide) renew(principal hub.Principal) {
	if s.raw != nil {
		_ = s.raw.entry.Conn.SetPrincipal(principal) // it is allowed, and who is gone needs no renewal
	}
}

func (s *rawSide) closed(err error) {
	if s.raw != nil {
		s.raw.entry.Conn.LinkClosed(err)
		s.raw.Closed(err)
	}
}

// The encodings of chunks. Only a WebSocket tells bytes from text.
var (
	rawText   = newProtocol(hub.Raw)
	rawBinary = binaryMessages(rawText)
)

// binaryMessages is p with messages that are binary on a WebSocket.
func binaryMessages(p *protocol) *protocol {
	b := *p
	for _, f := range []framing{socketFrames, deflatedFrames} {
		b.encodings[f] = hub.NewEncoding(p.codec, func(buf []byte) []byte { return f.wrap(true, buf) })
	}
	return &b
}

// rawLink is a connection's link for what its function writes.
type rawLink struct {
	link
	binary atomic.Bool
}

// setBinary says what chunks are on a WebSocket, also those that others publish.
func (l *rawLink) setBinary(binary bool) {
	l.binary.Store(binary)
	if binary {
		l.speak(rawBinary)
	} else {
		l.speak(rawText)
	}
}

// Write and WriteJSON are RawLink's.
func (l *rawLink) Write(chunk []byte) error {
	buf := append(make([]byte, hub.Headroom, hub.Headroom+len(chunk)+8), chunk...)
	return l.enqueue(l.wrap(l.binary.Load(), buf))
}

func (l *rawLink) WriteJSON(value []byte) error { return l.Write(value) }

// rawSink is a connection's link for what the core sends.
type rawSink struct{ link }

// Send queues a chunk. That the connection ends has no message of its own here: a
// link's end says it.
func (s rawSink) Send(e *hub.Event) error {
	if e.Last() {
		return nil
	}
	return s.link.Send(e)
}
