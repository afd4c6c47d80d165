package grants

import (
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/tenants"
)

// Session is what a session token says, and whose it is, if its time is not over
// and the tenant is there. The error wraps [ErrSession].
func Session(s *keys.Signer, book *tenants.Book, token string, now time.Time) (*Grant, *tenants.Tenant, error) {
	g, err := ReadSession(s, token)
	if err != nil {
		return nil, nil, Because(ErrSession, "the session token is none: %w", err)
	}
	if now.UnixMilli() >= g.Expires {
		return nil, nil, Because(ErrSession, "the session token has expired")
	}
	t := book.Tenant(g.Tenant)
	if t == nil {
		return nil, nil, Because(ErrSession, "the session is of %q, which is no tenant", g.Tenant)
	}
	return g, t, nil
}

// Renew gives p, who is connected, the session of its own token anew: who p is then,
// and the token to go on with. The error wraps an [access.Refusal]: the token is
// none, is over, or is of somebody else, or the tenant has blocked the user.
func Renew(s *keys.Signer, book *tenants.Book, p hub.Principal, token string, now time.Time) (next hub.Principal, sessionToken string, err error) {
	g, t, err := Session(s, book, token, now)
	if err != nil {
		return hub.Principal{}, "", err
	}
	if g.ID != p.Session {
		return hub.Principal{}, "", Because(ErrSession, "it is of another session")
	}
	if next, sessionToken, err = g.Begin(s, g.Tenant, now); err != nil {
		return hub.Principal{}, "", Because(ErrSession, "it cannot be renewed: %w", err)
	}
	if next, err = Succeed(p, next, t); err != nil {
		return hub.Principal{}, "", err
	}
	return next, sessionToken, nil
}

// Succeed is next, who is the tenant's, in the place of p: of the same user, whom the
// tenant has not blocked. A guest keeps the name that it has. The error wraps
// [ErrToken] or [ErrRevoked].
func Succeed(p, next hub.Principal, t *tenants.Tenant) (hub.Principal, error) {
	if next.Tenant != p.Tenant || next.ID != p.ID {
		return hub.Principal{}, Because(ErrToken, "it is another user's")
	}
	if next.Guest() && p.Name != "" {
		next.Name = p.Name
	}
	return next, Blocked(&next, t)
}

// Blocked reports that t has blocked p. The error wraps [ErrRevoked].
func Blocked(p *hub.Principal, t *tenants.Tenant) error {
	if p.ID != "" && t.Blocks(p.ID) {
		return Because(ErrRevoked, "%q has blocked this user", t.Name)
	}
	return nil
}
