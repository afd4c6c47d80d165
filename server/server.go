// Package server puts Partline together: the hubs behind their addresses, the
// parts' pages, health and metrics. It is the whole of a program,
//
//	func main() {
//		server.Main(server.Options{AllowHosts: []string{"https://contoso.sharepoint.com"}})
//	}
//
// or a server to run ([New], [Server.Run]), or an [http.Handler] to mount in a
// server of your own ([Server.Handler], [Server.Serve]).
//
// Concurrency: everything may be used from any goroutine; one of Run and Serve is
// called, once. They block until their context ends and everything they began has
// ended. Who uses neither calls [Server.Shutdown] at the end.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"partline.dev/server/api"
	"partline.dev/server/auth"
	"partline.dev/server/classic"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/page"
	"partline.dev/server/telemetry"
	"partline.dev/server/transport"
)

// Server is the hubs and pages of one [Options].
type Server struct {
	options   Options
	public    public
	certs     certificates
	tokens    *keys.Tokens
	signer    *keys.Signer
	log       *slog.Logger
	tenancy   *tenancy
	follower  follower // of the tenants
	authority *auth.Authority
	host      *transport.Host
	core      *hub.Core
	tracer    *telemetry.Tracer
	metrics   *metrics
	classic   []*classic.Handler // one of each address
	api       *api.Handler
	pages     *pages
	handler   http.Handler
	draining  atomic.Bool
}

// New returns a server that nobody reaches yet. It says what is wrong with o,
// and which method of a hub has no handler.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	mounts, err := o.mounts()
	if err != nil {
		return nil, err
	}
	public, err := parsePublicURL(o.PublicURL)
	if err == nil {
		err = public.checkMounts(mounts)
	}
	if err != nil {
		return nil, fmt.Errorf("--public-url %q: %w", o.PublicURL, err)
	}
	tenancy, err := openTenancy(&o)
	if err != nil {
		return nil, err
	}
	if err := tenancy.checkMounts(mounts); err != nil {
		return nil, err
	}
	policy, err := tenancy.policy(public.origin())
	if err != nil {
		return nil, err
	}
	trusted, err := parseProxies(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	if err := openData(o.Data); err != nil {
		return nil, err
	}
	certs, err := newCertificates(&o)
	if err != nil {
		return nil, err
	}
	ring, err := openKeys(&o)
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, public: public, certs: certs, tokens: keys.NewTokens(ring), signer: keys.NewSigner(ring), log: o.Log,
		tracer: telemetry.NewTracer(o.TracerProvider), metrics: newMetrics()}
	s.tenancy = tenancy
	if s.authority, err = s.newAuthority(); err != nil {
		return nil, err
	}
	if err := s.assemble(mounts, policy, trusted); err != nil {
		return nil, errors.Join(err, s.authority.Close())
	}
	s.followTenants()
	return s, nil
}

// assemble makes everything that serves the mounts.
func (s *Server) assemble(mounts map[string]Mount, policy *front.Policy, trusted proxies) error {
	s.host = transport.NewHost(s.hostOptions(policy))
	s.core = hub.NewCore(s.host.Env(), s.coreOptions())
	doors, err := s.open(mounts)
	if err != nil {
		return err
	}
	if s.pages, err = newPages(&s.options, s.public, s.tenancy); err != nil {
		return err
	}
	s.api = s.newAPI()
	rest := http.NewServeMux()
	rest.Handle("/", s.pages)
	rest.Handle(api.Root, s.api)
	rest.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { page.Answer(w, http.StatusOK, "ok") })
	rest.HandleFunc("GET /readyz", s.serveReady)
	s.handler = trusted.wrap(&router{
		prefix: s.public.prefix,
		doors:  doors,
		noHub:  s.host.Handler(s.core, "", nil),
		rest:   rest,
	})
	return nil
}

// hostOptions are those of what carries the connections.
func (s *Server) hostOptions(policy *front.Policy) *transport.Options {
	o := &s.options
	return &transport.Options{
		Policy:                policy,
		Authority:             redeeming{s.authority, &s.metrics.tickets},
		Tokens:                s.tokens,
		Transports:            o.Transports,
		QueueLimit:            o.SendQueueLimit,
		HandshakeTimeout:      o.HandshakeTimeout,
		HandshakesPerAddress:  o.HandshakesPerAddress,
		NegotiateRate:         o.NegotiateRate,
		NegotiateBurst:        o.NegotiateBurst,
		ConnectionLimit:       o.ConnectionLimit,
		ConnectionsPerAddress: o.ConnectionsPerAddress,
		PollLimit:             o.PollLimit,
		PostLimit:             o.PostLimit,
		NoStatefulReconnect:   o.NoStatefulReconnect,
		ReplayLimit:           o.ReplayLimit,
		Compress:              o.Compress,
		Ended:                 s.metrics.ended,
		Log:                   o.Log,
	}
}

// coreOptions are those of the hubs.
func (s *Server) coreOptions() *hub.Options {
	o := &s.options
	return &hub.Options{
		Log:                 o.Log,
		DetailedErrors:      o.DetailedErrors || o.Dev,
		MessageLimit:        o.MessageLimit,
		QueueLimit:          max(o.MessageLimit, o.Classic.MessageLimit, 64<<10),
		ParallelInvocations: o.ParallelInvocations,
		StreamLimit:         o.StreamLimit,
		StreamBuffer:        o.StreamBuffer,
		Recent: hub.RecentOptions{
			Encoding: classic.Encoding,
			Messages: o.Classic.ReplayMessages,
			Bytes:    o.Classic.ReplayBytes,
		},
		Rules:   s.tenancy.rules,
		Refresh: s.authority.Refresh,
		Trace:   s.tracer.Hook(),
	}
}

// Handler serves the hubs, the pages and the health of the server, at the paths
// that they have: under a prefix only if Options.PublicURL says so, and then it may
// have been taken off or not. A hub at /realtime has that address and those below
// it, so a mux that shall pass on no others is given both: "/realtime" and
// "/realtime/".
func (s *Server) Handler() http.Handler { return s.handler }

// Files are the paths, below the prefix of the public address, of what pages need
// besides themselves: each under a name that tells its content. Somebody else may
// serve them, as they are here, before the server is asked.
func (s *Server) Files() []string {
	files := s.pages.assets.names()
	slices.Sort(files)
	return files
}

// serveReady tells a load balancer whether to send anybody here.
func (s *Server) serveReady(w http.ResponseWriter, _ *http.Request) {
	if s.draining.Load() {
		page.Answer(w, http.StatusServiceUnavailable, "shutting down")
		return
	}
	page.Answer(w, http.StatusOK, "ready")
}

// Shutdown ends the server politely: no new connection is taken, what was asked
// is answered, the clients are told to come back, and everything that was begun
// has ended when it returns. When ctx ends first, what still runs is cut off.
func (s *Server) Shutdown(ctx context.Context) error {
	s.draining.Store(true)
	s.unfollowTenants()
	err := s.host.Shutdown(ctx)
	err = errors.Join(err, s.authority.Close())
	s.pages.close()
	if err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}

// Version is the version of the module in the running binary, or "devel".
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
