package classic

import (
	"cmp"
	"net/http"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// reach finds the connection of q, or makes it: then it is fresh.
func (h *Handler) reach(q *request, by arrival) (c *connection, fresh bool, refused *refusal) {
	if by != sending && q.transport == front.WebSockets && !asksForSocket(q.r) {
		return nil, false, errUpgrade
	}
	for {
		c, was, fresh := h.connections.claim(q.id, func() *connection { return newConnection(h, q) })
		switch {
		case c == nil:
			return nil, false, &refusal{errEnded.status, cmp.Or(was.text, errEnded.text)}
		case fresh:
			return c, true, c.open(q, was, by)
		}
		if refused = c.join(q); refused != errEnding {
			return c, false, refused
		}
		select {
		case <-c.retired: // it is there again for who may come back
		case <-q.r.Context().Done():
			return nil, false, errAnswered
		}
	}
}

// existing finds the live connection of q.
func (h *Handler) existing(q *request) (*connection, *refusal) {
	c := h.connections.find(q.id)
	if c == nil {
		return nil, errEnded
	}
	return c, c.join(q)
}

// join waits until the connection is open, and notes what q shows of its client.
func (c *connection) join(q *request) *refusal {
	select {
	case <-c.opened:
	case <-q.r.Context().Done():
		return errAnswered
	}
	if c.isOver() {
		return errEnding
	}
	return c.renew(q)
}

// serveConnect makes a connection, with its first link. Another of the same client
// is its next try with another transport: it hears all that the first would have.
func (h *Handler) serveConnect(q *request) *refusal {
	c, _, refused := h.reach(q, connecting)
	if refused != nil {
		return refused
	}
	f := feed{connection: c, position: c.begun}
	if c.hasStarted() {
		f.position = h.core.Latest()
	}
	if !c.version.starts() && !c.start(q.r) {
		return c.unstarted()
	}
	first := f.empty()
	first.first = true
	c.carry(q, f, first.append(nil))
	return nil
}

// serveReconnect gives a connection another link, which goes on where the client
// was.
func (h *Handler) serveReconnect(q *request) *refusal {
	return h.resume(q, true)
}

// servePoll is a poll: it makes no difference to a hub.
func (h *Handler) servePoll(q *request) *refusal {
	if q.transport != front.LongPolling {
		return errTransport
	}
	return h.resume(q, false)
}

func (h *Handler) resume(q *request, reconnected bool) *refusal {
	after, known, refused := h.after(q)
	if refused != nil {
		return refused
	}
	c, fresh, refused := h.reach(q, returning)
	if refused != nil {
		if p := h.connections.barred(q.id); p != nil && q.transport == front.LongPolling {
			h.reportEnd(q, p, after)
			return nil
		}
		return refused
	}
	f := feed{connection: c, position: after, tell: !known}
	if known {
		c.has(after)
	}
	if len(q.groups) > 0 {
		f.groups = h.signGroups(c.id, q.groups)
	}
	c.restore(q.groups)
	if reconnected && !fresh {
		for _, conn := range c.all() {
			conn.Reconnected()
		}
	}
	switch {
	case fresh:
		h.counters.remade.Add(1)
		c.start(q.r)
	case reconnected:
		h.counters.reconnects.Add(1)
	}
	c.carry(q, f, nil)
	return nil
}

// after is the number of the last event that the client of q has had. If that is
// not known, it goes on from now.
func (h *Handler) after(q *request) (number uint64, known bool, refused *refusal) {
	latest := h.core.Latest()
	if q.messageID == "" {
		return latest, false, nil
	}
	at, ours, err := parseCursor(q.messageID)
	switch {
	case err != nil:
		return 0, false, errMessageID
	case !ours || at.epoch != h.core.Epoch() || at.number > latest:
		return latest, false, nil
	}
	return at.number, true, nil
}

// reportEnd answers the poll of a client whose connection was ended for good: with
// what it has not had, and then with why.
func (h *Handler) reportEnd(q *request, p *past, after uint64) {
	events, upTo, _ := h.core.Fetch(after, fetchLimit, p.conns...)
	n := news{events: events}
	n.cursor = cursor{h.core.Epoch(), upTo}
	if len(events) == 0 {
		n.failure = cmp.Or(p.text, errEnded.text)
	}
	h.reply(q.w, n.append(nil))
}

// carry makes q a link, whose client is told first before all else.
func (c *connection) carry(q *request, f feed, first []byte) {
	c.mu.Lock()
	c.transport = q.transport
	c.place.Change(q.transport)
	conns := c.conns
	c.mu.Unlock()
	for _, conn := range conns {
		conn.SetTransport(q.transport.String())
	}
	h := c.handler
	switch {
	case q.transport == front.WebSockets:
		h.serveSocket(q.w, q.r, c, f, first)
	case q.transport == front.ServerSentEvents:
		h.serveEvents(q.w, q.r, c, f, first)
	case first != nil:
		c.pause()
		h.reply(q.w, first)
	default:
		h.servePolled(q.w, q.r, c, f)
	}
}

// serveStart tells the hubs that the client is ready, and the client when they are.
func (h *Handler) serveStart(q *request) *refusal {
	c, refused := h.existing(q)
	if refused != nil {
		return refused
	}
	before := h.core.Latest()
	if !c.start(q.r) {
		return c.unstarted()
	}
	c.awaitGreeting(q.r.Context(), before)
	h.reply(q.w, []byte(`{ "Response": "started" }`))
	return nil
}

// start runs what the hubs do for a new connection, and reports whether they took
// it.
func (c *connection) start(r *http.Request) bool {
	c.mu.Lock()
	conns := c.conns[:c.listed]
	c.started = true
	c.mu.Unlock()
	for _, conn := range conns {
		conn.Start()
		select {
		case <-conn.Greeted():
		case <-c.gone:
			return false
		case <-r.Context().Done():
			return false
		}
	}
	if c.handler.options.Raw != nil {
		c.openRaw()
	}
	return true
}

// unstarted is what a client hears whose connection a hub did not take.
func (c *connection) unstarted() *refusal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &refusal{errStart.status, cmp.Or(c.farewell, errStart.text)}
}

func (c *connection) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

func (c *connection) hasStarted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.started
}

// serveAbort ends the connection, as its client asks.
func (h *Handler) serveAbort(q *request) *refusal {
	if c, refused := h.existing(q); refused == nil {
		c.end(ending{code: hub.CodeNormal, asked: true})
	}
	q.w.Header().Set("Content-Type", "text/plain")
	q.w.Header().Set("Content-Length", "0")
	return nil
}
