package client

import (
	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// from is who published an event, which the hub says in the headers of its
// message. Of two of one name the last counts.
func (e event) from() (p access.Person) {
	for _, h := range e.headers {
		switch h.Name {
		case access.HeaderID:
			p.ID = h.Value
		case access.HeaderName:
			p.Name = h.Value
		case access.HeaderIcon:
			p.Icon = h.Value
		case access.HeaderGuest:
			p.Guest = h.Value == "true"
		}
	}
	return p
}

// headersSize is how many bytes headers hold.
func headersSize(list []wire.Header) (n int) {
	for _, h := range list {
		n += len(h.Name) + len(h.Value)
	}
	return n
}
