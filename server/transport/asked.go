package transport

import (
	"bytes"
	"mime"
	"net/http"
	"reflect"

	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// maxNegotiateBody bounds the body of a negotiation that is not read. SignalR's
// clients send an empty one.
const maxNegotiateBody = 4096

// saysJSON tells whether r brings JSON along, so that its client reads it, too.
func saysJSON(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "application/json"
}

// asked is what the client that negotiates by r asks for; nil: nothing.
func (h *Host) asked(w http.ResponseWriter, r *http.Request) (*access.Request, *refusal) {
	if !saysJSON(r) {
		if discardBody(w, r) != nil {
			return nil, errBody
		}
		return nil, nil
	}
	body, refused := h.readBody(w, r, access.MaxRequest)
	switch {
	case refused == errPostLimit:
		return nil, errRequestLimit
	case refused != nil:
		return nil, refused
	}
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return nil, nil // a client that names its type and has nothing to say
	}
	asked, ok := parseRequest(body)
	if !ok {
		return nil, errRequest
	}
	return asked, nil
}

var requestPlan, accessPlan = planOf[access.Request](), planOf[access.Access]()

// planOf is how values of T travel.
func planOf[T any]() *wire.Plan {
	p, err := wire.PlanOf(reflect.TypeFor[T]())
	if err != nil {
		panic(err) // the type is one of ours
	}
	return p
}

// parseRequest reads the body of a negotiation, in JSON. Members that nobody knows
// are skipped: a newer client may have them.
func parseRequest(body []byte) (asked *access.Request, ok bool) {
	asked = &access.Request{}
	if body[0] != '{' || wire.JSON.ReadValue(body, requestPlan, reflect.ValueOf(asked).Elem()) != nil {
		return nil, false
	}
	return asked, true
}

// appendAccess appends a as JSON.
func appendAccess(dst []byte, a *access.Access) []byte {
	dst, err := wire.JSON.AppendValue(dst, accessPlan, reflect.ValueOf(a).Elem())
	if err != nil {
		panic(err) // it is made of strings and whole numbers
	}
	return dst
}
