package transport

import (
	"net/http"

	"partline.dev/server/front"
	"partline.dev/server/handshake"
	"partline.dev/shared/access"
)

// The refusals. The texts about ids and transports are SignalR's.
var (
	errNotOpen   = &front.Refusal{Status: http.StatusNotFound, Text: front.ErrUnknownID.Text}
	errElsewhere = &front.Refusal{Status: http.StatusNotFound, Text: "No Connection with that ID: it is at another node, or at one that has ended."}
	errTransport = &front.Refusal{Status: http.StatusBadRequest, Text: "Cannot change transports mid-connection"}
	errActive    = &front.Refusal{Status: http.StatusConflict, Text: "The connection with that ID is already active."}

	errPost   = &front.Refusal{Status: http.StatusMethodNotAllowed, Text: "POST requests are not allowed for WebSocket connections."}
	errDelete = &front.Refusal{Status: http.StatusBadRequest, Text: "Cannot terminate this connection using the DELETE endpoint."}

	errStopping         = &front.Refusal{Status: http.StatusServiceUnavailable, Text: "The server is shutting down. Connect again.", Retry: 1}
	errPendingFull      = &front.Refusal{Status: http.StatusServiceUnavailable, Text: handshake.TextNegotiated, Retry: 5}
	errPendingShare     = &front.Refusal{Status: http.StatusTooManyRequests, Code: access.CodeRate, Text: handshake.TextNegotiatedByAddress, Retry: 5}
	errConnections      = &front.Refusal{Status: http.StatusServiceUnavailable, Text: "The server has as many connections as it may have. Try again later.", Retry: 30}
	errConnectionsShare = &front.Refusal{Status: http.StatusTooManyRequests, Text: handshake.TextOfAddress, Retry: 30}
	errPolls            = &front.Refusal{Status: http.StatusServiceUnavailable, Text: "Too many clients are polling. Try again later.", Retry: 5}
	errPosts            = &front.Refusal{Status: http.StatusTooManyRequests, Text: "Too many requests of this connection are waiting. Send one after another.", Retry: 1}
	errPostSlow         = &front.Refusal{Status: http.StatusRequestTimeout, Text: "The body of the request came too slowly."}
	errBodies           = &front.Refusal{Status: http.StatusServiceUnavailable, Text: "Too many long requests are on their way. Try again later.", Retry: 5}
	errHandshakes       = &front.Refusal{Status: http.StatusTooManyRequests, Text: handshake.TextShaking, Retry: 5}
)

// unsupported says that a transport is not offered.
func unsupported(t front.Transports) *front.Refusal {
	return &front.Refusal{Status: http.StatusNotFound, Text: t.String() + " transport not supported by this end point type"}
}

// refuse answers w with e, as text.
func (h *Host) refuse(w http.ResponseWriter, e *front.Refusal) {
	h.refused(w, e)
	e.Write(w)
}

// refuseJSON answers w with e, for a client that sent JSON.
func (h *Host) refuseJSON(w http.ResponseWriter, e *front.Refusal) {
	h.refused(w, e)
	e.WriteJSON(w)
}

// refused counts e, with which w will be answered.
func (h *Host) refused(w http.ResponseWriter, e *front.Refusal) {
	h.stats.refused.Add(1)
	if e.Code != "" {
		h.stats.codes.add(e.Code)
	}
	h.limitBody(w)
}
