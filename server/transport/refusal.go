package transport

import (
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
	errNoID      = &refusal{status: http.StatusBadRequest, text: "Connection ID required"}
	errActive    = &refusal{status: http.StatusConflict, text: "The connection with that ID is already active."}

	errSSE         = &refusal{status: http.StatusNotFound, text: "ServerSentEvents transport not supported by this end point type"}
	errLongPolling = &refusal{status: http.StatusNotFound, text: "LongPolling transport not supported by this end point type"}
	errPost        = &refusal{status: http.StatusMethodNotAllowed, text: "POST requests are not allowed for WebSocket connections."}
	errDelete      = &refusal{status: http.StatusBadRequest, text: "Cannot terminate this connection using the DELETE endpoint."}

	errPath         = &refusal{status: http.StatusNotFound, text: "There is no hub at this address."}
	errMethod       = &refusal{status: http.StatusMethodNotAllowed, text: "This method is not served here."}
	errUnauthorized = &refusal{status: http.StatusUnauthorized} // the JavaScript client shows the status text if the body is empty
	errBody         = &refusal{status: http.StatusRequestEntityTooLarge, text: "The body of a negotiate request has at most 4096 bytes."}

	errStopping     = &refusal{status: http.StatusServiceUnavailable, text: "The server is shutting down. Connect again.", retry: 1}
	errPendingFull  = &refusal{status: http.StatusServiceUnavailable, text: "Too many connections are being negotiated. Try again later.", retry: 5}
	errPendingShare = &refusal{status: http.StatusTooManyRequests, text: "Too many connections are being negotiated by your address. Try again later.", retry: 5}
	errHandshakes   = &refusal{status: http.StatusTooManyRequests, text: "Too many connections of your address have not finished their handshake. Try again later.", retry: 5}
)

// refuse answers w with e.
func (h *Host) refuse(w http.ResponseWriter, e *refusal) {
	h.stats.refused.Add(1)
	if e.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.retry))
	}
	if e.text == "" {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(e.status)
		return
	}
	http.Error(w, e.text, e.status)
}
