package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"partline.dev/server/hub"
)

// rawBuffer is how many bytes of a client may wait for [Connection.Read] before
// its link is not read on.
const rawBuffer = 64 << 10

type rawHandler = func(context.Context, *Connection) error

// RawHandler serves connections that carry bytes instead of a hub's messages, as
// a connection handler of ASP.NET Core does: over every transport, with or
// without negotiation, as [Host.Handler]. It calls f for each of them, in a
// goroutine of its own, and when f returns what was written still goes out and
// the connection ends; with an error or a panic, which go to the log, as one that
// failed.
//
// The context ends when the client is lost or the host shuts down; when the
// client left in good order, after [Options.CloseTimeout]. [Host.Shutdown] waits
// for f.
func (h *Host) RawHandler(f func(ctx context.Context, c *Connection) error, o *HandlerOptions) *Handler {
	handler := h.newHandler("", o)
	handler.run = f
	return handler
}

// Connection is a client of a [Host.RawHandler]. Its methods may be called from
// any goroutine.
//
// What the client sends is one stream, and where it is cut into chunks means
// nothing. What is written leaves in the order of the calls: each chunk is one
// WebSocket message or one server-sent event, or stands behind the others in the
// answer to a poll. An event is text: line ends arrive there as "\n", however they
// were written, and an empty chunk does not arrive.
type Connection struct {
	connection *connection
	context    context.Context
	cancel     context.CancelFunc

	mu        sync.Mutex // Protects following.
	principal hub.Principal
	binary    bool
	chunks    queue
	bytes     int           // in chunks
	ended     bool          // no more comes
	err       error         // why; nil: the client left in good order
	arrived   chan struct{} // closed with the next chunk or the end; nil: nobody waits
	room      chan struct{} // closed when there is room again, or at the end; nil: nobody waits
}

func newRawSide(c *connection, principal hub.Principal) *Connection {
	raw := &Connection{connection: c, principal: principal}
	raw.context, raw.cancel = context.WithCancel(context.Background())
	return raw
}

// ID names the connection. It is public: other clients may know it.
func (c *Connection) ID() string { return c.connection.id }

// Principal is who is connected, as the latest of its requests has shown.
func (c *Connection) Principal() hub.Principal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.principal
}

// Transport is how the client is connected.
func (c *Connection) Transport() Transports { return c.connection.transport }

// SetBinary says whether what is written from now on is binary WebSocket messages
// rather than text, each of which must then be UTF-8. At first it is text, as in
// ASP.NET Core. The other transports make no difference.
func (c *Connection) SetBinary(binary bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.binary = binary
}

// Read returns the next chunk, as it arrived and never empty, and waits for one.
// It gives io.EOF after the client left in good order or the server closed the
// connection, another error after the client was lost, and the context's error
// when that has ended. The chunk is the caller's.
func (c *Connection) Read(ctx context.Context) ([]byte, error) {
	for {
		c.mu.Lock()
		if chunk := c.chunks.peek(); chunk != nil {
			c.chunks.pop()
			c.bytes -= len(chunk)
			if c.room != nil && c.bytes <= rawBuffer/2 {
				close(c.room)
				c.room = nil
			}
			c.mu.Unlock()
			return chunk, nil
		}
		if c.ended {
			defer c.mu.Unlock()
			if c.err != nil {
				return nil, c.err
			}
			return nil, io.EOF
		}
		if c.arrived == nil {
			c.arrived = make(chan struct{})
		}
		arrived := c.arrived
		c.mu.Unlock()
		select {
		case <-arrived:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Write sends a chunk, and waits while there is no room for it in the
// [Options.QueueLimit] bytes of the connection, which take any chunk while they are
// at most half full. P is the caller's again when Write returns. It gives hub.ErrClosed
// after the end of the connection, and the context's error when that has ended.
func (c *Connection) Write(ctx context.Context, p []byte) error {
	link := c.connection.link
	c.mu.Lock()
	binary := c.binary
	c.mu.Unlock()
	frame := link.wrap(binary, append(make([]byte, hub.Headroom, hub.Headroom+len(p)+8), p...))
	for {
		if err := link.enqueue(frame); !errors.Is(err, hub.ErrOverflow) {
			return err
		}
		if room := link.Room(); room != nil {
			select {
			case <-room:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

func (c *Connection) begin() { c.connection.host.tasks.Go(c.run) }

// run calls the handler's function and ends the connection.
func (c *Connection) run() {
	defer c.cancel()
	reason := hub.CloseReason{Code: hub.CodeNormal}
	if err := c.call(); err != nil && c.context.Err() == nil {
		reason = hub.CloseReason{Code: hub.CodeInternal, Text: "the connection handler failed"}
		c.connection.host.options.Log.Error("a connection handler failed", "connection", c.ID(), "error", err)
	}
	c.connection.link.Close(reason)
}

// call calls the function, whose panic is an error.
func (c *Connection) call() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return c.connection.handler.run(c.context, c)
}

func (c *Connection) receive(p []byte) (wait <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(p) == 0 {
		return nil, nil
	}
	c.chunks.push(append([]byte(nil), p...))
	c.bytes += len(p)
	c.tell()
	if c.bytes < rawBuffer {
		return nil, nil
	}
	if c.room == nil {
		c.room = make(chan struct{})
	}
	return c.room, nil
}

// tell wakes who waits in Read. The mutex is held.
func (c *Connection) tell() {
	if c.arrived != nil {
		close(c.arrived)
		c.arrived = nil
	}
}

func (c *Connection) renew(principal hub.Principal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.principal = principal
}

func (c *Connection) closed(err error) {
	host := c.connection.host
	if err != nil || host.stopping() {
		c.cancel()
	} else {
		stop := host.wheel.after(host.options.CloseTimeout.Milliseconds(), c.cancel)
		context.AfterFunc(c.context, func() { stop() })
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended, c.err = true, err
	c.tell()
	if c.room != nil {
		close(c.room)
		c.room = nil
	}
}
