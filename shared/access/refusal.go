package access

import "strings"

// Code names a reason for which a server refuses, ends a connection or does not do
// what was asked. Programs go by it; people read words of their own language.
type Code string

// The reasons.
const (
	CodeTicketSpent   Code = "ticket-spent"   // the ticket was used before
	CodeTicketExpired Code = "ticket-expired" // its time is over, or has not come
	CodeTicket        Code = "ticket"         // it is none, or not for here
	CodeSession       Code = "session"        // the session token is none, or its time is over
	CodeToken         Code = "token"          // the bearer token is not taken
	CodeSignIn        Code = "sign-in"        // the tenant wants to know who this is
	CodeName          Code = "name"           // a guest has to say a name, or the name cannot be one
	CodeKey           Code = "key"            // there is no such embed key
	CodeHost          Code = "host"           // the page's site is not allowed by the tenant
	CodeTenant        Code = "tenant"         // nobody knows which tenant is meant
	CodeRequest       Code = "request"        // the body of the negotiation makes no sense
	CodeScope         Code = "scope"          // this scope is not among those that may be used
	CodeSpeak         Code = "speak"          // here one may only listen
	CodePlace         Code = "place"          // this place is not among those that may be entered
	CodeIdentifier    Code = "identifier"     // an id of a page or session cannot be one
	CodeRate          Code = "rate"           // too much in too short a time
	CodeConnections   Code = "connections"    // as many connections are open as may be
	CodeRooms         Code = "rooms"          // as many rooms are joined as may be
	CodeExpired       Code = "expired"        // the credentials of the connection have expired
	CodeRevoked       Code = "revoked"        // they were taken back
	CodeRules         Code = "rules"          // the rules have changed: connect anew
)

// Refusal is an error whose words are meant for the client. Its text begins with
// the code in brackets, so that the code travels where only a text does.
type Refusal struct { //nolint:errname // it is more often an answer than an error
	Code    Code
	Message string // a sentence for people
}

// Error is the refusal as it travels, such as "[rate] You are sending too fast.".
func (r *Refusal) Error() string { return "[" + string(r.Code) + "] " + r.Message }

// ParseRefusal reads what [Refusal.Error] wrote. It is not ok for any other text.
func ParseRefusal(text string) (r Refusal, ok bool) {
	if !strings.HasPrefix(text, "[") {
		return Refusal{}, false
	}
	code, message, found := strings.Cut(text[1:], "] ")
	if !found || !isCode(code) {
		return Refusal{}, false
	}
	return Refusal{Code(code), message}, true
}

// isCode tells whether a code can look like that: newer servers have others.
func isCode(text string) bool {
	if text == "" || len(text) > 32 {
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return true
}
