package hub

import "errors"

// What ends, or keeps, a connection whose principal is not for ever.
var (
	// ErrExpired is what OnDisconnect hears of a connection whose
	// [Principal.Expires] has come.
	ErrExpired = errors.New("the credentials have expired")

	// ErrOtherUser: a connection belongs to the user that opened it.
	ErrOtherUser = errors.New("the connection belongs to another user")

	// ErrOtherTenant: and to that user's tenant.
	ErrOtherTenant = errors.New("the connection belongs to another tenant")
)

// maxTimer is the longest time for one timer, in milliseconds: a day. What is
// further away is looked at again then.
const maxTimer = 24 * 60 * 60 * 1000

// Principal is who is connected.
func (c *Conn) Principal() Principal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return *c.principal
}

// SetPrincipal renews who is connected, as a later request of the same client
// established it: from then on calls see p, and the connection lasts until p
// expires. A p that expires earlier than the one before is an old one and
// changes nothing. A guest that has renamed itself while connected keeps that name.
// If p may not be in the scope that the connection is in, it is closed as by
// [Core.Reconsider]. It gives ErrOtherTenant and ErrOtherUser if p has another Tenant or
// ID, the hub's error if that does not allow p any more, and ErrClosed.
func (c *Conn) SetPrincipal(p Principal) error {
	if err := c.mux.Allows(p); err != nil {
		return err
	}
	begun := c.core.reconsiders.Load()
	rules := c.core.rulesOf(&p, c.mux)
	strays, err := c.renew(&p, rules)
	if c.core.reconsiders.Load() != begun {
		c.reconsider() // the rules that were put in place may be those of before
	}
	if strays {
		c.turnOut(errRules, errRules, true)
		return ErrClosed
	}
	return err
}

// renew is SetPrincipal with the rules for p; strays tells that the connection is
// where it may not be any more.
func (c *Conn) renew(p *Principal, rules *Rules) (strays bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return false, ErrClosed
	case p.Tenant != c.tenant:
		return false, ErrOtherTenant
	case p.ID != c.principal.ID:
		return false, ErrOtherUser
	case lasts(p) < lasts(c.principal):
		return false, nil
	}
	changed := p.Expires != c.principal.Expires
	next := p.shared()
	if c.renamed && next.Name != c.principal.Name {
		own := *next
		own.Name = c.principal.Name
		next = &own
	}
	c.principal, c.rules = next, rules
	if changed {
		c.setExpiry()
	}
	return c.strays(), nil
}

// lasts is when p expires; never, which is zero, becomes the largest number.
func lasts(p *Principal) uint64 {
	return uint64(p.Expires) - 1
}

// setExpiry sets the timer that closes the connection when its principal
// expires. The mutex is held.
func (c *Conn) setExpiry() {
	if c.expiry != nil {
		c.expiry()
		c.expiry = nil
	}
	if c.principal.Expires != 0 && !c.closed {
		wait := max(c.principal.Expires, 0) - c.core.env.Now()
		c.expiry = c.core.env.After(min(max(wait, 1), maxTimer), c.checkExpiry)
	}
}

// checkExpiry closes a connection whose principal has expired.
func (c *Conn) checkExpiry() {
	c.mu.Lock()
	if expires := c.principal.Expires; c.closed || expires == 0 || expires > c.core.env.Now() {
		c.setExpiry()
		c.mu.Unlock()
		return
	}
	c.mu.Unlock()
	c.turnOut(errTooLate, ErrExpired, true)
}
