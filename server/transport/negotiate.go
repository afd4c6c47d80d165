package transport

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"partline.dev/shared/access"
)

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
	refused := h.negotiate(w, r)
	if refused != nil && saysJSON(r) {
		h.host.refuseJSON(w, refused)
		return nil
	}
	return refused
}

// negotiate answers a negotiation that it does not refuse.
func (h *Handler) negotiate(w http.ResponseWriter, r *http.Request) *refusal {
	address := h.host.options.ClientAddress(r)
	if refused := h.host.mayNegotiate(address); refused != nil {
		return refused
	}
	asked, refused := h.host.asked(w, r)
	if refused != nil {
		return refused
	}
	version, errText := requestedVersion(r)
	if errText != "" {
		writeNegotiation(w, map[string]string{"error": errText})
		return nil
	}
	admission, refused := h.admit(r, asked)
	if refused != nil {
		return refused
	}
	if to, ok := h.redirected(r, &admission); ok {
		writeNegotiation(w, to)
		return nil
	}
	asks := access.Where{}
	if asked != nil {
		asks = asked.Where
	}
	allowed, err := h.core.Access(h.hub, admission.Principal, asks)
	if err != nil {
		return h.host.callerRefusal(h.name, admission.Principal, err)
	}
	where, ok := packWhere(asks)
	if !ok {
		return errRequest
	}
	n := negotiation{handler: h, old: version == 0, where: where}
	if !n.old {
		n.id, n.resumes, n.holds = newToken(), h.resumes(r), isJavaScript(r)
	}
	secret := newToken()
	if refused := h.host.pending.add(secret, n, address, &admission.Principal); refused != nil {
		return refused
	}
	h.host.Negotiated()
	reply := negotiated{Version: version, Transports: h.transports.available(), Resumes: n.resumes}
	if signed := h.sign(secret); n.old {
		reply.ConnectionID = signed
	} else {
		reply.ConnectionID, reply.ConnectionToken = n.id.String(), signed
	}
	if asked != nil {
		allowed.SessionToken = admission.SessionToken
		reply.Access = appendAccess(nil, &allowed)
	}
	writeNegotiation(w, reply)
	return nil
}

// redirected is where the client that negotiates by r is sent; not ok: it stays.
func (h *Handler) redirected(r *http.Request, admission *Admission) (to redirection, ok bool) {
	if redirect := h.options.Redirect; redirect != nil {
		if to.URL, to.AccessToken, ok = redirect(r, admission.Principal); ok {
			if to.AccessToken == "" && admission.Handover {
				to.AccessToken = admission.SessionToken
			}
			return to, true
		}
	}
	if admission.Handover {
		return h.handover(r, admission.SessionToken), true
	}
	return redirection{}, false
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
		Access          json.RawMessage `json:"access,omitempty"`               // for who sent JSON
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
