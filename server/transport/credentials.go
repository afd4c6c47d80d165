package transport

import (
	"net/http"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// Negotiate asks the [front.Authority] who comes in by r, for a front door whose clients
// send no body that says more.
func (h *Host) Negotiate(r *http.Request, at front.At) (front.Admission, error) {
	at.OwnPage = h.ownPage(r)
	return h.options.Authority.Negotiate(r, at, nil)
}

// Identify asks the [front.Authority] who makes r, for a front door that keeps nothing of
// its negotiations: who brings no credentials is whoever may come in without.
func (h *Host) Identify(r *http.Request, at front.At) (hub.Principal, error) {
	at.OwnPage = h.ownPage(r)
	p, given, err := h.options.Authority.Authenticate(r, at)
	if err != nil || given {
		return p, err
	}
	admission, err := h.Negotiate(r, at)
	return admission.Principal, err
}

// RefuseCaller answers a request that is refused because of err, which the
// [front.Authority] gave, or the hub, which knows that p makes it. Name is what the front
// door leads to, for the log.
func (h *Host) RefuseCaller(w http.ResponseWriter, name string, p hub.Principal, err error) {
	h.refuse(w, h.callerRefusal(name, p, err))
}

// callerRefusal is what the client of a request hears that is refused because of
// err, and tells the log.
func (h *Host) callerRefusal(name string, p hub.Principal, err error) *front.Refusal {
	if h.refusals.allow(h.wheel.now()) {
		h.options.Log.Info("refused a request for its credentials", "hub", name, "user", p.ID, "error", err)
	}
	return front.CallerRefusal(p, err)
}

// caller is who makes a request of a connection.
type caller struct {
	principal hub.Principal
	given     bool // else it brings no credentials: it is whose the connection is
}

// identity is what of a principal never changes during a connection.
type identity struct {
	tenant, user string
	session      bool // it came by a session, which its requests need not name again
}

func identityOf(p *hub.Principal) identity { return identity{p.Tenant, p.ID, p.Session != ""} }

// is tells whether the caller may use what is owner's. Whom a program's log-in does
// not know may be the client of a session, or a guest of whose negotiation alone
// named the tenant: they bring nothing more, and are whose the connection is.
func (c *caller) is(owner identity) bool {
	if !c.given || c.principal.Tenant == owner.tenant && c.principal.ID == owner.user {
		return true
	}
	if c.principal.Tenant != "" || !c.principal.Guest() || owner.user != "" && !owner.session {
		return false
	}
	c.given = false
	return true
}

func (h *Handler) at(r *http.Request) front.At {
	return front.At{Hub: h.core.Hub(h.hub).Name(), Tenant: h.options.Tenant, OwnPage: h.host.ownPage(r)}
}

// ownPage tells whether a page of the server's own has sent r.
func (h *Host) ownPage(r *http.Request) bool { return h.policy.Load().OwnPage(r) }

// authenticate says who makes r, a request of a connection, and that the hub allows
// it.
func (h *Handler) authenticate(r *http.Request) (c caller, refused *front.Refusal) {
	var err error
	c.principal, c.given, err = h.host.options.Authority.Authenticate(r, h.at(r))
	switch {
	case err != nil:
		return caller{}, h.host.callerRefusal(h.name, hub.Principal{}, err)
	case !c.given:
		return caller{}, nil
	}
	if err := h.core.Hub(h.hub).Allows(c.principal); err != nil {
		return caller{}, h.host.callerRefusal(h.name, c.principal, err)
	}
	return c, nil
}

// admit says who comes in by r, and that the hub allows it.
func (h *Handler) admit(r *http.Request, asked *access.Request) (front.Admission, *front.Refusal) {
	at, where := h.at(r), access.Where{}
	if asked != nil {
		where = asked.Where
	}
	at.Admits = func(p hub.Principal) error {
		_, err := h.core.Access(h.hub, p, where)
		return err
	}
	admission, err := h.host.options.Authority.Negotiate(r, at, asked)
	if err != nil {
		return front.Admission{}, h.host.callerRefusal(h.name, admission.Principal, err)
	}
	if err := h.core.Hub(h.hub).Allows(admission.Principal); err != nil {
		return front.Admission{}, h.host.callerRefusal(h.name, admission.Principal, err)
	}
	return admission, nil
}
