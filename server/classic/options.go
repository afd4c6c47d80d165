package classic

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/transport"
)

// Options sets what is served at one address, and the limits and times there. The
// zero value of each limit and time is its default. Sizes are in bytes.
type Options struct {
	// Path is the address, as /signalr; letters are compared in any case.
	// Connection tokens are good for this path only.
	Path string

	// Prefix is what stands before Path where people reach the server, as /apps,
	// if a proxy takes it off. Empty: nothing.
	Prefix string

	// Hubs are the hubs there. None of them may have the classic name of
	// another.
	Hubs []*hub.Mux

	// NoScript has pages that load the script of the hubs fail with a sentence
	// that says so.
	NoScript bool

	// Raw and Connection, instead of Hubs, serve connections that carry bytes: a
	// PersistentConnection of SignalR 2. Raw is the hub that they are in, and
	// Connection is called for each of them as [transport.Host.RawHandler] says.
	Raw        *hub.Mux
	Connection func(ctx context.Context, c *transport.Connection) error

	// Signer signs connection tokens and groups tokens. Nil: with a key that
	// nobody else has, so that no client comes back after a restart.
	Signer *keys.Signer

	// Transports are those that may be used here. Zero: all of them.
	Transports front.Transports

	// Tenant is whose address it is ([front.At.Tenant]). Empty: that of every
	// tenant.
	Tenant string

	// Redirect may send a client elsewhere when it negotiates, as that of
	// [transport.HandlerOptions] does. A client that speaks a protocol before
	// 2.0 cannot be sent, and stays. Nil: every client does.
	Redirect func(r *http.Request, principal hub.Principal) (url, accessToken string, ok bool)

	// DetailedErrors tells clients what went wrong inside a method. It is for
	// development: the texts may say what nobody outside should know.
	DetailedErrors bool

	// Log is where the handler says what went wrong, never with a token. Nil:
	// nowhere.
	Log *slog.Logger

	// KeepAlive is how often a link that has nothing to say shows that it is
	// there. Clients give up after twice that. Zero: 10 s.
	KeepAlive time.Duration

	// DisconnectTimeout is how long a client that lost its link has to come
	// back; the server waits 5 s more. Zero: 30 s.
	DisconnectTimeout time.Duration

	// PollTimeout is how long a poll waits for something to say. Zero: 110 s.
	PollTimeout time.Duration

	// ConnectTimeout is how long a client tries one transport before it takes
	// the next. Zero: 5 s.
	ConnectTimeout time.Duration

	// PollDelay is how long a client that polls waits before each poll. Zero: it
	// does not.
	PollDelay time.Duration

	// MessageLimit is the longest message of a client. Zero: 64 KiB.
	MessageLimit int

	// FormLimit is the longest body of a request, whose escapes may make it
	// three times as long as what it says. It must have room for the token of a
	// client's groups, too. Zero: 1 MiB, or four times MessageLimit if that is
	// more.
	FormLimit int
}

func (o Options) withDefaults() Options {
	o.Path = strings.ToLower(o.Path)
	if o.Signer == nil {
		o.Signer = keys.NewSigner(keys.Random())
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	orTime := func(t *time.Duration, fallback time.Duration) {
		if *t <= 0 {
			*t = fallback
		}
	}
	orTime(&o.KeepAlive, 10*time.Second)
	orTime(&o.DisconnectTimeout, 30*time.Second)
	orTime(&o.PollTimeout, 110*time.Second)
	orTime(&o.ConnectTimeout, 5*time.Second)
	o.PollDelay = max(o.PollDelay, 0)
	if o.MessageLimit <= 0 {
		o.MessageLimit = 64 << 10
	}
	if o.FormLimit <= 0 {
		o.FormLimit = max(1<<20, 4*o.MessageLimit)
	}
	return o
}

// disconnectGrace is how much longer than its client the server waits.
const disconnectGrace = 5 * time.Second

// disconnectAfter is how long a connection without a link is kept, in ms.
func (o *Options) disconnectAfter() int64 {
	return (o.DisconnectTimeout + o.PollDelay + disconnectGrace).Milliseconds()
}

// transports are those that may be used here.
func (h *Handler) transports() front.Transports {
	const all = front.WebSockets | front.ServerSentEvents | front.LongPolling
	if h.options.Transports == 0 {
		return all
	}
	return h.options.Transports & all
}
