package hub

import (
	"sync"

	"partline.dev/shared/wire"
)

// messages are decoded into pooled values: a ping costs no allocation.
var messages = sync.Pool{New: func() any { return new(wire.Message) }}

// Receive takes what the link's one reader has read: any piece of the stream of
// hub messages. It decodes, acts on Ping, Cancel, Completion and the items of
// uploads at once, and queues invocations, and Close behind them; it runs no
// handler and does not keep p.
//
// A non-nil wait means that the connection holds all that it may, or that a
// handler is slow to take its items: read on when it is closed, or when the link
// ends. An error means that the client broke the protocol; the connection is
// closed already, and its client told.
func (c *Conn) Receive(p []byte) (wait <-chan struct{}, err error) {
	c.heardAt.Store(c.core.env.Now())
	buf := p
	if len(c.partial) > 0 {
		c.partial = append(c.partial, p...)
		if len(c.partial) <= c.core.options.MessageLimit && !c.codec.Ends(p) {
			return nil, nil // not whole yet, and looked at once however small the pieces
		}
		buf = c.partial
	}
	m := messages.Get().(*wire.Message)
	defer messages.Put(m)
	for {
		msg, rest, err := c.codec.Split(buf, c.core.options.MessageLimit)
		if err != nil {
			return nil, c.broke(err)
		}
		if msg == nil {
			break
		}
		*m = wire.Message{}
		if err := c.codec.Decode(msg, m); err != nil {
			return nil, c.broke(err)
		}
		news, err := c.count(m, len(msg))
		if err != nil {
			return nil, c.broke(err)
		}
		if news {
			c.receive(m)
		}
		buf = rest
	}
	switch {
	case len(buf) == 0:
		c.partial = nil // an idle connection holds no buffer
	case len(c.partial) == 0:
		c.partial = append([]byte(nil), buf...)
	case len(c.partial) == len(buf):
		// It is where it was: to move it for each of many small pieces is slow.
	default:
		c.partial = append(c.partial[:0], buf...)
	}
	return c.full(), nil
}

// receive acts on one message, of the kinds that a client may send. A kind that
// nobody knows yet is skipped, as every SignalR server does.
func (c *Conn) receive(m *wire.Message) {
	switch m.Kind {
	case wire.Invocation, wire.StreamInvocation:
		c.receiveInvocation(m)
	case wire.StreamItem:
		c.receiveItem(m)
	case wire.Completion:
		c.receiveCompletion(m)
	case wire.CancelInvocation:
		c.cancelInvocation(m.InvocationID)
	case wire.Ping:
		c.pinged.Store(true)
	case wire.Close:
		c.leave()
	}
}

// receiveCompletion ends the query or the upload of that id.
func (c *Conn) receiveCompletion(m *wire.Message) {
	if !c.answerQuery(m) && !c.completeUpload(m) {
		c.core.options.Log.Debug("a completion that nobody waits for", "connection", c.id, "hub", c.mux.Name(), "id", string(m.InvocationID))
	}
}
