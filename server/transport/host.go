package transport

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// Host carries the connections of one core, or of several: it gives them a
// clock, timers and goroutines, and serves their addresses.
type Host struct {
	options    Options
	policy     atomic.Pointer[front.Policy]
	wheel      *wheel
	tasks      tasks
	stats      stats
	pending    pendingTable
	handshakes perAddress
	rates      rates
	polls      atMost
	bodies     atomic.Int64 // bytes of bodies that are read whole, see ReadBody
	refusals   sparing

	mu          sync.Mutex // Protects following. May be held while pending's or addresses' is taken.
	cores       map[*hub.Core]struct{}
	places      map[*Place]struct{}
	sockets     map[*Socket]struct{}
	connections map[token]*connection // of the Core protocol and raw ones, by secret
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
		places:      map[*Place]struct{}{},
		sockets:     map[*Socket]struct{}{},
		connections: map[token]*connection{},
	}
	h.policy.Store(h.options.Policy)
	h.handshakes.limit = h.options.HandshakesPerAddress
	h.addresses.limit = h.options.ConnectionsPerAddress
	h.polls.limit = int64(h.options.PollLimit)
	h.rates.init(h)
	h.pending.init(h)
	return h
}

// SetPolicy changes which web origins may connect, from the next request on: also
// for preflights. Connections that are open stay.
func (h *Host) SetPolicy(p *front.Policy) { h.policy.Store(p) }

// PublicAddress is [front.Policy.PublicAddress], by the policy of now.
func (h *Host) PublicAddress(r *http.Request, prefix string, own ...string) (address, query string) {
	return h.policy.Load().PublicAddress(r, prefix, own...)
}

// Env is what a core needs of its host. It stops working with Shutdown.
func (h *Host) Env() hub.Env {
	return hub.Env{Now: h.wheel.now, After: h.wheel.after, Go: h.tasks.Go}
}

// Handler serves one hub of core, at whatever path it is mounted: the path
// itself, and below it /negotiate. The core must live in [Host.Env].
func (h *Host) Handler(core *hub.Core, hubName string, o *HandlerOptions) *Handler {
	h.Adopt(core)
	handler := h.newHandler(hubName, o)
	handler.core, handler.hub = core, hubName
	return handler
}

// Adopt has [Host.Shutdown] drain core, which must live in [Host.Env]. A core that
// has a handler of the host's is adopted already.
func (h *Host) Adopt(core *hub.Core) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cores[core] = struct{}{}
}

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
	h.eachPlaced(occupant.cut)
	if h.tasks.wait(ctx) == nil || h.waitMore(ctx) {
		return err
	}
	h.eachPlaced(occupant.abort)
	h.eachSocket((*Socket).Abort)
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

// stopping tells whether no new connection is taken.
func (h *Host) stopping() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.draining
}

// open gives c, which d demands, its place under its secret, for which its
// negotiation is used up; a new secret needs none. If another connection has that
// place already, it is returned instead.
func (h *Host) open(c *connection, d *demand) (other *connection, refused *front.Refusal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if other = h.connections[c.secret]; other != nil {
		return other, nil
	}
	c.id = newToken().String()
	if refused := h.admit(&c.Place); refused != nil {
		return nil, refused
	}
	if d.negotiated {
		n, ok := h.pending.take(c.secret, c.handler, &d.who)
		if !ok {
			h.vacate(&c.Place)
			h.tasks.done()
			return nil, front.ErrUnknownID
		}
		if c.id = d.id; !n.old {
			c.id = n.id.String()
		}
		c.resumes, c.holds = n.resumes, n.holds
	}
	h.connections[c.secret] = c
	return nil, nil
}

// close takes c's place back, once its link has ended; its secret dies. Code is
// that of the close, cause what went wrong, if anything.
func (h *Host) close(c *connection, code int, lost bool, cause error) {
	h.mu.Lock()
	delete(h.connections, c.secret)
	h.mu.Unlock()
	c.Leave(code, lost, cause)
}

// find is the connection under secret, or nil.
func (h *Host) find(secret token) *connection {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.connections[secret]
}
