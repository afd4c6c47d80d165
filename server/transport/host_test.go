package transport_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/contract"
)

// The contract of the tests of this package.
var (
	talkHub    = contract.NewHub("talk")
	sayMethod  = contract.NewMethod[say, contract.None](talkHub, "Say")
	waitMethod = contract.NewMethod[contract.None, contract.None](talkHub, "Wait")
	heardEvent = contract.NewEvent[say](talkHub, "heard")
	talkAPI    = contract.NewAPI(talkHub, sayMethod, waitMethod, heardEvent)
)

// otherAPI is that of a hub that can do nothing.
var otherAPI = contract.NewAPI(contract.NewHub("other"))

type say struct{ Text string }

// server is a hub behind a real socket.
type server struct {
	t     testing.TB
	host  *transport.Host
	core  *hub.Core
	talk  *hub.Mux
	addr  string
	mux   *http.ServeMux
	open  func() (net.Conn, error) // a connection to it
	gone  chan error               // what OnDisconnect heard
	begun chan struct{}            // Wait has begun
	goOn  chan struct{}            // closed to let Wait return
}

// serve starts a server that ends with the test.
func serve(t testing.TB, o *transport.Options, changes ...func(*hub.Options)) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, o, changes...)
}

func serveOn(t testing.TB, l net.Listener, o *transport.Options, changes ...func(*hub.Options)) *server {
	t.Helper()
	addr := l.Addr().String()
	s := &server{
		t: t, addr: addr, open: func() (net.Conn, error) { return net.Dial("tcp", addr) }, host: transport.NewHost(o),
		gone: make(chan error, 1024), begun: make(chan struct{}, 1024), goOn: make(chan struct{}),
	}
	options := &hub.Options{DrainSpread: 1}
	for _, change := range changes {
		change(options)
	}
	s.core = hub.NewCore(s.host.Env(), options)
	s.talk = hub.New(talkAPI)
	hub.Handle(s.talk, sayMethod, func(x *hub.Context, m say) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.All(), heardEvent, m)
	})
	hub.Handle(s.talk, waitMethod, func(x *hub.Context, _ contract.None) (contract.None, error) {
		s.begun <- struct{}{}
		select {
		case <-s.goOn:
		case <-x.Done():
		}
		return contract.None{}, nil
	})
	s.talk.OnDisconnect(func(_ *hub.Context, err error) {
		select {
		case s.gone <- err:
		default: // more connections than any test asks about
		}
	})
	if err := s.core.Mount(s.talk); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	s.mux = mux
	h := s.host.Handler(s.core, "talk", nil)
	mux.Handle("/talk", h)
	mux.Handle("/talk/negotiate", h)
	mux.Handle("/nothing", s.host.Handler(s.core, "nothing", nil))
	// With the times of server's, which are those of a page and not of a link.
	httpServer := &http.Server{Handler: mux, ReadTimeout: 20 * time.Second, WriteTimeout: 2 * time.Minute}
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), hangGuard)
		defer cancel()
		if err := s.host.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := httpServer.Shutdown(ctx); err != nil {
			t.Errorf("shutdown of the HTTP server: %v", err)
		}
		<-served
	})
	return s
}

// publish says text to everybody.
func (s *server) publish(text string) {
	s.t.Helper()
	if err := hub.Publish(context.Background(), s.talk.All(), heardEvent, say{text}); err != nil {
		s.t.Fatal(err)
	}
}

// awaitGone waits for a connection to be gone and returns what OnDisconnect heard.
func (s *server) awaitGone() error {
	s.t.Helper()
	select {
	case err := <-s.gone:
		return err
	case <-time.After(hangGuard):
		s.t.Fatal("the hub did not hear that the connection is gone")
		return nil
	}
}

// settle waits until nothing runs on the host: links, writes and calls.
func (s *server) settle() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hangGuard)
	defer cancel()
	if err := s.host.Wait(ctx); err != nil {
		s.t.Fatal("something still runs: ", err)
	}
}

// do makes an HTTP request and returns the response with its body read.
func (s *server) do(method, path string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	res := s.doNoRead(method, path, headers...)
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res, string(body)
}

// doNoRead makes an HTTP request, the body of whose response may not end.
func (s *server) doNoRead(method, path string, headers ...string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequest(method, "http://"+s.addr+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	dial := func(context.Context, string, string) (net.Conn, error) { return s.open() }
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// heard is the message of heardEvent on the wire.
func heard(text string) string {
	return `{"type":1,"target":"heard","arguments":["` + text + `"]}`
}
