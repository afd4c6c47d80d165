package room

import (
	"slices"
	"sync"

	"partline.dev/server/hub"
)

// outbox is what waits to be sent to sockets, in order. A message stands in it once
// for each codec, with all whom it is for.
type outbox struct {
	object Object

	mu      sync.Mutex // Protects following, and the outbox fields of links.
	event   bool       // one is under way, so a flush follows
	parcels []parcel
	bytes   int     // of the messages of all parcels
	waiting []*link // those whose senders wait
	ended   []*link // those whose sockets the room has closed
}

// parcel is one message for several sockets.
type parcel struct {
	message []byte
	event   *hub.Event // nil: the message is for one socket alone
	binary  bool
	sockets []int32
	links   []*link
	merged  bool // the message is several events', and the parcel's own
	closes  bool // the sockets, with code and text
	code    int
	text    string
}

// ample is how many bytes of messages wait until those that may go at once go.
const ample = 1 << 20

// begin notes that an event has begun.
func (o *outbox) begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.event = true
}

// await asks for a flush, if no event ends in one: what a handler does that was woken
// by a timer, or by a promise, is not of any event. Once is enough for all that waits.
// The mutex is held.
func (o *outbox) await() {
	if !o.event && len(o.parcels) == 0 {
		o.object.Soon()
	}
}

// flush has one follow, also where nothing is queued.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.await()
}

// join queues an event for l beside those for whom it is queued already, if nothing
// else is to be looked at. So it is for most of those who hear a broadcast, and little
// must be done for each. The mutex is held.
func (o *outbox) join(l *link, e *hub.Event) bool {
	return !l.closed && !l.active && l.queued <= l.room.options.QueueLimit/2 && o.beside(l, e)
}

// beside queues an event for l with those of its codec for whom it is queued already,
// and reports whether there are any. The two codecs of one event alternate while it is
// published. To stand in the one before the last parcel is the same order, since nobody
// is in both. The mutex is held.
func (o *outbox) beside(l *link, e *hub.Event) bool {
	for back := 1; back <= 2 && back <= len(o.parcels); back++ {
		p := &o.parcels[len(o.parcels)-back]
		if e == nil || p.event != e {
			return false
		}
		if p.binary == l.binary {
			l.queued += len(p.message)
			p.sockets, p.links = append(p.sockets, l.socket), append(p.links, l)
			return true
		}
	}
	return false
}

// add queues an event's message for l. The mutex is held.
func (o *outbox) add(l *link, e *hub.Event, message []byte) {
	o.await()
	if o.beside(l, e) {
		return
	}
	l.queued += len(message)
	o.bytes += len(message)
	n := len(o.parcels)
	o.parcels = slices.Grow(o.parcels, 1)[:n+1]
	p := &o.parcels[n]
	*p = parcel{message: message, event: e, binary: l.binary, sockets: append(p.sockets, l.socket), links: append(p.links, l)}
	if o.bytes > ample {
		o.send(func(l *link) bool { return !l.active })
	}
}

// end queues the end of l's socket. The mutex is held.
func (o *outbox) end(l *link, code int, text string) {
	o.await()
	o.parcels = append(o.parcels, parcel{binary: l.binary, closes: true, code: code, text: text, sockets: []int32{l.socket}, links: []*link{l}})
}

// drop takes back all messages that are queued for l. The mutex is held.
func (o *outbox) drop(l *link) {
	for i := range o.parcels {
		p := &o.parcels[i]
		if p.closes {
			continue
		}
		if at := slices.Index(p.links, l); at >= 0 {
			p.links, p.sockets = slices.Delete(p.links, at, at+1), slices.Delete(p.sockets, at, at+1)
		}
	}
	l.queued = 0
}

// send gives the object what may go: all for the sockets of which may says so. The
// mutex is held.
func (o *outbox) send(may func(*link) bool) {
	kept := o.parcels[:0]
	o.bytes = 0
	if may == nil && len(o.parcels) > 1 {
		o.merge()
		kept = o.parcels[:0]
	}
	for _, p := range o.parcels {
		now, later := p, p
		if may != nil {
			now.links, now.sockets, later.links, later.sockets = nil, nil, nil, nil
			for i, l := range p.links {
				to := &later
				if may(l) {
					to = &now
				}
				to.links, to.sockets = append(to.links, l), append(to.sockets, p.sockets[i])
			}
		} else {
			later.links = nil
		}
		o.deliver(&now)
		if len(later.links) > 0 {
			o.bytes += len(later.message)
			kept = append(kept, later)
		}
	}
	sent := o.parcels[len(kept):]
	o.parcels = kept
	for i := range sent {
		lists := parcel{}
		if may == nil && i < reused {
			clear(sent[i].links)
			lists = parcel{sockets: sent[i].sockets[:0], links: sent[i].links[:0]}
		}
		sent[i] = lists
	}
}

// reused is of how many parcels the lists are kept for the next ones: of as many as most
// events have.
const reused = 2

// deliver gives the object one parcel. The mutex is held.
func (o *outbox) deliver(p *parcel) {
	switch {
	case len(p.sockets) == 0:
	case p.closes:
		o.object.Close(p.sockets[0], p.code, p.text)
		o.ended = append(o.ended, p.links[0])
	default:
		o.object.Send(p.sockets, p.binary, p.message)
		for _, l := range p.links {
			l.queued -= len(p.message)
		}
	}
}

// release lets those go on who wait for room in the queue of their link. It reports
// whether there are any. The mutex is held.
func (o *outbox) release() bool {
	waited := len(o.waiting) > 0
	for _, l := range o.waiting {
		close(l.space)
		l.space = nil
	}
	o.waiting = o.waiting[:0]
	return waited
}

// takeEnded are the links whose sockets the room has closed since it was asked last.
func (o *outbox) takeEnded() []*link {
	o.mu.Lock()
	defer o.mu.Unlock()
	ended := o.ended
	o.ended = nil
	return ended
}
