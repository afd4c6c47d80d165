package transport

import (
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// connection is what a client opened, whichever way it uses: its secret, whose it
// is, and what it leads to. The link that carries it is another thing: a socket,
// a stream of events, or one poll after another.
type connection struct {
	Place
	handler *Handler
	secret  token
	owner   identity      // whose it is: to everybody else it does not exist
	resumes bool          // its client asked for stateful reconnect
	holds   bool          // its client loses count of what comes with the handshake's reply
	posts   chan struct{} // filled while a request's body is taken; nil: the link itself reads
	posting atomic.Int64  // requests whose bodies are taken or wait for that

	link link // changed with this mutex and the host's held, so that either lets it be read

	mu     sync.Mutex // Protects following, and is held while something of the client's is handed on.
	side   side
	full   <-chan struct{} // what the side gave when it last took a piece; see side.receive
	over   bool            // nothing more is handed on
	replay *replay         // nil: the connection lives as long as its link
	parted func() bool     // stops the timer of a connection that has no link now
}

// side is what a connection leads to: a hub, or a function of its own. Its
// methods never block.
type side interface {
	// begin is called once the link works.
	begin()

	// receive takes a piece of the client's stream, and keeps nothing of p. A
	// non-nil wait means that no more fits until it is closed.
	receive(p []byte) (wait <-chan struct{}, err error)

	// renew says who the client is now. It is the same user.
	renew(principal hub.Principal)

	// closed tells that the link has ended; err is nil if it was in good order.
	closed(err error)
}

// working is the link that works now.
func (c *connection) working() link {
	c.host.mu.Lock()
	defer c.host.mu.Unlock()
	return c.link
}

func (c *connection) cut()   { c.working().Close(goingAway) }
func (c *connection) abort() { c.working().abort() }

// begin starts what the connection leads to.
func (c *connection) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.side.begin()
	}
}

// take hands on a piece of the client's stream that came over from, and waits
// while there is no room for more, until the client is gone. It gives
// net.ErrClosed after the end, and if the connection has another link now.
func (c *connection) take(from link, p []byte, gone <-chan struct{}) error {
	if sealed, _, _ := from.state(); sealed {
		return net.ErrClosed
	}
	// A request or a link that went away while it waited leaves no room to the
	// one that comes after.
	if !c.room(from, gone) {
		return net.ErrClosed
	}
	if err := c.receive(from, p); err != nil {
		return err
	}
	c.room(from, gone)
	return nil
}

// takePiece and dropped are owner's: what comes over a socket is one stream, however
// it is cut.
func (c *connection) takePiece(from link, p []byte, _, _ bool) error {
	if len(p) == 0 {
		return nil
	}
	return c.take(from, p, nil)
}

func (c *connection) dropped(from link, cause error) (closed func(code int, lost bool)) {
	goesOn := c.part(from, cause)
	if !goesOn {
		c.hangUp(cause)
	}
	return func(code int, lost bool) {
		if goesOn {
			c.linkEnded(code, lost, cause)
			return
		}
		c.host.close(c, code, lost, cause)
	}
}

// room waits until the client may send more. It reports false if from has ended
// or the client is gone before that.
func (c *connection) room(from link, gone <-chan struct{}) bool {
	c.mu.Lock()
	full := c.full
	c.mu.Unlock()
	if full == nil {
		return true
	}
	select {
	case <-full:
		return true
	case <-from.sealing():
	case <-gone:
	}
	return false
}

func (c *connection) receive(from link, p []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.link != from {
		return net.ErrClosed
	}
	full, err := c.side.receive(p)
	c.full = full
	return err
}

// renew notes who the client has just shown to be, if it has.
func (c *connection) renew(who *caller) {
	if !who.given {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.side.renew(who.principal)
	}
}

// hasEnded tells whether nothing more is handed on: only the link still closes.
func (c *connection) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// hangUp tells what the connection leads to that its link has ended. Calls after
// the first do nothing.
func (c *connection) hangUp(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.over = true
		c.side.closed(err)
	}
}

// maxReason is how long the text of a [hub.CloseReason] may be.
const maxReason = 123

// turnAway ends the link of a connection that the core does not open because of
// err.
func (c *connection) turnAway(err error) {
	reason := goingAway
	var public *access.Refusal
	switch {
	case errors.Is(err, hub.ErrDraining):
	case errors.As(err, &public):
		text := public.Error()
		reason = hub.CloseReason{Code: hub.CodePolicy, Text: strings.ToValidUTF8(text[:min(len(text), maxReason)], "")}
		c.host.options.Log.Debug("a connection was not opened", "connection", c.id, "hub", c.name, "reason", public)
	default:
		reason = hub.CloseReason{Code: hub.CodeInternal, Text: "the connection could not be opened"}
		c.host.options.Log.Error("a connection could not be opened", "connection", c.id, "hub", c.name, "error", err)
	}
	c.link.Close(reason)
}
