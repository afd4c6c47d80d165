package transport

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"partline.dev/shared/access"
)

// refusal is why a request does not become a connection, as its client hears it.
type refusal struct {
	status int
	text   string // empty: no body
	retry  int    // seconds after which trying again makes sense; 0: it does not
	code   access.Code
	coded  bool // the code stands before the text, too
}

// Error returns the text.
func (e *refusal) Error() string { return e.text }

// The refusals. The texts about ids, transports and methods are SignalR's.
var (
	errUnknownID = &refusal{status: http.StatusNotFound, text: "No Connection with that ID"}
	errNotOpen   = &refusal{status: http.StatusNotFound, text: errUnknownID.text}
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
	errRequestLimit = &refusal{status: http.StatusRequestEntityTooLarge, code: access.CodeRequest, text: "The body of a negotiate request has at most 16384 bytes."}
	errRequest      = &refusal{status: http.StatusBadRequest, code: access.CodeRequest, text: "The body of the negotiate request is not a JSON object of this server's."}

	errStopping         = &refusal{status: http.StatusServiceUnavailable, text: "The server is shutting down. Connect again.", retry: 1}
	errPendingFull      = &refusal{status: http.StatusServiceUnavailable, text: "Too many connections are being negotiated. Try again later.", retry: 5}
	errPendingShare     = &refusal{status: http.StatusTooManyRequests, code: access.CodeRate, text: "Too many connections are being negotiated by your address. Try again later.", retry: 5}
	errRate             = &refusal{status: http.StatusTooManyRequests, code: access.CodeRate, text: "Your address negotiates too often. Try again later.", retry: 5}
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

// refuse answers w with e, as text.
func (h *Host) refuse(w http.ResponseWriter, e *refusal) {
	text := e.text
	if e.coded {
		text = (&access.Refusal{Code: e.code, Message: text}).Error()
	}
	// Exactly the text: SignalR's clients show it as it is.
	h.writeRefusal(w, e, "text/plain", text)
}

// refuseJSON answers w with e, for a client that sent JSON.
func (h *Host) refuseJSON(w http.ResponseWriter, e *refusal) {
	body, err := json.Marshal(struct {
		Code  access.Code `json:"code,omitempty"`
		Error string      `json:"error"`
	}{e.code, e.text})
	if err != nil {
		panic(err) // it is made of strings
	}
	h.writeRefusal(w, e, "application/json", string(body))
}

func (h *Host) writeRefusal(w http.ResponseWriter, e *refusal, kind, body string) {
	h.stats.refused.Add(1)
	if e.code != "" {
		h.stats.codes.add(e.code)
	}
	h.limitBody(w)
	header := w.Header()
	if e.retry > 0 {
		header.Set("Retry-After", strconv.Itoa(e.retry))
	}
	if e.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if body != "" {
		header.Set("Content-Type", kind)
		header.Set("X-Content-Type-Options", "nosniff")
	}
	w.WriteHeader(e.status)
	_, _ = io.WriteString(w, body) // a client that is gone needs no answer
}
