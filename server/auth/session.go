package auth

import (
	"context"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/server/tenants"
)

// redeem lets in who has a ticket, which is used up by that. Handover: the client
// does not know that it goes on with something else, and has to be told.
func (a *Authority) redeem(ctx context.Context, v *visit, ticket string, handover bool, now time.Time) (front.Admission, error) {
	g, err := grants.ReadTicket(a.options.Signer, ticket)
	if err != nil {
		return front.Admission{}, grants.Because(errTicket, "the ticket is none: %w", err)
	}
	t := v.book.Tenant(g.Tenant)
	if g.Tenant == "" {
		t = v.book.Only()
	}
	if t == nil {
		return front.Admission{}, grants.Because(errTicket, "the ticket is of %q, which is no tenant", g.Tenant)
	}
	if err := v.agrees(t, errTicket); err != nil {
		return front.Admission{}, err
	}
	if !g.IsFor(v.at.Hub) {
		return front.Admission{}, grants.Because(errTicket, "the ticket is for other hubs")
	}
	switch ms := now.UnixMilli(); {
	case ms >= g.Expires:
		return front.Admission{}, grants.Because(errTicketExpired, "the ticket has expired")
	case ms < g.Issued-grants.Leeway.Milliseconds():
		return front.Admission{}, grants.Because(errTicketExpired, "the ticket is not valid yet: a clock is wrong")
	}
	p, text, err := g.Begin(a.options.Signer, t.Name, now) // of g it stays what it is by which a spent ticket is known
	if err != nil {
		return front.Admission{}, grants.Because(errTicket, "the ticket opens no session: %w", err)
	}
	if err := a.admit(v, &p, t, now); err != nil {
		return front.Admission{}, err
	}
	if v.at.Admits != nil {
		if err := v.at.Admits(p); err != nil {
			return front.Admission{Principal: p}, err
		}
	}
	if err := a.spend(ctx, g); err != nil {
		return front.Admission{}, err
	}
	return front.Admission{Principal: p, SessionToken: text, Handover: handover}, nil
}

// goOn lets in who has a session token. Renew: the client takes a newer one.
func (a *Authority) goOn(v *visit, renew bool, now time.Time) (front.Admission, error) {
	g, t, err := a.session(v, now)
	if err != nil {
		return front.Admission{}, err
	}
	admission := front.Admission{Principal: g.Principal()}
	if renew {
		if admission.Principal, admission.SessionToken, err = g.Begin(a.options.Signer, g.Tenant, now); err != nil {
			return front.Admission{}, grants.Because(grants.ErrSession, "it cannot be renewed: %w", err)
		}
	}
	if err := a.admit(v, &admission.Principal, t, now); err != nil {
		return front.Admission{}, err
	}
	return admission, nil
}

// session is what the session token of v says, if it is good at that address.
func (a *Authority) session(v *visit, now time.Time) (*grants.Grant, *tenants.Tenant, error) {
	g, t, err := grants.Session(a.options.Signer, v.book, v.bearer, now)
	if err != nil {
		return nil, nil, err
	}
	if err := v.agrees(t, grants.ErrSession); err != nil {
		return nil, nil, err
	}
	if !g.IsFor(v.at.Hub) {
		return nil, nil, grants.Because(grants.ErrSession, "the session is for other hubs")
	}
	return g, t, nil
}
