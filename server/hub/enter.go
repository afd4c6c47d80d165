package hub

import (
	"fmt"

	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// admitted is what a connection would be.
type admitted struct {
	mux       *Mux
	principal *Principal
	rules     *Rules
	room      Room // of its scope; zero: none
}

// anonymous is the one principal of all who are nobody, as most are.
var anonymous = &Principal{}

// shared is p where many connections can have it.
func (p *Principal) shared() *Principal {
	if p.Tenant == "" && p.ID == "" && p.Name == "" && p.Icon == "" && p.Roles == nil && p.Claims == nil && p.Places == nil &&
		p.Scope == "" && p.Scopes == 0 && p.Session == "" && p.Issued == 0 && p.Expires == 0 {
		return anonymous
	}
	own := *p
	return &own
}

// rulesOf are what p may do on a hub.
func (c *Core) rulesOf(p *Principal, m *Mux) *Rules {
	if c.options.Rules != nil {
		if r := c.options.Rules(*p, m.Name()); r != nil {
			return r
		}
	}
	return defaultRules
}

// Access is what [Core.Open] would give p that asks for w on that hub, without
// anybody being connected: what a client is told when it negotiates. It gives the
// errors of Open.
func (c *Core) Access(hub string, p Principal, w access.Where) (access.Access, error) {
	a, err := c.admit(hub, &p, &w)
	if err != nil {
		return access.Access{}, err
	}
	return c.describe(a.principal, a.rules, a.room), nil
}

// Access is what the connection may do, and whom it hears and speaks to now.
func (c *Conn) Access() access.Access {
	c.mu.Lock()
	p, r, key := c.principal, c.rules, c.scopeKey()
	c.mu.Unlock()
	return c.core.describe(p, r, key)
}

// admit says what a connection of p that asks for w would be; as Core.Open does.
func (c *Core) admit(hub string, p *Principal, w *access.Where) (admitted, error) {
	mux := c.Hub(hub)
	if mux == nil {
		return admitted{}, ErrUnknownHub
	}
	if p.ID != "" {
		if err := contract.ValidName(p.ID); err != nil {
			return admitted{}, fmt.Errorf("user id: %w", err)
		}
	}
	if err := mux.Allows(*p); err != nil {
		return admitted{}, fmt.Errorf("%w: %w", ErrUnauthorized, err)
	}
	a := admitted{mux: mux, principal: p.shared(), rules: c.rulesOf(p, mux)}
	if err := c.usages.allows(p, a.rules); err != nil {
		return admitted{}, err
	}
	room, err := mux.In(p.Tenant).roomFor(a.principal, a.rules, w)
	a.room = room
	return a, err
}

// goOn puts a where the connection was that it goes on from, if that was the same
// user's and the rules still allow it.
func (a *admitted) goOn(before *Conn) {
	before.mu.Lock()
	key, id := before.scopeKey(), before.principal.ID
	before.mu.Unlock()
	if before.mux == a.mux && before.tenant == a.principal.Tenant && id == a.principal.ID && key != (Room{}) && a.principal.mayBeIn(key, a.rules) {
		a.room = key
	}
}

func (c *Core) describe(p *Principal, r *Rules, key Room) access.Access {
	usable := p.scopes(r)
	a := access.Access{
		You:    access.Person{ID: p.ID, Name: p.Name, Icon: p.Icon, Guest: p.Guest()},
		Scope:  key.kind.scope(),
		Scopes: usable.List(),
		Speaks: (usable & r.Speaks).List(),
	}
	if a.Scope == contract.ScopePlace {
		a.Place = key.name
	}
	if p.Expires != 0 {
		a.Expires, a.ExpiresIn = p.Expires, max(p.Expires-c.env.Now(), 0)
	}
	return a
}

// scopeKey is the room of the connection's scope, after its end the one that it was
// in; zero: none. The mutex is held.
func (c *Conn) scopeKey() Room {
	if c.scope == nil {
		return Room{}
	}
	return c.scope.room.key
}

// goTo leaves the connection's scope for the one that w asks for. On an error
// nothing has changed: ErrClosed, or an [*access.Refusal].
func (c *Conn) goTo(w *access.Where) error {
	c.mu.Lock()
	moved, err := c.goToLocked(w)
	c.mu.Unlock()
	if moved {
		c.wake()
	}
	return err
}

func (c *Conn) goToLocked(w *access.Where) (moved bool, err error) {
	if c.closed {
		return false, ErrClosed
	}
	key, err := c.targets().roomFor(c.principal, c.rules, w)
	if err != nil {
		return false, err
	}
	if key == (Room{}) {
		return false, errNoScope
	}
	if key == c.scopeKey() {
		return false, nil
	}
	if c.scope != nil {
		c.exit(c.place(c.scope.room.key))
	}
	c.scope = c.join(key)
	return true, nil
}
