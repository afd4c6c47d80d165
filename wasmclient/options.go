package client

import (
	"context"
	"fmt"
	"os"
	"time"

	"partline.dev/shared/access"
	"partline.dev/shared/wire"
)

// Options changes how a client works. Zero, or less, means the default of a
// number; nil options are all defaults.
type Options struct {
	// KeepAlive is how long the client is silent before it tells the hub that
	// it is there. Zero means 15 s. The hub gives up a client after twice that.
	KeepAlive time.Duration

	// ServerTimeout is how long the hub may be silent before the connection is
	// taken for lost. Zero means 30 s, twice what hubs wait between pings.
	ServerTimeout time.Duration

	// HandshakeTimeout is how long one attempt to connect over a transport may
	// take, from the first request to the end of the handshake. Zero means 15 s.
	HandshakeTimeout time.Duration

	// RetryBase and RetryMax bound the wait before an attempt to connect: the
	// n-th wait in a row is random, between 0 and RetryBase doubled n-1 times,
	// at most RetryMax. Zero means 1 s and 30 s. The loss of a connection that
	// held for 5 s is the first of a new row.
	RetryBase, RetryMax time.Duration

	// SendLimit is the largest call, in bytes of its message on the wire. Zero
	// means 32 KiB, which is what hubs take unless told otherwise: a hub closes
	// the connection of a client that sends more, so a larger call is refused
	// here, with [ErrTooLarge].
	SendLimit int

	// ReceiveLimit is the largest message from the hub, in bytes. Zero means
	// 4 MiB. A larger one ends the connection, and another is made.
	ReceiveLimit int

	// QueueLimit is how many bytes may wait: of events for their handlers, of
	// the items of each stream for its reader, of queries at work, and of calls
	// to be sent. Zero means 1 MiB. One of each may always wait.
	QueueLimit int

	// Transports are those that may be used, if the hub offers them: the best
	// that can be opened is. Zero means all three. See the package comment.
	Transports Transport

	// Codec is how messages are written. Nil means [wire.JSON]. Native only:
	// the browser's program has no other. A binary one cannot use server-sent
	// events.
	Codec wire.Codec

	// StatefulReconnect is how many bytes of what was sent are kept until the
	// hub has confirmed them, so that a connection survives the loss of its
	// WebSocket; see the package comment. Zero means 100,000, which is also
	// what hubs keep. Less turns it off.
	StatefulReconnect int

	// Token returns the bearer token, asked anew for every attempt to connect,
	// when the hub does not take it any more, and before it expires. An error is tried again as any other. An empty token is not sent. Nil
	// means that there is none.
	Token func(ctx context.Context) (string, error)

	// Join returns what the client says of itself when it connects, and whom it
	// wants to hear; see [access.Request]. It is asked anew for every negotiation.
	// What [Client.Enter] and [Client.Rename] asked for last takes the place of
	// its Where and Name. Its Ticket is sent only if there is no session token, or
	// the hub does not take that any more. An error is tried again as any other.
	// Nil: the client negotiates as SignalR's do, and the hub says nothing of who
	// it is.
	Join func(ctx context.Context) (access.Request, error)

	// SessionToken is the one that KeepSession was given last, perhaps when the
	// program ran before. Empty: there is none. If there is a Token, no session
	// token is sent to connect.
	SessionToken string

	// KeepSession is called with every session token that the hub gives, with which
	// the client goes on. It is a secret that admits whoever has it. It must not
	// block, and may be called from any goroutine. Nil: nobody keeps them but the
	// client.
	KeepSession func(token string)

	// Header is sent with every request, also where the hub sends its clients.
	// Native only: a browser page cannot set the headers of a WebSocket. It must
	// not be changed later.
	Header map[string][]string

	// Dispatch runs f, the handlers' work on one event, where the program
	// wants it, such as on the goroutine of a user interface. It may return
	// before f has run; the next event waits until f has. Nil means a
	// goroutine of the client's.
	Dispatch func(f func())

	// Log hears, in a sentence, what is wrong in the program and would else be
	// silent: an event that nobody handles and an event whose arguments are
	// not what its handler expects, both once for each name, and a handler
	// that panics. It may be called from any goroutine. Nil means the standard
	// error output, which in a browser is the console.
	Log func(sentence string)
}

// withDefaults returns a copy of o without zeros.
func (o *Options) withDefaults() Options {
	var full Options
	if o != nil {
		full = *o
	}
	positive(&full.KeepAlive, 15*time.Second)
	positive(&full.ServerTimeout, 30*time.Second)
	positive(&full.HandshakeTimeout, 15*time.Second)
	positive(&full.RetryBase, time.Second)
	positive(&full.RetryMax, 30*time.Second)
	positive(&full.SendLimit, 32<<10)
	positive(&full.ReceiveLimit, 4<<20)
	positive(&full.QueueLimit, 1<<20)
	if full.Transports &= everyTransport; full.Transports == 0 {
		full.Transports = everyTransport
	}
	if full.StatefulReconnect == 0 {
		full.StatefulReconnect = 100_000
	}
	if full.Log == nil {
		full.Log = func(sentence string) { fmt.Fprintln(os.Stderr, "partline client: "+sentence) }
	}
	return full
}

// resume tells whether to ask for a connection that can be resumed.
func (o *Options) resume() bool { return o.StatefulReconnect > 0 && o.Transports&WebSockets != 0 }

func positive[T int | time.Duration](v *T, other T) {
	if *v <= 0 {
		*v = other
	}
}
