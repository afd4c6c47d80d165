// Package hub is the core: it dispatches what clients call, keeps who hears
// what, and fans out what is published. It does no I/O, starts no goroutine and
// reads no clock: its host hands it those as an [Env], and gives each connection
// a [Sink] to write to and a call of [Conn.Receive] for what it reads.
//
//	m := hub.New(connected.API)
//	hub.Handle(m, connected.SendMethod, func(x *hub.Context, s connected.Send) (contract.None, error) {
//		return contract.None{}, hub.Publish(x, x.Scope(), connected.BroadcastMessage, connected.Broadcast(s))
//	})
//	core := hub.NewCore(env, nil)
//	err := core.Mount(m)
//
// [HandleStream] is for calls that are answered with many values, a request with
// a contract.Upload for those that come with many, and [Invoke] asks a client.
// [Authorize] and [Mux.Authorize] say who may call and connect, a [Filter] wraps
// what happens.
//
// # Who hears whom
//
// A connection belongs to one tenant for good, and every target stays within its
// hub and tenant. It is in one scope at a time, which it asks for when it opens
// ([OpenOptions.Where]) or later by the method $enter that every hub answers:
// [Context.Scope] is everybody in the same page, browser, user, place, tenant or
// world, and nobody outside hears it. [Options.Rules] says who may be where and
// speak there, [Core.Access] what a connection would get, [Core.Reconsider] that
// the rules have changed, and [Core.Expel] ends connections. [Targets.All], groups
// and users reach people in whatever scope they are; [Mux.In] publishes to a tenant
// from outside any call.
//
// # Clients of SignalR 2
//
// One hub serves clients of both generations of SignalR. What only those of
// SignalR 2 have does nothing for others: [State] and [SetState], [Report],
// [Error.Data], [Mux.OnReconnect]. Their front door reads calls by itself and hands
// them over with [Conn.Call]; and it is a [Follower], which fetches what its
// connections have to hear from the recent events of their rooms, so that nothing is
// lost while a link is broken. A hub of [NewRaw] has no methods: its clients get
// bytes, by [PublishRaw].
//
// # Concurrency
//
// A connection's invocations run one at a time, in the order they arrived, on a
// worker that exists only while there are any; [Options.ParallelInvocations]
// lets more of them run at once. Streams and methods with uploads begin in that
// order and run on beside it, each in a worker of its own. Invocations of different
// connections run at once, so a hub's own state needs its own locks. Everything
// exported may be used from any goroutine, but for [Conn.Receive], which belongs
// to the one reader of the link. Calls that come at once by [Conn.Call] run in the
// order in which it takes them.
//
// # Ordering and delivery
//
// An event is delivered at most once; a [Follower] finds each once, for as long as
// it is kept, which [RecentOptions] bound. What one sender publishes to one target
// arrives in order. What a method publishes is queued for its own connection,
// and for every other local member, before the method's completion is queued; what
// the body of a stream publishes, before the item that follows. Who stores what it is
// going to publish asks first whether it may ([Target.Permit]).
//
// # What blocks, and who is to blame
//
// [Publish] waits for nobody: it costs an enqueue per member; a member whose
// queue is full is closed, and no other notices. What a client asked for waits
// instead, completions and items of streams, until that client has read more.
// [Invoke] waits for its client and is given a deadline by its context. A range
// over an upload waits for its items.
//
// A handler that blocks holds up the later invocations of its own connection
// alone: Cancel, Ping, the answers to queries and the items of uploads are taken
// past it, until what is queued reaches [Options.QueueLimit] and its link stops
// being read. A handler that takes its upload's items slowly slows that link
// after [Options.StreamBuffer] of them: it is read on at a chunk a second, so that
// a cancel behind them is heard, and at full speed while the hub waits for
// something else of the same client.
//
// A handler's context ends when its caller cancels or its link is lost, and 5 s
// after its client left in good order: what a client asked for before it says
// Close is still done, but for streams, which nobody hears any more.
//
// A [Call] is answered once, whatever becomes of it: when its handler has returned,
// or with ErrClosed as soon as the connection ends.
//
// A handler that panics fails that one call; the connection and the process go
// on, and the stack is logged.
package hub
