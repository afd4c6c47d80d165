package classic

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// request is what a client asks for. Which fields are there depends on the route's
// stage; those after it are zero.
type request struct {
	w http.ResponseWriter
	r *http.Request

	version     version
	negotiates  bool
	admission   front.Admission // of a negotiation
	principal   hub.Principal
	principalAt *hub.Mux         // the hub for which what the client brings was found good
	hubs        []*hub.Mux       // those that it lists, and that allow the principal
	transport   front.Transports // exactly one
	id          guid             // of the connection, which its token has proved

	messageID string       // empty: none
	groups    []membership // what its groups token says
	data      string       // what it sends
	hasData   bool         // data is there, though perhaps empty
}

// read reads a request as far as its route needs it, and refuses what is wrong with
// it in the order in which SignalR does.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, to route) (*request, *refusal) {
	query := queryOf(r)
	r = withBearer(r, query)
	until := to.stage
	q := &request{w: w, r: r, version: parseVersion(query.Get("clientprotocol")), negotiates: to.negotiates}
	if query.Get("callback") != "" {
		return nil, errJSONP
	}
	if until >= whichHubs {
		listed, refused := h.listedHubs(query.Get("connectiondata"))
		if refused != nil {
			return nil, refused
		}
		q.hubs = listed
	}
	if err := h.identify(q); err != nil {
		h.host.RefuseCaller(w, h.name, q.principal, err)
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

// parseTransport reads the name of a transport, in any case; zero is none that is
// served.
func parseTransport(name string) front.Transports {
	switch strings.ToLower(name) {
	case "websockets":
		return front.WebSockets
	case "serversentevents":
		return front.ServerSentEvents
	case "longpolling":
		return front.LongPolling
	}
	return 0
}
