package client

import (
	"strings"
	"time"
)

// passOverFor is how long a transport is tried last that could not be opened
// where another could. Networks that block one do so for long, but people take
// their machines from one network to another.
const passOverFor = 10 * time.Minute

// choice remembers which transports work where the client is.
type choice struct {
	hub string // scheme and host of the address

	blocked map[Transport]time.Time // until when one is passed over
	last    Transport               // that carried a connection
	missed  bool                    // the last one could not be opened since
}

func newChoice(at *address) *choice {
	return &choice{hub: at.hub.Scheme + "://" + at.hub.Host, blocked: map[Transport]time.Time{}}
}

// next is the transport to try of those that are left.
func (c *choice) next(left Transport) Transport {
	free := left
	for _, o := range transports {
		if time.Now().Before(c.until(o.one)) {
			free &^= o.one
		}
	}
	if free == 0 {
		free = left
	}
	return free.best()
}

// until is the end of the time in which t is passed over.
func (c *choice) until(t Transport) time.Time {
	until := c.blocked[t]
	// A page's other clients may know more.
	if other := recall(c.key(t)); other.After(until) && time.Until(other) <= passOverFor {
		until = other
	}
	return until
}

// opened says that t works where failed could not be opened.
func (c *choice) opened(t, failed Transport) {
	c.last, c.missed = t, false
	for _, o := range transports {
		switch {
		case failed&o.one != 0:
			c.blocked[o.one] = time.Now().Add(passOverFor)
			remember(c.key(o.one), c.blocked[o.one])
		case o.one == t && !c.until(t).IsZero():
			c.forget(t)
		}
	}
}

// failed says that t could not be opened. It reports whether another should be
// tried: one that has worked before is not given up for one failure, which is as
// likely that of a hub that restarts.
func (c *choice) failed(t Transport) (tryOther bool) {
	if t == c.last && !c.missed {
		c.missed = true
		return false
	}
	return true
}

// nothingOpens forgets everything: that no transport works says nothing of them.
func (c *choice) nothingOpens() {
	for _, o := range transports {
		c.forget(o.one)
	}
}

func (c *choice) forget(t Transport) {
	delete(c.blocked, t)
	remember(c.key(t), time.Time{})
}

// key is the name of what a page remembers of a transport.
func (c *choice) key(t Transport) string {
	return "partline: no " + strings.ReplaceAll(t.String(), " ", "-") + " to " + c.hub
}
