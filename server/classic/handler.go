package classic

import (
	"net/http"
	"slices"
	"strings"

	"partline.dev/server/classic/script"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/contract"
)

// Handler serves the hubs of one address, or connections without a hub, to clients
// of SignalR 2. What a request wants the last part of its path says, in any case,
// so what a proxy or a mux took off in front of it does not matter.
type Handler struct {
	host    *transport.Host
	core    *hub.Core
	env     hub.Env
	options Options
	name    string              // for the log
	hubs    map[string]*hub.Mux // by classic name, in lower case
	script  http.Handler        // nil: there are no hubs to write one of

	connections registry
	counters    counters
}

// New returns the handler of one address. The hubs must be mounted in core, whose
// [hub.Options.Recent] must have [Encoding], and core must live in host's Env. It
// panics if two of the hubs have one classic name, in any case: a mistake of the
// program.
func New(host *transport.Host, core *hub.Core, o Options) *Handler {
	h := &Handler{host: host, core: core, env: host.Env(), options: o.withDefaults(), hubs: map[string]*hub.Mux{}}
	h.name = h.options.Path
	var apis []*contract.API
	for _, m := range h.options.Hubs {
		name := m.API().Hub().ClassicName()
		key := strings.ToLower(name)
		if h.hubs[key] != nil {
			panic("classic: two hubs at " + h.name + " are called " + name)
		}
		h.hubs[key] = m
		apis = append(apis, m.API())
	}
	switch {
	case o.NoScript:
		h.script = script.Handler(script.Disabled())
	case len(apis) > 0:
		h.script = script.Handler(script.Write(apis, o.Prefix+o.Path))
	}
	h.connections.init(h.env)
	host.Adopt(core)
	return h
}

// route is how one kind of request is served.
type route struct {
	methods []string // those that it may have
	serve   func(h *Handler, q *request) *refusal
	stage   stage

	negotiates bool // it asks for a new connection
}

// stage is how much is known of a request before it is served; each includes those
// before it.
type stage uint8

const (
	whoIsThere     stage = iota // its principal
	whichHubs                   // the hubs that it lists
	whichTransport              // how its client is connected
	whose                       // the connection
	whatElse                    // its form, if it has one
)

// The methods of requests.
var (
	byGet    = []string{http.MethodGet}
	byPost   = []string{http.MethodPost}
	byEither = []string{http.MethodGet, http.MethodPost}
)

// routes are the requests by the last part of their path.
var routes = map[string]route{
	"negotiate": {byGet, (*Handler).serveNegotiate, whichHubs, true},
	"ping":      {byGet, (*Handler).servePing, whoIsThere, false},
	"connect":   {byEither, (*Handler).serveConnect, whatElse, false},
	"reconnect": {byEither, (*Handler).serveReconnect, whatElse, false},
	"poll":      {byEither, (*Handler).servePoll, whatElse, false},
	"start":     {byGet, (*Handler).serveStart, whose, false},
	"send":      {byPost, (*Handler).serveSend, whatElse, false},
	"abort":     {byPost, (*Handler).serveAbort, whose, false},
}

// ServeHTTP answers requests of SignalR 2 clients, and those for their script.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	action := lastPart(r.URL.Path)
	if (action == "hubs" || action == "js") && h.script != nil {
		h.script.ServeHTTP(w, r) // any page may load it
		return
	}
	if !h.host.Admit(w, r, h.name) {
		return
	}
	if refused := h.serve(w, r, action); refused != nil && refused != errAnswered {
		h.host.Refuse(w, refused.status, refused.text)
	}
}

// errAnswered stands for a refusal that the client has already.
var errAnswered = &refusal{}

// serve answers a request that may come in.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, action string) *refusal {
	to, ok := routes[action]
	if !ok {
		return errPath
	}
	if !slices.Contains(to.methods, r.Method) {
		if q := queryOf(r); r.Method == http.MethodGet && q.Get("callback") != "" {
			return errJSONP // its clients send by GET
		}
		w.Header().Set("Allow", strings.Join(to.methods, ", "))
		return errMethod
	}
	header := w.Header()
	header.Set("Cache-Control", "no-cache, no-store")
	header.Set("Pragma", "no-cache")
	header.Set("Expires", "-1")
	header.Set("X-Content-Type-Options", "nosniff")
	if to.negotiates && !h.host.AllowNegotiation(w, r) {
		return errAnswered
	}
	q, refused := h.read(w, r, to)
	if refused != nil {
		return refused
	}
	return to.serve(h, q)
}

// lastPart is the last part of a path, in lower case.
func lastPart(path string) string {
	path = strings.TrimSuffix(path, "/")
	return strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
}

// Serves tells whether a request to a path is one of those that a Handler answers,
// and not one of an ASP.NET Core client: of their addresses only that of the
// negotiation is the same, and its method another.
func Serves(method, path string) bool {
	action := lastPart(path)
	if action == "negotiate" {
		return method != http.MethodPost
	}
	return routes[action].serve != nil || action == "hubs" || action == "js"
}
