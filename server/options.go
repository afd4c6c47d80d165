package server

import (
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/trace"

	"partline.dev/app/part"
	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// Options says what a server serves and within which limits. The zero value
// serves the built-in hubs and parts at localhost:8080.
type Options struct {
	// Addr is where Run serves, host:port. Empty: localhost:8080.
	Addr string

	// MetricsAddr is where Run serves /metrics for Prometheus, never on Addr.
	// Empty: nowhere.
	MetricsAddr string

	// PublicURL is where people reach the server, as https://parts.example or
	// https://example.org/apps: a path at its end is the prefix of every address,
	// and a proxy may take it off or leave it on. The pages, the allow-list's own
	// site and everything to copy go by it. Empty: the address that each request
	// was sent to, without a prefix.
	PublicURL string

	// TLSCert and TLSKey are PEM files, of the certificate with those that vouch
	// for it and of its key. Run then serves https at Addr, with HTTP/2 for
	// everything but WebSockets, and follows the files within seconds when they
	// change. Empty: Run serves plain HTTP, for a proxy with TLS before it.
	TLSCert, TLSKey string

	// ACMEDomains are the names for which Run gets certificates from an
	// authority by itself, and keeps them in Data. Who sets it accepts the
	// authority's terms. The authority asks Addr at port 443 of the name, or
	// ACMEAddr at port 80. Nil: none.
	ACMEDomains []string

	// ACMEEmail is whom the authority writes to. Empty: nobody.
	ACMEEmail string

	// ACMEDirectory is the authority's directory. Empty: that of Let's Encrypt.
	ACMEDirectory string

	// ACMEAddr is where Run answers the authority's HTTP questions and leads
	// people to https. Empty: port 80.
	ACMEAddr string

	// TrustedProxies are the networks (10.0.0.0/8) and addresses of the proxies
	// before the server. What they say in X-Forwarded-For, -Proto, -Host or
	// Forwarded is believed, from the end to the first address that is none of
	// theirs, and limits per address count that one. Nil: nobody is believed.
	TrustedProxies []string

	// Data is the folder of what outlives the program; it is made, for its owner
	// only, if it is not there. Empty: nothing is written and nothing outlives
	// the program.
	Data string

	// Keys is the file of the keys that the server signs with. Nodes that share
	// it verify what the others have signed. It is made if it is not there. See
	// package keys. Empty: keys in Data; without Data random ones.
	Keys string

	// Hubs are the hubs, each at /hubs/{name} and all of them at /signalr, where
	// pages of jQuery SignalR 2 look for them, unless Mounts has that address.
	// Nil, with no Mounts either: the built-in hubs.
	Hubs []*hub.Mux

	// Mounts are hubs that have addresses of another kind.
	Mounts []Mount

	// HubsFile is a file that declares hubs in addition to those, as package
	// declared says: each is at /hubs/{name}, and at the addresses that the file
	// gives it or at /signalr. It is read once, by New. Empty: there is none.
	HubsFile string

	// Parts are the parts that are listed and shown. Nil: the built-in parts.
	Parts []part.Part

	// App is the folder of the parts' WebAssembly program, as package
	// web/wasmbuild leaves it. Nil: the one that is embedded.
	App fs.FS

	// NoInstall leaves out the page for administrators, /install, and the way to it.
	NoInstall bool

	// AllowHosts are the sites whose pages may show the parts and reach the
	// hubs, each as https://host, https://host:port or https://*.host. The
	// server's own site always may.
	AllowHosts []string

	// Tenants is a file that declares tenants, as package tenants says: whose sites
	// may show the parts, who may come in, and who hears whom. It is followed
	// within seconds when it changes, and no connection notices that need not; a
	// file with a mistake changes nothing. It takes the place of AllowHosts. Empty:
	// there is one tenant, of AllowHosts, with guests of any kind.
	Tenants string

	// Authenticate says who makes a request that brings no ticket or session token,
	// in the place of the tokens of tenants' issuers. An error refuses it with 401,
	// or with 403 if it is front.ErrForbidden; its text stays inside. Nil: who
	// brings nothing is a guest.
	Authenticate func(*http.Request) (hub.Principal, error)

	// Dev serves demo host pages at DevHostAddr, with the built-in hubs also the
	// hubs of their examples at /chat, /peer/signalr and /mvc/signalr, tells
	// clients what went wrong in detail, and reloads open parts after a build.
	// Never in production.
	Dev bool

	// DetailedErrors tells clients the text of any error of a hub, and its kind.
	// Such texts can say what nobody outside should know. Dev sets it.
	DetailedErrors bool

	// DevHostAddr is where the demo host page is, on another site than Addr.
	// Empty: 127.0.0.1:8081.
	DevHostAddr string

	// DevNPM is the folder of npm packages, node_modules, from which the examples
	// among the demo host pages have their clients: @microsoft/signalr, jquery
	// and signalr. Empty, or while a client is not there: its example says so.
	DevNPM string

	// DevStatus is the file through which a development loop tells of builds.
	// Empty: there is none.
	DevStatus string

	// MessageLimit is the longest hub message a client of ASP.NET Core SignalR
	// may send, in bytes, at most 1 MiB. Zero: 32 KiB.
	MessageLimit int

	// SendQueueLimit is how many bytes may wait for one connection before it is
	// closed as too slow. Zero: 1 MiB.
	SendQueueLimit int

	// HandshakeTimeout is how long a new connection may take to say what it
	// speaks. Zero: 15 s.
	HandshakeTimeout time.Duration

	// HandshakesPerAddress is how many connections of one client address may
	// be that far. Zero: 64.
	HandshakesPerAddress int

	// Transports are those that clients may use. Zero: all of them.
	Transports front.Transports

	// ParallelInvocations is how many methods one connection may run at once.
	// At 1 they run in order. Streams and methods with uploads do not count.
	// Zero: 1.
	ParallelInvocations int

	// StreamLimit is how many streams and methods with uploads one connection
	// may have open at once. Zero: 100.
	StreamLimit int

	// StreamBuffer is how many items of an upload may wait for its handler
	// before the client is read more slowly. Zero: 10.
	StreamBuffer int

	// ConnectionLimit is how many connections may be open. Zero: 65,536.
	ConnectionLimit int

	// ConnectionsPerAddress is how many of them may be of one client address;
	// of IPv6 a /64 network counts as one. Zero: half of them.
	ConnectionsPerAddress int

	// NegotiateRate is how many connections one client address may ask for
	// each second, and NegotiateBurst how many at once after a pause. Zero: 200
	// and 4,096.
	NegotiateRate, NegotiateBurst int

	// PollLimit is how many long polls may wait at once. Zero: 16,384.
	PollLimit int

	// NoStatefulReconnect refuses clients that ask for stateful reconnect: they
	// are served without it.
	NoStatefulReconnect bool

	// ReplayLimit is how many bytes are kept for a client under stateful
	// reconnect until it has acknowledged them; half of SendQueueLimit at most.
	// Zero: 100,000.
	ReplayLimit int

	// PostLimit is the longest body of a request by which a client sends, in
	// bytes. It holds many messages, and is handed on while it arrives. Zero:
	// 30,000,000.
	PostLimit int

	// Classic are the times and limits of clients of jQuery SignalR 2, beside
	// those of all clients. The zero value is the defaults.
	Classic ClassicOptions

	// Compress lets long WebSocket messages be compressed, once for all who
	// hear them, for clients that keep no compression state.
	Compress bool

	// DrainTimeout is how long running calls may take once Run is told to stop.
	// Zero: 10 s.
	DrainTimeout time.Duration

	// HistoryBytes is how many bytes the built-in hub chat keeps of what was posted,
	// in all rooms together and in memory: the oldest messages go first, and nothing
	// outlives the process. Zero: 64 MiB.
	HistoryBytes int

	// HistoryMessages is how many messages it keeps of each room. Zero: 10,000.
	HistoryMessages int

	// TracerProvider begins the spans of negotiations, calls and publishes, as
	// package telemetry says. Who gives it closes it. Nil: nothing is traced.
	TracerProvider trace.TracerProvider

	// Log is where the server says what happens. Nil: slog.Default().
	Log *slog.Logger

	builtIn  bool       // Hubs are the built-in ones
	examples bool       // the hubs of the examples are served
	together []*hub.Mux // the hubs at the address of all; nil: Hubs
}
