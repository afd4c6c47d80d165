package transport

import (
	"context"
	"errors"
	"sync"

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
	refusals   sparing

	mu       sync.Mutex // Protects following. May be held while pending's is taken.
	cores    map[*hub.Core]struct{}
	links    map[token]*link // by secret
	draining bool
}

// NewHost returns a host that serves nothing yet. It starts nothing before it is
// used.
func NewHost(o *Options) *Host {
	h := &Host{
		options: o.withDefaults(),
		wheel:   newWheel(),
		cores:   map[*hub.Core]struct{}{},
		links:   map[token]*link{},
	}
	h.handshakes.limit = h.options.HandshakesPerAddress
	h.pending.init(h)
	return h
}

// Env is what a core needs of its host. It stops working with Shutdown.
func (h *Host) Env() hub.Env {
	return hub.Env{Now: h.wheel.now, After: h.wheel.after, Go: h.tasks.Go}
}

// Handler serves one hub of core, at whatever path it is mounted: the path
// itself, and below it /negotiate. The core must live in [Host.Env].
func (h *Host) Handler(core *hub.Core, hubName string) *Handler {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cores[core] = struct{}{}
	return &Handler{host: h, core: core, hub: hubName}
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
	h.eachLink(func(l *link) { l.outbox.Close(goingAway) })
	if h.tasks.wait(ctx) == nil || h.waitMore(ctx) {
		return err
	}
	h.eachLink(func(l *link) { l.outbox.abort() })
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

// eachLink calls f for every link that has been accepted.
func (h *Host) eachLink(f func(*link)) {
	h.mu.Lock()
	links := make([]*link, 0, len(h.links))
	for _, l := range h.links {
		if l.accepted {
			links = append(links, l)
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

// open gives l its place under secret. The negotiation that secret stands for is
// used up. A new secret needs no negotiation.
func (h *Host) open(l *link, secret token, negotiated bool, user string) *refusal {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return errStopping
	}
	if negotiated {
		if h.links[secret] != nil {
			return errActive
		}
		n, ok := h.pending.take(secret, l.handler, user)
		if !ok {
			return errUnknownID
		}
		l.id = n.id.String()
	}
	l.secret = secret
	h.links[secret] = l
	h.stats.links.Add(1)
	h.tasks.add() // Shutdown waits for it from here on
	return nil
}

// accept notes that l has its socket. It reports whether the host is stopping
// and has closed the other links already.
func (h *Host) accept(l *link) (stopping bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l.accepted = true
	return h.draining
}

// close takes l's place back; its secret dies.
func (h *Host) close(l *link) {
	defer h.tasks.done()
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.links, l.secret)
	h.stats.links.Add(-1)
}

// isOpen tells whether a link has its place under secret.
func (h *Host) isOpen(secret token) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.links[secret] != nil
}
