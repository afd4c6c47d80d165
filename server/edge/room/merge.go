package room

import "slices"

// What is merged: messages that as many sockets get, up to so many bytes.
const (
	mergeFrom  = 8
	mergeBytes = 32 << 10
)

// merge makes one message of those that follow each other to the same sockets, as the
// protocol lets them stand: what is given to many is given to each of them once, since
// that costs more than the bytes. The mutex is held.
func (o *outbox) merge() {
	last := [2]int{-1, -1} // the parcel before, of each codec: nobody has both
	kept := o.parcels[:0]
	for _, p := range o.parcels {
		before := &last[0]
		if p.binary {
			before = &last[1]
		}
		if *before >= 0 && kept[*before].take(&p) {
			continue
		}
		*before = len(kept)
		kept = append(kept, p)
	}
	clear(o.parcels[len(kept):])
	o.parcels = kept
}

// take puts the message of next behind that of p, if it is for the same sockets.
func (p *parcel) take(next *parcel) bool {
	if p.closes || next.closes || len(p.sockets) < mergeFrom || len(p.message)+len(next.message) > mergeBytes || !slices.Equal(p.sockets, next.sockets) {
		return false
	}
	if !p.merged { // else the bytes are the parcel's own, and not an event's
		p.message, p.merged = slices.Grow(slices.Clip(p.message), 4*len(next.message)), true
	}
	p.message = append(p.message, next.message...)
	return true
}
