package transport

import (
	"net/http"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// Entry is a connection of another front door that wants its place on the host.
type Entry struct {
	// Name is what the connection leads to, for the log and [Ended].
	Name string

	// ID names the connection in the log. It is public.
	ID string

	// Transport is how its client is connected at first.
	Transport front.Transports

	// Cut ends the connection: its client gets what is queued and hears that
	// the server stops. Shutdown calls it when the cores are drained, from any
	// goroutine, also before Enter has returned. It does not block.
	Cut func()
}

// occupant is who has a place, as Shutdown ends it.
type occupant interface {
	cut()
	abort()
}

// guest is the occupant that an [Entry] tells of. What it has not ended when
// Shutdown has no time left is its socket, which is the host's.
type guest func()

func (cut guest) cut() { cut() }
func (guest) abort()   {}

// Place is a connection as its host counts it, from [Host.Enter] to
// [Place.Leave]: against [Options.ConnectionLimit] and
// [Options.ConnectionsPerAddress], and in [Stats]. Its client may have no link for
// a while.
type Place struct {
	host    *Host
	who     occupant
	name    string // for the log: the hub's
	id      string // public
	address string // of the client
	begun   int64  // in ms

	transport front.Transports // changed with the host's mutex held
	placed    bool             // it has a link that works; the host's mutex protects it
}

// Enter gives a connection, which r opens, its place. If the host stops or has as
// many as it may, w is answered with that and ok is false. Whoever has a place
// leaves it: Shutdown waits for that.
func (h *Host) Enter(w http.ResponseWriter, r *http.Request, o Entry) (p *Place, ok bool) {
	p = &Place{
		host: h, who: guest(o.Cut), name: o.Name, id: o.ID, transport: o.Transport, placed: true,
		address: h.options.ClientAddress(r), begun: h.wheel.now(),
	}
	h.mu.Lock()
	refused := h.admit(p)
	h.mu.Unlock()
	if refused != nil {
		h.refuse(w, refused)
		return nil, false
	}
	return p, true
}

// Change says that the client is connected by t now.
func (p *Place) Change(t front.Transports) {
	p.host.mu.Lock()
	defer p.host.mu.Unlock()
	if _, there := p.host.places[p]; there && p.transport != t {
		p.stats().gone(p.transport)
		p.transport = t
		p.stats().open(t)
	}
}

// Leave gives the place back when the connection has ended, its link too. Code is
// that of the [hub.CloseReason], zero for a normal end; lost tells that the client
// was gone; cause, for the log, is what went wrong, if anything. Calls after the
// first do nothing.
func (p *Place) Leave(code int, lost bool, cause error) {
	h := p.host
	h.mu.Lock()
	placed, there, stopping := p.placed, h.vacate(p), h.draining
	h.mu.Unlock()
	if !there {
		return
	}
	defer h.tasks.done()
	if !placed {
		return
	}
	p.linkEnded(code, lost, cause)
	if f := h.options.Ended; f != nil {
		f(Ended{
			Hub: p.name, Transport: p.transport, Status: statusOf(code, lost, stopping),
			Duration: time.Duration(h.wheel.now()-p.begun) * time.Millisecond,
		})
	}
}

// linkEnded counts a link that has ended.
func (p *Place) linkEnded(code int, lost bool, cause error) {
	p.stats().closed(code, lost)
	p.host.options.Log.Debug("a link ended", "connection", p.id, "hub", p.name, "transport", p.transport,
		"code", code, "lost", lost, "error", cause)
}

// admit counts p, if it may be. The mutex is held.
func (h *Host) admit(p *Place) *front.Refusal {
	switch {
	case h.draining:
		return errStopping
	case len(h.places) >= h.options.ConnectionLimit:
		return errConnections
	case !h.addresses.add(p.address):
		return errConnectionsShare
	}
	h.places[p] = struct{}{}
	p.stats().open(p.transport)
	h.tasks.add() // Shutdown waits for it from here on
	return nil
}

// vacate takes admit back, but for the task, and reports whether there was
// anything to take back. The mutex is held.
func (h *Host) vacate(p *Place) bool {
	if _, there := h.places[p]; !there {
		return false
	}
	delete(h.places, p)
	h.addresses.remove(p.address)
	p.stats().gone(p.transport)
	return true
}

// place notes that c's link works now. If the host is stopping and has ended the
// other connections already, it ends this one.
func (h *Host) place(c *connection) {
	h.mu.Lock()
	c.placed = true
	stopping := h.draining
	h.mu.Unlock()
	if stopping {
		c.cut()
	}
}

// eachPlaced calls f for every connection that has a link, or had one.
func (h *Host) eachPlaced(f func(occupant)) {
	h.mu.Lock()
	all := make([]occupant, 0, len(h.places))
	for p := range h.places {
		if p.placed {
			all = append(all, p.who)
		}
	}
	h.mu.Unlock()
	for _, o := range all {
		f(o)
	}
}

// goingAway is how a link ends when the host stops.
var goingAway = hub.CloseReason{Code: hub.CodeGoingAway, Text: "the server is shutting down"}
