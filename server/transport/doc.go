// Package transport is the HTTP side of the hubs: who may connect, negotiate,
// WebSockets, and the queue in front of every socket. It is the native host of
// a [hub.Core].
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
// # Concurrency
//
// Everything exported may be used from any goroutine. A connection has one
// goroutine, which reads; a second one exists only while something is written.
// Keep-alive, timeouts and deadlines of all connections share one timer wheel.
// [Host.Shutdown] waits for every goroutine that was started here or through
// [Host.Env].
//
// # Ordering and delivery
//
// Events leave in the order in which they were queued, many in one write, each
// as one WebSocket message. A connection that ends gets what was queued, whole
// messages only, and then a close frame that names the reason; nothing follows
// a close frame. A peer that does not read within the times of [Options] finds
// its connection closed without one.
//
// # What blocks, and who is to blame
//
// Queueing never blocks. A peer that reads too slowly fills its own queue of
// [Options.QueueLimit] bytes, or stops one write for [Options.SendTimeout], and
// is then closed; no other connection waits for it. A handler waits for its
// client's request only within [Options.HandshakeTimeout].
package transport
