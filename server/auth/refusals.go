package auth

import (
	"fmt"

	"partline.dev/shared/access"
)

// What clients are told. It never says more than a stranger may know.
var (
	errTicketSpent   = &access.Refusal{Code: access.CodeTicketSpent, Message: "This ticket was used before."}
	errTicketExpired = &access.Refusal{Code: access.CodeTicketExpired, Message: "The time of this ticket is over, or has not come."}
	errTicket        = &access.Refusal{Code: access.CodeTicket, Message: "This ticket is not good here."}
	errTickets       = &access.Refusal{Code: access.CodeRate, Message: "Too many tickets are being used. Try again soon."}
	errSession       = &access.Refusal{Code: access.CodeSession, Message: "This session has ended."}
	errToken         = &access.Refusal{Code: access.CodeToken, Message: "This token is not taken."}
	errSignIn        = &access.Refusal{Code: access.CodeSignIn, Message: "Sign in, please."}
	errNameWanted    = &access.Refusal{Code: access.CodeName, Message: "Say your name, please."}
	errKey           = &access.Refusal{Code: access.CodeKey, Message: "This key is not known here."}
	errHost          = &access.Refusal{Code: access.CodeHost, Message: "This site is not allowed here."}
	errTenant        = &access.Refusal{Code: access.CodeTenant, Message: "It is not known whose visitor this is."}
	errRevoked       = &access.Refusal{Code: access.CodeRevoked, Message: "You may not be here any more."}
	errTenantGone    = &access.Refusal{Code: access.CodeTenant, Message: "This tenant is not here any more."}
)

// refused is a refusal with what only the log is told.
type refused struct {
	*access.Refusal
	reason error
}

func (r *refused) Error() string { return r.Refusal.Error() + " " + r.reason.Error() }

// Unwrap is what the client is told.
func (r *refused) Unwrap() error { return r.Refusal }

// because adds the reason to a refusal. Nothing that a client sent may stand in it
// as it is, and no token at all.
func because(told *access.Refusal, format string, args ...any) error {
	return &refused{told, fmt.Errorf(format, args...)}
}
