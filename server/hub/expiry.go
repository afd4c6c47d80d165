package hub

import "errors"

// What ends, or keeps, a connection whose principal is not for ever.
var (
	// ErrExpired is what OnDisconnect hears of a connection whose
	// [Principal.Expires] has come.
	ErrExpired = errors.New("the credentials have expired")

	// ErrOtherUser: a connection belongs to the user that opened it.
	ErrOtherUser = errors.New("the connection belongs to another user")
)

// maxTimer is the longest time for one timer, in milliseconds: a day. What is
// further away is looked at again then.
const maxTimer = 24 * 60 * 60 * 1000

// Principal is who is connected.
func (c *Conn) Principal() Principal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.principal
}

// SetPrincipal renews who is connected, as a later request of the same client
// established it: from then on calls see p, and the connection lasts until p
// expires. A p that expires earlier than the one before is an old one and
// changes nothing. It gives ErrOtherUser if p has another ID, the hub's error if
// that does not allow p any more, and ErrClosed.
func (c *Conn) SetPrincipal(p Principal) error {
	if err := c.mux.Allows(p); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return ErrClosed
	case p.ID != c.principal.ID:
		return ErrOtherUser
	case lasts(p) < lasts(c.principal):
		return nil
	}
	changed := p.Expires != c.principal.Expires
	c.principal = p
	if changed {
		c.setExpiry()
	}
	return nil
}

// lasts is when p expires; never, which is zero, becomes the largest number.
func lasts(p Principal) uint64 {
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
	c.core.options.Log.Info("closed a connection whose credentials have expired", "connection", c.id, "hub", c.mux.Name())
	c.close(closing{
		reason: CloseReason{Code: CodeNormal, Text: "credentials expired"},
		err:    ErrExpired, say: true, allowReconnect: true,
	})
}
