package hub

import (
	"slices"
	"sync"
)

// roomKind tells what a room stands for. A client can name a room, never a kind.
type roomKind uint8

const (
	kindAll roomKind = iota
	kindGroup
	kindUser
	kindConnection // one connection alone; only followers have one

	// The rooms of scopes, in the order of [contract.AllScopes]. A connection is in
	// one of them, or in none.
	kindPage
	kindSession
	kindUserScope
	kindPlace
	kindTenant
	kindWorld
)

// Room names one set of connections: everybody on a hub, a group, a user or a scope.
type Room struct {
	tenant string
	hub    string
	kind   roomKind
	name   string
}

// room is who is in a [Room] now.
type room struct {
	key Room

	mu      sync.RWMutex // Protects following.
	members []*membership
	gone    bool   // it was empty and is leaving the index: join another
	meter   *meter // of what is published into it; nil: nobody counts
}

// membership is one connection in one room. It knows its place, so that leaving
// is a swap with the last and not a search.
type membership struct {
	conn  *Conn
	room  *room
	place int
}

// roomIndex is the one index behind groups, users and scopes. Lock order: a room's mutex
// may be followed by the index's, never the reverse.
type roomIndex struct {
	mu    sync.RWMutex // Protects following.
	rooms ebbing[Room, *room]
}

// find returns the room called key, or nil.
func (x *roomIndex) find(key Room) *room {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.rooms.get(key)
}

func (x *roomIndex) findOrMake(key Room) *room {
	if r := x.find(key); r != nil {
		return r
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	r := x.rooms.get(key)
	if r == nil {
		r = &room{key: key}
		x.rooms.put(key, r)
	}
	return r
}

// join puts c into the room called key.
func (x *roomIndex) join(key Room, c *Conn) *membership {
	for {
		r := x.findOrMake(key)
		r.mu.Lock()
		if r.gone {
			// Its last member is taking it out of the index.
			r.mu.Unlock()
			x.forget(r)
			continue
		}
		m := &membership{conn: c, room: r, place: len(r.members)}
		r.members = append(r.members, m)
		r.mu.Unlock()
		return m
	}
}

// leave takes m out of its room, and an empty room out of the index.
func (x *roomIndex) leave(m *membership) {
	r := m.room
	r.mu.Lock()
	last := len(r.members) - 1
	r.members[m.place] = r.members[last]
	r.members[m.place].place = m.place
	r.members[last] = nil
	r.members = r.members[:last]
	if cap(r.members) > 64 && last < cap(r.members)/4 {
		r.members = slices.Clip(slices.Clone(r.members))
	}
	r.gone = last == 0
	gone := r.gone
	r.mu.Unlock()
	if gone {
		x.forget(r)
	}
}

// forget takes r out of the index, unless another took its place.
func (x *roomIndex) forget(r *room) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.rooms.get(r.key) == r {
		x.rooms.remove(r.key)
	}
}

// count is how many rooms have members.
func (x *roomIndex) count() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.rooms.len()
}
