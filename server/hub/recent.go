package hub

import (
	"container/list"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// ErrMissed is what [Core.Fetch] gives when events that concern a connection are
// not kept any more.
var ErrMissed = errors.New("events of these connections are not kept any more")

// Follower is a [Sink] that is not sent events: it fetches what concerns its
// connection, as often as it needs to, from the recent events of its rooms, which
// is how clients of SignalR 2 find again what they missed. Its Send is called only
// with the [Event.Last]. One Follower may serve several connections.
type Follower interface {
	Sink

	// Wake tells that there is something new for [Core.Fetch], or that the
	// connection's groups have changed. It must not block. No lock of the core's
	// is held, and calls may come at once.
	Wake()
}

// RecentOptions are about the events that are kept for a [Follower]. The zero
// value of each limit is its default.
type RecentOptions struct {
	// Encoding is what followers fetch. Nil: nothing is kept, and no connection
	// may have a Follower.
	Encoding *Encoding

	// Messages is how many events each room keeps. Zero: 1,000.
	Messages int

	// Bytes is how much all rooms keep together, the oldest events going first.
	// Zero: 64 MiB.
	Bytes int

	// Keep is how long, in ms, a room keeps events after the last follower has
	// left it. Zero: 100,000.
	Keep int64
}

// recentCost is what an event that is kept counts for besides its bytes.
const recentCost = 128

// Recent is an event that is kept, in the encoding of followers.
type Recent struct {
	number uint64
	item   []byte
	except []string // the connections that it is not for, by id
	shared [2]atomic.Pointer[[]byte]

	ring *ring // never changes

	// The mutex of recents protects following.
	older, newer *Recent // of all rings
	made         int     // bytes that are shared
	dropped      bool
}

// Number is the event's place in the one order of all events that are kept.
func (e *Recent) Number() uint64 { return e.number }

// Item is the event as encoded. Nobody may change it.
func (e *Recent) Item() []byte { return e.item }

// Shared is what build gives, made once for each of two slots and then kept with
// the event: for bytes that are the same for everybody who hears it. It may be made
// twice if two ask at once.
func (e *Recent) Shared(slot int, build func() []byte) []byte {
	if b := e.shared[slot].Load(); b != nil {
		return *b
	}
	b := build()
	if e.shared[slot].CompareAndSwap(nil, &b) {
		e.ring.of.charge(e, len(b))
	}
	return b
}

func (e *Recent) cost() int { return len(e.item) + e.made + recentCost }

// recents are the recent events of all rooms that have a follower, or lately had
// one, in one order: their numbers are given under one lock, so whoever has
// fetched up to a number has all that concerned it until there.
type recents struct {
	env     Env
	options RecentOptions
	epoch   uint64
	missed  atomic.Int64
	count   atomic.Int64 // rings; at zero nobody need take the lock

	mu             sync.RWMutex // Protects following. Taken after a connection's mutex and never before one.
	latest         uint64
	rings          ebbing[Room, *ring]
	idle           list.List // of those without followers, in the order in which they were left
	oldest, newest *Recent
	events         int
	bytes          int
	timed          bool
}

func newRecents(env Env, o RecentOptions) *recents {
	if o.Messages <= 0 {
		o.Messages = 1000
	}
	if o.Bytes <= 0 {
		o.Bytes = 64 << 20
	}
	if o.Keep <= 0 {
		o.Keep = 100_000
	}
	return &recents{env: env, options: o, epoch: rand.Uint64() >> 16}
}

// Epoch tells the numbers of this core's events from those of any other core.
func (c *Core) Epoch() uint64 { return c.recents.epoch }

// Latest is the number of the latest event that was kept.
func (c *Core) Latest() uint64 {
	c.recents.mu.RLock()
	defer c.recents.mu.RUnlock()
	return c.recents.latest
}

// keep puts an event into the rings of rooms, and into those of single
// connections, and wakes their followers. Those that t leaves out do not hear it. It gives the error of the encoding.
func (r *recents) keep(e *Event, t *Target, rooms []Room, own []*Conn) error {
	if r.count.Load() == 0 && len(own) == 0 || !r.concerned(rooms, own) {
		return nil
	}
	item, err := e.Bytes(r.options.Encoding)
	if err != nil {
		return err
	}
	r.add(item, t.excluded(), rooms, own)
	return nil
}

// concerned tells whether anybody may want an event.
func (r *recents) concerned(rooms []Room, own []*Conn) bool {
	if len(own) > 0 {
		return true
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, key := range rooms {
		if r.rings.get(key) != nil {
			return true
		}
	}
	return false
}

// woken are followers to be woken when no lock is held.
var woken = sync.Pool{New: func() any { return new([]Follower) }}

// add gives an item its number and keeps it.
func (r *recents) add(item []byte, except []string, rooms []Room, own []*Conn) (number uint64) {
	wake := woken.Get().(*[]Follower)
	r.mu.Lock()
	rings := make([]*ring, 0, 4)
	for _, key := range rooms {
		if g := r.rings.get(key); g != nil {
			rings = append(rings, g)
			for _, f := range g.followers {
				*wake = append(*wake, f.conn.hearing.follower)
			}
		}
	}
	for _, c := range own {
		if g := r.ownRing(c); g != nil {
			rings = append(rings, g)
			*wake = append(*wake, c.hearing.follower)
		}
	}
	r.latest++
	number = r.latest
	for _, g := range rings {
		r.push(g, item, except)
	}
	r.mu.Unlock()
	for _, f := range *wake {
		f.Wake()
	}
	clear(*wake)
	*wake = (*wake)[:0]
	woken.Put(wake)
	return number
}

// push adds the latest event to a ring. The mutex is held.
func (r *recents) push(to *ring, item []byte, except []string) {
	e := &Recent{number: r.latest, item: item, except: except, ring: to, older: r.newest}
	if r.newest != nil {
		r.newest.newer = e
	} else {
		r.oldest = e
	}
	r.newest = e
	to.events = append(to.events, e)
	r.events++
	r.bytes += e.cost()
	if to.len() > r.options.Messages {
		r.drop(to)
	}
	r.keepWithin()
}

// charge counts bytes that are kept with an event.
func (r *recents) charge(e *Recent, bytes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.dropped {
		return
	}
	e.made += bytes
	r.bytes += bytes
	r.keepWithin()
}

// keepWithin drops the oldest events until the others are within the budget. The
// mutex is held.
func (r *recents) keepWithin() {
	for r.bytes > r.options.Bytes {
		r.drop(r.oldest.ring)
	}
}

// drop forgets the oldest event of a ring. The mutex is held.
func (r *recents) drop(from *ring) {
	e := from.first()
	from.drop()
	from.lose(e)
	e.dropped = true
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		r.oldest = e.newer
	}
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		r.newest = e.older
	}
	r.events--
	r.bytes -= e.cost()
}

// size is how much is kept.
func (r *recents) size() (rings, events, bytes int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.rings.len(), r.events, r.bytes
}
