package front

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"reflect"

	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// maxNegotiateBody bounds the body of a negotiation that is not read. SignalR's
// clients send an empty one.
const maxNegotiateBody = 4096

// SaysJSON tells whether r brings JSON along, so that its client reads it, too.
func SaysJSON(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return kind == "application/json"
}

// Asked is what the client that negotiates by r asks for; nil: nothing. Read reads
// r's body, of so many bytes at most.
func Asked(w http.ResponseWriter, r *http.Request, read func(limit int64) ([]byte, *Refusal)) (*access.Request, *Refusal) {
	if !SaysJSON(r) {
		if DiscardBody(w, r) != nil {
			return nil, errBody
		}
		return nil, nil
	}
	body, refused := read(access.MaxRequest)
	switch {
	case refused == ErrBodyLimit:
		return nil, errRequestLimit
	case refused != nil:
		return nil, refused
	}
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return nil, nil // a client that names its type and has nothing to say
	}
	asked, ok := ParseRequest(body)
	if !ok {
		return nil, ErrRequest
	}
	return asked, nil
}

// DiscardBody reads the body of a negotiation that nobody needs, so that the client
// can send its next request. The error says that it is too long, or broke off.
func DiscardBody(w http.ResponseWriter, r *http.Request) error {
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxNegotiateBody))
	return err
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

// ParseRequest reads the body of a negotiation, in JSON. Members that nobody knows
// are skipped: a newer client may have them.
func ParseRequest(body []byte) (asked *access.Request, ok bool) {
	asked = &access.Request{}
	if len(body) == 0 || body[0] != '{' || wire.JSON.ReadValue(body, requestPlan, reflect.ValueOf(asked).Elem()) != nil {
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
