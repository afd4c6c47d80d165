package transport

import (
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// serveWebSocket makes r a socket.
func (h *Handler) serveWebSocket(w http.ResponseWriter, r *http.Request) *front.Refusal {
	host := h.host
	l := &socket{}
	c, fresh, refused := h.claim(r, front.WebSockets, func(c *connection) {
		c.link = &l.outbox
	})
	if refused != nil {
		return refused
	}
	l.owner = c
	if err := host.upgrade(w, r, l, host.options.Compress); err != nil {
		if fresh {
			c.hangUp(err)
			host.close(c, hub.CodeProtocol, false, err)
		}
		return nil
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

// upgrade makes r the socket l, or answers that it cannot be and why.
func (h *Host) upgrade(w http.ResponseWriter, r *http.Request, l *socket, compress bool) error {
	l.outbox.host = h
	options := websocket.AcceptOptions{InsecureSkipVerify: true} // the policy has checked the origin
	if compress {
		options.CompressionMode = websocket.CompressionNoContextTakeover
	}
	ws, err := websocket.Accept(&hijacker{w, l}, r, &options)
	if err != nil {
		// The library has answered.
		if h.refusals.allow(h.wheel.now()) {
			h.options.Log.Info("refused an upgrade", "error", err)
		}
		h.stats.refused.Add(1)
		return err
	}
	ws.SetReadLimit(-1) // its own would close with a text of its own
	l.ws = ws
	if strings.Contains(w.Header().Get("Sec-WebSocket-Extensions"), "server_no_context_takeover") {
		l.outbox.framing = deflatedFrames
	}
	return nil
}
