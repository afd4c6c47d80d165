package hub

import (
	"context"
	"errors"
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
	tenant    string // whose it is, for good
	since     int64  // when it was opened, in ms
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

	tenantUsage *usage

	values context.Context // whose values every call has; nil: none

	mu         sync.Mutex // Protects following.
	principal  *Principal // nobody changes what it points to: others have it, too
	rules      *Rules
	userUsage  *usage // a guest has its own, made when it is needed
	renamed    bool   // a guest has said what it is called
	transport  string
	closed     bool
	started    bool          // OnConnect is queued, or there is none
	greeted    bool          // OnConnect has succeeded, or there is none
	greeting   chan struct{} // closed with greeted; nil: nobody asked
	reconnects bool          // OnReconnect is queued
	leaving    bool          // the client said Close: what it asked for before is still done
	closeErr   error         // what OnDisconnect hears
	rooms      []*membership // after the close those that it was in
	scope      *membership   // the one of them that is its scope's; nil: it has none
	groups     int
	moves      atomic.Uint64 // joins and leaves of groups so far
	stop       func() bool   // the keep-alive timer
	expiry     func() bool   // the timer of a principal that expires
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

// targets is whom the connection's calls may publish to.
func (c *Conn) targets() Targets { return Targets{mux: c.mux, tenant: c.tenant, caller: c} }

// Targets is whom the connection may publish to by itself, for a front door whose
// connections call no methods: those of its own tenant, and where its principal may
// speak.
func (c *Conn) Targets() Targets {
	t := c.targets()
	t.called = true
	return t
}

// enter puts the connection into the rooms that it is in from the start, unless it
// is closed already: everybody's, its user's and that of its scope, if it has one.
func (c *Conn) enter(scope Room) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.join(Room{tenant: c.tenant, hub: c.mux.Name(), kind: kindAll})
	if user := c.principal.ID; user != "" {
		c.join(Room{tenant: c.tenant, hub: c.mux.Name(), kind: kindUser, name: user})
	}
	if scope != (Room{}) {
		c.scope = c.join(scope)
	}
}

// join puts the connection into a room. The mutex is held.
func (c *Conn) join(key Room) *membership {
	m := c.core.rooms.join(key, c)
	c.rooms = append(c.rooms, m)
	if c.hearing != nil && !c.unlisted {
		c.core.recents.follow(c, key)
	}
	return m
}

// exit takes the connection out of the room at i among its rooms. The mutex is held.
func (c *Conn) exit(i int) {
	m := c.rooms[i]
	c.core.rooms.leave(m)
	if c.hearing != nil {
		c.core.recents.unfollow(c, m.room.key)
	}
	last := len(c.rooms) - 1
	c.rooms[i] = c.rooms[last]
	c.rooms[last] = nil
	c.rooms = c.rooms[:last]
}

// place is where key stands among the connection's rooms, or -1.
func (c *Conn) place(key Room) int {
	for i, m := range c.rooms {
		if m.room.key == key {
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
// gives ErrUnknownConnection, from the connection's end on, contract.ErrName or
// ErrTooManyGroups.
func (m *Mux) Join(connectionID, group string) error {
	conn, err := m.connection(connectionID)
	if err != nil {
		return err
	}
	if err := conn.joinGroup(group); !errors.Is(err, ErrClosed) {
		return err
	}
	return ErrUnknownConnection // it is closed, and kept only until OnDisconnect has run
}

// Leave takes a connection of the hub out of a group, from outside any call.
func (m *Mux) Leave(connectionID, group string) error {
	conn, err := m.connection(connectionID)
	if err != nil {
		return err
	}
	return conn.leaveGroup(group)
}

// connection is the connection of that id, whosever it is.
func (m *Mux) connection(id string) (*Conn, error) {
	if m.core == nil {
		return nil, ErrNotMounted
	}
	m.core.mu.RLock()
	conn := m.core.conns.get(connKey{m, id})
	m.core.mu.RUnlock()
	if conn == nil {
		return nil, ErrUnknownConnection
	}
	return conn, nil
}
