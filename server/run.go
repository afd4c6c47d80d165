package server

import (
	"bytes"
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Times of our HTTP servers. A WebSocket leaves them when it begins.
const (
	headerTimeout = 10 * time.Second // a request's header must be there by then
	readTimeout   = 20 * time.Second // and its body
	writeTimeout  = 2 * time.Minute  // the reply, files of some megabytes included
	idleTimeout   = 2 * time.Minute  // between two requests
	maxHeader     = 32 << 10         // bytes
)

// listener is one address that is served.
type listener struct {
	flag   string // what sets another
	server *http.Server
	net    net.Listener
}

func (l *listener) serve() error {
	if l.server.TLSConfig != nil {
		return l.server.ServeTLS(l.net, "", "") // its certificates are in there
	}
	return l.server.Serve(l.net)
}

// Run serves until ctx ends, and then shuts down within Options.DrainTimeout.
// It returns nil after a clean end, and at once if an address is taken, naming
// the flag that sets another.
func (s *Server) Run(ctx context.Context) error {
	own := s.httpServer(s.options.Addr, s.handler)
	own.TLSConfig = s.certs.config
	listeners := []*listener{{flag: "--addr", server: own}}
	if s.certs.acme != nil {
		listeners = append(listeners, &listener{flag: "--acme-addr", server: s.httpServer(s.options.ACMEAddr, s.certs.challenges())})
	}
	if words := s.notFramed(); words != "" {
		s.log.Warn(words)
	}
	return s.serve(ctx, listeners...)
}

// Serve is [Server.Run] for a server of your own that has [Server.Handler] mounted
// in it: it serves own, at own.Addr, in place of Options.Addr, and with TLS if own
// has a TLSConfig. When ctx ends the hubs shut down before own does, which knows
// nothing of their sockets and would leave them open.
func (s *Server) Serve(ctx context.Context, own *http.Server) error {
	return s.serve(ctx, &listener{flag: "the Addr of its http.Server", server: own})
}

// httpServer serves h at addr with times and limits of ours.
func (s *Server) httpServer(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(errorLog{s.log}, "", 0),
	}
}

// errorLog tells what package http has to say. Failed TLS handshakes and frames
// that are none any stranger can have as many as they like of.
type errorLog struct{ log *slog.Logger }

// Write is io.Writer's.
func (e errorLog) Write(line []byte) (int, error) {
	level := slog.LevelWarn
	if bytes.HasPrefix(line, []byte("http: TLS handshake error")) || bytes.HasPrefix(line, []byte("http2: server")) {
		level = slog.LevelDebug
	}
	e.log.Log(context.Background(), level, string(bytes.TrimSpace(line)))
	return len(line), nil
}

// serve serves listeners and what the options ask for beside them.
func (s *Server) serve(ctx context.Context, listeners ...*listener) error {
	if s.options.MetricsAddr != "" {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", s.metricsHandler())
		listeners = append(listeners, &listener{flag: "--metrics-addr", server: s.httpServer(s.options.MetricsAddr, mux)})
	}
	if s.options.Dev {
		demo, err := newDevHost(s.site(), s.pages.parts, s.examples(), s.options.DevNPM)
		if err != nil {
			return err
		}
		listeners = append(listeners, &listener{flag: "--dev-host-addr", server: s.httpServer(s.options.DevHostAddr, demo)})
	}
	if err := listenAll(listeners); err != nil {
		s.pages.close()
		return err
	}
	s.announce(listeners)

	failed := make(chan error, len(listeners))
	var serving sync.WaitGroup
	for _, l := range listeners {
		serving.Go(func() {
			if err := l.serve(); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}
	var err error
	select {
	case <-ctx.Done():
		s.log.Info("shutting down", "within", s.options.DrainTimeout)
	case err = <-failed:
	}
	return errors.Join(err, s.stop(listeners, &serving))
}

// stop ends what serve began, politely and then at once.
func (s *Server) stop(listeners []*listener, serving *sync.WaitGroup) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.DrainTimeout)
	defer cancel()
	err := s.Shutdown(ctx)
	for _, l := range listeners {
		if l.server.Shutdown(ctx) != nil {
			_ = l.server.Close()
		}
	}
	serving.Wait()
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("some calls did not end in time and were cut off", "after", s.options.DrainTimeout)
		return nil
	}
	s.log.Info("stopped")
	return err
}

// listenAll opens every address, or none.
func listenAll(listeners []*listener) error {
	for i, l := range listeners {
		var err error
		if l.net, err = Listen(l.flag, l.server.Addr); err != nil {
			for _, open := range listeners[:i] {
				_ = open.net.Close()
			}
			return err
		}
	}
	return nil
}

// announce says where everything is.
func (s *Server) announce(listeners []*listener) {
	for _, l := range listeners {
		s.log.Info("listening", "addr", l.net.Addr().String(), "set_by", l.flag)
	}
	if s.options.Dev {
		s.log.Info("open", "parts", s.site()+"/", "demo_host_page", "http://"+s.options.DevHostAddr+"/")
	}
}
