package classic

import (
	"errors"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// errNoHubs says that no hub lets the principal in of those that it lists.
var errNoHubs = errors.New("none of the hubs that the client lists allows it")

// identify says who makes q, and leaves of the hubs that it lists those that let it
// in: if it lists some, one has to.
func (h *Handler) identify(q *request) error {
	if err := h.ask(q); err != nil {
		return err
	}
	if h.options.Raw != nil {
		return h.options.Raw.Allows(q.principal)
	}
	var hubs []*hub.Mux
	for _, m := range q.hubs {
		if m.Allows(q.principal) == nil {
			hubs = append(hubs, m)
		}
	}
	if len(q.hubs) > 0 && len(hubs) == 0 {
		return errNoHubs
	}
	q.hubs = hubs
	return nil
}

// ask asks the authority who makes q. What the client brings may be good for some
// hubs only: of those that it lists, or of all, it has to be good for one.
func (h *Handler) ask(q *request) (err error) {
	hubs := q.hubs
	if len(hubs) == 0 {
		hubs = h.all()
	}
	for _, m := range hubs {
		var refused error
		if q.negotiates {
			q.admission, refused = h.host.Negotiate(q.r, h.at(m))
			q.principal = q.admission.Principal
		} else {
			q.principal, refused = h.host.Identify(q.r, h.at(m))
		}
		if refused == nil {
			q.principalAt = m
			return nil
		}
		if err == nil {
			err = refused
		}
	}
	q.principal = hub.Principal{}
	return err
}

// elsewhere are the hubs of the address for which what q brings is not good.
func (h *Handler) elsewhere(q *request) (barred []*hub.Mux) {
	for _, m := range h.all() {
		if m == q.principalAt {
			continue
		}
		if _, err := h.host.Identify(q.r, h.at(m)); err != nil {
			barred = append(barred, m)
		}
	}
	return barred
}

// all are the hubs of the address.
func (h *Handler) all() []*hub.Mux {
	if h.options.Raw != nil {
		return []*hub.Mux{h.options.Raw}
	}
	return h.options.Hubs
}

func (h *Handler) at(m *hub.Mux) front.At {
	return front.At{Hub: m.Name(), Tenant: h.options.Tenant, Admits: func(p hub.Principal) error {
		_, err := h.core.Access(m.Name(), p, access.Where{})
		return err
	}}
}
