package hub

import "partline.dev/shared/contract"

// Principal is who is connected, as the server established it, never as the
// client claims. The zero value is an anonymous visitor, who is nobody's user.
type Principal struct {
	// Tenant is whose visitor or user it is: no target reaches another tenant.
	// Empty: the one tenant of a server that has no others.
	Tenant string

	// ID names the user within the tenant: every connection with the same ID
	// hears what is published to that user. Empty: a guest.
	ID string

	// Name is what people read. A guest has chosen it.
	Name string

	// Icon is the https address of a picture, which people see beside the name.
	// Empty: there is none.
	Icon string

	// Roles are the roles of the user, for handlers, filters and rules to ask.
	Roles []string

	// Claims are what else the server established, for handlers to ask: claims
	// of a token, or what it read from the request. Nobody changes them later.
	Claims map[string]string

	// Places are the places that it was established to be in. Nil: none.
	Places []string

	// Scope is the one it is in unless its client asks for another. Empty: the
	// tenant, or the widest below that it may use.
	Scope contract.Scope

	// Scopes are those that it may use, of those that the rules allow. Zero: all
	// of these.
	Scopes contract.Scopes

	// Session names the credentials, which may be taken back by that name. Empty:
	// only those of all of a user's may.
	Session string

	// Issued is when the credentials were issued, in milliseconds since 1970, UTC.
	// Zero: nobody knows, or there are none.
	Issued int64

	// Expires is when what the server established ends, in milliseconds since
	// 1970, UTC: a connection is closed then, and its client told to come back.
	// Zero: never.
	Expires int64
}

// Guest tells whether nobody vouches for who it is.
func (p *Principal) Guest() bool { return p.ID == "" }
