package hub

import (
	"maps"
	"slices"
	"strings"

	"partline.dev/shared/access"
)

// Reconsider asks [Options.Rules] for every connection again, after what they go by
// has changed. A connection whose hub does not allow it any more, or that is in a
// scope or place that it may not be in any more, is closed with access.CodeRules,
// and its client may come back. The others go on under the new rules.
func (c *Core) Reconsider() {
	c.reconsiders.Add(1) // before looking: who is renewed or comes meanwhile looks at this
	for _, conn := range c.connections() {
		conn.reconsider()
	}
}

// Expel closes every connection of the principals that who picks, on all hubs, and
// tells their clients why: with access.CodeRevoked they do not come back by
// themselves, with another code they may. OnDisconnect hears why. It returns how many
// connections it closed. Who picks must not call the core.
func (c *Core) Expel(who func(Principal) bool, why *access.Refusal) (n int) {
	for _, conn := range c.connections() {
		if who(conn.Principal()) && conn.turnOut(why, why, why.Code != access.CodeRevoked) {
			n++
		}
	}
	return n
}

// connections are all that are open now.
func (c *Core) connections() []*Conn {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.connectionsLocked()
}

// connectionsLocked is connections for who holds the mutex.
func (c *Core) connectionsLocked() []*Conn {
	return slices.AppendSeq(make([]*Conn, 0, c.conns.len()), maps.Values(c.conns.entries))
}

// reconsider puts the rules of now in the place of those that the connection has.
func (c *Conn) reconsider() {
	for {
		c.mu.Lock()
		p := c.principal
		c.mu.Unlock()
		rules, refused := c.core.rulesOf(p, c.mux), c.mux.Allows(*p)
		c.mu.Lock()
		if c.principal != p {
			c.mu.Unlock()
			continue // it was renewed meanwhile, and may have others
		}
		c.rules = rules
		strays := c.strays()
		c.mu.Unlock()
		if refused != nil || strays {
			c.turnOut(errRules, errRules, true)
		}
		return
	}
}

// strays tells whether the connection is where it may not be. The mutex is held.
func (c *Conn) strays() bool { return !c.principal.mayBeIn(c.scopeKey(), c.rules) }

// turnOut closes the connection and tells its client why.
func (c *Conn) turnOut(why *access.Refusal, err error, comeBack bool) bool {
	text := why.Error()
	reason := CloseReason{Code: CodeNormal, Text: strings.ToValidUTF8(text[:min(len(text), maxReason)], "")}
	if !comeBack {
		reason.Code = CodePolicy
	}
	closed := c.close(closing{reason: reason, err: err, say: true, text: text, allowReconnect: comeBack})
	if closed {
		c.core.options.Log.Info("closed a connection", "connection", c.id, "hub", c.mux.Name(), "code", string(why.Code))
	}
	return closed
}

// maxReason is how long the text of a [CloseReason] may be.
const maxReason = 123

var (
	errRules   = &access.Refusal{Code: access.CodeRules, Message: "What you may do here has changed."}
	errTooLate = &access.Refusal{Code: access.CodeExpired, Message: "What let you in has expired."}
)
