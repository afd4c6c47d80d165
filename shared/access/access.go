// Package access is what a client and a server say to each other about who the
// client is and whom it hears, beside the contracts of hubs: the body of a
// negotiation and what the answer adds to it, the methods that every hub answers,
// and the words with which a server refuses.
//
//	POST /hubs/connected/negotiate?negotiateVersion=1
//	{"key":"ek_contoso","name":"Ann","where":{"scope":"page","page":"Zm9vYmFyZm9vYmFyZm9vYg"}}
//
//	{"connectionToken":"...","access":{"scope":"page","scopes":["page","session"],"you":{"name":"Ann","guest":true}}}
//
// Clients of SignalR send no body, and hear nothing of this.
//
// Nothing here has state or blocks.
package access

import "partline.dev/shared/contract"

// MaxRequest is the longest body of a negotiation, in bytes.
const MaxRequest = 16 << 10

// Request is the body of a negotiation, in JSON. Everything may be absent.
type Request struct {
	// Ticket is a permission to connect that is used up by this.
	Ticket string

	// Key is the embed key of the snippet that shows the part: it names a tenant
	// and is no secret.
	Key string

	// Name is the nickname of a guest. Who has an identity keeps its own name.
	Name string

	// Where says whom the client wants to hear.
	Where Where
}

// Where says whom a client wants to hear, and what the server cannot know by
// itself. The zero value is what the server has for everybody.
type Where struct {
	// Scope is the scope that the client asks for. Empty: the server's choice.
	Scope contract.Scope

	// Page and Session are what the parts of one page, and of one browser under
	// one host site, have agreed on: 128 random bits, which are membership for
	// whoever knows them. Base64, URL alphabet, no padding: 22 characters.
	// Empty: there is none.
	Page, Session string

	// Place is the name of a place, of 1 to 255 bytes. Empty: there is none, or
	// the one that the ticket names.
	Place string
}

// Access is what the server adds to the answer of a negotiation that had a body,
// as its member "access", and what the methods of every hub answer.
type Access struct {
	// SessionToken is the bearer token to go on with: for the next connection, and
	// after the part was loaded again. It is not the ticket, which is used up.
	// Empty: the client goes on with what it has.
	SessionToken string

	// Expires is when the connection ends unless it is refreshed, in ms since
	// 1970. Zero: never. ExpiresIn is the same from now, in ms, for clocks that
	// differ.
	Expires, ExpiresIn int64

	// You is who the client is.
	You Person

	// Scope is the scope in which the client speaks and hears, and Place the place
	// if it is that one. An empty scope: it may use none.
	Scope contract.Scope
	Place string

	// Scopes are those that it may ask for; Speaks those of them in which it may
	// speak.
	Scopes, Speaks []contract.Scope
}

// Person is somebody as others may know them. Everything was established or checked
// by the server. A guest's name is what the guest chose.
type Person struct {
	ID    string // of the user; empty: a guest
	Name  string
	Icon  string // https address of a picture; empty: there is none
	Guest bool   // nobody vouches for the name
}

// Hub is the hub of the methods that every hub answers beside its own. It has no
// address. Their names begin as no hub's own method may.
var Hub = contract.NewHub("access", contract.OfEveryHub())

// The methods of every hub.
var (
	// Enter asks to be heard by, and to hear, somebody else. What was heard before
	// is not heard any more; on an error nothing has changed.
	Enter = contract.NewMethod[EnterRequest, Access](Hub, "$enter")

	// Refresh puts newer credentials of the same user in the place of those that the
	// connection was made with, before they expire.
	Refresh = contract.NewMethod[RefreshRequest, Access](Hub, "$refresh")

	// Rename gives a guest another name.
	Rename = contract.NewMethod[RenameRequest, Access](Hub, "$rename")

	API = contract.NewAPI(Hub, Enter, Refresh, Rename)
)

// EnterRequest is what [Enter] takes.
type EnterRequest struct{ Where Where }

// RefreshRequest is what [Refresh] takes: a session token, or a bearer token.
type RefreshRequest struct{ Token string }

// RenameRequest is what [Rename] takes.
type RenameRequest struct{ Name string }
