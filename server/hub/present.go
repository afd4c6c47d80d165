package hub

import (
	"slices"
	"strings"

	"partline.dev/shared/contract"
)

// Present is somebody who is connected to a hub.
type Present struct {
	ConnectionID string
	Principal    Principal // without its Claims
	Scope        contract.Scope
	Transport    string // as SignalR names it; empty: nobody knows
	Since        int64  // when it was opened, in ms since 1970
}

// Connections lists who of a tenant is connected to the hub: those in the target in,
// which is one of m.In(tenant), or all if that is nil. They come in the order of
// their ids, at most limit of those after the id after; total is how many there are
// altogether. It gives none before the hub is mounted, and for a target that cannot
// be.
func (m *Mux) Connections(tenant string, in *Target, limit int, after string) (list []Present, total int) {
	if m.core == nil {
		return nil, 0
	}
	to := m.In(tenant).All()
	if in != nil {
		to = *in
	}
	if to.from.mux != m || to.check() != nil {
		return nil, 0
	}
	var conns []*Conn
	for _, c := range m.core.members(&to) {
		if c.tenant != tenant || c.unlisted {
			continue
		}
		total++
		if c.id > after {
			conns = append(conns, c)
		}
	}
	slices.SortFunc(conns, func(a, b *Conn) int { return strings.Compare(a.id, b.id) })
	for _, c := range conns[:min(len(conns), max(limit, 0))] {
		list = append(list, c.present())
	}
	return list, total
}

// present is what the connection is to those who list it.
func (c *Conn) present() Present {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := Present{c.id, *c.principal, c.scopeKey().kind.scope(), c.transport, c.since}
	p.Principal.Claims = nil
	return p
}

// members are the connections in t, each once.
func (c *Core) members(t *Target) []*Conn {
	var all []*Conn
	seen := map[*Conn]struct{}{}
	add := func(conn *Conn) {
		if _, twice := seen[conn]; !twice && !t.omits(conn) {
			seen[conn] = struct{}{}
			all = append(all, conn)
		}
	}
	if t.only != nil {
		add(t.only)
	}
	for _, id := range t.ids {
		if conn := c.find(t.from, id); conn != nil {
			add(conn)
		}
	}
	for _, key := range t.rooms {
		r := c.rooms.find(key)
		if r == nil {
			continue
		}
		r.mu.RLock()
		for _, m := range r.members {
			add(m.conn)
		}
		r.mu.RUnlock()
	}
	return all
}
