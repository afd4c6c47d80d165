package auth

import (
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/tenants"
	"partline.dev/server/transport"
)

// redeem lets in who has a ticket, which is used up by that. Handover: the client
// does not know that it goes on with something else, and has to be told.
func (a *Authority) redeem(v *visit, ticket string, handover bool, now time.Time) (transport.Admission, error) {
	g, err := unseal(a.options.Signer, ticketKind, ticket)
	if err != nil {
		return transport.Admission{}, because(errTicket, "the ticket is none: %w", err)
	}
	t := v.book.Tenant(g.Tenant)
	if g.Tenant == "" {
		t = v.book.Only()
	}
	if t == nil {
		return transport.Admission{}, because(errTicket, "the ticket is of %q, which is no tenant", g.Tenant)
	}
	if err := v.agrees(t, errTicket); err != nil {
		return transport.Admission{}, err
	}
	if !g.isFor(v.at.Hub) {
		return transport.Admission{}, because(errTicket, "the ticket is for other hubs")
	}
	switch ms := now.UnixMilli(); {
	case ms >= g.Expires:
		return transport.Admission{}, because(errTicketExpired, "the ticket has expired")
	case ms < g.Issued-leeway.Milliseconds():
		return transport.Admission{}, because(errTicketExpired, "the ticket is not valid yet: a clock is wrong")
	}
	session := g.at(now)
	session.Tenant = t.Name // of g it stays what it is by which a spent ticket is known
	text, err := session.seal(a.options.Signer, sessionKind)
	if err != nil {
		return transport.Admission{}, because(errTicket, "the ticket opens no session: %w", err)
	}
	p := session.principal()
	if err := a.admit(v, &p, t, now); err != nil {
		return transport.Admission{}, err
	}
	if v.at.Admits != nil {
		if err := v.at.Admits(p); err != nil {
			return transport.Admission{Principal: p}, err
		}
	}
	if err := a.spent.use(g, now); err != nil {
		return transport.Admission{}, err
	}
	return transport.Admission{Principal: p, SessionToken: text, Handover: handover}, nil
}

// goOn lets in who has a session token. Renew: the client takes a newer one.
func (a *Authority) goOn(v *visit, renew bool, now time.Time) (transport.Admission, error) {
	g, t, err := a.session(v, now)
	if err != nil {
		return transport.Admission{}, err
	}
	admission := transport.Admission{Principal: g.principal()}
	if renew {
		if admission.Principal, admission.SessionToken, err = a.renew(g, now); err != nil {
			return transport.Admission{}, err
		}
	}
	if err := a.admit(v, &admission.Principal, t, now); err != nil {
		return transport.Admission{}, err
	}
	return admission, nil
}

// session is what the session token of v says, if it is good at that address.
func (a *Authority) session(v *visit, now time.Time) (*grant, *tenants.Tenant, error) {
	g, t, err := a.opened(v, now)
	if err != nil {
		return nil, nil, err
	}
	if err := v.agrees(t, errSession); err != nil {
		return nil, nil, err
	}
	if !g.isFor(v.at.Hub) {
		return nil, nil, because(errSession, "the session is for other hubs")
	}
	return g, t, nil
}

// opened is what the session token of v says, if its time is not over.
func (a *Authority) opened(v *visit, now time.Time) (*grant, *tenants.Tenant, error) {
	g, err := unseal(a.options.Signer, sessionKind, v.bearer)
	if err != nil {
		return nil, nil, because(errSession, "the session token is none: %w", err)
	}
	if now.UnixMilli() >= g.Expires {
		return nil, nil, because(errSession, "the session token has expired")
	}
	t := v.book.Tenant(g.Tenant)
	if t == nil {
		return nil, nil, because(errSession, "the session is of %q, which is no tenant", g.Tenant)
	}
	return g, t, nil
}

// renew is the session of g from now on. It keeps when its ticket was issued, so
// that taking back what was issued before takes back all that came of it.
func (a *Authority) renew(g *grant, now time.Time) (hub.Principal, string, error) {
	session := g.at(now)
	text, err := session.seal(a.options.Signer, sessionKind)
	if err != nil {
		return hub.Principal{}, "", because(errSession, "it cannot be renewed: %w", err)
	}
	return session.principal(), text, nil
}
