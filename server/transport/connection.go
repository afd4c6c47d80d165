package transport

import (
	"net"
	"sync"

	"partline.dev/server/hub"
)

// connection is what a client opened, whichever way it uses: its secret, whose it
// is, and what it leads to. The link that carries it is another thing: a socket,
// a stream of events, or one poll after another.
type connection struct {
	handler   *Handler
	id        string // public
	secret    token
	user      string // whose it is: to everybody else it does not exist
	address   string // of the client
	transport Transports
	begun     int64         // in ms
	resumes   bool          // its client asked for stateful reconnect
	holds     bool          // its client loses count of what comes with the handshake's reply
	posts     chan struct{} // filled while a request's body is taken; nil: the link itself reads

	link   link // changed with both mutexes held, so that either lets it be read
	placed bool // it has a link that works; the host's mutex protects it

	mu     sync.Mutex // Protects following, and is held while something of the client's is handed on.
	side   side
	over   bool        // nothing more is handed on
	replay *replay     // nil: the connection lives as long as its link
	parted func() bool // stops the timer of a connection that has no link now
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
	wait, err := c.receive(from, p)
	if err != nil || wait == nil {
		return err
	}
	select {
	case <-wait:
	case <-from.sealing():
	case <-gone:
	}
	return nil
}

func (c *connection) receive(from link, p []byte) (wait <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.link != from {
		return nil, net.ErrClosed
	}
	return c.side.receive(p)
}

// renew notes who the client has just shown to be.
func (c *connection) renew(principal hub.Principal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.side.renew(principal)
	}
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
