// Package gateway is the Worker before the rooms: it shows the pages that were rendered
// before, decides who may negotiate, and asks the room of each connection for it. What
// it decides is decided by the code of package server's own front doors, so a request
// is answered here as it is there.
//
//	handler, err := gateway.New(gateway.Options{Platform: platform, Book: book, Signer: signer, Log: log})
//	...
//	handler.ServeHTTP(w, r)
//
// With Options.Origin the hubs are those of a server elsewhere: the gateway shows the
// pages, and sends on what its policy and its authority let pass.
//
// A WebSocket without negotiation is not served here, since nothing in Go has sockets:
// it is answered with 200 and, in [HeaderRoom], the token of the connection that it
// may become. Whoever runs the handler leads the socket to that room.
//
// Concurrency: a [Handler] may be used from any goroutine. It starts none but those by
// which package auth fetches an issuer's keys, for which Close waits. What blocks is
// the [Platform].
package gateway
