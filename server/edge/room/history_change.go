package room

import (
	"bytes"
	"crypto/rand"
	"slices"

	"partline.dev/server/history"
)

// historyChange is what one more record changes, before any of it is stored.
type historyChange struct {
	of      *storedHistory
	record  entry
	rooms   map[string]historyOfRoom // that change
	dropped []string                 // rooms that go
	deletes []string                 // keys
	bytes   int64                    // of all rooms, afterwards
	number  int64                    // of the newest record, afterwards
}

func (h *storedHistory) change() *historyChange {
	return &historyChange{of: h, rooms: map[string]historyOfRoom{}, bytes: h.bytes, number: h.number}
}

// add is one more record of a room, with all that goes for it.
func (c *historyChange) add(name string, data []byte) (history.Record, error) {
	r, there := c.room(name)
	if !there {
		if len(c.of.rooms) >= c.of.mostRooms {
			if err := c.dropRoom(name); err != nil {
				return history.Record{}, err
			}
		}
		r = historyOfRoom{epoch: rand.Text(), first: 1}
		c.bytes += costOfRoom(name)
	}
	c.number++
	s := stored{c.number, c.of.object.Now(), bytes.Clone(data)}
	r.last++
	if r.first == r.last {
		r.oldest = s.number
	}
	r.newest = s.number
	cost := int64(recordCost + len(data))
	r.bytes += cost
	c.bytes += cost
	c.rooms[name] = r
	c.record = entry{keyOfRecord(name, r.last), s.append(nil)}
	for r.bytes > maxHistoryBytes || r.last-r.first >= maxHistoryRecords {
		if err := c.dropOldest(name); err != nil {
			return history.Record{}, err
		}
		r = c.rooms[name]
	}
	for c.bytes > c.of.mostBytes {
		if err := c.makeRoom(name, s.number); err != nil {
			return history.Record{}, err
		}
	}
	return history.Record{Offset: r.last, At: s.at, Data: s.data}, nil
}

// room is a room as the change leaves it.
func (c *historyChange) room(name string) (r historyOfRoom, there bool) {
	if r, there = c.rooms[name]; !there {
		r, there = c.of.rooms[name]
	}
	return r, there
}

// makeRoom takes the oldest record of all but the newest or, if there is no other, the
// room that was appended to least recently.
func (c *historyChange) makeRoom(keep string, newest int64) error {
	oldest, of := newest, ""
	for name := range c.each {
		if r, _ := c.room(name); r.first <= r.last && r.oldest < oldest {
			oldest, of = r.oldest, name
		}
	}
	if oldest < newest {
		return c.dropOldest(of)
	}
	return c.dropRoom(keep)
}

// each are the rooms that are left.
func (c *historyChange) each(yield func(name string) bool) {
	for name := range c.of.rooms {
		if !slices.Contains(c.dropped, name) && !yield(name) {
			return
		}
	}
	for name := range c.rooms {
		if _, there := c.of.rooms[name]; !there && !yield(name) {
			return
		}
	}
}

// dropOldest takes the oldest record of a room.
func (c *historyChange) dropOldest(name string) error {
	r, _ := c.room(name)
	key := keyOfRecord(name, r.first)
	s, err := c.stored(key)
	if err != nil {
		return err
	}
	cost := int64(recordCost + len(s.data))
	r.first++
	r.bytes -= cost
	c.bytes -= cost
	if r.oldest = 0; r.first <= r.last {
		next, err := c.stored(keyOfRecord(name, r.first))
		if err != nil {
			return err
		}
		r.oldest = next.number
	}
	c.rooms[name] = r
	c.deletes = append(c.deletes, key)
	return nil
}

// stored is the record under a key, also if it is the one that is added.
func (c *historyChange) stored(key string) (stored, error) {
	value := c.record.value
	if key != c.record.key {
		var err error
		if value, err = c.of.storage.Get(key); err != nil {
			return stored{}, err
		}
	}
	s, ok := readStored(value)
	if !ok {
		return stored{}, errHistory
	}
	return s, nil
}

// dropRoom takes the room that was appended to least recently, but for one.
func (c *historyChange) dropRoom(keep string) error {
	least := ""
	found := false
	for name := range c.each {
		r, _ := c.room(name)
		if of, _ := c.room(least); name != keep && (!found || r.newest < of.newest) {
			least, found = name, true
		}
	}
	if !found {
		return errHistory // what is kept fits alone
	}
	for r, _ := c.room(least); r.first <= r.last; r, _ = c.room(least) {
		if err := c.dropOldest(least); err != nil {
			return err
		}
	}
	delete(c.rooms, least)
	c.dropped = append(c.dropped, least)
	c.deletes = append(c.deletes, keyOf(prefixRoom, least))
	c.bytes -= costOfRoom(least)
	return nil
}

// puts are what the change puts.
func (c *historyChange) puts() []entry {
	all := []entry{c.record}
	for name, r := range c.rooms {
		all = append(all, entry{keyOf(prefixRoom, name), r.append(nil)})
	}
	return all
}
