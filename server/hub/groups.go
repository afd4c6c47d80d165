package hub

import (
	"fmt"
	"slices"

	"partline.dev/shared/contract"
)

// groupsOf checks the groups that a new connection shall be in.
func (c *Core) groupsOf(names []string) ([]string, error) {
	if len(names) > c.options.MaxGroups {
		return nil, ErrTooManyGroups
	}
	for _, name := range names {
		if err := contract.ValidName(name); err != nil {
			return nil, fmt.Errorf("group: %w", err)
		}
	}
	return names, nil
}

// group is the room of a group.
func (c *Conn) group(name string) Room {
	return Room{tenant: c.tenant, hub: c.mux.Name(), kind: kindGroup, name: name}
}

// joinGroup puts the connection into a group.
func (c *Conn) joinGroup(name string) error {
	if err := contract.ValidName(name); err != nil {
		return fmt.Errorf("group: %w", err)
	}
	joined, err := c.enterGroup(name)
	if joined {
		c.wake()
	}
	return err
}

// enterGroup is joinGroup with a name that was checked, and wakes nobody.
func (c *Conn) enterGroup(name string) (joined bool, err error) {
	key := c.group(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return false, ErrClosed
	case c.place(key) >= 0:
		return false, nil
	case c.groups >= c.core.options.MaxGroups:
		return false, ErrTooManyGroups
	case c.rules.Rooms > 0 && c.groups >= c.rules.Rooms:
		return false, errRooms
	}
	c.join(key)
	c.groups++
	c.moves.Add(1)
	return true, nil
}

// leaveGroup takes the connection out of a group.
func (c *Conn) leaveGroup(name string) error {
	if err := contract.ValidName(name); err != nil {
		return fmt.Errorf("group: %w", err)
	}
	if c.exitGroup(name) {
		c.wake()
	}
	return nil
}

// exitGroup is leaveGroup with a name that was checked, and wakes nobody.
func (c *Conn) exitGroup(name string) (left bool) {
	key := c.group(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	i := c.place(key)
	if i < 0 || c.closed {
		return false
	}
	c.exit(i)
	c.groups--
	c.moves.Add(1)
	return true
}

// wake tells a [Follower] that its groups have changed.
func (c *Conn) wake() {
	if c.hearing != nil {
		c.hearing.follower.Wake()
	}
}

// Groups are the groups that the connection is in, sorted; after its end those
// that it was in then. The version is another one after each join and leave.
func (c *Conn) Groups() (names []string, version uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.rooms {
		if key := m.room.key; key.kind == kindGroup {
			names = append(names, key.name)
		}
	}
	slices.Sort(names)
	return names, c.moves.Load()
}

// GroupsVersion is the version that Groups would give. It takes no lock.
func (c *Conn) GroupsVersion() uint64 { return c.moves.Load() }
