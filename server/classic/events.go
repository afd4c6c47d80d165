package classic

import (
	"net/http"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// The first event of a stream, which makes browsers say that it is open, and the
// one that is sent when there is nothing to say.
var (
	initializedEvent = event("initialized")
	keepAliveEvent   = event(keepAlive)
)

func event(text string) []byte {
	return transport.EventFrame(append(make([]byte, hub.Headroom), text...))
}

// serveEvents makes r a stream of events of c, which is told first, if that is not
// empty, and returns when it has ended.
func (h *Handler) serveEvents(w http.ResponseWriter, r *http.Request, c *connection, f feed, first []byte) {
	reply := h.host.NewReply(w, r)
	defer reply.End()
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no") // nginx, and what does as it does
	send := func(b []byte) bool { return reply.Write(b) == nil && reply.Flush() == nil }
	if !send(initializedEvent) || first != nil && !send(event(string(first))) {
		c.touch()
		return
	}
	l := newPulled(f)
	if c.attach(&l) {
		defer c.detach(&l)
	} else {
		l.close(c.ended())
	}
	keepAlive := time.NewTicker(h.options.KeepAlive)
	defer keepAlive.Stop()
	for {
		select {
		case <-l.news:
		case <-l.over:
		case <-keepAlive.C:
			if !send(keepAliveEvent) {
				return
			}
		case <-r.Context().Done():
			return
		}
		for !l.isReplaced() {
			n, ok := l.take()
			if !ok {
				break
			}
			if !send(n.framed(sharedEvent, transport.EventFrame)) {
				return
			}
			c.has(n.cursor.number)
			keepAlive.Reset(h.options.KeepAlive)
		}
		if l.isOver() {
			if l.last == nil {
				return
			}
			if n, ok := l.lastWord(l.last); ok {
				send(n.framed(sharedEvent, transport.EventFrame))
			}
			return
		}
	}
}
