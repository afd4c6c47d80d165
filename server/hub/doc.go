// Package hub is the core: it dispatches what clients call, keeps who hears
// what, and fans out what is published. It does no I/O, starts no goroutine and
// reads no clock: its host hands it those as an [Env], and gives each connection
// a [Sink] to write to and a call of [Conn.Receive] for what it reads.
//
//	m := hub.New(connected.API)
//	hub.Handle(m, connected.SendMethod, func(x *hub.Context, s connected.Send) (contract.None, error) {
//		return contract.None{}, hub.Publish(x, x.All(), connected.BroadcastMessage, connected.Broadcast(s))
//	})
//	core := hub.NewCore(env, nil)
//	err := core.Mount(m)
//
// # Concurrency
//
// A connection's invocations run one at a time, in the order they arrived, on a
// worker that exists only while there are any. Invocations of different
// connections run at once, so a hub's own state needs its own locks. Everything
// exported may be used from any goroutine, but for [Conn.Receive], which belongs
// to the one reader of the link.
//
// # Ordering and delivery
//
// An event is delivered at most once. What one sender publishes to one target
// arrives in order. What a method publishes is queued for its own connection,
// and for every other local member, before the method's completion is queued.
//
// # What blocks, and who is to blame
//
// Nothing here waits for a peer. [Publish] costs an enqueue per member; a member
// whose queue is full is closed, and no other notices. A handler that blocks
// holds up the later invocations of its own connection alone: Cancel and Ping
// are answered past it, until its queued invocations reach
// [Options.QueueLimit] and its link stops being read. A handler's context ends
// when its caller cancels or its link is lost, and 5 s after its client left in
// good order: what a client asked for before it says Close is still done.
//
// A handler that panics fails that one call; the connection and the process go
// on, and the stack is logged.
package hub
