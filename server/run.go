package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Times of the HTTP servers. A WebSocket leaves them when it begins.
const (
	headerTimeout = 10 * time.Second // a request's header must be there by then
	idleTimeout   = 2 * time.Minute  // between two requests
	maxHeader     = 32 << 10         // bytes
)

// listener is one address that Run serves.
type listener struct {
	flag    string
	addr    string
	handler http.Handler
	net     net.Listener
	server  *http.Server
}

// Run serves until ctx ends, and then shuts down within Options.DrainTimeout.
// It returns nil after a clean end, and at once if an address is taken, naming
// the flag that sets another.
func (s *Server) Run(ctx context.Context) error {
	listeners := []*listener{{flag: "--addr", addr: s.options.Addr, handler: s.handler}}
	if s.options.MetricsAddr != "" {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", s.metricsHandler())
		listeners = append(listeners, &listener{flag: "--metrics-addr", addr: s.options.MetricsAddr, handler: mux})
	}
	if s.options.Dev {
		demo, err := newDevHost(s.options.site(), s.pages.parts)
		if err != nil {
			return err
		}
		listeners = append(listeners, &listener{flag: "--dev-host-addr", addr: s.options.DevHostAddr, handler: demo})
	}
	if err := listenAll(listeners); err != nil {
		return err
	}
	s.announce(listeners)

	failed := make(chan error, len(listeners))
	var serving sync.WaitGroup
	for _, l := range listeners {
		l.server = &http.Server{
			Handler:           l.handler,
			ReadHeaderTimeout: headerTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeader,
			ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		}
		serving.Go(func() {
			if err := l.server.Serve(l.net); !errors.Is(err, http.ErrServerClosed) {
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

// stop ends what Run began, politely and then at once.
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
		if l.net, err = listen(l.flag, l.addr); err != nil {
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
		s.log.Info("listening", "addr", l.net.Addr().String(), "flag", l.flag)
	}
	if s.options.Dev {
		s.log.Info("open", "parts", s.options.site()+"/", "demo_host_page", "http://"+s.options.DevHostAddr+"/")
	}
}
