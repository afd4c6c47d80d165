package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
)

// Options of an Authority. Book, Signer and Log must be there.
type Options struct {
	// Book is asked for the tenants of now, at each request.
	Book func() *tenants.Book

	// Signer signs tickets and session tokens, and verifies what others with the
	// same keys have signed.
	Signer *keys.Signer

	// Data is the folder, which is there, for the files of what was used up and
	// taken back. Empty: a restart forgets both.
	Data string

	// Log is told what goes wrong with files and issuers.
	Log *slog.Logger

	// Fetch brings the keys of issuers; [FetchHTTP] does. Nil: they cannot be had,
	// and no bearer token is taken.
	Fetch Fetch

	// Ledger uses up tickets. Nil: they are used up here, and kept in Data; of
	// several servers with the same keys each lets a ticket in once.
	Ledger Ledger

	// Own is a program's log-in, in the place of bearer tokens: it says who makes a
	// request, or refuses it with an error as those of [front.Authority] are.
	// A principal of no tenant is of the one that address, embed key or site say, as
	// later requests have to, too: a program for several tenants names it. Without
	// an id it is a guest. Nil: there is none.
	Own func(*http.Request) (hub.Principal, error)

	// Expel closes the connections of those who are meant, for that reason. Nil:
	// connections go on until they expire.
	Expel func(who func(hub.Principal) bool, why *access.Refusal)
}

// Authority says who comes in. It is a [front.Authority], whose errors wrap a
// *[access.Refusal]: what else they say is for the log.
type Authority struct {
	options Options
	keys    *jwks
	spent   *spent
	ledger  Ledger // spent, or who is asked in its place
	revoked *revoked
	sweeper sweeper
}

var _ front.Authority = (*Authority)(nil)

// New makes an Authority, which is closed with Close. The error is that of a file.
func New(o Options) (*Authority, error) {
	now := time.Now()
	spent, err := openSpent(o.Log, o.Data, now)
	if err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	revoked, err := openRevoked(o.Log, o.Data, now)
	if err != nil {
		return nil, fmt.Errorf("auth: %w", errors.Join(err, spent.close()))
	}
	if o.Expel == nil {
		o.Expel = func(func(hub.Principal) bool, *access.Refusal) {}
	}
	a := &Authority{options: o, keys: newJWKS(o.Log, o.Fetch), spent: spent, ledger: o.Ledger, revoked: revoked}
	if a.ledger == nil {
		a.ledger = spent
	}
	a.sweeper.end = make(chan struct{})
	return a, nil
}

// Close ends what runs, and waits for it. Afterwards nobody comes in by what is to
// be written down or fetched.
func (a *Authority) Close() error {
	a.sweeper.close()
	a.keys.close()
	if err := errors.Join(a.spent.close(), a.revoked.close()); err != nil {
		return fmt.Errorf("auth: %w", err)
	}
	return nil
}

// Negotiate says who comes in by r. A session token or a ticket goes before other
// credentials. A ticket is used up if it lets somebody in, and then only.
func (a *Authority) Negotiate(r *http.Request, at front.At, asked *access.Request) (front.Admission, error) {
	now := time.Now()
	v := newVisit(a.options.Book(), r, at, asked)
	switch {
	case grants.IsSession(v.bearer):
		return a.goOn(v, asked != nil, now)
	case grants.IsTicket(v.bearer):
		return a.redeem(r.Context(), v, v.bearer, asked == nil, now)
	case v.ticket != "":
		return a.redeem(r.Context(), v, v.ticket, false, now)
	}
	p, t, err := a.identify(r, v, now)
	if err == nil {
		t, err = v.place(&p, t)
	}
	if err != nil {
		return front.Admission{}, err
	}
	if err := a.admit(v, &p, t, now); err != nil {
		return front.Admission{}, err
	}
	return front.Admission{Principal: p}, nil
}

// Authenticate says who makes r, a request of a connection. A ticket says nothing
// then: whoever has used it goes on with a session token.
func (a *Authority) Authenticate(r *http.Request, at front.At) (p hub.Principal, given bool, err error) {
	now := time.Now()
	v := newVisit(a.options.Book(), r, at, nil)
	var t *tenants.Tenant
	switch {
	case grants.IsSession(v.bearer):
		var g *grants.Grant
		if g, t, err = a.session(v, now); err == nil {
			p = g.Principal()
		}
	case grants.IsTicket(v.bearer):
		err = grants.Because(errTicket, "a connection's request has a ticket in the place of a session token")
	default:
		p, t, err = a.identify(r, v, now)
		if err == nil && p.Guest() {
			return p, a.options.Own != nil, nil
		}
		if err == nil {
			t, err = v.place(&p, t)
		}
	}
	if err == nil {
		err = a.bars(&p, t, now)
	}
	if err != nil {
		return hub.Principal{}, true, err
	}
	return p, true, nil
}

// identify is who comes with a bearer token, or is logged in with the program. Who
// brings nothing is a guest without a name. The tenant is that of the credentials;
// nil: they name none.
func (a *Authority) identify(r *http.Request, v *visit, now time.Time) (p hub.Principal, t *tenants.Tenant, err error) {
	switch {
	case a.options.Own != nil:
		if p, err = a.options.Own(r); err != nil {
			return hub.Principal{}, nil, err
		}
		if p.Tenant != "" {
			if t = tenantOf(v.book, p.Tenant); t == nil {
				return hub.Principal{}, nil, grants.Because(errTenant, "the program's log-in names the tenant %.255q, which there is not", p.Tenant)
			}
		}
	case v.bearer != "":
		if p, t, err = a.byBearer(r.Context(), v.book, v.bearer, now); err != nil {
			return hub.Principal{}, nil, grants.Because(grants.ErrToken, "%w", err)
		}
	}
	return p, t, nil
}

// place is the tenant whose visitor p is: t, which its credentials name, if the
// request does not name another; nil: whose the request says.
func (v *visit) place(p *hub.Principal, t *tenants.Tenant) (*tenants.Tenant, error) {
	if t != nil {
		return t, v.agrees(t, grants.ErrToken)
	}
	t, err := v.whose()
	if err == nil {
		p.Tenant = t.Name
	}
	return t, err
}

// welcome lets p into t if it is a guest, by the name that it says, unless somebody
// gave it one.
func (v *visit) welcome(t *tenants.Tenant, p *hub.Principal) (err error) {
	why := uninvited(p, t)
	if why == errNameWanted && v.name != "" || why == nil && p.Guest() && p.Name == "" && v.name != "" {
		if p.Name, err = access.CleanName(v.name); err != nil {
			return err
		}
		why = uninvited(p, t)
	}
	if why != nil {
		return grants.Because(why, "%q has no such guests", t.Name)
	}
	return nil
}

// uninvited is why p, if it is a guest, may not be in t; nil: it may. Who was given
// a session need not be one of those whom t has without.
func uninvited(p *hub.Principal, t *tenants.Tenant) *access.Refusal {
	switch {
	case !p.Guest():
	case t.Guests == tenants.Nobody && p.Session == "":
		return errSignIn
	case t.Guests == tenants.Named && p.Name == "":
		return errNameWanted
	}
	return nil
}

// admit reports why p may not come in. It gives a guest the name that it says.
func (a *Authority) admit(v *visit, p *hub.Principal, t *tenants.Tenant, now time.Time) error {
	if err := v.welcome(t, p); err != nil {
		return err
	}
	return a.bars(p, t, now)
}

// bars reports that p may not come in, or not any more.
func (a *Authority) bars(p *hub.Principal, t *tenants.Tenant, now time.Time) error {
	if err := grants.Blocked(p, t); err != nil {
		return err
	}
	if a.revoked.has(p, now) {
		return takenBack()
	}
	return nil
}

func takenBack() error {
	return grants.Because(grants.ErrRevoked, "what it comes with was taken back")
}

// Refresh gives p, who is connected, newer credentials of the same user: a session
// token of the session that p has, which is renewed, or a bearer token. It is
// [hub.Options.Refresh].
func (a *Authority) Refresh(ctx context.Context, p hub.Principal, token string) (next hub.Principal, sessionToken string, err error) {
	now, book := time.Now(), a.options.Book()
	if grants.IsSession(token) {
		next, sessionToken, err = grants.Renew(a.options.Signer, book, p, token, now)
	} else {
		next, err = a.anew(ctx, book, p, token, now)
	}
	if err != nil {
		return hub.Principal{}, "", err
	}
	if a.revoked.has(&next, now) {
		return hub.Principal{}, "", takenBack()
	}
	return next, sessionToken, nil
}

// anew is p by a newer bearer token.
func (a *Authority) anew(ctx context.Context, book *tenants.Book, p hub.Principal, token string, now time.Time) (hub.Principal, error) {
	if token == "" || a.options.Own != nil {
		return hub.Principal{}, grants.Because(grants.ErrToken, "nothing was brought that can be taken here")
	}
	next, t, err := a.byBearer(ctx, book, token, now)
	if err != nil {
		return hub.Principal{}, grants.Because(grants.ErrToken, "%w", err)
	}
	return grants.Succeed(p, next, t)
}
