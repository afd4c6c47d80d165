package hub

import "slices"

// Fetch returns the events after that number that concern the connections, which
// belong to one [Follower], in their order and each once: about limit bytes of
// them, and at least one if there is any. Everything up to upTo is among them, or
// concerns none of the connections: what to ask for next is what comes after that.
//
// It gives ErrMissed, and no events, if some of them are not kept any more; then
// upTo is the latest number, to go on from now. Nothing blocks.
func (c *Core) Fetch(after uint64, limit int, conns ...*Conn) (events []*Recent, upTo uint64, err error) {
	r := c.recents
	r.mu.RLock()
	defer r.mu.RUnlock()
	if after >= r.latest {
		return nil, r.latest, nil
	}
	var spans [8]span
	all := spans[:0]
	for _, conn := range conns {
		for _, f := range conn.hearing.followed {
			from := max(after, f.since)
			lost := f.ring.lostTo(conn.id)
			if f.place < 0 {
				lost = min(lost, f.until)
			}
			if lost > from {
				r.missed.Add(1)
				return nil, r.latest, ErrMissed
			}
			if list := f.ring.after(from); len(list) > 0 {
				all = append(all, span{f, list})
			}
		}
	}
	for i := len(all)/2 - 1; i >= 0; i-- {
		settle(all, i)
	}
	bytes := 0
	for len(all) > 0 {
		e := all[0].take()
		if len(all[0].events) == 0 {
			all[0] = all[len(all)-1]
			all = all[:len(all)-1]
		}
		settle(all, 0)
		if e == nil || len(events) > 0 && events[len(events)-1].number == e.number {
			continue // it is not for that connection, or it had it through another room
		}
		if bytes >= limit {
			return events, events[len(events)-1].number, nil
		}
		events = append(events, e)
		bytes += len(e.item)
	}
	return events, r.latest, nil
}

// span is what one connection has to hear of one ring.
type span struct {
	of     *following
	events []*Recent
}

// take takes the first event; nil if the connection does not hear it.
func (s *span) take() *Recent {
	e := s.events[0]
	s.events = s.events[1:]
	if s.of.place < 0 && e.number > s.of.until {
		s.events = nil
		return nil
	}
	if slices.Contains(e.except, s.of.conn.id) {
		return nil
	}
	return e
}

// settle moves the span at i down the heap that all is by the numbers of the first
// events, the lowest first: a client may be in a thousand rooms.
func settle(all []span, i int) {
	for {
		low := i
		for _, child := range [...]int{2*i + 1, 2*i + 2} {
			if child < len(all) && all[child].events[0].number < all[low].events[0].number {
				low = child
			}
		}
		if low == i {
			return
		}
		all[i], all[low] = all[low], all[i]
		i = low
	}
}

// Push queues one item, in the encoding of followers, for this connection alone,
// and returns its number. It gives ErrClosed after the connection's end. The connection must have a
// [Follower].
func (c *Conn) Push(item []byte) (number uint64, err error) {
	c.core.recents.mu.RLock()
	gone := c.hearing.gone
	c.core.recents.mu.RUnlock()
	if gone {
		return 0, ErrClosed
	}
	return c.core.recents.add(item, nil, nil, []*Conn{c}), nil
}
