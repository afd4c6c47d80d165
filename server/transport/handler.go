package transport

import (
	"net/http"
	"strings"

	"partline.dev/server/hub"
)

// Handler serves one hub. It takes requests of any path: one that ends in
// /negotiate is negotiate, every other is the connection itself.
type Handler struct {
	host *Host
	core *hub.Core
	hub  string
}

// ServeHTTP answers requests of SignalR clients.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h.host.options.Policy.Check(r); err != nil {
		h.host.stats.refused.Add(1)
		if h.host.refusals.allow(h.host.wheel.now()) {
			h.host.options.Log.Warn("refused a request for its origin", "hub", h.hub, "reason", err)
		}
		http.Error(w, "Forbidden: "+err.Error(), http.StatusForbidden)
		return
	}
	if h.host.options.Policy.ShareWith(w, r) {
		return // it was a preflight
	}
	if h.core.Hub(h.hub) == nil {
		h.host.refuse(w, errPath)
		return
	}
	serve := h.serveConnection
	if strings.HasSuffix(r.URL.Path, "/negotiate") {
		serve = h.serveNegotiate
	}
	if e := serve(w, r); e != nil {
		h.host.refuse(w, e)
	}
}

// serveConnection answers a request to the hub's own address.
func (h *Handler) serveConnection(w http.ResponseWriter, r *http.Request) *refusal {
	switch r.Method {
	case http.MethodGet:
		if asksForUpgrade(r) {
			return h.serveWebSocket(w, r)
		}
		if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			return errSSE
		}
		return errLongPolling
	case http.MethodPost:
		return h.explain(r, errPost)
	case http.MethodDelete:
		return h.explain(r, errDelete)
	}
	w.Header().Set("Allow", "GET, POST, DELETE")
	return errMethod
}

// explain refuses a request that only other transports have: with e, if it names
// a connection.
func (h *Handler) explain(r *http.Request, e *refusal) *refusal {
	id, ok := query(r, "id")
	if !ok {
		return errNoID
	}
	if secret, ok := parseToken(id); ok && h.host.isOpen(secret) {
		return e
	}
	return errUnknownID
}

// authenticate says who makes r.
func (h *Handler) authenticate(r *http.Request) (hub.Principal, *refusal) {
	principal, err := h.host.options.Authenticate(r)
	if err != nil {
		h.host.options.Log.Info("refused a request: not authenticated", "hub", h.hub, "error", err)
		return hub.Principal{}, errUnauthorized
	}
	return principal, nil
}

// query is a parameter of r's address; its name is in any case, as in .NET. An
// empty one is none.
func query(r *http.Request, name string) (value string, ok bool) {
	for key, values := range r.URL.Query() {
		if strings.EqualFold(key, name) {
			value = strings.Join(values, ",")
			return value, value != ""
		}
	}
	return "", false
}

// asksForUpgrade tells whether r means to become a WebSocket. Whether it may is
// for the library to say.
func asksForUpgrade(r *http.Request) bool {
	for _, value := range r.Header.Values("Upgrade") {
		for word := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(word), "websocket") {
				return true
			}
		}
	}
	return false
}
