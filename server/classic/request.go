package classic

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// request is what a client asks for. Which fields are there depends on the route's
// stage; those after it are zero.
type request struct {
	w http.ResponseWriter
	r *http.Request

	version   version
	principal hub.Principal
	hubs      []*hub.Mux           // those that it lists, and that allow the principal
	transport transport.Transports // exactly one
	id        guid                 // of the connection, which its token has proved

	messageID string       // empty: none
	groups    []membership // what its groups token says
	data      string       // what it sends
	hasData   bool         // data is there, though perhaps empty
}

// read reads a request as far as its route needs it, and refuses what is wrong with
// it in the order in which SignalR does.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, until stage) (*request, *refusal) {
	query := queryOf(r)
	r = withBearer(r, query)
	q := &request{w: w, r: r, version: parseVersion(query.Get("clientprotocol"))}
	if query.Get("callback") != "" {
		return nil, errJSONP
	}
	allows := func(hub.Principal) error { return nil }
	if until >= whichHubs {
		listed, refused := h.listedHubs(query.Get("connectiondata"))
		if refused != nil {
			return nil, refused
		}
		allows = func(p hub.Principal) (err error) {
			q.hubs, err = allowed(h.options.Raw, listed, p)
			return err
		}
	}
	var ok bool
	if q.principal, ok = h.host.Identify(w, r, h.name, allows); !ok {
		return nil, errAnswered
	}
	if until >= whichTransport {
		if q.transport = parseTransport(query.Get("transport")); q.transport&h.transports() == 0 {
			return nil, errTransport
		}
	}
	if until >= whose {
		var refused *refusal
		if q.id, refused = h.verifyToken(query.Get("connectiontoken"), q.principal); refused != nil {
			return nil, refused
		}
	}
	if until >= whatElse {
		f, refused := h.readForm(w, r)
		if refused != nil {
			return nil, refused
		}
		q.messageID = cmp.Or(query.Get("messageid"), f.messageID)
		q.groups = h.verifyGroups(q.id, cmp.Or(query.Get("groupstoken"), f.groupsToken))
		q.data, q.hasData = f.data, f.hasData
	}
	return q, nil
}

// queryOf are the parameters of r's address. Their names are in any case, as in
// .NET, and here in lower case; of two of one name the first counts.
func queryOf(r *http.Request) url.Values {
	query := r.URL.Query()
	lower := make(url.Values, len(query))
	for name, values := range query {
		key := strings.ToLower(name)
		if name == key || lower[key] == nil {
			lower[key] = values
		}
	}
	return lower
}

// allowed are the hubs that let a principal in, of those that its client lists; if
// it lists some and none does, that is an error. Raw is the hub of connections that
// list none.
func allowed(raw *hub.Mux, listed []*hub.Mux, p hub.Principal) (hubs []*hub.Mux, err error) {
	if raw != nil {
		return nil, raw.Allows(p)
	}
	for _, m := range listed {
		if m.Allows(p) == nil {
			hubs = append(hubs, m)
		}
	}
	if len(listed) > 0 && len(hubs) == 0 {
		return nil, errNoHubs
	}
	return hubs, nil
}

// parseTransport reads the name of a transport, in any case; zero is none that is
// served.
func parseTransport(name string) transport.Transports {
	switch strings.ToLower(name) {
	case "websockets":
		return transport.WebSockets
	case "serversentevents":
		return transport.ServerSentEvents
	case "longpolling":
		return transport.LongPolling
	}
	return 0
}
