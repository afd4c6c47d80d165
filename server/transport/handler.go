package transport

import (
	"net/http"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// Handler serves one hub, or one function of its own. It takes requests of any
// path, also of one whose beginning a proxy took off: a path that ends in
// /negotiate, in any case, is negotiate, every other is the connection itself.
type Handler struct {
	host       *Host
	name       string // for the log: the hub's
	options    HandlerOptions
	transports front.Transports

	core *hub.Core
	hub  string
	raw  *hub.Mux // the hub, if its connections lead to run
	run  rawHandler
}

// HandlerOptions are what is special about one address. Nil and the zero value
// are the defaults.
type HandlerOptions struct {
	// Transports are those that may be used here, of those that
	// [Options.Transports] allows. Zero: all of them.
	Transports front.Transports

	// Tenant is whose address it is ([front.At.Tenant]). Empty: that of every tenant.
	Tenant string

	// Prefix is what stands before the handler's path where people reach the
	// server, as /apps, if something takes it off. Empty: nothing.
	Prefix string

	// Redirect may send a client elsewhere when it negotiates: to url, where
	// it negotiates again with accessToken as its bearer token (empty: with
	// the token that it has). Not ok: the client stays. Nil: every client does.
	Redirect func(r *http.Request, principal hub.Principal) (url, accessToken string, ok bool)

	// NamesAsDeclared writes the names of properties in JSON as they were
	// declared and not in camelCase, for clients of an ASP.NET Core server
	// whose PropertyNamingPolicy was null. Names are read in any case.
	NamesAsDeclared bool
}

func (h *Host) newHandler(name string, o *HandlerOptions) *Handler {
	handler := &Handler{host: h, name: name}
	if o != nil {
		handler.options = *o
	}
	handler.transports = h.options.Transports.OrAll() & handler.options.Transports.OrAll()
	return handler
}

// ServeHTTP answers requests of SignalR clients.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.host.Admit(w, r, h.name) {
		return
	}
	if h.core.Hub(h.hub) == nil {
		h.host.refuse(w, front.ErrPath)
		return
	}
	serve := h.serveConnection
	if front.IsNegotiate(r.URL.Path) {
		serve = h.serveNegotiate
	}
	if e := serve(w, r); e != nil {
		h.host.refuse(w, e)
	}
}

// serveConnection answers a request to the hub's own address.
func (h *Handler) serveConnection(w http.ResponseWriter, r *http.Request) *front.Refusal {
	switch r.Method {
	case http.MethodGet:
		switch {
		case front.AsksForEvents(r):
			return h.serveEvents(w, r)
		case front.AsksForUpgrade(r):
			return h.serveWebSocket(w, r)
		}
		return h.servePoll(w, r)
	case http.MethodPost:
		return h.servePost(w, r)
	case http.MethodDelete:
		return h.serveDelete(w, r)
	}
	w.Header().Set("Allow", "GET, POST, DELETE")
	return front.ErrMethod
}
