package server

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"partline.dev/app/part"
	"partline.dev/server/connected"
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

	// Hubs are the hubs, each at /hubs/{name}. Nil, with no Mounts either: the
	// built-in hubs.
	Hubs []*hub.Mux

	// Mounts are hubs that have addresses of another kind.
	Mounts []Mount

	// Parts are the parts that are listed and shown. Nil: the built-in parts.
	Parts []part.Part

	// App is the folder of the parts' WebAssembly program, as package
	// web/wasmbuild leaves it. Nil: the one that is embedded.
	App fs.FS

	// AllowHosts are the sites whose pages may show the parts and reach the
	// hubs, each as https://host, https://host:port or https://*.host. The
	// server's own site always may.
	AllowHosts []string

	// Authenticate says who makes a request, before it becomes a connection.
	// An error refuses it with 401; the error's text stays inside. Nil:
	// everybody is anonymous.
	Authenticate func(*http.Request) (hub.Principal, error)

	// Dev serves a demo host page at DevHostAddr, tells clients what went wrong
	// in detail, and reloads open parts after a build. Never in production.
	Dev bool

	// DevHostAddr is where the demo host page is, on another site than Addr.
	// Empty: 127.0.0.1:8081.
	DevHostAddr string

	// DevStatus is the file through which a development loop tells of builds.
	// Empty: there is none.
	DevStatus string

	// MessageLimit is the longest hub message a client may send, in bytes, at
	// most 1 MiB. Zero: 32 KiB.
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

	// Compress lets long WebSocket messages be compressed, once for all who
	// hear them, for clients that keep no compression state.
	Compress bool

	// DrainTimeout is how long running calls may take once Run is told to stop.
	// Zero: 10 s.
	DrainTimeout time.Duration

	// Log is where the server says what happens. Nil: slog.Default().
	Log *slog.Logger
}

// Mount is one address and the hubs it serves.
type Mount struct {
	// Path is the address, as in /realtime.
	Path string

	// Hubs are the hubs there: exactly one.
	Hubs []*hub.Mux
}

// maxMessageLimit bounds Options.MessageLimit.
const maxMessageLimit = 1 << 20

func (o Options) withDefaults() (Options, error) {
	if o.Addr == "" {
		o.Addr = "localhost:8080"
	}
	if o.DevHostAddr == "" {
		o.DevHostAddr = "127.0.0.1:8081"
	}
	if o.Dev {
		host, _, err := net.SplitHostPort(o.DevHostAddr)
		if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() {
			return o, fmt.Errorf("--dev-host-addr %q: it must name a host and a port, as 127.0.0.1:8081 does; it is the site that may show the parts", o.DevHostAddr)
		}
		o.AllowHosts = append(slices.Clone(o.AllowHosts), "http://"+o.DevHostAddr)
	}
	if o.Hubs == nil && o.Mounts == nil {
		o.Hubs = []*hub.Mux{connected.New()}
	}
	if o.MessageLimit == 0 {
		o.MessageLimit = 32 << 10
	}
	if o.MessageLimit < 0 || o.MessageLimit > maxMessageLimit {
		return o, fmt.Errorf("the message limit is %d bytes, it must be 1 to %d", o.MessageLimit, maxMessageLimit)
	}
	if o.DrainTimeout == 0 {
		o.DrainTimeout = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o, nil
}

// site is the origin of the parts as a browser on this machine sees it.
func (o *Options) site() string {
	host, port, err := net.SplitHostPort(o.Addr)
	if err != nil || host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// checkPath says why a hub cannot be mounted at p.
func checkPath(p string) error {
	switch {
	case !strings.HasPrefix(p, "/") || len(p) < 2 || strings.HasSuffix(p, "/"):
		return errors.New("it starts with a slash, names something and ends without one")
	case p != path.Clean(p) || strings.ContainsAny(p, "{}?#%\\ \t\r\n"):
		return errors.New("it is made of plain names between single slashes")
	case strings.HasSuffix(p, "/negotiate"), p == "/healthz", p == "/readyz":
		return errors.New("the server itself answers there")
	}
	return nil
}

// routes are the addresses of o's hubs: one hub each.
func (o *Options) routes() (map[string]*hub.Mux, error) {
	routes := map[string]*hub.Mux{}
	add := func(at string, m *hub.Mux) error {
		if err := checkPath(at); err != nil {
			return fmt.Errorf("mount path %q: %w", at, err)
		}
		if routes[at] != nil {
			return fmt.Errorf("two hubs are mounted at %s", at)
		}
		routes[at] = m
		return nil
	}
	for _, m := range o.Hubs {
		if err := add("/hubs/"+m.Name(), m); err != nil {
			return nil, err
		}
	}
	for _, mount := range o.Mounts {
		if len(mount.Hubs) != 1 {
			return nil, fmt.Errorf("mount %s has %d hubs; a SignalR address has exactly one", mount.Path, len(mount.Hubs))
		}
		if err := add(mount.Path, mount.Hubs[0]); err != nil {
			return nil, err
		}
	}
	return routes, nil
}
