// Package client is the typed client of a hub, natively and in the browser.
//
//	c, err := client.Dial(ctx, "https://parts.example/hubs/connected", connected.Hub)
//	defer c.Close()
//	defer client.On(c, connected.BroadcastMessage, show)() // show is func(connected.Broadcast)
//	_, err = client.Call(ctx, c, connected.SendMethod, connected.Send{Name: "Ann", Message: "hello"})
//
// It speaks the protocol of ASP.NET Core SignalR, in JSON, over WebSockets. The
// import path ends in wasmclient; the package is always imported as client.
//
// [Dial] connects and returns. A program that must not miss the first events, or
// that starts while the hub is down, uses [New], then [On], then [Client.Run].
// Either way the client keeps trying to connect, and connects again when the
// connection is lost, after a random wait that grows (full jitter), until it is
// closed or the hub says that it need not come back. A new connection is new to
// the hub: what it knew of the old one, such as groups, is to be set up again,
// for which [Client.Watch] is the place.
//
// # Concurrency
//
// Everything may be used from any goroutine. Handlers of events run one at a
// time, in a goroutine of the client's or where [Options].Dispatch puts them.
// [Client.Run] waits for every goroutine that it started, and [Client.Close]
// waits for Run.
//
// # Ordering and delivery
//
// Calls reach the hub in the order in which they were made, and events reach
// their handlers in the order in which the hub sent them. Both travel at most
// once. A call in flight when the connection is lost ends as [ErrNotConfirmed],
// a call without a connection as [ErrNotConnected]; nothing is sent later by
// itself. Events of the time without a connection are not heard.
//
// # What blocks, and who is to blame
//
// [Call] blocks until the answer is there, and both Call and [Send] while
// [Options].QueueLimit bytes wait to be sent. A handler may call: answers do not
// wait for handlers. But when QueueLimit bytes of events wait for handlers that
// are too slow, nothing more is read, an answer neither; if a call waits for
// that longer than [Options].ServerTimeout, the connection is given up, and a
// new one made. In the browser nothing can stop the hub's messages from coming,
// so there the connection is given up when as much again has come. A handler or
// a watcher must not call [Client.Close], which would wait for it: it can end the
// context of Run, or say go c.Close().
//
// # Browser
//
// Requests carry the cookies of the page's own site, which a log-in proxy in
// front of the hub may ask for; the hub itself needs none. Options.Header and
// the token on the WebSocket's own request are native only, since a browser
// lets a page set neither.
package client
