package hub

// Principal is who is connected, as the server established it, never as the
// client claims. The zero value is an anonymous visitor, who is nobody's user.
type Principal struct {
	// ID names the user within the tenant: every connection with the same ID
	// hears what is published to that user. Empty: anonymous.
	ID string

	// Name is what people read.
	Name string

	// Roles are the roles of the user, for handlers and filters to ask.
	Roles []string

	// Claims are what else the server established, for handlers to ask: claims
	// of a token, or what it read from the request. Nobody changes them later.
	Claims map[string]string

	// Expires is when what the server established ends, in milliseconds since
	// 1970, UTC: a connection is closed then, and its client told to come back.
	// Zero: never.
	Expires int64
}
