package transport

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxNegotiateBody bounds the body of a negotiate request. SignalR clients send
// an empty one.
const maxNegotiateBody = 4096

// negotiateVersion is the newest version of the negotiation.
const negotiateVersion = 1

// availableTransports are what a client may use, in the order in which it tries
// them.
const availableTransports = `"availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]}]`

// serveNegotiate answers POST {base}/negotiate with a connection that may be
// opened within the handshake timeout. What is wrong with the request itself is
// said in a reply of status 200, as SignalR's clients expect.
func (h *Handler) serveNegotiate(w http.ResponseWriter, r *http.Request) *refusal {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return errMethod
	}
	if h.host.stopping() {
		return errStopping
	}
	principal, refused := h.authenticate(r)
	if refused != nil {
		return refused
	}
	if err := h.discardBody(w, r); err != nil {
		return errBody
	}
	version, errText := requestedVersion(r)
	if errText != "" {
		writeNegotiation(w, `{"error":`+strconv.Quote(errText)+`}`)
		return nil
	}
	n := negotiation{id: newToken(), user: principal.ID, address: h.host.options.ClientAddress(r), handler: h}
	secret := newToken()
	if version == 0 {
		secret = n.id
	}
	if refused := h.host.pending.add(secret, n); refused != nil {
		return refused
	}
	h.host.stats.negotiations.Add(1)
	if version == 0 {
		writeNegotiation(w, fmt.Sprintf(`{"negotiateVersion":0,"connectionId":"%s",%s}`, n.id, availableTransports))
	} else {
		writeNegotiation(w, fmt.Sprintf(`{"negotiateVersion":1,"connectionId":"%s","connectionToken":"%s",%s}`, n.id, secret, availableTransports))
	}
	return nil
}

// requestedVersion is the version that the client speaks with us, or the text of
// the error that it gets.
func requestedVersion(r *http.Request) (version int, errText string) {
	asked, ok := query(r, "negotiateVersion")
	if !ok {
		return 0, ""
	}
	n, err := strconv.ParseInt(strings.TrimSpace(asked), 10, 32)
	switch {
	case err != nil:
		return 0, "The client requested a non-integer protocol version."
	case n < 0:
		return 0, fmt.Sprintf("The client requested version '%d', but the server does not support this version.", n)
	}
	return min(int(n), negotiateVersion), ""
}

// writeNegotiation writes a reply, which holds a secret.
func writeNegotiation(w http.ResponseWriter, reply string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(reply)))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, reply) // a client that is gone needs no reply
}

// discardBody reads what nobody needs, so that the client can send its next
// request, for a bounded time and length.
func (h *Handler) discardBody(w http.ResponseWriter, r *http.Request) error {
	// Not every ResponseWriter has deadlines; the length is bounded anyway.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(h.host.options.HandshakeTimeout))
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxNegotiateBody))
	return err
}
