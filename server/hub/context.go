package hub

import (
	"context"

	"partline.dev/shared/contract"
)

// Context is one call of a hub: an invocation, a connect or a disconnect. It
// must not be used after the handler returned. Its context ends when the caller
// cancels, when the connection is gone and when the core closes.
type Context struct {
	context.Context
	Targets

	conn    *Conn
	method  *contract.Descriptor
	request any
	direct  *direct     // nil: the caller has no state and hears no progress
	end     func(error) // of what Options.Trace began
}

// ConnectionID names the caller's connection. It is public: other clients may
// know it.
func (x *Context) ConnectionID() string { return x.conn.id }

// Transport is how the caller is connected: WebSockets, ServerSentEvents or
// LongPolling. Empty: its host did not say.
func (x *Context) Transport() string {
	x.conn.mu.Lock()
	defer x.conn.mu.Unlock()
	return x.conn.transport
}

// Principal is who is connected, as the server established it.
func (x *Context) Principal() Principal { return x.conn.Principal() }

// Method describes the method that is running; nil while connecting and
// disconnecting.
func (x *Context) Method() *contract.Descriptor { return x.method }

// Request is the decoded request, a pointer to the method's request struct; nil
// while connecting and disconnecting.
func (x *Context) Request() any { return x.request }

// Join puts the caller into a group. Joining twice is joining once.
func (x *Context) Join(group string) error { return x.conn.joinGroup(group) }

// Leave takes the caller out of a group, if it is in it.
func (x *Context) Leave(group string) error { return x.conn.leaveGroup(group) }

// Caller is the connection that called.
func (x *Context) Caller() Target { return Target{from: x.Targets, only: x.conn} }

// Where is the scope that the caller is in, and the place if it is that one. Empty:
// it is in none.
func (x *Context) Where() (scope contract.Scope, place string) {
	x.conn.mu.Lock()
	defer x.conn.mu.Unlock()
	key := x.conn.scopeKey()
	if key.kind == kindPlace {
		place = key.name
	}
	return key.kind.scope(), place
}

// Scope is everybody whom the caller hears and is heard by, the caller too: who has
// the same scope, and in it the same page, browser, user, place or tenant. Whom
// that is now stays so in this Target. If the caller is in no scope, publishing to it
// gives an [*access.Refusal].
func (x *Context) Scope() Target {
	x.conn.mu.Lock()
	key := x.conn.scopeKey()
	x.conn.mu.Unlock()
	if key == (Room{}) {
		return Target{from: x.Targets, refusal: errNoScope}
	}
	return Target{from: x.Targets, rooms: []Room{key}, speaksIn: contract.ScopesOf(key.kind.scope())}
}

// OthersInScope is Scope without the caller.
func (x *Context) OthersInScope() Target {
	t := x.Scope()
	t.not = x.conn
	return t
}

// Others is every connection of the hub but the caller.
func (x *Context) Others() Target {
	return Target{from: x.Targets, rooms: x.roomsOf(kindAll, ""), speaksIn: inTenant, not: x.conn}
}

// OthersInGroup is every connection in a group but the caller.
func (x *Context) OthersInGroup(group string) Target {
	return Target{from: x.Targets, rooms: x.roomsOf(kindGroup, group), not: x.conn}
}

// Abort ends the caller's connection. Its client does not reconnect by itself.
func (x *Context) Abort() {
	x.conn.close(closing{reason: CloseReason{Code: CodeNormal, Text: "aborted by the hub"}, say: true})
}
