// Package inside is what the gateway and the rooms say to each other, inside the
// Workers that they are: requests to a room's Durable Object that nobody outside can
// make, since the gateway passes on nothing but WebSockets.
//
//	POST https://room/negotiate   [Negotiation] -> [Negotiated], or [Refusal]
//	POST https://room/spend       [Spend]       -> {}, or [Refusal]
//
// Bodies are JSON. The two are deployed one after the other, so each meets a newer
// and an older other one: whoever reads a message of another [Version] refuses it
// with [CodeVersion], and changes nothing.
//
// Nothing here has state or blocks.
package inside

import (
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// Version is the version of what is said here. It changes with every change after
// which an old reader would misunderstand a new message.
const Version = 1

// CodeVersion is the code of a refusal of another version's message: the client may
// try again when the deployment is over.
const CodeVersion access.Code = "version"

// The paths of the requests.
const (
	PathNegotiate = "/negotiate"
	PathSpend     = "/spend"
)

// Negotiation asks a room for a connection of somebody whom the gateway has let in.
type Negotiation struct {
	Version   int           `json:"version"`
	Hub       string        `json:"hub"`
	Place     string        `json:"place"` // which the room is for; empty: it is the common room of the tenant
	Principal hub.Principal `json:"principal"`
	Where     access.Where  `json:"where"`
	Address   string        `json:"address"` // of the client: limits count by it
	Origin    string        `json:"origin"`  // of the page; only it may open the connection. Empty: a program's
	Old       bool          `json:"old"`     // version 0 of the negotiation: its id is its token
}

// Negotiated is a connection that may be opened within the handshake timeout.
type Negotiated struct {
	ID     string        `json:"id"`
	Token  string        `json:"token"` // begins with the id of the room's object, and a dot
	Access access.Access `json:"access"`
}

// Spend uses up a ticket: of all who ask the same object, exactly one is told so.
type Spend struct {
	Version int    `json:"version"`
	Ticket  string `json:"ticket"` // its id
	Until   int64  `json:"until"`  // when it is over, in ms since 1970
}

// The statuses of HTTP that are used here, named as in package net/http, which a room
// does without: it would be a third of its program.
const (
	StatusOK                 = 200
	StatusBadRequest         = 400
	StatusUnauthorized       = 401
	StatusForbidden          = 403
	StatusNotFound           = 404
	StatusTooManyRequests    = 429
	StatusServiceUnavailable = 503
)

// Refusal is why something is not done, for the client.
type Refusal struct {
	Status int         `json:"status"`          // of HTTP
	Code   access.Code `json:"code,omitempty"`  // empty: the text alone
	Text   string      `json:"text"`            // a sentence
	Retry  int         `json:"retry,omitempty"` // seconds after which trying again makes sense; 0: it does not
}
