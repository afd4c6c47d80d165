package testhub

import "partline.dev/shared/contract"

// AuthorizedHub is for callers with a token alone.
var AuthorizedHub = contract.NewHub("authorized")

// What it has.
var (
	// AuthorizedEcho answers with the text.
	AuthorizedEcho = contract.NewMethod[Text, string](AuthorizedHub, "Echo")

	// AuthorizedUser answers with the id of the caller.
	AuthorizedUser = contract.NewMethod[None, string](AuthorizedHub, "User")

	// AuthorizedAPI is all of it.
	AuthorizedAPI = contract.NewAPI(AuthorizedHub, AuthorizedEcho, AuthorizedUser)
)

// RefusingHub refuses whoever connects, with a public error; FailingHub with one
// that stays inside.
var (
	RefusingHub = contract.NewHub("refusing")
	RefusingAPI = contract.NewAPI(RefusingHub)
	FailingHub  = contract.NewHub("failing")
	FailingAPI  = contract.NewAPI(FailingHub)
)
