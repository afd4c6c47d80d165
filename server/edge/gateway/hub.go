package gateway

import (
	"io"
	"net/http"
	"strings"

	"partline.dev/server/edge/inside"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// HeaderRoom names, in the answer to a WebSocket without negotiation, the token of the
// connection that it may become. It stays inside.
const HeaderRoom = "Partline-Room"

// serveHub answers a request to the address of a hub, or below it.
func (h *Handler) serveHub(w http.ResponseWriter, r *http.Request) {
	if err := h.policy.Check(r); err != nil {
		h.options.Log.Warn("refused a request for its origin", "reason", err)
		front.RefuseOrigin(w, err)
		return
	}
	if h.policy.ShareWith(w, r) {
		return // it was a preflight
	}
	name, known := hubName(r.URL.Path)
	var refused *front.Refusal
	switch {
	case h.behind != nil:
		refused = h.sendOn(w, r, name)
	case !known:
		refused = front.ErrPath
	case front.IsNegotiate(r.URL.Path):
		refused = h.negotiate(w, r, name)
	default:
		refused = h.connection(w, r, name)
	}
	if refused == nil {
		return
	}
	if front.IsNegotiate(r.URL.Path) && r.Method == http.MethodPost && front.SaysJSON(r) {
		refused.WriteJSON(w)
		return
	}
	refused.Write(w)
}

// hubName is the name in the address of a hub, /hubs/{name}, or of its negotiation. Not
// ok: it is the address of none.
func hubName(path string) (name string, ok bool) {
	path = strings.TrimSuffix(path, "/")
	if front.IsNegotiate(path) {
		path = path[:strings.LastIndexByte(path, '/')]
	}
	base, name, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return name, strings.EqualFold(base, "hubs") && name != "" && !strings.Contains(name, "/")
}

// negotiate answers POST {hub}/negotiate with a connection of its room.
func (h *Handler) negotiate(w http.ResponseWriter, r *http.Request, name string) *front.Refusal {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return front.ErrMethod
	}
	asked, refused := h.begin(w, r)
	if refused != nil {
		return refused
	}
	version, errText := front.RequestedVersion(r)
	if errText != "" {
		front.WriteError(w, errText)
		return nil
	}
	admission, made, refused := h.admit(r, name, asked, version == 0)
	if refused != nil {
		return refused
	}
	if admission.Handover {
		h.policy.Handover(r, "", admission.SessionToken).Write(w)
		return nil
	}
	reply := front.Negotiated{Version: version, ID: made.ID, Token: made.Token, Available: front.WebSockets}
	if asked != nil {
		made.Access.SessionToken = admission.SessionToken
		reply.Access = &made.Access
	}
	reply.Write(w)
	return nil
}

// begin counts a negotiation, and reads what its client asks for.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request) (*access.Request, *front.Refusal) {
	if refused := h.count(r); refused != nil {
		return nil, refused
	}
	return front.Asked(w, r, func(limit int64) ([]byte, *front.Refusal) { return readBody(w, r, limit) })
}

// count counts a negotiation of r's client. A platform that cannot count lets it pass:
// a room has limits of its own.
func (h *Handler) count(r *http.Request) *front.Refusal {
	ok, err := h.platform.Allow(r.Context(), front.RemoteAddress(r))
	if err != nil {
		h.options.Log.Error("negotiations are not counted", "error", err)
		return nil
	}
	if !ok {
		return front.ErrRate
	}
	return nil
}

// readBody reads all of r's body, which may have limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *front.Refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, front.BodyRefusal(err)
	}
	return body, nil
}

// admit says who comes in by r, and has a connection made for them. The room is asked
// before a ticket is used up, so whoever it does not take has the ticket still.
func (h *Handler) admit(r *http.Request, name string, asked *access.Request, old bool) (admission front.Admission, made *inside.Negotiated, refused *front.Refusal) {
	where := access.Where{}
	if asked != nil {
		where = asked.Where
	}
	at := h.at(r, name)
	at.Admits = func(p hub.Principal) error {
		if made, refused = h.connect(r, name, p, where, old); refused != nil {
			return refused
		}
		return nil
	}
	admission, err := h.authority.Negotiate(r, at, asked)
	switch {
	case refused != nil:
		return front.Admission{}, nil, refused
	case err != nil:
		return front.Admission{}, nil, h.callerRefusal(name, admission.Principal, err)
	case made == nil:
		made, refused = h.connect(r, name, admission.Principal, where, old)
	}
	return admission, made, refused
}

func (h *Handler) at(r *http.Request, name string) front.At {
	return front.At{Hub: name, OwnPage: h.policy.OwnPage(r)}
}

// callerRefusal is what the client of a request hears that is refused because of err,
// and tells the log.
func (h *Handler) callerRefusal(name string, p hub.Principal, err error) *front.Refusal {
	h.options.Log.Info("refused a request for its credentials", "hub", name, "user", p.ID, "error", err)
	return front.CallerRefusal(p, err)
}

// connection answers a request to a hub's own address. A connection that is there has
// a WebSocket, which is led to its room and does not come here.
func (h *Handler) connection(w http.ResponseWriter, r *http.Request, name string) *front.Refusal {
	_, negotiated := front.Query(r, "id")
	switch r.Method {
	case http.MethodGet:
		if front.AsksForUpgrade(r) && !front.AsksForEvents(r) && !negotiated {
			return h.socket(w, r, name)
		}
	case http.MethodPost, http.MethodDelete:
	default:
		w.Header().Set("Allow", "GET, POST, DELETE")
		return front.ErrMethod
	}
	if _, _, err := h.authority.Authenticate(r, h.at(r, name)); err != nil {
		return h.callerRefusal(name, hub.Principal{}, err)
	}
	if !negotiated {
		return front.ErrNoID
	}
	return front.ErrUnknownID
}

// socket answers a WebSocket without negotiation with the connection that it may
// become.
func (h *Handler) socket(w http.ResponseWriter, r *http.Request, name string) *front.Refusal {
	if refused := h.count(r); refused != nil {
		return refused
	}
	_, made, refused := h.admit(r, name, nil, false)
	if refused != nil {
		return refused
	}
	w.Header().Set(HeaderRoom, made.Token)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return nil
}
