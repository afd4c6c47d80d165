package ui

import (
	"errors"

	"partline.dev/shared/access"
	client "partline.dev/wasmclient"
)

// refusal is what a server has refused with its reason's code, if err is that.
func refusal(err error) (r access.Refusal, ok bool) {
	if own, is := errors.AsType[*access.Refusal](err); is {
		return *own, true
	}
	if said, is := errors.AsType[*client.Error](err); is {
		return access.Refusal{Code: said.Code, Message: said.Message}, said.Code != ""
	}
	return access.Refusal{}, false
}

// refused says what has happened, and what helps. Empty: a newer server has a code
// that is not known here.
func (l Lang) refused(code access.Code) string {
	t := l.Texts()
	switch code {
	case access.CodeTicketSpent:
		return t.RefusedTicketSpent
	case access.CodeTicketExpired:
		return t.RefusedTicketExpired
	case access.CodeTicket:
		return t.RefusedTicket
	case access.CodeSession:
		return t.RefusedSession
	case access.CodeToken:
		return t.RefusedToken
	case access.CodeSignIn:
		return t.RefusedSignIn
	case access.CodeName:
		return t.RefusedName
	case access.CodeKey:
		return t.RefusedKey
	case access.CodeHost:
		return t.RefusedHost
	case access.CodeTenant:
		return t.RefusedTenant
	case access.CodeRequest:
		return t.RefusedRequest
	case access.CodeScope:
		return t.RefusedScope
	case access.CodeSpeak:
		return t.RefusedSpeak
	case access.CodePlace:
		return t.RefusedPlace
	case access.CodeIdentifier:
		return t.RefusedIdentifier
	case access.CodeRate:
		return t.RefusedRate
	case access.CodeConnections:
		return t.RefusedConnections
	case access.CodeRooms:
		return t.RefusedRooms
	case access.CodeExpired:
		return t.RefusedExpired
	case access.CodeRevoked:
		return t.RefusedRevoked
	case access.CodeRules:
		return t.RefusedRules
	}
	return ""
}

// remedy is what a person may do about a connection that the server refuses.
type remedy int

const (
	wait      remedy = iota // nothing: something else is asked for, or goes on by itself
	tryNow                  // connect at once instead of after the wait
	loadAgain               // load the part again: with what it has it will not come in
)

// remedyFor is what helps in a state.
func remedyFor(s client.State) remedy {
	r, refused := refusal(s.Err)
	switch {
	case s.Phase == client.Disconnected:
		return loadAgain
	case !refused || s.Phase == client.Connected || s.RetryAt.IsZero():
		return wait
	}
	switch r.Code {
	case access.CodeName:
		return wait
	case access.CodeTicketSpent, access.CodeTicketExpired, access.CodeTicket, access.CodeSession, access.CodeToken,
		access.CodeSignIn, access.CodeExpired, access.CodeIdentifier, access.CodeRequest:
		return loadAgain
	}
	return tryNow
}
