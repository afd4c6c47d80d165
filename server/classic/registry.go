package classic

import (
	"container/list"
	"sync"

	"partline.dev/server/hub"
)

const (
	// pastTime is how long, in ms, it is known what a connection was that has
	// ended: as long as the rings of its rooms are there.
	pastTime = 100_000

	// pastLimit is how many of them are known, each hub of theirs after the first
	// and each group counting as one more. The oldest go first.
	pastLimit = 1 << 16
)

// registry knows the connections of a handler, and those that it had lately.
type registry struct {
	env hub.Env

	mu    sync.Mutex // Protects following. It may be held while a connection's is taken, never the reverse.
	live  map[guid]*connection
	past  map[guid]*list.Element // of a *past
	order list.List              // of those, the oldest first
	cost  int
	timed bool
}

// past is a connection that has ended. Its client may come back as if it had not,
// unless it is barred.
type past struct {
	id     guid
	since  int64 // in ms
	barred bool
	text   string // why, for its client; empty: it knows
	hubs   []*hub.Mux
	conns  []*hub.Conn // of each of the hubs
	cost   int
}

// on is the connection that it had to a hub, or nil.
func (p *past) on(m *hub.Mux) *hub.Conn {
	if p != nil {
		for i, one := range p.hubs {
			if one == m {
				return p.conns[i]
			}
		}
	}
	return nil
}

func (x *registry) init(env hub.Env) {
	x.env = env
	x.live = map[guid]*connection{}
	x.past = map[guid]*list.Element{}
}

// find is the live connection of that id, or nil.
func (x *registry) find(id guid) *connection {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.live[id]
}

// claim is the live connection of that id. If there is none it is made: then the
// caller opens it, and was tells what it was before, if that is known.
func (x *registry) claim(id guid, open func() *connection) (c *connection, was *past, fresh bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c = x.live[id]; c != nil {
		return c, nil, false
	}
	if e := x.past[id]; e != nil {
		if was = e.Value.(*past); was.barred {
			return nil, was, false
		}
		x.forget(e)
	}
	c = open()
	x.live[id] = c
	return c, was, true
}

// barred is the connection of that id that was ended for good, or nil.
func (x *registry) barred(id guid) *past {
	x.mu.Lock()
	defer x.mu.Unlock()
	if e := x.past[id]; e != nil && e.Value.(*past).barred {
		return e.Value.(*past)
	}
	return nil
}

// retire makes c, which has ended, a past one.
func (x *registry) retire(c *connection, p *past) {
	p.id, p.since, p.cost = c.id, x.env.Now(), max(1, len(p.conns))
	for _, conn := range p.conns {
		names, _ := conn.Groups()
		p.cost += len(names)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.live[c.id] != c {
		return
	}
	delete(x.live, c.id)
	x.past[c.id] = x.order.PushBack(p)
	x.cost += p.cost
	for x.cost > pastLimit {
		x.forget(x.order.Front())
	}
	x.watch(pastTime)
}

// forget forgets a past connection. The mutex is held.
func (x *registry) forget(e *list.Element) {
	p := x.order.Remove(e).(*past)
	x.cost -= p.cost
	delete(x.past, p.id)
}

// watch has sweep called once. The mutex is held.
func (x *registry) watch(wait int64) {
	if !x.timed {
		x.timed = true
		x.env.After(max(wait, 1), x.sweep)
	}
}

// sweep forgets the past connections whose time is over.
func (x *registry) sweep() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.timed = false
	for e := x.order.Front(); e != nil; e = x.order.Front() {
		if left := e.Value.(*past).since + pastTime - x.env.Now(); left > 0 {
			x.watch(left)
			return
		}
		x.forget(e)
	}
}
