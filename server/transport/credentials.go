package transport

import (
	"errors"
	"net/http"
	"strings"

	"partline.dev/server/hub"
)

// ErrForbidden is what [Options.Authenticate] gives, wrapped or not, for a client
// that is known and may not come in: it gets 403 instead of 401.
var ErrForbidden = errors.New("the client may not connect here")

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

// authenticate says who makes r, and that the hub allows it.
func (h *Handler) authenticate(w http.ResponseWriter, r *http.Request) (hub.Principal, *refusal) {
	principal, err := h.host.options.Authenticate(r)
	known := errors.Is(err, ErrForbidden)
	if err == nil && h.core != nil {
		err = h.core.Hub(h.hub).Allows(principal)
		known = principal.ID != ""
	}
	if err == nil {
		return principal, nil
	}
	if h.host.refusals.allow(h.host.wheel.now()) {
		h.host.options.Log.Info("refused a request for its credentials", "hub", h.name, "user", principal.ID, "error", err)
	}
	if known {
		return hub.Principal{}, errForbidden
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	return hub.Principal{}, errUnauthorized
}
