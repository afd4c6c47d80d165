package transport

import (
	"context"
	"net/http"

	"partline.dev/server/hub"
)

// claim finds or makes the connection that r means to use over t: an open one,
// or, if fresh, the one that was negotiated, whose link attach makes. A WebSocket
// needs no negotiation.
func (h *Handler) claim(r *http.Request, principal hub.Principal, t Transports, attach func(*connection)) (c *connection, fresh bool, refused *refusal) {
	secret := newToken()
	text, negotiated := query(r, "id")
	if negotiated {
		if secret, refused = h.verify(text, principal); refused != nil {
			return nil, false, refused
		}
	} else if t != WebSockets {
		return nil, false, errNoID
	}
	open := h.host.find(secret)
	if h.transports&t == 0 {
		if negotiated && !open.belongs(h, principal.ID) && !h.isPending(text, principal) {
			return nil, false, errUnknownID
		}
		return nil, false, unsupported(t)
	}
	if open == nil {
		c = &connection{
			Place:   Place{host: h.host, name: h.name, address: h.host.options.ClientAddress(r), transport: t, begun: h.host.wheel.now()},
			handler: h, secret: secret, user: principal.ID,
		}
		c.who = c
		if c.side, refused = h.newSide(r.Context(), c, principal); refused != nil {
			return nil, false, refused
		}
		attach(c)
		if open, refused = h.host.open(c, negotiated); refused == nil && open == nil {
			return c, true, nil
		}
		c.hangUp(nil)
	}
	switch {
	case refused != nil:
		return nil, false, refused
	case !open.belongs(h, principal.ID) || open.hasEnded():
		return nil, false, errUnknownID
	case open.transport != t:
		return nil, false, errTransport
	case t != LongPolling && !open.resumable():
		return nil, false, errActive
	}
	open.renew(principal)
	return open, false, nil
}

// newSide makes what c leads to.
func (h *Handler) newSide(ctx context.Context, c *connection, principal hub.Principal) (side, *refusal) {
	if h.run != nil {
		return &rawSide{connection: c, request: ctx, principal: principal}, nil
	}
	return newHubSide(ctx, c, principal)
}

// existing finds the open connection that r names and that is principal's.
func (h *Handler) existing(r *http.Request, principal hub.Principal) (*connection, *refusal) {
	text, ok := query(r, "id")
	if !ok {
		return nil, errNoID
	}
	secret, refused := h.verify(text, principal)
	if refused != nil {
		return nil, refused
	}
	c := h.host.find(secret)
	if !c.belongs(h, principal.ID) {
		return nil, errUnknownID
	}
	c.renew(principal)
	return c, nil
}

// belongs tells whether c is there, and is that user's at h. A secret in wrong
// hands looks like one that never was.
func (c *connection) belongs(h *Handler, user string) bool {
	return c != nil && c.handler == h && c.user == user
}

// isPending tells whether id names a connection that principal has negotiated and
// not opened.
func (h *Handler) isPending(id string, principal hub.Principal) bool {
	secret, refused := h.verify(id, principal)
	return refused == nil && h.host.pending.has(secret, h, principal.ID)
}
