// Package auth says who comes in: whose tickets, session tokens and bearer tokens
// are good, which tenant a visitor is of, and who may be a guest there.
//
//	authority, err := auth.New(auth.Options{Book: file.Now, Signer: signer, Data: "partline-data"})
//	...
//	host := transport.NewHost(&transport.Options{Authority: authority})
//	core := hub.NewCore(host.Env(), &hub.Options{Refresh: authority.Refresh})
//	...
//	authority.Close()
//
// A ticket is a signed text that a customer's back end or "partline ticket" makes
// ([grants.Mint]). It lets one client in, once, and that client goes on with a session
// token, which lasts for hours and is renewed while the client is connected. A
// bearer token is a JWT of one of the tenant's issuers, whose keys are fetched from
// the address that the tenant's configuration names, and from nowhere else. Who
// brings none of these is a guest, if the tenant has guests.
//
// What is taken back ([Authority.Revoke]) is not taken any more, and its connections
// end at once. Tickets that were used and what was taken back are kept in two files
// in Options.Data, so that a restart forgets neither.
//
// Concurrency: everything may be used from any goroutine. Of two requests with one
// ticket exactly one comes in.
//
// What blocks: a bearer token whose key is not known waits for at most 5 s for its
// issuer's keys, and nobody else does. Revoke waits for the disk.
package auth
