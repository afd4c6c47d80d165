package hub

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// Options sets the core's limits and times. Nil and the zero value are the
// defaults. Times are in milliseconds, sizes in bytes.
type Options struct {
	// Log is where the core says what went wrong. Nil: nowhere.
	Log *slog.Logger

	// DetailedErrors lets clients read the text of any handler's error. For
	// development: such texts can tell what nobody outside should know.
	DetailedErrors bool

	// MessageLimit is the longest hub message a client may send. Zero: 32 KiB.
	MessageLimit int

	// QueueLimit is how many bytes of invocations may wait on one connection
	// before its link is not read on. One chunk of the link more may be held.
	// Zero: 64 KiB.
	QueueLimit int

	// MaxGroups is how many groups one connection may be in. Zero: 1,000.
	MaxGroups int

	// KeepAlive is how long a connection is silent before it is pinged. Zero:
	// 15,000.
	KeepAlive int64

	// ClientTimeout is how long a client that has pinged once may be silent.
	// Zero: 30,000.
	ClientTimeout int64

	// ParallelInvocations is how many methods one connection may run at once.
	// At 1 they run in order. Streams and methods with uploads do not count.
	// Zero: 1.
	ParallelInvocations int

	// StreamLimit is how many streams and methods with uploads one connection
	// may have open at once; as many of its answers may be awaited. Zero: 100.
	StreamLimit int

	// StreamBuffer is how many items of an upload may wait for its handler
	// before the link is read more slowly: a chunk a second, for as long as the
	// items of all uploads are within QueueLimit. Zero: 10.
	StreamBuffer int

	// Trace is called when an [Operation] begins, in the goroutine that does
	// it. The operation gets the context that it returns; ended is called once,
	// with the operation's error or nil. Nil: nothing is traced.
	Trace func(ctx context.Context, o Operation) (in context.Context, ended func(err error))

	// Recent is about the events that are kept for a [Follower].
	Recent RecentOptions

	// Rules are what a principal may do on a hub. It is asked when a connection
	// opens, when its principal is renewed and by [Core.Reconsider]; it must not
	// block or call the core, and should give the same Rules for all who may do the
	// same. Nil, or what is nil that it gives: every scope but the world, any place,
	// and no limits.
	Rules func(p Principal, hub string) *Rules

	// Refresh takes newer credentials from a client that is connected as p, and says
	// who they are, with the session token to go on with, if there is a new one. It
	// may block: the client's next call waits for it. An [*access.Refusal] is told to
	// the client. Nil: nothing is renewed so.
	Refresh func(ctx context.Context, p Principal, token string) (next Principal, sessionToken string, err error)

	// RoomKey makes the names of the rooms of pages and sessions out of their ids,
	// which the core does not keep. Cores that shall have the same rooms need the
	// same. Empty: a random one.
	RoomKey []byte

	// DrainSpread is the time over which Drain tells the connections to go, so
	// that they do not come back all at once. Zero: 1,000.
	DrainSpread int64
}

func (o *Options) withDefaults() Options {
	d := Options{}
	if o != nil {
		d = *o
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	orInt := func(n *int, fallback int) {
		if *n <= 0 {
			*n = fallback
		}
	}
	orMillis := func(n *int64, fallback int64) {
		if *n <= 0 {
			*n = fallback
		}
	}
	orInt(&d.MessageLimit, 32<<10)
	orInt(&d.QueueLimit, 64<<10)
	orInt(&d.MaxGroups, 1000)
	orInt(&d.ParallelInvocations, 1)
	orInt(&d.StreamLimit, 100)
	orInt(&d.StreamBuffer, 10)
	orMillis(&d.KeepAlive, 15_000)
	orMillis(&d.ClientTimeout, 30_000)
	orMillis(&d.DrainSpread, 1_000)
	return d
}

// Core is the running hubs, their connections and who is in which room.
type Core struct {
	env          Env
	options      Options
	rooms        roomIndex
	recents      *recents
	ping         *Event
	capabilities *capabilities
	context      context.Context // ends with Close, and every call's with it
	cancel       context.CancelFunc

	usages      usages
	invocations atomic.Int64
	reconsiders atomic.Int64 // that have begun
	refused     atomic.Int64
	panics      atomic.Int64
	overflows   atomic.Int64

	mu       sync.RWMutex // Protects following.
	hubs     map[string]*Mux
	conns    ebbing[connKey, *Conn]
	draining bool
	empty    chan struct{} // made by Drain, closed when no connection is left
}

// connKey names a connection. One client may have connections of several hubs
// under one id.
type connKey struct {
	mux *Mux
	id  string
}

// NewCore returns a core with no hub. It panics if a field of env is nil.
func NewCore(env Env, o *Options) *Core {
	if env.Now == nil || env.After == nil || env.Go == nil {
		panic("hub: a field of Env is nil")
	}
	c := &Core{
		env:     env,
		options: o.withDefaults(),
		hubs:    map[string]*Mux{},
		ping: newEvent(wire.Ping, func(dst []byte, codec wire.Codec) ([]byte, error) {
			return codec.Append(dst, &wire.Message{Kind: wire.Ping}), nil
		}),
	}
	c.usages.env = env
	c.capabilities = newCapabilities(c.options.RoomKey)
	c.recents = newRecents(env, c.options.Recent)
	c.context, c.cancel = context.WithCancel(context.Background())
	return c
}

// Mount adds a hub. It gives the error of [Mux.Check], or says that the name is
// taken.
func (c *Core) Mount(m *Mux) error {
	if err := m.Check(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := strings.ToLower(m.Name())
	if c.hubs[key] != nil {
		return fmt.Errorf("two hubs are called %q", m.Name())
	}
	if m.core != nil {
		return fmt.Errorf("hub %s is mounted already", m.Name())
	}
	m.core = c
	c.hubs[key] = m
	return nil
}

// Hub returns the mounted hub of that name, in any case, or nil.
func (c *Core) Hub(name string) *Mux {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.hubs[strings.ToLower(name)]
}

// OpenOptions says what a new connection is.
type OpenOptions struct {
	Hub       string     // the hub's name, in any case
	ID        string     // unguessable, and unique on the hub; clients may learn it
	Codec     wire.Codec // what the client speaks, as its handshake said
	Sink      Sink
	Principal Principal
	Where     access.Where // whom the client wants to hear
	Transport string       // how the client is connected, as SignalR names it; for handlers to ask

	// Context has values that the context of every call shall have. That it
	// ends means nothing. Nil: none.
	Context context.Context

	// Continues is the closed connection of the same client that this one goes on
	// from, if its Sink is a [Follower]: of the rooms that both are in it hears
	// what that one would have heard. Without a Where it is in that one's scope, if it
	// may still be there. Nil: there was none, or it is not known any more, and it hears
	// what comes from now on.
	Continues *Conn

	// Unlisted: the client did not ask for this hub: it may call, but hears
	// nothing of what is published, and OnConnect, OnReconnect and OnDisconnect do
	// not run for it.
	Unlisted bool

	// Late: OnConnect does not run now, but at [Conn.Start] or before the first
	// call.
	Late bool

	// Returning: the client was connected before, to this server or another, so
	// that OnReconnect runs instead of OnConnect.
	Returning bool

	// Groups are groups that the connection is in from the start.
	Groups []string

	// Quiet: the link notices by itself when the client is gone, so the client
	// is never pinged, and silence means something only if it pings.
	Quiet bool
}

// Open adds a connection, after its handshake was answered. It is in its rooms
// when Open returns; the hub's OnConnect runs before its first invocation. It
// gives ErrUnknownHub, ErrUnauthorized, ErrDraining, ErrDuplicateConnection if a
// connection of that hub has the id, contract.ErrName if the principal's ID or a
// group cannot be a name, ErrTooManyGroups, and an [*access.Refusal] if it may not be
// where it asks to be, or if as many connections are open as may be.
func (c *Core) Open(o OpenOptions) (*Conn, error) {
	begun := c.reconsiders.Load()
	a, err := c.admit(o.Hub, &o.Principal, &o.Where)
	if err != nil {
		return nil, err
	}
	groups, err := c.groupsOf(o.Groups)
	if err != nil {
		return nil, err
	}
	if o.Continues != nil && o.Where == (access.Where{}) {
		a.goOn(o.Continues)
	}
	mux, now := a.mux, c.env.Now()
	conn := &Conn{
		core: c, mux: mux, id: o.ID, tenant: a.principal.Tenant, since: now, codec: o.Codec, sink: o.Sink,
		principal: a.principal, rules: a.rules, transport: o.Transport, values: o.Context,
		quiet: o.Quiet, unlisted: o.Unlisted, returning: o.Returning, greeted: o.Returning && !o.Unlisted,
	}
	if r, ok := o.Sink.(Replayer); ok {
		conn.resumption = &resumption{replayer: r, next: 1}
	}
	if f, ok := o.Sink.(Follower); ok {
		conn.hearing = &hearing{follower: f}
		if o.Continues != nil {
			conn.hearing.continues = o.Continues.hearing
		}
	}
	conn.sentAt.Store(now)
	conn.heardAt.Store(now)

	c.mu.Lock()
	if c.draining {
		c.mu.Unlock()
		return nil, ErrDraining
	}
	key := connKey{mux, o.ID}
	if c.conns.get(key) != nil {
		c.mu.Unlock()
		return nil, ErrDuplicateConnection
	}
	if conn.userUsage, conn.tenantUsage, err = c.usages.open(a.principal, a.rules); err != nil {
		c.mu.Unlock()
		return nil, err
	}
	c.conns.put(key, conn)
	c.mu.Unlock()

	conn.enter(a.room)
	for _, name := range groups {
		_, _ = conn.enterGroup(name) // they were checked; if it is closed already it is in none
	}
	if conn.hearing != nil {
		c.recents.goOn(conn)
	} else {
		conn.watch()
	}
	if o.Principal.Expires != 0 {
		conn.mu.Lock()
		conn.setExpiry()
		conn.mu.Unlock()
	}
	if c.reconsiders.Load() != begun {
		conn.reconsider() // who asked everybody may not have seen this one
	}
	if !o.Late {
		conn.Start()
	}
	return conn, nil
}

// find returns the open connection called id, if clients may reach it.
func (c *Core) find(from Targets, id string) *Conn {
	c.mu.RLock()
	defer c.mu.RUnlock()
	conn := c.conns.get(connKey{from.mux, id})
	if conn == nil || conn.tenant != from.tenant {
		return nil
	}
	return conn
}

// remove forgets conn, once its last call has ended.
func (c *Core) remove(conn *Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns.remove(connKey{conn.mux, conn.id})
	if c.empty != nil && c.conns.len() == 0 {
		close(c.empty)
		c.empty = nil
	}
}

// Stats are the core's counters, for metrics.
type Stats struct {
	Connections int   // open now, each of one hub
	Rooms       int   // with members now
	Invocations int64 // begun since the start
	Panics      int64 // handlers that panicked since the start
	Overflows   int64 // connections closed because they read too slowly
	TooMany     int64 // calls, items and publishes refused by a [Rate] since the start
	Rings       int   // rooms that keep events for followers now
	Recent      int   // events that are kept now
	RecentBytes int   // what they count for
	Missed      int64 // fetches since the start for which events were not kept any more
}

// Stats returns the counters as they are now.
func (c *Core) Stats() Stats {
	c.mu.RLock()
	n := c.conns.len()
	c.mu.RUnlock()
	rings, recent, bytes := c.recents.size()
	return Stats{
		Rings:       rings,
		Recent:      recent,
		RecentBytes: bytes,
		Missed:      c.recents.missed.Load(),
		Connections: n,
		Rooms:       c.rooms.count(),
		Invocations: c.invocations.Load(),
		Panics:      c.panics.Load(),
		Overflows:   c.overflows.Load(),
		TooMany:     c.refused.Load(),
	}
}
