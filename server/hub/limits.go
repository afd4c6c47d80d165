package hub

import (
	"sync"

	"partline.dev/shared/access"
)

// The refusals of what is more than a principal, a tenant or a room may have. Their
// texts reach clients.
var (
	errRate            = &access.Refusal{Code: access.CodeRate, Message: "You are sending too much in too short a time. Wait a moment and send it again."}
	errTenantRate      = &access.Refusal{Code: access.CodeRate, Message: "Too much is being sent here just now. Wait a moment and send it again."}
	errRoomRate        = &access.Refusal{Code: access.CodeRate, Message: "Too much is being said in this room just now. Wait a moment and send it again."}
	errUserConnections = &access.Refusal{Code: access.CodeConnections, Message: "You have as many connections open as one user may. Close one and try again."}
	errRooms           = &access.Refusal{Code: access.CodeRooms, Message: "You are in as many rooms as you may be. Leave one first."}
	errConnections     = &access.Refusal{Code: access.CodeConnections, Message: "As many connections are open here as may be. Try again later."}
)

// usage is what a user, or a tenant, has open and has sent lately. A guest's is of
// one connection.
type usage struct {
	meter

	connections int   // protected by usages, as what follows
	until       int64 // without connections it is known until then, in ms
	timed       bool  // a timer looks whether that has come
}

// usageKey names a user, or with an empty one the tenant.
type usageKey struct{ tenant, user string }

// usages are those of users and tenants with connections, and of those who had some
// until what they have sent counts for nothing any more: to come back is no way round
// a limit.
type usages struct {
	env Env

	mu sync.Mutex // Protects following, and the counts of connections.
	of ebbing[usageKey, *usage]
}

// open counts one more connection of p, unless there are as many as rules allow.
func (u *usages) open(p *Principal, rules *Rules) (user, tenant *usage, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	tenant = u.get(usageKey{tenant: p.Tenant})
	if p.ID != "" {
		user = u.get(usageKey{p.Tenant, p.ID})
	}
	if err := within(user, tenant, rules); err != nil {
		return nil, nil, err
	}
	u.of.put(usageKey{tenant: p.Tenant}, tenant)
	tenant.connections++
	if user != nil {
		u.of.put(usageKey{p.Tenant, p.ID}, user)
		user.connections++
	}
	return user, tenant, nil
}

// allows gives the error that open would.
func (u *usages) allows(p *Principal, rules *Rules) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	var user *usage
	if p.ID != "" {
		user = u.of.get(usageKey{p.Tenant, p.ID})
	}
	return within(user, u.of.get(usageKey{tenant: p.Tenant}), rules)
}

// within gives an error if a user or a tenant has as many connections as it may.
// Either may be nil.
func within(user, tenant *usage, rules *Rules) error {
	switch {
	case user != nil && rules.Connections > 0 && user.connections >= rules.Connections:
		return errUserConnections
	case tenant != nil && rules.TenantConnections > 0 && tenant.connections >= rules.TenantConnections:
		return errConnections
	}
	return nil
}

// get is the usage of key, or a new one that nobody else has yet. The mutex is held.
func (u *usages) get(key usageKey) *usage {
	if known := u.of.get(key); known != nil {
		return known
	}
	return &usage{}
}

// close counts one connection of p, under rules, less.
func (u *usages) close(p *Principal, rules *Rules) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.drop(usageKey{tenant: p.Tenant}, rules.TenantRate)
	if p.ID != "" {
		u.drop(usageKey{p.Tenant, p.ID}, rules.Rate)
	}
}

func (u *usages) drop(key usageKey, rate Rate) {
	one := u.of.get(key)
	if one.connections--; one.connections == 0 {
		now := u.env.Now()
		one.until = now + one.untilFull(now, rate)
		u.forget(key, one)
	}
}

// forget forgets one, which has no connections, as soon as that makes no difference.
// The mutex is held.
func (u *usages) forget(key usageKey, one *usage) {
	wait := one.until - u.env.Now()
	switch {
	case wait <= 0:
		u.of.remove(key)
	case !one.timed:
		one.timed = true
		u.env.After(min(wait, maxTimer), func() {
			u.mu.Lock()
			defer u.mu.Unlock()
			one.timed = false
			if one.connections == 0 && u.of.get(key) == one {
				u.forget(key, one)
			}
		})
	}
}

// meterCall counts a message of the client's that asks for work, of that many bytes,
// and refuses it if there were too many.
func (c *Conn) meterCall(bytes int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.meterItem(bytes)
}

// meterItem is meterCall with the mutex held.
func (c *Conn) meterItem(bytes int) error {
	r, now := c.rules, c.core.env.Now()
	if r.Rate != (Rate{}) {
		if c.userUsage == nil {
			c.userUsage = &usage{}
		}
		if !c.userUsage.take(now, r.Rate, bytes) {
			return c.tooMuch(errRate)
		}
	}
	if !c.tenantUsage.take(now, r.TenantRate, bytes) {
		return c.tooMuch(errTenantRate)
	}
	return nil
}

// tooMuch counts a refusal.
func (c *Conn) tooMuch(refusal *access.Refusal) error {
	c.core.refused.Add(1)
	return refusal
}

// rulesNow are what the connection's principal may do.
func (c *Conn) rulesNow() *Rules {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rules
}

// meterRooms counts an event that the caller publishes into rooms, and refuses it if
// there were too many in one of them. Its bytes are counted by the returned function,
// once they are known.
func (t *Target) meterRooms() (charge func(bytes int), err error) {
	caller := t.from.caller
	if caller == nil || len(t.rooms) == 0 {
		return nil, nil
	}
	rate := caller.rulesNow().RoomRate
	if rate == (Rate{}) {
		return nil, nil
	}
	now := caller.core.env.Now()
	meters := make([]*meter, 0, len(t.rooms))
	for _, key := range t.rooms {
		r := caller.core.rooms.find(key)
		if r == nil {
			continue
		}
		m := r.measure()
		if !m.take(now, rate, 0) {
			return nil, caller.tooMuch(errRoomRate)
		}
		meters = append(meters, m)
	}
	return func(bytes int) {
		for _, m := range meters {
			m.charge(bytes)
		}
	}, nil
}

// measure is the room's meter.
func (r *room) measure() *meter {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.meter == nil {
		r.meter = &meter{}
	}
	return r.meter
}
