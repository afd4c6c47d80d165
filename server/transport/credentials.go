package transport

import (
	"errors"
	"net/http"
	"strings"

	"partline.dev/server/hub"
)

// BearerToken is the token that r carries, or "": that of its Authorization
// header, else the query parameter access_token where a browser leaves a SignalR
// client no other way, which is a request for a WebSocket or an event stream.
func BearerToken(r *http.Request) string {
	const scheme = "Bearer "
	if value := r.Header.Get("Authorization"); value != "" {
		if len(value) > len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
			return strings.TrimSpace(value[len(scheme):])
		}
		return ""
	}
	if r.Method == http.MethodGet && (asksForUpgrade(r) || asksForEvents(r)) {
		token, _ := query(r, "access_token")
		return token
	}
	return ""
}

// Identify says who makes r, and that allows lets that principal in; nil lets in
// everybody. Not ok: w is answered, with 401, or with 403 if it is known who that
// is. Name is what the front door leads to, for the log.
func (h *Host) Identify(w http.ResponseWriter, r *http.Request, name string, allows func(hub.Principal) error) (p hub.Principal, ok bool) {
	p, refused := h.identify(w, r, name, allows)
	if refused != nil {
		h.refuse(w, refused)
		return hub.Principal{}, false
	}
	return p, true
}

// identify is Identify for who answers by itself.
func (h *Host) identify(w http.ResponseWriter, r *http.Request, name string, allows func(hub.Principal) error) (hub.Principal, *refusal) {
	principal, _, err := h.options.Authority.Authenticate(r, At{Hub: name})
	known := errors.Is(err, ErrForbidden)
	if err == nil && allows != nil {
		err = allows(principal)
		known = principal.ID != ""
	}
	if err == nil {
		return principal, nil
	}
	if h.refusals.allow(h.wheel.now()) {
		h.options.Log.Info("refused a request for its credentials", "hub", name, "user", principal.ID, "error", err)
	}
	if known {
		return hub.Principal{}, errForbidden
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	return hub.Principal{}, errUnauthorized
}

// authenticate says who makes r, and that the hub allows it.
func (h *Handler) authenticate(w http.ResponseWriter, r *http.Request) (hub.Principal, *refusal) {
	return h.host.identify(w, r, h.name, h.core.Hub(h.hub).Allows)
}
