package transport

import (
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// serveWebSocket makes r a link.
func (h *Handler) serveWebSocket(w http.ResponseWriter, r *http.Request) *refusal {
	host := h.host
	principal, refused := h.authenticate(r)
	if refused != nil {
		return refused
	}
	l := &link{handler: h}
	secret := newToken()
	text, negotiated := query(r, "id")
	if negotiated {
		var ok bool
		if secret, ok = parseToken(text); !ok {
			return errUnknownID
		}
	} else {
		l.id = newToken().String()
	}
	address := host.options.ClientAddress(r)
	if !host.handshakes.add(address) {
		return errHandshakes
	}
	l.opening = &opening{principal: principal, address: address}
	if refused := host.open(l, secret, negotiated, principal.ID); refused != nil {
		host.handshakes.remove(address)
		return refused
	}
	host.stats.handshaking.Add(1)
	options := websocket.AcceptOptions{InsecureSkipVerify: true} // the policy has checked the origin
	if host.options.Compress {
		options.CompressionMode = websocket.CompressionNoContextTakeover
	}
	ws, err := websocket.Accept(&hijacker{w, l}, r, &options)
	if err != nil {
		// The library has answered.
		host.options.Log.Info("refused an upgrade", "hub", h.hub, "error", err)
		host.stats.refused.Add(1)
		l.passed()
		host.close(l)
		return nil
	}
	ws.SetReadLimit(-1) // a WebSocket message may hold any number of hub messages
	l.ws = ws
	l.opening.deflate = strings.Contains(w.Header().Get("Sec-WebSocket-Extensions"), "server_no_context_takeover")
	l.opening.stop = host.wheel.after(host.options.HandshakeTimeout.Milliseconds(), l.handshakeTimedOut)
	if host.accept(l) {
		l.outbox.Close(goingAway)
	}
	// The HTTP server's goroutine has a deep stack and holds the request: leave it.
	host.tasks.Go(l.run)
	return nil
}
