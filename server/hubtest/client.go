package hubtest

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/shared/wire"
)

// ErrClosed is what a call gives whose connection the hub has closed.
var ErrClosed = errors.New("the hub closed the connection")

var encoding = hub.NewEncoding(wire.JSON, nil)

// Client is one connection of the hub under test.
type Client struct {
	hub     *Hub
	conn    *hub.Conn
	page    *page      // nil: it speaks ASP.NET Core SignalR
	receive sync.Mutex // one reader, as a link has

	mu      sync.Mutex // Protects following.
	heard   []heard
	answers map[string]chan answer
	streams map[string]*incoming
	queries map[string]*answerer // by lower-case name
	nextID  int
	closed  bool
	reason  hub.CloseReason
	told    error         // what the hub's last message said against the connection
	changed chan struct{} // closed and replaced at every change
}

// ID is the connection's id.
func (c *Client) ID() string { return c.conn.ID() }

// Close ends the connection, as a client does that stops. The hub's OnDisconnect
// may still run when it returns; [Hub.Settle] waits for it.
func (c *Client) Close() {
	if c.page == nil {
		_ = c.write(&wire.Message{Kind: wire.Close})
	}
	c.conn.LinkClosed(nil)
}

// Closed tells whether the connection has ended, and why its link was closed.
func (c *Client) Closed() (hub.CloseReason, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason, c.closed
}

// AwaitClose waits until the hub has closed the connection, and returns what it
// told the client. The error is nil if it said nothing against it, and can be
// taken for a [*hub.Error] with errors.As if OnConnect returned one.
func AwaitClose(t testing.TB, c *Client) error {
	t.Helper()
	guard := time.NewTimer(awaitLimit)
	defer guard.Stop()
	for {
		c.mu.Lock()
		closed, told, changed := c.closed, c.told, c.changed
		c.mu.Unlock()
		if closed {
			return told
		}
		select {
		case <-changed:
		case <-guard.C:
			t.Fatalf("the hub has not closed the connection in %v", awaitLimit)
		}
	}
}

// inbox is the hub's end of a client: its [hub.Sink].
type inbox struct{ c *Client }

// Send takes one message of the hub's.
func (in inbox) Send(e *hub.Event) error {
	framed, err := e.Bytes(encoding)
	if err != nil {
		return err
	}
	return in.c.hear(framed)
}

// hear takes one message, framed.
func (c *Client) hear(framed []byte) error {
	msg, _, err := wire.JSON.Split(framed, len(framed))
	if err != nil {
		return err
	}
	var m wire.Message
	if err := wire.JSON.Decode(msg, &m); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return hub.ErrClosed
	}
	switch m.Kind {
	case wire.Invocation:
		if m.InvocationID != nil {
			c.asked(&m)
			break
		}
		c.heard = append(c.heard, heard{string(m.Target), bytes.Clone(m.Arguments)})
		c.change()
	case wire.StreamItem:
		c.item(&m)
	case wire.Completion:
		c.answer(string(m.InvocationID), &m)
		c.endStream(&m)
	case wire.Close:
		if m.HasError {
			c.told = told(m.Error)
		}
	}
	return nil
}

// Room is nil: a client under test takes all that comes.
func (in inbox) Room() <-chan struct{} { return nil }

// Close takes the hub's word that the connection is over.
func (in inbox) Close(reason hub.CloseReason) {
	c := in.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed, c.reason = true, reason
	for id, answered := range c.answers {
		delete(c.answers, id)
		answered <- answer{err: ErrClosed}
	}
	for _, s := range c.streams {
		s.over, s.err = true, ErrClosed
	}
	c.change()
}

// change wakes whoever waits for something to arrive.
func (c *Client) change() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// write gives the hub one message of the client's.
func (c *Client) write(m *wire.Message) error {
	c.receive.Lock()
	if _, closed := c.Closed(); closed {
		c.receive.Unlock()
		return ErrClosed
	}
	wait, err := c.conn.Receive(wire.JSON.Append(nil, m))
	c.receive.Unlock()
	if wait != nil && m.Kind <= wire.StreamInvocation && m.Kind != wire.Completion {
		<-wait // a cancel, a completion or a close must not wait for what is before it
	}
	return err
}
