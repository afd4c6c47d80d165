package transport

import (
	"context"
	"errors"
	"sync"
	"time"

	"partline.dev/server/hub"
)

// Host carries the connections of one core, or of several: it gives them a
// clock, timers and goroutines, and serves their addresses.
type Host struct {
	options    Options
	wheel      *wheel
	tasks      tasks
	stats      stats
	pending    pendingTable
	handshakes perAddress
	rates      rates
	polls      atMost
	refusals   sparing

	mu          sync.Mutex // Protects following. May be held while pending's or addresses' is taken.
	cores       map[*hub.Core]struct{}
	connections map[token]*connection // by secret
	addresses   perAddress
	draining    bool
}

// NewHost returns a host that serves nothing yet. It starts nothing before it is
// used.
func NewHost(o *Options) *Host {
	h := &Host{
		options:     o.withDefaults(),
		wheel:       newWheel(),
		cores:       map[*hub.Core]struct{}{},
		connections: map[token]*connection{},
	}
	h.handshakes.limit = h.options.HandshakesPerAddress
	h.addresses.limit = h.options.ConnectionsPerAddress
	h.polls.limit = int64(h.options.PollLimit)
	h.rates.init(h)
	h.pending.init(h)
	return h
}

// Env is what a core needs of its host. It stops working with Shutdown.
func (h *Host) Env() hub.Env {
	return hub.Env{Now: h.wheel.now, After: h.wheel.after, Go: h.tasks.Go}
}

// Handler serves one hub of core, at whatever path it is mounted: the path
// itself, and below it /negotiate. The core must live in [Host.Env].
func (h *Host) Handler(core *hub.Core, hubName string, o *HandlerOptions) *Handler {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cores[core] = struct{}{}
	handler := h.newHandler(hubName, o)
	handler.core, handler.hub = core, hubName
	return handler
}

// goingAway is how a link ends that has no connection yet when the host stops.
var goingAway = hub.CloseReason{Code: hub.CodeGoingAway, Text: "the server is shutting down"}

// Shutdown takes no new connection, drains the cores, lets every connection have
// what is queued for it and a close frame, and waits for everything that was
// started. When the context ends first, it ends every call's context and closes
// every connection, after one more [Options.CloseTimeout] cuts those that are
// left, and after another gives up on handlers that have not returned. Its error
// is then the context's.
func (h *Host) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	cores := h.cores
	h.cores = map[*hub.Core]struct{}{}
	h.mu.Unlock()
	defer h.wheel.close()

	var err error
	for core := range cores {
		if e := core.Drain(ctx); e != nil && !errors.Is(e, hub.ErrDraining) {
			err = e
		}
		core.Close()
	}
	h.eachLink(func(l link) { l.Close(goingAway) })
	if h.tasks.wait(ctx) == nil || h.waitMore(ctx) {
		return err
	}
	h.eachLink(func(l link) { l.abort() })
	h.waitMore(ctx)
	return ctx.Err()
}

// waitMore waits for everything after ctx has ended, and reports whether it has
// ended too.
func (h *Host) waitMore(ctx context.Context) bool {
	more, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.options.CloseTimeout)
	defer cancel()
	return h.tasks.wait(more) == nil
}

// eachLink calls f for every link that works.
func (h *Host) eachLink(f func(link)) {
	h.mu.Lock()
	links := make([]link, 0, len(h.connections))
	for _, c := range h.connections {
		if c.placed {
			links = append(links, c.link)
		}
	}
	h.mu.Unlock()
	for _, l := range links {
		f(l)
	}
}

// stopping tells whether no new connection is taken.
func (h *Host) stopping() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.draining
}

// open gives c its place under its secret, for which its negotiation is used up;
// a new secret needs none. If another connection has that place already, it is
// returned instead.
func (h *Host) open(c *connection, negotiated bool) (other *connection, refused *refusal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.draining:
		return nil, errStopping
	case h.connections[c.secret] != nil:
		return h.connections[c.secret], nil
	case len(h.connections) >= h.options.ConnectionLimit:
		return nil, errConnections
	case !h.addresses.add(c.address):
		return nil, errConnectionsShare
	}
	c.id = newToken().String()
	if negotiated {
		n, ok := h.pending.take(c.secret, c.handler, c.user)
		if !ok {
			h.addresses.remove(c.address)
			return nil, errUnknownID
		}
		c.id, c.resumes, c.holds = n.id, n.resumes, n.holds
	}
	h.connections[c.secret] = c
	h.stats.open(c.transport)
	h.tasks.add() // Shutdown waits for it from here on
	return nil, nil
}

// place notes that c's link works now. If the host is stopping and has closed the
// other links already, it closes this one.
func (h *Host) place(c *connection) {
	h.mu.Lock()
	c.placed = true
	stopping := h.draining
	h.mu.Unlock()
	if stopping {
		c.link.Close(goingAway)
	}
}

// close takes c's place back, once its link has ended; its secret dies. Code is
// that of the close, cause what went wrong, if anything.
func (h *Host) close(c *connection, code int, lost bool, cause error) {
	defer h.tasks.done()
	h.mu.Lock()
	delete(h.connections, c.secret)
	h.addresses.remove(c.address)
	placed, stopping := c.placed, h.draining
	h.mu.Unlock()
	h.stats.gone(c.transport)
	if !placed {
		return
	}
	h.parted(c, code, lost, cause)
	if f := h.options.Ended; f != nil {
		f(Ended{
			Hub: c.handler.name, Transport: c.transport, Status: statusOf(code, lost, stopping),
			Duration: time.Duration(h.wheel.now()-c.begun) * time.Millisecond,
		})
	}
}

// parted counts a link that has ended.
func (h *Host) parted(c *connection, code int, lost bool, cause error) {
	h.stats.closed(code, lost)
	h.options.Log.Debug("a link ended", "connection", c.id, "hub", c.handler.name, "transport", c.transport,
		"code", code, "lost", lost, "error", cause)
}

// find is the connection under secret, or nil.
func (h *Host) find(secret token) *connection {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.connections[secret]
}
