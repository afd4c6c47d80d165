package server_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"partline.dev/server"
	"partline.dev/server/connected"
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// freeAddr is an address on this machine that nobody serves.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// running is a server at work; stop ends it and gives what Run returned.
func running(t *testing.T, o server.Options) (stop func() error) {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	ended := false
	stop = func() error {
		cancel()
		if ended {
			return nil
		}
		ended = true
		return <-done
	}
	t.Cleanup(func() { _ = stop() })
	awaitReady(t, o.Addr, done)
	return stop
}

// awaitReady waits until somebody answers at addr. If the server ends first it
// fails the test, and leaves in done what it took out.
func awaitReady(t *testing.T, addr string, done chan error) {
	t.Helper()
	for {
		if status, _ := get(t, "http://"+addr+"/readyz"); status != 0 {
			return
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("it ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// get is the status and body at url; status 0 if nobody answers.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func TestRun_healthAndMetricsOnAListenerOfTheirOwn(t *testing.T) {
	addr, metrics := freeAddr(t), freeAddr(t)
	stop := running(t, server.Options{Addr: addr, MetricsAddr: metrics})
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if status, body := get(t, "http://"+addr+path); status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if status, _ := get(t, "http://"+addr+path); status != http.StatusNotFound {
			t.Errorf("%s on the public listener: %d, want 404", path, status)
		}
	}
	_, body := get(t, "http://"+metrics+"/metrics")
	for _, name := range []string{"partline_connections 0", "partline_invocations_total 0", "go_goroutines ", `partline_closes_total{protocol="core",reason="normal"} 0`,
		`partline_links{protocol="classic",transport="long_polling"} 0`, "partline_recent_bytes 0", "partline_recent_missed_total 0"} {
		if !strings.Contains(body, name) {
			t.Errorf("/metrics does not say %q", name)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if status, _ := get(t, "http://"+addr+"/healthz"); status != 0 {
		t.Errorf("after the end: %d", status)
	}
}

// A request whose body never comes is given up, on every address (20 s).
func TestRun_slowBodiesEnd(t *testing.T) {
	addr := freeAddr(t)
	running(t, server.Options{Addr: addr})
	for _, path := range []string{"/", "/healthz", "/hubs/connected", "/hubs/connected/negotiate"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if _, err := io.WriteString(c, "POST "+path+" HTTP/1.1\r\nHost: "+addr+"\r\nContent-Length: 100\r\n\r\nx"); err != nil {
				t.Fatal(err)
			}
			_ = c.SetReadDeadline(time.Now().Add(time.Minute)) // three times what it may take
			if _, err := io.ReadAll(c); err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the server still waits for the body")
			}
		})
	}
}

func TestRun_namesTheTakenPortAndItsFlag(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	taken, free := l.Addr().String(), freeAddr(t)
	for flag, o := range map[string]server.Options{
		"--addr":          {Addr: taken},
		"--metrics-addr":  {Addr: free, MetricsAddr: taken},
		"--dev-host-addr": {Addr: free, Dev: true, DevHostAddr: taken},
	} {
		o.Log = slog.New(slog.DiscardHandler)
		s, err := server.New(o)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), taken+" is taken by another program; choose another with "+flag) {
			t.Errorf("%s: %v", flag, err)
		}
	}
}

func TestServe_aServerOfYourOwn(t *testing.T) {
	addr, metrics := freeAddr(t), freeAddr(t)
	s, err := server.New(server.Options{
		Mounts:      []server.Mount{{Path: "/realtime", Hubs: []*hub.Mux{connected.New()}}},
		MetricsAddr: metrics,
		Log:         slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/realtime", s.Handler())
	mux.Handle("/realtime/", s.Handler())
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "own") })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, &http.Server{Addr: addr, Handler: mux}) }()
	awaitReady(t, addr, done)

	if _, body := get(t, "http://"+addr+"/readyz"); body != "own" {
		t.Errorf("the server's own page is %q", body)
	}
	if status, _ := get(t, "http://"+addr+"/parts/one"); status != http.StatusNotFound {
		t.Errorf("what was not mounted: %d, want 404", status)
	}
	r, err := http.Post("http://"+addr+"/realtime/negotiate?negotiateVersion=1", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Errorf("negotiate with the mounted hub: %s", r.Status)
	}
	if status, _ := get(t, "http://"+metrics+"/metrics"); status != http.StatusOK {
		t.Errorf("the metrics beside it: %d", status)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestServe_overTLS(t *testing.T) {
	certificate := httptest.NewTLSServer(http.NotFoundHandler())
	certificate.Close()
	addr := freeAddr(t)
	s, err := server.New(server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	own := &http.Server{Addr: addr, Handler: s.Handler(), TLSConfig: certificate.TLS.Clone(), ErrorLog: log.New(io.Discard, "", 0)}
	go func() { done <- s.Serve(ctx, own) }()
	awaitReady(t, addr, done) // its answer is that this is no place for HTTP

	roots := x509.NewCertPool()
	roots.AddCert(certificate.Certificate())
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com"}}}
	r, err := client.Get("https://" + addr + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Errorf("over TLS: %s", r.Status)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestServe_namesTheTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	s, err := server.New(server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	taken := l.Addr().String()
	err = s.Serve(t.Context(), &http.Server{Addr: taken})
	if err == nil || !strings.Contains(err.Error(), taken+" is taken by another program; choose another with the Addr") {
		t.Errorf("Serve: %v", err)
	}
}

func TestNew_refuses(t *testing.T) {
	rows := []struct {
		name string
		o    server.Options
		says string
	}{
		{"a message limit over 1 MiB", server.Options{MessageLimit: 1<<20 + 1}, "--message-limit is 1048577; it must be at most 1048576"},
		{"a host that is no origin", server.Options{AllowHosts: []string{"contoso.com/page"}}, "contoso.com/page"},
		{"a path without a slash", server.Options{Mounts: []server.Mount{{Path: "x", Hubs: []*hub.Mux{connected.New()}}}}, `mount path "x"`},
		{"a mount that has no path", server.Options{Mounts: []server.Mount{{Hubs: []*hub.Mux{connected.New()}}}}, `mount path ""`},
		{"a path that is a pattern", server.Options{Mounts: []server.Mount{{Path: "/a{b", Hubs: []*hub.Mux{connected.New()}}}}, "plain names"},
		{"a path that is not clean", server.Options{Mounts: []server.Mount{{Path: "/a/../b", Hubs: []*hub.Mux{connected.New()}}}}, "plain names"},
		{"a path of the server's own", server.Options{Mounts: []server.Mount{{Path: "/healthz", Hubs: []*hub.Mux{connected.New()}}}}, "the server itself answers there"},
		{"a path below one of the server's own", server.Options{Mounts: []server.Mount{{Path: "/Parts/one", Hubs: []*hub.Mux{connected.New()}}}}, "the server itself answers there"},
		{"a demo host page without a host", server.Options{Dev: true, DevHostAddr: ":8081"}, "--dev-host-addr"},
		{"two hubs at one path", server.Options{Hubs: []*hub.Mux{connected.New(), connected.New()}}, "two hubs are mounted at /hubs/connected"},
		{"a path with no hub", server.Options{Mounts: []server.Mount{{Path: "/x"}}}, "has 0 hubs"},
		{"a method without a handler", server.Options{Hubs: []*hub.Mux{unfinished()}}, "method Do has no handler"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.o.Log = slog.New(slog.DiscardHandler)
			if _, err := server.New(row.o); err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("got %v, want it to say %q", err, row.says)
			}
		})
	}
}

// unfinished is a hub whose one method has no handler.
func unfinished() *hub.Mux {
	h := contract.NewHub("unfinished")
	return hub.New(contract.NewAPI(h, contract.NewMethod[contract.None, contract.None](h, "Do")))
}

func TestShutdown_twiceIsNoHarm(t *testing.T) {
	s, err := server.New(server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Shutdown(t.Context()); err != nil && !errors.Is(err, hub.ErrDraining) {
			t.Errorf("Shutdown: %v", err)
		}
	}
}
