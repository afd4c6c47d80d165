// Package client is the typed client of a hub, natively and in the browser.
//
//	c, err := client.Dial(ctx, "https://parts.example/hubs/connected", connected.Hub)
//	defer c.Close()
//	defer client.On(c, connected.BroadcastMessage, show)() // show is func(connected.Broadcast)
//	_, err = client.Call(ctx, c, connected.SendMethod, connected.Send{Name: "Ann", Message: "hello"})
//
// It speaks the protocol of ASP.NET Core SignalR, in JSON or, natively, in
// MessagePack. The import path ends in wasmclient; the package is always imported
// as client.
//
// [Dial] connects and returns. A program that must not miss the first events, or
// that starts while the hub is down, uses [New], then [On] and [Handle], then
// [Client.Run]. Either way the client keeps trying to connect, and connects again
// when the connection is lost, after a random wait that grows (full jitter),
// until it is closed or the hub says that it need not come back. A new connection
// is new to the hub: what it knew of the old one, such as groups, is to be set up
// again, for which [Client.Watch] is the place.
//
// [Call] and [Send] call methods, [Open] reads streams, [On] hears events and
// [Handle] answers the hub's queries. Fields of a request of the type
// contract.Upload are streams to the hub, sent beside the call.
//
// # Who the client is, and whom it hears
//
// To a hub of Partline's the client can say who it is and whom it wants to hear,
// by [Options].Join; what the hub makes of it stands in State and [Client.Access].
//
//	c := client.New(url, connected.Hub, &client.Options{Join: func(context.Context) (access.Request, error) {
//		return access.Request{Key: "ek_contoso", Where: access.Where{Scope: contract.ScopePage, Page: page}}, nil
//	}})
//	c.Enter(ctx, access.Where{Scope: contract.ScopeTenant}) // and now everybody of the tenant
//
// A ticket is used up by the first connection. After that, and in the next run of
// the program if that has kept it, the client goes on with the session token that
// the hub gave for it, which travels in the header of negotiations and in band, and
// never in an address. Before a connection expires the client shows the hub newer
// credentials: those of Options.Token, else the session token. What [Client.Enter]
// and [Client.Rename] asked for is asked for with every later connection, before
// the client is Connected.
//
// What a hub refuses is an [*Error] with a code, also in State. The client tries
// again as after any other failure: a refusal can be a question to somebody, such
// as for a name, and [Client.Again] says that it was answered.
//
// [OnFrom] hears who published an event, as the hub knows them.
//
// # Transports
//
// The client uses the first that opens of WebSockets, server-sent events and long
// polling, as far as the hub offers them and Options.Transports allows; State says
// which. One that does not open, or carries nothing within a third of
// Options.HandshakeTimeout while others are left, is followed by the next. It is
// then passed over for ten minutes: whenever a connection is made after that, it
// is tried first again, so that a machine which has left the network that blocked
// WebSockets uses them. A connection that works is never given up for a better
// transport. One that has carried a connection is tried twice before another is,
// since a hub may just restart. In a browser all clients of a tab share what is
// passed over, if the browser lets them keep it.
//
// A hub may send its clients to another address, which is followed up to 100
// times, but not from https to http.
//
// # Concurrency
//
// Everything may be used from any goroutine. Handlers of events run one at a
// time, in a goroutine of the client's or where [Options].Dispatch puts them;
// every query has a goroutine of its own, and so has every upload.
// [Client.Run] waits for every goroutine that it started, and [Client.Close]
// waits for Run: a source of values that blocks holds both up until it ends.
//
// # Ordering and delivery
//
// Calls and the values of each upload reach the hub in the order in which they
// were made, and events and the items of each stream reach their handlers and
// readers in the order in which the hub sent them. All travel at most once. A
// call in flight, or a stream not at its end, when the connection is lost ends as
// [ErrNotConfirmed], one without a connection, or that was on no link before its
// connection was lost, as [ErrNotConnected]; nothing is sent later by itself.
// Events of the time without a connection are not heard.
//
// Where the hub offers stateful reconnect, a connection over WebSockets outlives
// its link: the client opens another at once, and tries again for 15 s, unless the
// hub says that it has forgotten the connection; in a browser, which does not tell,
// four times at most. Meanwhile State says Reconnecting; calls may be made and
// wait; then everything goes on, each message once and in order. Both ends keep what is not confirmed yet: when that
// is Options.StatefulReconnect bytes, calls wait. A hub is told of what arrived
// after a second, or after 16 KiB.
//
// # What blocks, and who is to blame
//
// [Call] blocks until the answer is there, and both Call and [Send] while
// [Options].QueueLimit bytes wait to be sent; uploads ask their source for no
// more meanwhile. A handler may call: answers do not wait for handlers. But when
// QueueLimit bytes of events wait for handlers that are too slow, nothing more is
// read, an answer neither; if a call waits for that longer than
// [Options].ServerTimeout, the connection is given up, and a new one made. The
// items of each stream wait in another QueueLimit bytes. When these are full,
// nothing more is read either, and if a call waits for that so long, perhaps that
// of the stream's own reader, the stream is given up as [ErrTooSlow] and the
// connection goes on. The client goes on to say that it is there. Over long
// polling a hub gives up a client that reads nothing for 15 s. Over WebSockets in
// the browser nothing can stop the hub's messages from coming, so there the
// connection is given up when as much again has come.
//
// A handler or a watcher must not call [Client.Close], which would wait for it:
// it can end the context of Run, or say go c.Close().
//
// # Browser
//
// Requests carry the cookies of the page's own site, which a log-in proxy in
// front of the hub may ask for; the hub itself needs none. The token is sent in
// the header of requests, server-sent events included, and only for a WebSocket,
// which has no headers there, in the address. Options.Header and Options.Codec
// are native only. A browser makes six requests to a hub at once if it speaks
// HTTP/1.1 with it, over all pages: of more than five parts over server-sent
// events or long polling some would wait, so such a hub should speak HTTP/2.
package client
