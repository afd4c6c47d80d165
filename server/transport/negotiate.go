package transport

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxNegotiateBody bounds the body of a negotiate request. SignalR clients send
// an empty one.
const maxNegotiateBody = 4096

// negotiateVersion is the newest version of the negotiation.
const negotiateVersion = 1

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
	principal, refused := h.authenticate(w, r)
	if refused != nil {
		return refused
	}
	if err := discardBody(w, r); err != nil {
		return errBody
	}
	version, errText := requestedVersion(r)
	if errText != "" {
		writeNegotiation(w, map[string]string{"error": errText})
		return nil
	}
	if redirect := h.options.Redirect; redirect != nil {
		if url, accessToken, ok := redirect(r, principal); ok {
			writeNegotiation(w, redirection{URL: url, AccessToken: accessToken})
			return nil
		}
	}
	address := h.host.options.ClientAddress(r)
	if !h.host.rates.allow(address) {
		return errRate
	}
	secret := newToken()
	signed := h.sign(secret, principal)
	n := negotiation{id: signed, user: principal.ID, address: address, handler: h}
	if version > 0 {
		n.id = newToken().String()
		n.resumes, n.holds = h.resumes(r), isJavaScript(r)
	}
	if refused := h.host.pending.add(secret, n); refused != nil {
		return refused
	}
	h.host.stats.negotiations.Add(1)
	reply := negotiated{Version: version, ConnectionID: n.id, Transports: h.transports.available(), Resumes: n.resumes}
	if version > 0 {
		reply.ConnectionToken = signed
	}
	writeNegotiation(w, reply)
	return nil
}

// negotiated is the reply to a client that stays here, and redirection to one that
// shall negotiate elsewhere.
type (
	negotiated struct {
		Version         int             `json:"negotiateVersion"`
		ConnectionID    string          `json:"connectionId"`
		ConnectionToken string          `json:"connectionToken,omitempty"`
		Transports      json.RawMessage `json:"availableTransports"`
		Resumes         bool            `json:"useStatefulReconnect,omitempty"` // who has not asked takes it for an error
	}
	redirection struct {
		URL         string `json:"url"`
		AccessToken string `json:"accessToken,omitempty"`
	}
)

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
func writeNegotiation(w http.ResponseWriter, reply any) {
	body, err := json.Marshal(reply)
	if err != nil {
		panic(err) // it is made of strings
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body) // a client that is gone needs no reply
}

// discardBody reads what nobody needs, so that the client can send its next
// request.
func discardBody(w http.ResponseWriter, r *http.Request) error {
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxNegotiateBody))
	return err
}
