package transport

import (
	"io"
	"net/http"
	"strconv"
)

// refusal is why a request does not become a connection, as its client hears it.
type refusal struct {
	status int
	text   string // empty: no body
	retry  int    // seconds after which trying again makes sense; 0: it does not
}

// Error returns the text.
func (e *refusal) Error() string { return e.text }

// The refusals. The texts about ids, transports and methods are SignalR's.
var (
	errUnknownID = &refusal{status: http.StatusNotFound, text: "No Connection with that ID"}
	errElsewhere = &refusal{status: http.StatusNotFound, text: "No Connection with that ID: it is at another node, or at one that has ended."}
	errNoID      = &refusal{status: http.StatusBadRequest, text: "Connection ID required"}
	errTransport = &refusal{status: http.StatusBadRequest, text: "Cannot change transports mid-connection"}
	errActive    = &refusal{status: http.StatusConflict, text: "The connection with that ID is already active."}

	errPost   = &refusal{status: http.StatusMethodNotAllowed, text: "POST requests are not allowed for WebSocket connections."}
	errDelete = &refusal{status: http.StatusBadRequest, text: "Cannot terminate this connection using the DELETE endpoint."}

	errPath         = &refusal{status: http.StatusNotFound, text: "There is no hub at this address."}
	errMethod       = &refusal{status: http.StatusMethodNotAllowed, text: "This method is not served here."}
	errForbidden    = &refusal{status: http.StatusForbidden}
	errUnauthorized = &refusal{status: http.StatusUnauthorized} // the JavaScript client shows the status text if the body is empty
	errBody         = &refusal{status: http.StatusRequestEntityTooLarge, text: "The body of a negotiate request has at most 4096 bytes."}

	errStopping         = &refusal{status: http.StatusServiceUnavailable, text: "The server is shutting down. Connect again.", retry: 1}
	errPendingFull      = &refusal{status: http.StatusServiceUnavailable, text: "Too many connections are being negotiated. Try again later.", retry: 5}
	errPendingShare     = &refusal{status: http.StatusTooManyRequests, text: "Too many connections are being negotiated by your address. Try again later.", retry: 5}
	errRate             = &refusal{status: http.StatusTooManyRequests, text: "Your address negotiates too often. Try again later.", retry: 5}
	errConnections      = &refusal{status: http.StatusServiceUnavailable, text: "The server has as many connections as it may have. Try again later.", retry: 30}
	errConnectionsShare = &refusal{status: http.StatusTooManyRequests, text: "Your address has as many connections as it may have. Close some, or try again later.", retry: 30}
	errPolls            = &refusal{status: http.StatusServiceUnavailable, text: "Too many clients are polling. Try again later.", retry: 5}
	errPosts            = &refusal{status: http.StatusTooManyRequests, text: "Too many requests of this connection are waiting. Send one after another.", retry: 1}
	errPostLimit        = &refusal{status: http.StatusRequestEntityTooLarge, text: "The body of the request is longer than the server takes. Send less at once."}
	errPostBody         = &refusal{status: http.StatusBadRequest, text: "The body of the request could not be read."}
	errPostSlow         = &refusal{status: http.StatusRequestTimeout, text: "The body of the request came too slowly."}
	errBodies           = &refusal{status: http.StatusServiceUnavailable, text: "Too many long requests are on their way. Try again later.", retry: 5}
	errHandshakes       = &refusal{status: http.StatusTooManyRequests, text: "Too many connections of your address have not finished their handshake. Try again later.", retry: 5}
)

// unsupported says that a transport is not offered.
func unsupported(t Transports) *refusal {
	return &refusal{status: http.StatusNotFound, text: t.String() + " transport not supported by this end point type"}
}

// refuse answers w with e.
func (h *Host) refuse(w http.ResponseWriter, e *refusal) {
	h.stats.refused.Add(1)
	h.limitBody(w)
	if e.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.retry))
	}
	// Exactly the text: SignalR's clients show it as it is.
	header := w.Header()
	header.Set("Content-Length", strconv.Itoa(len(e.text)))
	if e.text != "" {
		header.Set("Content-Type", "text/plain")
		header.Set("X-Content-Type-Options", "nosniff")
	}
	w.WriteHeader(e.status)
	_, _ = io.WriteString(w, e.text) // a client that is gone needs no answer
}
