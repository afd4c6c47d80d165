package transport

import (
	"net/http"

	"partline.dev/server/front"
	"partline.dev/shared/access"
)

// serveNegotiate answers POST {base}/negotiate with a connection that may be
// opened within the handshake timeout. What is wrong with the request itself is
// said in a reply of status 200, as SignalR's clients expect.
func (h *Handler) serveNegotiate(w http.ResponseWriter, r *http.Request) *front.Refusal {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return front.ErrMethod
	}
	refused := h.negotiate(w, r)
	if refused != nil && front.SaysJSON(r) {
		h.host.refuseJSON(w, refused)
		return nil
	}
	return refused
}

// negotiate answers a negotiation that it does not refuse.
func (h *Handler) negotiate(w http.ResponseWriter, r *http.Request) *front.Refusal {
	address := h.host.options.ClientAddress(r)
	if refused := h.host.mayNegotiate(address); refused != nil {
		return refused
	}
	asked, refused := front.Asked(w, r, func(limit int64) ([]byte, *front.Refusal) { return h.host.readBody(w, r, limit) })
	if refused != nil {
		return refused
	}
	version, errText := front.RequestedVersion(r)
	if errText != "" {
		front.WriteError(w, errText)
		return nil
	}
	admission, refused := h.admit(r, asked)
	if refused != nil {
		return refused
	}
	if to, ok := h.redirected(r, &admission); ok {
		to.Write(w)
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
		return front.ErrRequest
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
	reply := front.Negotiated{Version: version, ID: n.id.String(), Token: h.sign(secret), Available: h.transports, Resumes: n.resumes}
	if asked != nil {
		allowed.SessionToken = admission.SessionToken
		reply.Access = &allowed
	}
	reply.Write(w)
	return nil
}

// redirected is where the client that negotiates by r is sent; not ok: it stays.
func (h *Handler) redirected(r *http.Request, admission *front.Admission) (to front.Redirection, ok bool) {
	if redirect := h.options.Redirect; redirect != nil {
		if to.URL, to.AccessToken, ok = redirect(r, admission.Principal); ok {
			if to.AccessToken == "" && admission.Handover {
				to.AccessToken = admission.SessionToken
			}
			return to, true
		}
	}
	if admission.Handover {
		return h.host.policy.Load().Handover(r, h.options.Prefix, admission.SessionToken), true
	}
	return front.Redirection{}, false
}
