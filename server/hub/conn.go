package hub

import (
	"context"
	"sync"
	"sync/atomic"

	"partline.dev/shared/wire"
)

// Conn is one connection: what targets name. It lives apart from the link that
// carries it, which is its host's.
type Conn struct {
	core      *Core
	mux       *Mux
	id        string
	codec     wire.Codec
	sink      Sink
	quiet     bool // it is never pinged
	unlisted  bool // it hears nothing
	returning bool // it was connected before

	// Receive state, the reader's alone.
	partial    []byte      // the beginning of a message that is not whole yet
	resumption *resumption // nil: the connection lives as long as its link

	hearing *hearing // of a [Follower]; nil: it is sent events

	// Keep-alive state.
	sentAt  atomic.Int64 // when something was last queued for the peer
	heardAt atomic.Int64 // when something was last read from it
	pinged  atomic.Bool  // the client has pinged: its silence means something

	values context.Context // whose values every call has; nil: none

	mu         sync.Mutex // Protects following.
	principal  Principal
	transport  string
	closed     bool
	started    bool          // OnConnect is queued, or there is none
	greeted    bool          // OnConnect has succeeded, or there is none
	greeting   chan struct{} // closed with greeted; nil: nobody asked
	reconnects bool          // OnReconnect is queued
	leaving    bool          // the client said Close: what it asked for before is still done
	closeErr   error         // what OnDisconnect hears
	rooms      []*membership // after the close those that it was in
	groups     int
	moves      uint64      // joins and leaves of groups so far
	stop       func() bool // the keep-alive timer
	expiry     func() bool // the timer of a principal that expires
	queue      taskQueue
	calls      *call           // that run
	flows      *flows          // nil: the client never had an upload or query
	context    context.Context // that of every call ends with, made with the first
	cancel     context.CancelFunc
}

// ID names the connection; clients may know it.
func (c *Conn) ID() string { return c.id }

// SetTransport notes that the client is connected in another way now, as SignalR
// names it.
func (c *Conn) SetTransport(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.transport = name
}

// tenant is whose connection it is. There is one tenant.
func (c *Conn) tenant() string { return "" }

// targets is whom the connection's calls may publish to.
func (c *Conn) targets() Targets { return Targets{mux: c.mux, tenant: c.tenant(), caller: c} }

// enter puts the connection into a room that it cannot leave, unless it is
// closed already.
func (c *Conn) enter(key Room) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.join(key)
	}
}

// join puts the connection into a room. The mutex is held.
func (c *Conn) join(key Room) {
	c.rooms = append(c.rooms, c.core.rooms.join(key, c))
	if c.hearing != nil && !c.unlisted {
		c.core.recents.follow(c, key)
	}
}

// place is where key stands among the connection's rooms, or -1.
func (c *Conn) place(key Room) int {
	for i, m := range c.rooms {
		if m.key == key {
			return i
		}
	}
	return -1
}

// send queues e for the peer. A full queue closes the connection.
func (c *Conn) send(e *Event) {
	d := delivery{event: e, now: c.core.env.Now()}
	d.send(c)
	if d.slow != nil {
		c.overflowed()
	}
	if d.own != nil {
		d.err = c.core.recents.keep(e, &Target{}, nil, d.own)
	}
	if d.err != nil {
		c.core.options.Log.Error("a message could not be encoded", "connection", c.id, "hub", c.mux.Name(), "error", d.err)
	}
}

// sendMessage queues one message for the peer.
func (c *Conn) sendMessage(m *wire.Message) {
	c.send(newEvent(m.Kind, func(dst []byte, codec wire.Codec) ([]byte, error) { return codec.Append(dst, m), nil }))
}

// Join puts a connection of the hub into a group, from outside any call. It
// gives ErrUnknownConnection, contract.ErrName or ErrTooManyGroups.
func (m *Mux) Join(connectionID, group string) error {
	conn, err := m.connection(connectionID)
	if err != nil {
		return err
	}
	return conn.joinGroup(group)
}

// Leave takes a connection of the hub out of a group, from outside any call.
func (m *Mux) Leave(connectionID, group string) error {
	conn, err := m.connection(connectionID)
	if err != nil {
		return err
	}
	return conn.leaveGroup(group)
}

func (m *Mux) connection(id string) (*Conn, error) {
	if m.core == nil {
		return nil, ErrNotMounted
	}
	conn := m.core.find(m.Targets, id)
	if conn == nil {
		return nil, ErrUnknownConnection
	}
	return conn, nil
}
