package classic_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/transport"
)

// served is a server of classic hubs, in memory, with what a test looks at.
type served struct {
	t       testing.TB
	host    *transport.Host
	core    *hub.Core
	handler *classic.Handler
	server  *http.Server
	pipes   *pipes
}

// pipes is a listener without a network, so that a test may run in a bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return pipeAddress{} }

type pipeAddress struct{}

func (pipeAddress) Network() string { return "memory" }
func (pipeAddress) String() string  { return "memory" }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// serve serves hubs until the test ends. Host says who connects, and more.
func serve(t testing.TB, o classic.Options, host *transport.Options, hubs ...*hub.Mux) *served {
	t.Helper()
	if o.Path == "" {
		o.Path = "/signalr"
	}
	if o.Signer == nil {
		o.Signer = keys.NewSigner(keys.Random())
	}
	s := &served{t: t, pipes: &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}}
	s.host, s.core = newHost(t, host, hubs...)
	if o.Raw == nil {
		o.Hubs = hubs
	}
	s.handler = classic.New(s.host, s.core, o)
	s.server = &http.Server{Handler: s.handler}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.server.Serve(s.pipes)
	}()
	t.Cleanup(func() {
		_ = s.server.Close()
		<-served
	})
	return s
}

// client returns an HTTP client whose connections end with the test.
func (s *served) http() *http.Client {
	tr := &http.Transport{DialContext: s.pipes.dial, DisableCompression: true}
	s.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}
