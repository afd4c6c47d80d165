// Package classic is the front door for clients of ASP.NET SignalR 2: jQuery pages,
// and whatever else speaks its protocol, versions 1.2 to 2.1.
//
//	handler := classic.New(host, core, classic.Options{
//		Path: "/signalr", Hubs: []*hub.Mux{chat, quiz}, Signer: keys.NewSigner(ring),
//	})
//	http.Handle("/signalr/", handler)
//
// A [Handler] takes the requests below one address, by the last part of their path:
// negotiate, connect, start, reconnect, poll, send, abort and ping. Its hubs are in
// the same core as those of package transport, so that clients of both kinds hear
// each other. JSON has names as they were declared.
//
// # A connection
//
// Negotiation keeps nothing: the connection token is signed, and says which
// connection it is for, whose, and where. /connect makes the connection, with its
// link, and /start tells that its client is ready. A link that is lost is not the
// end: the connection waits [Options.DisconnectTimeout] for another, which goes on
// after the last message that its client had. /abort, or nobody coming back, is the
// end. A second link takes the place of the first.
//
// Since nothing is kept, each request says anew who makes it: the bearer token may
// stand in its address, as access_token, because most clients have no other way. Who
// brings none is a guest of the address's tenant. A client that negotiates with a
// ticket is sent to the same address once more with a token for all that follows;
// one before 2.4 cannot be sent, and is refused in words.
//
// Which groups it is in a client knows as a signed groups token: with it, and with
// its connection token, it comes back also to a server that was started again, and
// goes on from now. If it calls a method before it is back, by /send, that makes its
// connection, and its next link brings the groups.
//
// A connection is in all the hubs that its client lists, and one of them can end all
// of it: if the client may come back, as when the server stops, its link ends or
// says T; if not, it hears why, and its later requests are refused.
//
// # What a client may get wrong
//
// A request that makes no sense is refused with SignalR's own status and text, as
// plain text. A frame on a WebSocket that makes no sense is logged and skipped, as
// SignalR did: nothing else of that connection suffers. Of a call that can be
// answered the client hears what was wrong; it hears details only with
// [Options.DetailedErrors], or if the hub's error is for it. JSONP and
// foreverFrame are refused, which makes clients move on.
//
// Concurrency: a Handler may be used from any goroutine. Everything that it starts
// ends with its host's Shutdown.
//
// Ordering: what a connection hears, and what it calls, is in order; see package
// hub. After a reconnect it hears what it missed, as far as the core still keeps it.
//
// What blocks: ServeHTTP, as long as its request takes. Links wait for their
// clients, and nothing else waits for a link.
package classic
