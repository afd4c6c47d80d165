package room

// Held is how many bytes of messages the room holds that connections cannot take yet.
func (r *Room) Held() int { return r.held }

// Sizes are how many entries there are in all that grows with clients.
func (r *Room) Sizes() map[string]int {
	return map[string]int{
		"links": len(r.links.all), "addresses": len(r.counts.address), "counted": r.counts.all, "attached": len(r.memory.attached),
		"pending": len(r.memory.pending.waiting), "pending addresses": len(r.memory.pending.addresses), "rules": len(r.rules),
		"parcels": len(r.outbox.parcels), "waiting": len(r.outbox.waiting), "ended": len(r.outbox.ended), "held": r.held, "bytes": r.outbox.bytes,
	}
}
