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
}

// All is every connection of the hub.
func (c Targets) All() Target { return Target{from: c, rooms: c.roomsOf(kindAll, "")} }

// AllExcept is every connection of the hub but those.
func (c Targets) AllExcept(connectionIDs ...string) Target {
	return Target{from: c, rooms: c.roomsOf(kindAll, ""), except: connectionIDs}
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

func (c Targets) roomsOf(k roomKind, names ...string) []Room {
	rooms := make([]Room, len(names))
	for i, n := range names {
		rooms[i] = Room{tenant: c.tenant, hub: c.mux.Name(), kind: k, name: n}
	}
	return rooms
}

// check refuses names that no group or user can have.
func (t *Target) check() error {
	for _, r := range t.rooms {
		if r.kind == kindAll {
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
