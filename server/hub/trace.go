package hub

import "context"

// OperationKind tells what an [Operation] is.
type OperationKind uint8

// The kinds of operation.
const (
	OperationConnect    OperationKind = iota + 1 // OnConnect
	OperationDisconnect                          // OnDisconnect
	OperationInvoke                              // a method, with its filters
	OperationStream                              // a stream, until its iterator ends
	OperationPublish                             // Publish, until it is queued for everybody
	OperationQuery                               // Invoke, until it is answered
	OperationReconnect                           // OnReconnect
)

// Operation is something that the core does, as [Options.Trace] sees it.
type Operation struct {
	Kind       OperationKind
	Hub        string
	Method     string // as declared; of an event or query its name; empty while connecting and disconnecting
	Connection string // whose call it is, or who is asked; empty for a publish
}

// noEnd is what ends an operation that nobody traces.
func noEnd(error) {}

// trace tells the host that an operation begins.
func (c *Core) trace(ctx context.Context, o Operation) (context.Context, func(error)) {
	if c.options.Trace == nil {
		return ctx, noEnd
	}
	return c.options.Trace(ctx, o)
}

// trace puts the call into a context that [Options.Trace] made.
func (x *Context) trace(kind OperationKind) {
	o := Operation{Kind: kind, Hub: x.conn.mux.Name(), Connection: x.conn.id}
	if x.method != nil {
		o.Method = x.method.Name()
	}
	x.Context, x.end = x.conn.core.trace(x.Context, o)
}
