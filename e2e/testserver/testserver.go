// Package testserver is a server with hubs for everything that a SignalR client
// can do, as package testhub has it, for tests of clients that are not ours and
// of ours. It is put together of package server, as a user's server is.
//
//	s, err := testserver.New(testserver.Options{Addr: "localhost:8080"})
//	err = s.Run(ctx)
//
// Its addresses:
//
//	/testhub                testhub.Hub
//	/testhub-nowebsockets   the same, over server-sent events and long polling
//	/declared               the same, with names in JSON as they were declared
//	/detailed               another of its kind, with detailed errors, 1 MiB a message
//	                        and no stateful reconnect
//	/authorizedhub          testhub.AuthorizedHub: a token is needed
//	/refusing, /failing     hubs whose OnConnect fails, with a public error and another
//	/echo, /echo-bytes      raw connections that hear what they say, as text and as bytes
//	/signalr                testhub.Hub, ClassicHub, OtherHub and VerbatimHub, for classic clients
//	/only-websockets, /only-serversentevents, /only-longpolling   testhub.Hub
//	/lives?id=ID&count=N    what has happened to a connection, once it is so much
//	/say?group=G&text=T     sends a message to a group of testhub.Hub
//	/room                   raw connections that join, leave and speak to groups
//	/redirect?hops=N        sends a negotiation on N times, and then to /testhub
//	/token                  a bearer token: ?user=NAME&role=ROLE&seconds=N
//	/bad-negotiate          400, whatever is asked
//
// Concurrency: everything may be used from any goroutine. [Server.Run] blocks
// until its context ends and everything it began has ended.
package testserver

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"

	"partline.dev/e2e/testhubs"
	"partline.dev/server"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// Options are what a test sets.
type Options struct {
	// Addr is where Run serves, host:port.
	Addr string

	// AllowHosts are the sites whose pages may reach the hubs.
	AllowHosts []string

	// Data is where the keys are that outlive the server. Empty: none do.
	Data string

	// Log is where the hubs say what happens. Nil: slog.Default().
	Log *slog.Logger
}

// detailedLimit is how many bytes a message to /detailed may have.
const detailedLimit = 1 << 20

// Server is the hubs at their addresses.
type Server struct {
	addr           string
	main, detailed *server.Server
	handler        http.Handler
}

// New returns a server that nobody reaches yet.
func New(o Options) (*Server, error) {
	tokens := newIssuer()
	options := server.Options{
		Addr: o.Addr, AllowHosts: o.AllowHosts, Authenticate: tokens.authenticate, Log: o.Log, Data: o.Data,
		// Hundreds of clients of one machine come one after another.
		HandshakesPerAddress: 1000,
	}
	test, life := []*hub.Mux{testhubs.New()}, newLives()
	options.Mounts = []server.Mount{
		{Path: "/testhub", Hubs: test},
		{Path: "/testhub-nowebsockets", Hubs: test, Transports: front.ServerSentEvents | front.LongPolling},
		{Path: "/declared", Hubs: test, NamesAsDeclared: true},
		{Path: "/authorizedhub", Hubs: []*hub.Mux{testhubs.NewAuthorized()}},
		{Path: "/refusing", Hubs: []*hub.Mux{testhubs.NewRefusing()}},
		{Path: "/failing", Hubs: []*hub.Mux{testhubs.NewFailing()}},
		{Path: "/signalr", Hubs: append(slices.Clip(test), newClassicHub(life), newOtherHub(), newVerbatimHub())},
		{Path: "/only-websockets", Hubs: test, Transports: front.WebSockets},
		{Path: "/only-serversentevents", Hubs: test, Transports: front.ServerSentEvents},
		{Path: "/only-longpolling", Hubs: test, Transports: front.LongPolling},
		{Path: "/redirect", Hubs: test, Redirect: tokens.redirect},
		{Path: "/echo", Connection: echoChunks(false)},
		{Path: "/room", Connection: serveRoom},
		{Path: "/echo-bytes", Connection: echoChunks(true)},
	}
	s := &Server{addr: o.Addr}
	var err error
	if s.main, err = server.New(options); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", s.main.Handler())
	mux.HandleFunc("GET /token", tokens.serveToken)
	mux.HandleFunc("GET /lives", life.serve)
	mux.HandleFunc("GET /say", serveSay(test[0]))
	mux.HandleFunc("/bad-negotiate/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Headers", "*, Authorization, Content-Type, X-Requested-With, X-SignalR-User-Agent")
		if r.Method == http.MethodOptions {
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("Some response from server")) // a client that is gone needs none
	})
	options.Data = "" // it is the other server's
	options.DetailedErrors, options.MessageLimit, options.NoStatefulReconnect = true, detailedLimit, true
	options.Mounts = []server.Mount{{Path: "/detailed", Hubs: []*hub.Mux{testhubs.New()}}}
	if s.detailed, err = server.New(options); err != nil {
		return nil, err
	}
	mux.Handle("/detailed", s.detailed.Handler())
	mux.Handle("/detailed/", s.detailed.Handler())
	s.handler = noting(mux)
	return s, nil
}

// Run serves until ctx ends, and then shuts down.
func (s *Server) Run(ctx context.Context) error {
	err := s.main.Serve(ctx, &http.Server{Addr: s.addr, Handler: s.handler})
	return errors.Join(err, s.detailed.Shutdown(context.WithoutCancel(ctx)))
}

// echoChunks says what it hears until the client is gone, as text or as bytes.
func echoChunks(binary bool) func(context.Context, *transport.Connection) error {
	return func(ctx context.Context, c *transport.Connection) error {
		c.SetBinary(binary)
		for {
			chunk, err := c.Read(ctx)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := c.Write(ctx, chunk); err != nil {
				return err
			}
		}
	}
}
