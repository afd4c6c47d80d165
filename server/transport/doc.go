// Package transport is the HTTP side of the hubs: who may connect, negotiate,
// the transports of SignalR, and the queue in front of every client. It is the
// native host of a [hub.Core], and of handlers of bytes ([Host.RawHandler]).
//
//	host := transport.NewHost(&transport.Options{Policy: policy})
//	core := hub.NewCore(host.Env(), nil)
//	err := core.Mount(connected.New())
//	h := host.Handler(core, "connected", nil)
//	mux.Handle("/hubs/connected", h)
//	mux.Handle("/hubs/connected/negotiate", h)
//	...
//	err = host.Shutdown(ctx)
//
// A connection is what a client negotiated; a link is how it is reached. Three
// kinds of link follow one set of rules: WebSockets, which are HTTP/1.1 only,
// server-sent events and long polling, which are plain replies to requests, also
// over HTTP/2. What a client of the latter two says comes by POST.
//
// # Who it is
//
// An [front.Authority] says who negotiates, and so whose the connection is. Its token, the
// only secret in an address, is then enough for every other request; credentials
// that come along have to be of the same tenant and user, and renew those that are
// there. A WebSocket without negotiation is a negotiation, too. What a client of
// ours asks for stands in the body of its negotiation (package shared/access), which
// SignalR's clients leave empty.
//
// # Another front door
//
// A package that speaks another protocol to the same hubs, as server/classic does,
// has the host for what does not depend on the protocol, so that one limit, one
// policy and one shutdown hold for all clients:
//
//	if !host.Admit(w, r, name) {
//		return // its origin is not allowed, or it was a preflight
//	}
//	principal, err := host.Identify(r, front.At{Hub: m.Name()})
//	if err != nil {
//		host.RefuseCaller(w, name, principal, err)
//		return
//	}
//	place, ok := host.Enter(w, r, transport.Entry{Name: name, ID: id, Transport: front.WebSockets, Cut: c.cut})
//	...
//	socket, ok := host.Upgrade(w, r, transport.SocketOptions{Receive: c.receive, Closed: c.closed})
//	...
//	err := socket.Send(transport.TextFrame(append(make([]byte, hub.Headroom), message...)))
//
// [Host.NewReply], [Host.BeginPoll] and [Host.ReadBody] are for requests that last,
// [Host.OpenRaw] for connections that carry bytes. Whoever has no [Host.Handler]
// tells the host of its core by [Host.Adopt].
//
// # Concurrency
//
// Everything exported may be used from any goroutine. A WebSocket has one
// goroutine, which reads; a second one exists only while something is written. A
// stream of events, a poll and a POST live in the goroutine of their request, and
// between two polls there is none. Keep-alive, timeouts and deadlines of all
// connections share one timer wheel. [Host.Shutdown] waits for every goroutine
// that was started here or through [Host.Env], and for every link.
//
// # Ordering and delivery
//
// Events leave in the order in which they were queued, whole: each as one
// WebSocket message or one server-sent event, or all that are there in the answer
// to one poll. Bodies of POST are taken one after another, as one stream of bytes.
// A connection that ends gets what was queued, and then a close frame that names
// the reason, the end of its stream, or 204; nothing follows. A peer that does not
// read within the times of [Options] finds its connection closed without that. An
// answer to a poll that could not be written is lost, and its connection with it,
// since nobody knows what of it arrived.
//
// A client of server-sent events leaves by dropping its request, so that is good
// order; one that polls sends DELETE, or Close to the hub, and is lost if it does
// not poll for [Options.DisconnectTimeout].
//
// # What blocks, and who is to blame
//
// Queueing never blocks. A peer that reads too slowly fills its own queue of
// [Options.QueueLimit] bytes, or stops one write for [Options.SendTimeout], and
// is then closed; no other connection waits for it. A handler waits for its
// client's request only within [Options.HandshakeTimeout], and for its body as
// long as it brings 240 bytes a second after that. A POST is answered when the
// connection has taken all of it, so a client that sends faster than its calls
// run waits.
package transport
