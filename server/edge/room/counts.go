package room

import (
	"partline.dev/server/edge/inside"
	"partline.dev/server/handshake"
	"partline.dev/shared/access"
)

// counts are how many connections there are, in all and of each client address, and
// how many of those have not finished their handshake.
type counts struct {
	all     int
	address map[string]count
}

type count struct{ all, shaking int }

var (
	errFull       = &inside.Refusal{Status: inside.StatusServiceUnavailable, Text: "The room has as many connections as it may have. Try again later.", Retry: 30}
	errShare      = &inside.Refusal{Status: inside.StatusTooManyRequests, Code: access.CodeConnections, Text: handshake.TextOfAddress, Retry: 30}
	errHandshakes = &inside.Refusal{Status: inside.StatusTooManyRequests, Code: access.CodeRate, Text: handshake.TextShaking, Retry: 5}
)

// admit says whether there is room for one more of that address.
func (c *counts) admit(o *Options, address string) *inside.Refusal {
	of := c.address[address]
	switch {
	case c.all >= o.MaxConnections:
		return errFull
	case of.all >= o.MaxPerAddress:
		return errShare
	case of.shaking >= o.HandshakesPerAddress:
		return errHandshakes
	}
	return nil
}

// add counts l.
func (c *counts) add(l *link) {
	if c.address == nil {
		c.address = map[string]count{}
	}
	of := c.address[l.record.address]
	of.all++
	if l.record.codec == "" {
		of.shaking++
	}
	c.all++
	c.address[l.record.address] = of
	l.counted = true
}

// shook notes that l has finished its handshake.
func (c *counts) shook(l *link) {
	of := c.address[l.record.address]
	of.shaking--
	c.address[l.record.address] = of
}

// remove takes back add. A link in its handshake has to be past it first.
func (c *counts) remove(l *link) {
	if !l.counted {
		return
	}
	l.counted = false
	of := c.address[l.record.address]
	if of.all--; of.all <= 0 {
		delete(c.address, l.record.address)
	} else {
		c.address[l.record.address] = of
	}
	if c.all--; c.all == 0 {
		c.address = nil // a map keeps the space of what was deleted
	}
}
