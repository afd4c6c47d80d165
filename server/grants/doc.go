// Package grants is what tickets and session tokens say, and how long.
//
//	text, err := grants.Mint(signer, grants.Ticket{User: "ann", Name: "Ann"}, time.Now())
//	...
//	g, err := grants.ReadTicket(signer, text)
//	principal, sessionToken, err := g.Begin(signer, g.Tenant, time.Now())
//	...
//	principal, sessionToken, err = grants.Renew(signer, book, principal, sessionToken, time.Now())
//
// Both are texts that [keys.Signer] signs, so whoever has the same keys reads them
// without asking anybody. That a ticket is used once, that a tenant has guests and
// what was taken back is package auth's to say; this one needs neither a file nor a
// clock.
//
// Concurrency: everything may be used from any goroutine. Nothing is kept, and
// nothing blocks.
package grants
