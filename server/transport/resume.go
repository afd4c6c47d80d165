package transport

import (
	"errors"
	"net/http"
	"strings"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// resumes tells whether the client that negotiates by r may come back over
// another WebSocket, without losing anything.
func (h *Handler) resumes(r *http.Request) bool {
	asked, _ := front.Query(r, "useStatefulReconnect")
	return strings.EqualFold(asked, "true") && h.run == nil && h.transports&front.WebSockets != 0 &&
		!h.host.options.NoStatefulReconnect
}

// isJavaScript tells whether r is from SignalR's JavaScript client, which says so
// in the header that it may set: User-Agent under Node, and in a browser another.
func isJavaScript(r *http.Request) bool {
	agent := r.Header.Get("X-Signalr-User-Agent")
	if agent == "" {
		agent = r.Header.Get("User-Agent")
	}
	return strings.HasPrefix(agent, "Microsoft SignalR/") &&
		(strings.Contains(agent, "; Browser;") || strings.Contains(agent, "; NodeJS;"))
}

// resumable tells whether the connection can go on over another link.
func (c *connection) resumable() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.replay != nil && !c.over
}

// part tells that the link of the connection has ended because of cause, and
// reports whether the connection goes on: it has another link, or its client has
// some time to come back. It does not if either side has ended it.
func (c *connection) part(l link, cause error) (goesOn bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.link != l:
		return true
	case c.replay == nil || c.over || !errors.Is(cause, errLost) && !errors.Is(cause, errSendTimeout) || !c.replay.detach():
		return false
	}
	host := c.host
	c.parted = host.wheel.after(host.options.DisconnectTimeout.Milliseconds(), c.giveUp)
	return true
}

// resume gives the connection another link, in the place of the one that it has
// or had. A connection that has just ended closes it.
func (c *connection) resume(l link) {
	old := c.change(l)
	if old == nil {
		l.Close(hub.CloseReason{Code: hub.CodeGoingAway, Text: "the connection has ended"})
		return
	}
	old.Close(hub.CloseReason{Code: hub.CodeGoingAway, Text: "another link took over"})
	old.abort()
}

// change puts l in the place of the connection's link, which it returns; nil: the
// connection has ended, or the core ends it now: then whoever had the link, or
// abandon, takes its place back, and nobody else may.
func (c *connection) change(l link) (old link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.replay.attach(l) != nil {
		return nil
	}
	if c.parted != nil {
		c.parted()
		c.parted = nil
	}
	host := c.host
	host.mu.Lock()
	old, c.link = c.link, l
	host.mu.Unlock()
	c.replay.conn.Resume() // nothing is handed on before it, or from the old link after
	return old
}

// giveUp ends a connection whose client did not come back in time. It runs in the
// wheel's goroutine.
func (c *connection) giveUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parted != nil && !c.over {
		c.over = true
		c.side.closed(errLost)
	}
}

// abandon takes back the place of a connection that the core has ended while it
// had no link. It is called from wherever that happened, with locks held.
func (c *connection) abandon(reason hub.CloseReason) {
	host := c.host
	host.tasks.Go(func() {
		c.hangUp(nil)
		host.close(c, reason.Code, true, errLost)
	})
}
