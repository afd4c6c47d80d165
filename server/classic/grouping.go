package classic

import (
	"partline.dev/server/hub"
)

// grouping is the groups of a connection as its client gets them. The connection's
// mutex protects it.
type grouping struct {
	version uint64
	any     bool   // it is in some
	token   string // empty: they are too many for one
}

// groupsToken is the token of the groups that the connection is in; empty if it is
// in none and the client has no token that says otherwise. The mutex is held.
func (c *connection) groupsToken(has bool) string {
	var version uint64
	for _, conn := range c.conns {
		version += conn.GroupsVersion()
	}
	if version != c.groups.version {
		in := c.memberships()
		c.groups = grouping{version: version, any: len(in) > 0}
		if c.groups.any {
			c.groups.token = c.handler.signGroups(c.id, in)
		}
	}
	if !c.groups.any && has {
		return c.handler.signGroups(c.id, nil)
	}
	return c.groups.token
}

// memberships are the groups that the connection is in. The mutex is held.
func (c *connection) memberships() (in []membership) {
	for i, conn := range c.conns {
		names, _ := conn.Groups()
		for _, name := range names {
			in = append(in, membership{c.hubs[i].Name(), name})
		}
	}
	return in
}

// restore puts the connection into the groups that its client had, if the request
// that made it could not tell them.
func (c *connection) restore(groups []membership) {
	c.mu.Lock()
	groupless, hubs := c.groupless, c.hubs
	c.groupless = false
	c.mu.Unlock()
	if !groupless {
		return
	}
	for _, m := range hubs {
		for _, name := range namesOn(groups, m) {
			_ = m.Join(c.name, name) // it is one that it was in
		}
	}
}

// namesOn are the groups that are of m.
func namesOn(groups []membership, m *hub.Mux) (names []string) {
	for _, in := range groups {
		if in.hub == m.Name() {
			names = append(names, in.group)
		}
	}
	return names
}
