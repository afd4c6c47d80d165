package hub

import (
	"container/list"
	"slices"
)

// ring is the recent events of one room. The mutex of [recents] protects it.
type ring struct {
	of        *recents
	key       Room
	events    []*Recent // from head on, by number
	head      int
	lost      uint64 // the number of the latest that is not kept any more; 0: none
	spared    string // the connection that no event after before and up to lost was for; empty: there is none
	before    uint64
	followers []*following
	awaited   bool          // one of them may come back: its connection has ended in the room
	idle      *list.Element // among the rings without followers; nil: there is one
	left      int64         // when the last follower left, in ms
}

// following is one connection that hears a ring.
type following struct {
	conn  *Conn
	ring  *ring
	place int    // among the ring's followers; -1: it has left
	since uint64 // it hears what comes after that number
	until uint64 // and up to that one, the room's latest, if it has left
	held  bool   // it has left because the connection ended
}

const (
	// maxEnded is how many rings that a connection has left it still hears the
	// end of.
	maxEnded = 16

	// maxIdle is how many rings without followers there are, those that were left
	// last: whoever goes in and out of ever new groups leaves one behind each time.
	maxIdle = 1 << 16
)

func (g *ring) len() int { return len(g.events) - g.head }

func (g *ring) first() *Recent { return g.events[g.head] }

// latest is the number of the last event that the ring has had.
func (g *ring) latest() uint64 {
	if g.len() == 0 {
		return g.lost
	}
	return g.events[len(g.events)-1].number
}

// drop takes the first event off.
func (g *ring) drop() {
	g.events[g.head] = nil
	g.head++
	if g.head > len(g.events)/2 {
		n := copy(g.events, g.events[g.head:])
		clear(g.events[n:])
		g.events, g.head = g.events[:n], 0
	}
}

// lose notes that e is not kept any more.
func (g *ring) lose(e *Recent) {
	switch {
	case g.spared != "" && slices.Contains(e.except, g.spared):
	case len(e.except) == 1:
		g.spared, g.before = e.except[0], g.lost
	default:
		g.spared = ""
	}
	g.lost = e.number
}

// lostTo is the number of the latest event for the connection called id that is not
// kept any more. Who only speaks to others has heard nothing for long, and has
// missed nothing by that.
func (g *ring) lostTo(id string) uint64 {
	if id == g.spared && id != "" {
		return g.before
	}
	return g.lost
}

// after is what the ring holds after that number.
func (g *ring) after(number uint64) []*Recent {
	events := g.events[g.head:]
	if len(events) == 0 || events[len(events)-1].number <= number {
		return nil
	}
	// What is asked for is mostly the last one or two.
	i := len(events) - 1
	for step := 1; i > 0 && events[i-1].number > number; step *= 2 {
		i = max(0, i-step)
	}
	for i < len(events) && events[i].number <= number {
		i++
	}
	return events[i:]
}

// hearing is what a connection has whose [Sink] is a [Follower]. The mutex of
// [recents] protects it.
type hearing struct {
	follower  Follower // never changes
	continues *hearing // of the connection that it continues; nil: it is a new one, or open
	followed  []*following
	gone      bool // the connection has ended
}

// follow lets a connection hear the room called key from now on, or from where
// the connection that it continues began to.
func (r *recents) follow(c *Conn, key Room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.followLocked(c, key)
}

// followLocked is follow for who holds the mutex.
func (r *recents) followLocked(c *Conn, key Room) *ring {
	g := r.rings.get(key)
	if g == nil {
		g = &ring{of: r, key: key, lost: r.latest}
		r.rings.put(key, g)
		r.count.Add(1)
	}
	since := r.latest
	if before := c.hearing.continues; before != nil {
		for _, f := range before.followed {
			if f.ring == g && f.held {
				since = f.since
			}
		}
	}
	f := &following{conn: c, ring: g, place: len(g.followers), since: since}
	g.followers = append(g.followers, f)
	if g.idle != nil {
		r.idle.Remove(g.idle)
		g.idle = nil
	}
	c.hearing.followed = append(c.hearing.followed, f)
	return g
}

// ownRing is the ring of what is published to c alone; nil if c is gone. The
// mutex is held.
func (r *recents) ownRing(c *Conn) *ring {
	if c.hearing.gone {
		return nil
	}
	key := Room{tenant: c.tenant, hub: c.mux.Name(), kind: kindConnection, name: c.id}
	for _, f := range c.hearing.followed {
		if f.ring.key == key {
			return f.ring
		}
	}
	return r.followLocked(c, key)
}

// goOn ends the opening of c: it hears what was published to the connection that it
// continues alone, if it continues one.
func (r *recents) goOn(c *Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := c.hearing.continues
	if before == nil {
		return
	}
	defer func() { c.hearing.continues = nil }()
	key := Room{tenant: c.tenant, hub: c.mux.Name(), kind: kindConnection, name: c.id}
	for _, f := range before.followed {
		if f.ring.key == key && r.rings.get(key) == f.ring {
			r.followLocked(c, key)
			return
		}
	}
}

// unfollow ends what c hears of the room called key: it still gets what came
// until now.
func (r *recents) unfollow(c *Conn, key Room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ended, h := 0, c.hearing
	for i, f := range slices.Backward(h.followed) {
		if f.place >= 0 && f.ring.key == key {
			r.leave(f, false)
		}
		if f.place >= 0 {
			continue
		}
		if ended++; ended > maxEnded || f.ring.len() == 0 || f.ring.first().number > f.until {
			h.followed = slices.Delete(h.followed, i, i+1)
			ended--
		}
	}
}

// unfollowAll ends what c hears, with the connection.
func (r *recents) unfollowAll(c *Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.hearing.gone = true
	for _, f := range c.hearing.followed {
		if f.place >= 0 {
			r.leave(f, true)
		}
	}
}

// leave takes f out of its ring; if it is held, whoever continues its connection may
// be there again. The mutex is held.
func (r *recents) leave(f *following, held bool) {
	g := f.ring
	last := len(g.followers) - 1
	g.followers[f.place] = g.followers[last]
	g.followers[f.place].place = f.place
	g.followers[last] = nil
	g.followers = g.followers[:last]
	f.place, f.until, f.held = -1, g.latest(), held
	g.awaited = g.awaited || held
	if last > 0 {
		return
	}
	g.left, g.idle = r.env.Now(), r.idle.PushBack(g)
	switch {
	case g.len() == 0 && !g.awaited:
		r.forget(g) // nobody has anything to hear of it
	case r.idle.Len() > maxIdle:
		r.forget(r.idle.Front().Value.(*ring))
	}
	r.watch(r.options.Keep)
}

// forget forgets a ring without followers. The mutex is held.
func (r *recents) forget(g *ring) {
	for g.len() > 0 {
		r.drop(g)
	}
	r.idle.Remove(g.idle)
	r.rings.remove(g.key)
	r.count.Add(-1)
}

// watch has sweep called once, if there is a ring without followers.
func (r *recents) watch(wait int64) {
	if !r.timed && r.idle.Len() > 0 {
		r.timed = true
		r.env.After(max(wait, 1), r.sweep)
	}
}

// sweep forgets the rings that nobody has heard for so long.
func (r *recents) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timed = false
	for e := r.idle.Front(); e != nil; e = r.idle.Front() {
		g := e.Value.(*ring)
		if left := g.left + r.options.Keep - r.env.Now(); left > 0 {
			r.watch(left)
			return
		}
		r.forget(g)
	}
}
