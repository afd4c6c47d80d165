package grants

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"partline.dev/server/keys"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// How long tickets and sessions last.
const (
	// DefaultTicket is how long a ticket is good that does not say so.
	DefaultTicket = 60 * time.Second

	// MaxTicket is the longest that a ticket may be good.
	MaxTicket = 10 * time.Minute

	// DefaultSession is how long a session is that its ticket says nothing of.
	DefaultSession = 8 * time.Hour

	// MaxSession is the longest that a session may be. A client that stays
	// connected renews it.
	MaxSession = 30 * 24 * time.Hour
)

// Ticket is a permission to come in once. The zero value is one for a guest of the
// only tenant, at every hub, in every scope that the tenant's rules allow.
type Ticket struct {
	// Tenant is whose user it is for. Empty: the only one that there is where the
	// ticket is used.
	Tenant string

	// User is the user's id in the tenant. Empty: it is for a guest.
	User string

	// Name is what people read, and Icon the https address of a picture. Both may
	// be empty; who has no name but an id is shown by nobody's.
	Name, Icon string

	// Roles are those of the user. Hubs are where the ticket is good, in any case
	// of letters: none is everywhere. Places are those that the user was
	// established to be in. Each has 1 to 255 bytes without control characters.
	Roles, Hubs, Places []string

	// Scope is the one that a client is in that asks for none. Empty: the tenant,
	// or the widest that it may use.
	Scope contract.Scope

	// Scopes are those that it may use, of those that the tenant's rules allow.
	// Zero: all of these.
	Scopes contract.Scopes

	// For is how long the ticket is good: at most MaxTicket; zero is DefaultTicket.
	// Session is how long what it opens may then go on: at most MaxSession; zero is
	// DefaultSession.
	For, Session time.Duration
}

// Mint is t as a text, good from now on, for whoever has the same keys. It has
// letters, digits, dots, - and _ only. The error is a sentence that says what is
// wrong with t.
func Mint(s *keys.Signer, t Ticket, now time.Time) (string, error) {
	g, err := t.grant(now)
	if err != nil {
		return "", fmt.Errorf("ticket: %w", err)
	}
	text, err := g.seal(s, ticketKind)
	if err != nil {
		return "", fmt.Errorf("ticket: %w", err)
	}
	return text, nil
}

func (t *Ticket) grant(now time.Time) (*Grant, error) {
	good, err := lasts("it may be used", t.For, DefaultTicket, MaxTicket)
	if err != nil {
		return nil, err
	}
	session, err := lasts("its session may go on", t.Session, DefaultSession, MaxSession)
	if err != nil {
		return nil, err
	}
	if t.Scope == contract.ScopePlace && len(t.Places) == 0 {
		return nil, errors.New("its scope is the place, and it names none")
	}
	name := t.Name
	if strings.TrimSpace(name) != "" {
		if name, err = access.CleanName(name); err != nil {
			return nil, fmt.Errorf("its name: %w", err)
		}
	}
	g := &Grant{
		ID: newID(), Tenant: t.Tenant, User: t.User, Name: strings.TrimSpace(name), Icon: t.Icon,
		Roles: t.Roles, Hubs: t.Hubs, Places: t.Places, Scope: t.Scope, Scopes: t.Scopes,
		Issued: now.UnixMilli(), Expires: now.Add(good).UnixMilli(), Session: session.Milliseconds(),
	}
	return g, g.check()
}

// lasts is how long, with its default, in whole milliseconds.
func lasts(what string, d, zero, most time.Duration) (time.Duration, error) {
	switch {
	case d == 0:
		return zero, nil
	case d < time.Second || d > most:
		return 0, fmt.Errorf("%s for 1s to %v, not for %v", what, most, d)
	}
	return d, nil
}
