package auth

import "partline.dev/shared/access"

// What clients are told, beside what package grants has. It never says more than a
// stranger may know.
var (
	errTicketExpired = &access.Refusal{Code: access.CodeTicketExpired, Message: "The time of this ticket is over, or has not come."}
	errTicket        = &access.Refusal{Code: access.CodeTicket, Message: "This ticket is not good here."}
	errTickets       = &access.Refusal{Code: access.CodeRate, Message: "Too many tickets are being used. Try again soon."}
	errSignIn        = &access.Refusal{Code: access.CodeSignIn, Message: "Sign in, please."}
	errNameWanted    = &access.Refusal{Code: access.CodeName, Message: "Say your name, please."}
	errKey           = &access.Refusal{Code: access.CodeKey, Message: "This key is not known here."}
	errHost          = &access.Refusal{Code: access.CodeHost, Message: "This site is not allowed here."}
	errTenant        = &access.Refusal{Code: access.CodeTenant, Message: "It is not known whose visitor this is."}
	errTenantGone    = &access.Refusal{Code: access.CodeTenant, Message: "This tenant is not here any more."}
)
