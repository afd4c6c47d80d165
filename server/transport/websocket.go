package transport

import (
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"partline.dev/server/hub"
)

// serveWebSocket makes r a socket.
func (h *Handler) serveWebSocket(w http.ResponseWriter, r *http.Request) *refusal {
	host := h.host
	principal, refused := h.authenticate(w, r)
	if refused != nil {
		return refused
	}
	l := &socket{}
	c, fresh, refused := h.claim(r, principal, WebSockets, func(c *connection) {
		c.link = &l.outbox
	})
	if refused != nil {
		return refused
	}
	l.connection = c
	options := websocket.AcceptOptions{InsecureSkipVerify: true} // the policy has checked the origin
	if host.options.Compress {
		options.CompressionMode = websocket.CompressionNoContextTakeover
	}
	ws, err := websocket.Accept(&hijacker{w, l}, r, &options)
	if err != nil {
		// The library has answered.
		if host.refusals.allow(host.wheel.now()) {
			host.options.Log.Info("refused an upgrade", "hub", h.name, "error", err)
		}
		host.stats.refused.Add(1)
		if fresh {
			c.hangUp(err)
			host.close(c, hub.CodeProtocol, false, err)
		}
		return nil
	}
	ws.SetReadLimit(-1) // a WebSocket message may hold any number of hub messages
	l.ws = ws
	if strings.Contains(w.Header().Get("Sec-WebSocket-Extensions"), "server_no_context_takeover") {
		l.outbox.framing = deflatedFrames
	}
	if fresh {
		c.begin()
		host.place(c)
	} else {
		c.resume(&l.outbox)
	}
	// The HTTP server's goroutine has a deep stack and holds the request: leave it.
	host.tasks.Go(l.run)
	return nil
}
