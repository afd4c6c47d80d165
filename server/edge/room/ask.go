package room

import (
	"encoding/json"
	"errors"

	"partline.dev/server/edge/inside"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// The refusals of what the gateway asks.
var (
	errPath      = &inside.Refusal{Status: inside.StatusNotFound, Text: "There is nothing at this address."}
	errMalformed = &inside.Refusal{Status: inside.StatusBadRequest, Text: "The request is none that a room knows."}
	errVersion   = &inside.Refusal{Status: inside.StatusServiceUnavailable, Code: inside.CodeVersion, Text: "The server is being updated. Try again in a moment.", Retry: 5}
	errNoHub     = &inside.Refusal{Status: inside.StatusNotFound, Text: "There is no hub at this address."}
	errNotHere   = &inside.Refusal{Status: inside.StatusForbidden}
	errNobody    = &inside.Refusal{Status: inside.StatusUnauthorized}
)

// Ask answers a request of the gateway. Status is that of HTTP; reply is JSON.
func (r *Room) Ask(path string, body []byte) (status int, reply []byte) {
	r.begin(false)
	var answer any
	refusal := errPath
	switch path {
	case inside.PathNegotiate:
		answer, refusal = r.negotiate(body)
	case inside.PathSpend:
		answer, refusal = struct{}{}, r.spend(body)
	}
	status = inside.StatusOK
	if refusal != nil {
		answer, status = refusal, refusal.Status
	}
	reply, err := json.Marshal(answer)
	if err != nil {
		panic(err) // it is made of strings
	}
	return status, reply
}

// negotiate answers with a connection that may be opened here.
func (r *Room) negotiate(body []byte) (any, *inside.Refusal) {
	var n inside.Negotiation
	switch err := json.Unmarshal(body, &n); {
	case err != nil:
		return nil, errMalformed
	case n.Version != inside.Version:
		return nil, errVersion
	}
	if refusal := r.counts.admit(&r.options, n.Address); refusal != nil {
		return nil, refusal
	}
	err := r.mayStay(&n.Principal)
	allowed := access.Access{}
	if err == nil {
		allowed, err = r.core.Access(n.Hub, n.Principal, n.Where)
	}
	if err != nil {
		return nil, r.refused(&n, err)
	}
	made, refusal := r.memory.pending.add(&n)
	if refusal != nil {
		return nil, refusal
	}
	made.Access = allowed
	return made, nil
}

// refused is what a client hears whom the core does not take.
func (r *Room) refused(n *inside.Negotiation, err error) *inside.Refusal {
	r.options.Log.Info("refused a negotiation", "hub", n.Hub, "user", n.Principal.ID, "error", err)
	var public *access.Refusal
	switch {
	case errors.As(err, &public):
		return &inside.Refusal{Status: inside.StatusForbidden, Code: public.Code, Text: public.Message}
	case errors.Is(err, hub.ErrUnknownHub):
		return errNoHub
	case n.Principal.ID == "":
		return errNobody
	}
	return errNotHere
}

// spend uses up a ticket.
func (r *Room) spend(body []byte) *inside.Refusal {
	var s inside.Spend
	switch err := json.Unmarshal(body, &s); {
	case err != nil:
		return errMalformed
	case s.Version != inside.Version:
		return errVersion
	}
	return r.memory.spent.use(&s)
}

// unavailable is what a client hears when the storage takes no more.
func (r *Room) unavailable(what string, err error) *inside.Refusal {
	r.options.Log.Error(what, "error", err)
	return &inside.Refusal{Status: inside.StatusServiceUnavailable, Text: "The room can take nobody at the moment. Try again later.", Retry: 30}
}
