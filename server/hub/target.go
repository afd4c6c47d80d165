package hub

import (
	"slices"

	"partline.dev/shared/contract"
)

// Targets names whom to publish to, as SignalR's Clients does. It is part of
// every [Context] and every mounted [Mux]. A target reaches one hub of one
// tenant and nobody else.
type Targets struct {
	mux        *Mux
	tenant     string
	caller     *Conn // of the call; nil: nobody calls, a program publishes
	called     bool  // by a method or stream: what the caller may say is asked
	connecting bool  // of OnConnect
}

// Target is a set of connections, worked out anew by each [Publish].
type Target struct {
	from   Targets
	rooms  []Room
	only   *Conn    // the caller
	ids    []string // single connections
	not    *Conn    // left out
	except []string // left out, by id

	speaksIn contract.Scopes // what a caller must be allowed to speak in
	refusal  error           // why there is no such target; nil: there is

	permitted bool            // nothing more is asked before something is published
	charge    func(bytes int) // counts the bytes of that; nil: nobody counts
}

// All is every connection of the hub.
func (c Targets) All() Target {
	return Target{from: c, rooms: c.roomsOf(kindAll, ""), speaksIn: inTenant}
}

// AllExcept is every connection of the hub but those.
func (c Targets) AllExcept(connectionIDs ...string) Target {
	return Target{from: c, rooms: c.roomsOf(kindAll, ""), speaksIn: inTenant, except: connectionIDs}
}

// Client is one connection. Publishing to one that is not there is no error.
func (c Targets) Client(connectionID string) Target {
	return Target{from: c, ids: []string{connectionID}}
}

// Clients is some connections, each once.
func (c Targets) Clients(connectionIDs ...string) Target {
	return Target{from: c, ids: connectionIDs}
}

// Group is every connection that joined a group.
func (c Targets) Group(name string) Target {
	return Target{from: c, rooms: c.roomsOf(kindGroup, name)}
}

// Groups is every connection in at least one of the groups, each once.
func (c Targets) Groups(names ...string) Target {
	return Target{from: c, rooms: c.roomsOf(kindGroup, names...)}
}

// GroupExcept is every connection in a group but those.
func (c Targets) GroupExcept(name string, connectionIDs ...string) Target {
	return Target{from: c, rooms: c.roomsOf(kindGroup, name), except: connectionIDs}
}

// User is every connection of a user.
func (c Targets) User(id string) Target {
	return Target{from: c, rooms: c.roomsOf(kindUser, id)}
}

// Users is every connection of those users, each once.
func (c Targets) Users(ids ...string) Target {
	return Target{from: c, rooms: c.roomsOf(kindUser, ids...)}
}

// InScope is everybody in one room of a scope. The id is that of the page or session,
// or the name of the user or place; for the tenant and the world it means nothing. If
// there can be no such room, publishing to it gives an [*access.Refusal] or
// contract.ErrName.
func (c Targets) InScope(scope contract.Scope, id string) Target {
	t := Target{from: c, speaksIn: contract.ScopesOf(scope)}
	if c.mux == nil || c.mux.core == nil {
		return t
	}
	if t.speaksIn == 0 {
		t.refusal = errScope
		return t
	}
	key, err := c.scopeRoom(scope, id)
	t.rooms, t.refusal = []Room{key}, err
	return t
}

func (c Targets) roomsOf(k roomKind, names ...string) []Room {
	rooms := make([]Room, len(names))
	for i, n := range names {
		rooms[i] = Room{tenant: c.tenant, hub: c.mux.Name(), kind: k, name: n}
	}
	return rooms
}

// check refuses what cannot be: names that no group or user can have.
func (t *Target) check() error {
	if t.refusal != nil {
		return t.refusal
	}
	for _, r := range t.rooms {
		if r.kind != kindGroup && r.kind != kindUser {
			continue
		}
		if err := contract.ValidName(r.name); err != nil {
			return err
		}
	}
	return nil
}

// excluded are the ids of the connections that the target leaves out.
func (t *Target) excluded() []string {
	ids := slices.Clone(t.except) // the caller may change its own
	if t.not != nil {
		ids = append(ids, t.not.id)
	}
	return ids
}

// omits tells whether the target leaves c out.
func (t *Target) omits(c *Conn) bool {
	if c == t.not {
		return true
	}
	return slices.Contains(t.except, c.id)
}
