package transport

import (
	"log/slog"
	"net/http"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// Options sets who may connect, and the limits and times of connections. Nil and
// the zero value are the defaults. Sizes are in bytes.
type Options struct {
	// Policy says which web origins may connect. Nil: those of the server's
	// own pages only.
	Policy *front.Policy

	// Transports are those that clients may use, as far as a handler's own
	// options do not allow fewer. Zero: all of them.
	Transports front.Transports

	// Authority says who makes a request: each one, before it has any effect. A
	// connection belongs to the user who negotiated it, and to everybody else does
	// not exist. Nil: everybody is an anonymous guest.
	Authority front.Authority

	// Tokens makes and reads connection tokens, so that several hosts tell
	// whose each is. Nil: they are random, and this host is the only one.
	Tokens Tokens

	// ClientAddress names the address that a request came from, for the limits
	// per address. Behind a proxy it must read what that proxy says. Nil: the
	// other end of the socket; of an IPv6 address its /64 network.
	ClientAddress func(*http.Request) string

	// Log is where the host says what went wrong, by connection id and never
	// with a token. Nil: nowhere.
	Log *slog.Logger

	// QueueLimit is how many bytes may wait for one connection before it is
	// closed as too slow. A single event may be longer. Zero: 1 MiB.
	QueueLimit int

	// SendTimeout is how long the peer may leave one write (64 KiB at most)
	// unread. Zero: 10 s.
	SendTimeout time.Duration

	// NoStatefulReconnect refuses clients that ask for stateful reconnect: they
	// are served without it.
	NoStatefulReconnect bool

	// ReplayLimit is how many bytes are kept for a connection under stateful
	// reconnect until its client has acknowledged them; half of QueueLimit at
	// most. When it is reached, what the client asked for waits, and an event
	// published by others closes the connection. Zero: 100,000.
	ReplayLimit int

	// PollTimeout is how long a long poll may wait before it is answered with
	// nothing. SignalR's clients give up after 100 s. Zero: 90 s.
	PollTimeout time.Duration

	// DisconnectTimeout is how long a client that polls may take from one poll
	// to the next, and one under stateful reconnect from one WebSocket to the
	// next. Zero: 15 s.
	DisconnectTimeout time.Duration

	// CloseTimeout is how long each step of a close may take: reading what was
	// queued; if it was not, reading the close frame; closing the other half.
	// Zero: 5 s.
	CloseTimeout time.Duration

	// HandshakeTimeout is how long a client may take from negotiate to its
	// connection, and from there to its handshake. Zero: 15 s.
	HandshakeTimeout time.Duration

	// HandshakesPerAddress is how many connections of one client address may
	// be that far. Zero: 64.
	HandshakesPerAddress int

	// PendingLimit is how many negotiated connections may wait to be opened; a
	// sixteenth of them by one client address. Zero: 65,536.
	PendingLimit int

	// NegotiateRate is how many negotiations of one client address are answered
	// each second, and NegotiateBurst how many may come at once. Zero: 200 and
	// 4,096.
	NegotiateRate  int
	NegotiateBurst int

	// ConnectionLimit is how many connections may be open. Zero: 65,536.
	ConnectionLimit int

	// ConnectionsPerAddress is how many of them may be of one client address.
	// Zero: half of them.
	ConnectionsPerAddress int

	// PollLimit is how many long polls may wait at once. Zero: 16,384.
	PollLimit int

	// PostLimit is the longest body of a request by which a client sends. It is
	// handed on while it arrives, so it costs no memory. Zero: 30,000,000, as
	// in ASP.NET Core.
	PostLimit int

	// Ended is called when a connection has ended, for metrics. It must not
	// block. Nil: nobody asks.
	Ended func(Ended)

	// Compress lets messages above 1 KiB be compressed, once for everybody who
	// hears them. A connection whose client asks for it costs 5 KiB more. Zero:
	// no compression.
	Compress bool
}

func (o *Options) withDefaults() Options {
	d := Options{}
	if o != nil {
		d = *o
	}
	if d.Policy == nil {
		d.Policy = &front.Policy{}
	}
	if d.Authority == nil {
		d.Authority = front.AuthorityFunc(func(*http.Request) (hub.Principal, error) { return hub.Principal{}, nil })
	}
	if d.Tokens == nil {
		d.Tokens = plainTokens{}
	}
	if d.ClientAddress == nil {
		d.ClientAddress = front.RemoteAddress
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	orSize := func(n *int, fallback int) {
		if *n <= 0 {
			*n = fallback
		}
	}
	orTime := func(t *time.Duration, fallback time.Duration) {
		if *t <= 0 {
			*t = fallback
		}
	}
	orSize(&d.QueueLimit, 1<<20)
	orSize(&d.ReplayLimit, 100_000)
	orSize(&d.HandshakesPerAddress, 64)
	orSize(&d.PendingLimit, 1<<16)
	orSize(&d.NegotiateRate, 200)
	orSize(&d.NegotiateBurst, 4096)
	orSize(&d.ConnectionLimit, 1<<16)
	orSize(&d.ConnectionsPerAddress, max(1, d.ConnectionLimit/2))
	orSize(&d.PollLimit, 1<<14)
	orSize(&d.PostLimit, 30_000_000)
	orTime(&d.PollTimeout, 90*time.Second)
	orTime(&d.DisconnectTimeout, 15*time.Second)
	orTime(&d.SendTimeout, 10*time.Second)
	orTime(&d.CloseTimeout, 5*time.Second)
	orTime(&d.HandshakeTimeout, 15*time.Second)
	return d
}
