package transport

import (
	"net/http"

	"partline.dev/server/front"
	"partline.dev/shared/access"
)

// claim finds or makes the connection that r means to use over t: an open one, or,
// if fresh, the one that was negotiated, whose link attach makes. A WebSocket needs
// no negotiation.
func (h *Handler) claim(r *http.Request, t front.Transports, attach func(*connection)) (c *connection, fresh bool, refused *front.Refusal) {
	id, negotiated := front.Query(r, "id")
	if !negotiated && t == front.WebSockets {
		c, refused = h.claimNew(r, attach)
		return c, true, refused
	}
	who, refused := h.authenticate(r)
	switch {
	case refused != nil:
		return nil, false, refused
	case !negotiated:
		return nil, false, front.ErrNoID
	}
	secret, refused := h.verify(id)
	if refused != nil {
		return nil, false, refused
	}
	open := h.host.find(secret)
	if open == nil {
		n, ok := h.host.pending.find(secret, h, &who)
		switch {
		case !ok:
			open = h.host.find(secret) // another request may just have opened it
		case h.transports&t == 0:
			return nil, false, unsupported(t)
		default:
			if !who.given {
				who.principal = n.who()
			}
			d := demand{secret: secret, id: id, who: who, negotiated: true, where: n.where.unpack(), transport: t}
			if c, open, refused = h.open(r, &d, attach); refused != nil || c != nil {
				return c, true, refused
			}
		}
	}
	switch {
	case !open.belongs(h, &who):
		return nil, false, front.ErrUnknownID
	case h.transports&t == 0:
		return nil, false, unsupported(t)
	case open.hasEnded():
		return nil, false, front.ErrUnknownID
	case open.transport != t:
		return nil, false, errTransport
	case t != front.LongPolling && !open.resumable():
		return nil, false, errActive
	}
	open.renew(&who)
	return open, false, nil
}

// claimNew makes a connection that was not negotiated. Those that are refused count
// as negotiations, so that nobody tries out credentials faster in this way.
func (h *Handler) claimNew(r *http.Request, attach func(*connection)) (*connection, *front.Refusal) {
	address := h.host.options.ClientAddress(r)
	switch {
	case h.host.stopping():
		return nil, errStopping
	case !h.host.rates.would(address):
		return nil, front.ErrRate
	}
	admission, refused := h.admit(r, nil)
	if refused != nil {
		h.host.rates.allow(address)
		return nil, refused
	}
	if h.transports&front.WebSockets == 0 {
		return nil, unsupported(front.WebSockets)
	}
	if _, err := h.core.Access(h.hub, admission.Principal, access.Where{}); err != nil {
		return nil, h.host.callerRefusal(h.name, admission.Principal, err)
	}
	d := demand{secret: newToken(), who: caller{principal: admission.Principal, given: true}, transport: front.WebSockets}
	c, _, refused := h.open(r, &d, attach)
	return c, refused
}

// demand is a connection that a client wants to open.
type demand struct {
	secret     token
	negotiated bool
	id         string // what it negotiated, as the client names it
	who        caller
	where      access.Where
	transport  front.Transports
}

// open makes the connection that r demands, or returns the one that another request
// has made meanwhile.
func (h *Handler) open(r *http.Request, d *demand, attach func(*connection)) (c, other *connection, refused *front.Refusal) {
	c = &connection{
		Place:   Place{host: h.host, name: h.name, address: h.host.options.ClientAddress(r), transport: d.transport, begun: h.host.wheel.now()},
		handler: h, secret: d.secret, owner: identityOf(&d.who.principal),
	}
	c.who = c
	if c.side, refused = h.newSide(r, c, d); refused != nil {
		return nil, nil, refused
	}
	attach(c)
	if other, refused = h.host.open(c, d); refused == nil && other == nil {
		return c, nil, nil
	}
	c.hangUp(nil)
	return nil, other, refused
}

// newSide makes what c leads to.
func (h *Handler) newSide(r *http.Request, c *connection, d *demand) (side, *front.Refusal) {
	o := opening{request: r.Context(), principal: d.who.principal, where: d.where}
	if h.run != nil {
		return &rawSide{connection: c, opening: &o}, nil
	}
	return newHubSide(c, &o)
}

// existing finds the open connection that r names and that is its caller's.
func (h *Handler) existing(r *http.Request) (*connection, *front.Refusal) {
	who, refused := h.authenticate(r)
	if refused != nil {
		return nil, refused
	}
	text, ok := front.Query(r, "id")
	if !ok {
		return nil, front.ErrNoID
	}
	secret, refused := h.verify(text)
	if refused != nil {
		return nil, refused
	}
	c := h.host.find(secret)
	if !c.belongs(h, &who) {
		if _, waits := h.host.pending.find(secret, h, &who); waits {
			return nil, errNotOpen
		}
		return nil, front.ErrUnknownID
	}
	c.renew(&who)
	return c, nil
}

// belongs tells whether c is there, and is the caller's at h. A secret in wrong
// hands looks like one that never was.
func (c *connection) belongs(h *Handler, who *caller) bool {
	return c != nil && c.handler == h && who.is(c.owner)
}
