package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"unicode/utf8"

	"partline.dev/server/front"
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
// Raw, of [hub.NewRaw], is where they have their groups and users, and by which
// other code publishes to them; core, which must live in [Host.Env], has it
// mounted.
//
// The context ends when the client is lost or the host shuts down; when the
// client left in good order, after [Options.CloseTimeout]. [Host.Shutdown] waits
// for f.
func (h *Host) RawHandler(core *hub.Core, raw *hub.Mux, f func(ctx context.Context, c *Connection) error, o *HandlerOptions) *Handler {
	handler := h.Handler(core, raw.Name(), o)
	handler.raw, handler.run = raw, f
	return handler
}

// Connection is a client of a [Host.RawHandler] or of [Host.OpenRaw]. Its methods
// may be called from any goroutine.
//
// What the client sends is one stream, and where it is cut into chunks means
// nothing; a client of SignalR 2 sends messages, and each is a chunk. What is
// written leaves in the order of the calls: each chunk is one WebSocket message or
// one server-sent event, or stands behind the others in the answer to a poll; a
// client of SignalR 2 gets a JSON string. An event is text: line ends arrive there
// as "\n", however they were written, and an empty chunk does not arrive.
type Connection struct {
	hub.Targets // whom to publish to: clients of the same raw hub and tenant, where the client may speak

	host    *Host
	entry   RawEntry
	run     rawHandler
	context context.Context
	cancel  context.CancelFunc

	mu      sync.Mutex // Protects following.
	chunks  queue
	bytes   int           // in chunks
	ended   bool          // no more comes
	err     error         // why; nil: the client left in good order
	arrived chan struct{} // closed with the next chunk or the end; nil: nobody waits
	room    chan struct{} // closed when there is room again, or at the end; nil: nobody waits
}

// RawEntry is a connection whose bytes another front door carries.
type RawEntry struct {
	Hub       *hub.Mux  // the raw hub, mounted
	Conn      *hub.Conn // on that hub; who opened it says when its link is closed
	Transport front.Transports
	Link      RawLink
}

// RawLink is how what a [Connection] writes reaches its client. Its methods may be
// called from any goroutine and do not block. Both writes keep nothing of what
// they are given, and give hub.ErrOverflow if there is no room, and then Room to
// wait for, and hub.ErrClosed after the end.
type RawLink interface {
	Write(chunk []byte) error
	WriteJSON(value []byte) error
	Room() <-chan struct{}

	// Close lets the client have what was written and ends the connection.
	Close(reason hub.CloseReason)
}

// OpenRaw calls f for a connection that another front door carries, as
// [Host.RawHandler] does for its own. The front door hands on what comes by
// [Connection.Receive], and says by [Connection.Closed] that no more will.
func (h *Host) OpenRaw(o RawEntry, f func(ctx context.Context, c *Connection) error) *Connection {
	c := &Connection{Targets: o.Conn.Targets(), host: h, entry: o, run: f}
	c.context, c.cancel = context.WithCancel(context.Background())
	h.tasks.Go(c.serve)
	return c
}

// ID names the connection. It is public: other clients may know it.
func (c *Connection) ID() string { return c.entry.Conn.ID() }

// Principal is who is connected, as the latest of its requests has shown.
func (c *Connection) Principal() hub.Principal { return c.entry.Conn.Principal() }

// Transport is how the client is connected; how it was at first, if it has
// changed that.
func (c *Connection) Transport() front.Transports { return c.entry.Transport }

// SetBinary says whether what is written, or published to the connection, from now
// on is binary WebSocket messages rather than text, each of which must then be
// UTF-8. At first it is text, as in ASP.NET Core. The other transports, and clients
// of SignalR 2, make no difference.
func (c *Connection) SetBinary(binary bool) {
	if l, ok := c.entry.Link.(*rawLink); ok {
		l.setBinary(binary)
	}
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
	return c.write(ctx, func() error { return c.entry.Link.Write(p) })
}

// WriteJSON is [Connection.Write] of JSON text: a client of SignalR 2 gets the
// value and no string. It refuses what is not JSON.
func (c *Connection) WriteJSON(ctx context.Context, value []byte) error {
	if !utf8.Valid(value) || !json.Valid(value) {
		return errors.New("transport: what WriteJSON was given is not JSON")
	}
	return c.write(ctx, func() error { return c.entry.Link.WriteJSON(value) })
}

// write calls one of the link's writes until there is room for it.
func (c *Connection) write(ctx context.Context, write func() error) error {
	for {
		if err := write(); !errors.Is(err, hub.ErrOverflow) {
			return err
		}
		if room := c.entry.Link.Room(); room != nil {
			select {
			case <-room:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// serve calls the function and ends the connection.
func (c *Connection) serve() {
	defer c.cancel()
	reason := hub.CloseReason{Code: hub.CodeNormal}
	if err := c.call(); err != nil && c.context.Err() == nil {
		reason = hub.CloseReason{Code: hub.CodeInternal, Text: "the connection handler failed"}
		c.host.options.Log.Error("a connection handler failed", "connection", c.ID(), "error", err)
	}
	c.entry.Link.Close(reason)
}

// call calls the function, whose panic is an error.
func (c *Connection) call() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return c.run(c.context, c)
}

// Receive takes a chunk of the client's, for the front door that carries the
// connection, and keeps nothing of it. A non-nil wait means that no more fits until
// it is closed.
func (c *Connection) Receive(chunk []byte) (wait <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(chunk) == 0 || c.ended {
		return nil
	}
	c.chunks.push(append([]byte(nil), chunk...))
	c.bytes += len(chunk)
	c.tell()
	if c.bytes < rawBuffer {
		return nil
	}
	if c.room == nil {
		c.room = make(chan struct{})
	}
	return c.room
}

// tell wakes who waits in Read. The mutex is held.
func (c *Connection) tell() {
	if c.arrived != nil {
		close(c.arrived)
		c.arrived = nil
	}
}

// Closed says that the client sends no more, for the front door that carries the
// connection: err is why, nil if either side ended it in good order. It is called
// once.
func (c *Connection) Closed(err error) {
	if err != nil || c.host.stopping() {
		c.cancel()
	} else {
		stop := c.host.wheel.after(c.host.options.CloseTimeout.Milliseconds(), c.cancel)
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
