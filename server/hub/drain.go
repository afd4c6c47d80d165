package hub

import (
	"context"
)

// Drain closes the core politely: no new connection opens, what each connection
// asked for so far is answered, and then its client is told to come back
// elsewhere, spread over [Options.DrainSpread]. It returns when every connection
// is gone, or with the context's error when it ends first.
func (c *Core) Drain(ctx context.Context) error {
	c.mu.Lock()
	if c.draining {
		c.mu.Unlock()
		return ErrDraining
	}
	c.draining = true
	conns := c.connectionsLocked()
	empty := make(chan struct{})
	if len(conns) == 0 {
		close(empty)
	} else {
		c.empty = empty
	}
	c.mu.Unlock()

	for i, conn := range conns {
		wait := c.options.DrainSpread * int64(i) / int64(len(conns))
		stop := c.env.After(wait, func() { conn.push(task{kind: taskGoodbye}) })
		defer stop()
	}
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends every call's context and every connection now. The host then waits
// for what it started.
func (c *Core) Close() {
	c.cancel()
	c.mu.Lock()
	c.draining = true
	conns := c.connectionsLocked()
	c.mu.Unlock()
	for _, conn := range conns {
		conn.close(closing{reason: goingAway, say: true, allowReconnect: true})
	}
}

var goingAway = CloseReason{Code: CodeGoingAway, Text: "the server is shutting down"}
