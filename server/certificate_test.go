package server_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"partline.dev/internal/testkit/certificate"
	"partline.dev/internal/testkit/program"
	"partline.dev/server"
)

// aPair writes a certificate that vouches for itself, with its key.
func aPair(t *testing.T, cert, key string) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(certificate.Write(t, cert, key))
	return pool
}

// logged is a log that a test reads while it is written.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// secured is a server with https at addr, whose certificate is in the files.
type secured struct {
	addr, cert, key string
	log             *logged
	trust           *x509.CertPool
}

func servesTLS(t *testing.T) *secured {
	t.Helper()
	dir := t.TempDir()
	s := &secured{addr: freeAddr(t), cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"), log: &logged{}}
	s.trust = aPair(t, s.cert, s.key)
	own, err := server.New(server.Options{
		Addr: s.addr, TLSCert: s.cert, TLSKey: s.key, App: program.Built(),
		Log: slog.New(slog.NewTextHandler(s.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- own.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	await(t, "the server listens", func() bool {
		c, err := net.Dial("tcp", s.addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return s
}

// await asks until something is so; a minute is far more than anything takes.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("after a minute it is not so that %s", what)
		}
	}
}

// serves tells whether a client that trusts pool is served.
func (s *secured) serves(pool *x509.CertPool) bool {
	c, err := tls.Dial("tcp", s.addr, &tls.Config{RootCAs: pool})
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

func TestTLS_followsItsFilesAndKeepsAGoodPair(t *testing.T) {
	s := servesTLS(t)
	if !s.serves(s.trust) {
		t.Fatal("its own certificate is not served")
	}
	if err := os.WriteFile(s.cert, []byte("half a certific"), 0o600); err != nil {
		t.Fatal(err)
	}
	await(t, "a bad pair is told", func() bool {
		if !s.serves(s.trust) {
			t.Fatal("with a bad pair in its files the server no longer serves the good one")
		}
		return strings.Contains(s.log.String(), "what was read before stays in use")
	})
	renewed := aPair(t, s.cert, s.key)
	await(t, "the new certificate is served", func() bool { return s.serves(renewed) })
	if s.serves(s.trust) {
		t.Error("the old certificate is served, too")
	}
	if key, err := os.ReadFile(s.key); err != nil || strings.Contains(s.log.String(), string(key[40:60])) {
		t.Errorf("the log tells the key (%v)", err)
	}
}

func TestTLS_isHTTP2ForAllButWebSockets(t *testing.T) {
	s := servesTLS(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.trust}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	for _, path := range []string{"/", "/parts/one", wasmPath, "/healthz", "/hubs/connected/negotiate?negotiateVersion=1"} {
		ask := client.Get
		if strings.Contains(path, "negotiate") {
			ask = func(url string) (*http.Response, error) { return client.Post(url, "", nil) }
		}
		r, err := ask("https://" + s.addr + path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK || r.ProtoMajor != 2 {
			t.Errorf("%s: %s %s, %v", path, r.Proto, r.Status, err)
		}
		if csp := r.Header.Get("Content-Security-Policy"); path == "/" && !strings.Contains(csp, "connect-src 'self' wss://"+s.addr) {
			t.Errorf("the policy is %s", csp)
		}
	}

	first := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.trust}}}
	defer first.CloseIdleConnections()
	c, _, err := websocket.Dial(t.Context(), "wss://"+s.addr+"/hubs/connected", &websocket.DialOptions{HTTPClient: first})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.CloseNow() }()
	if err := c.Write(t.Context(), websocket.MessageText, []byte("{\"protocol\":\"json\",\"version\":1}\x1e")); err != nil {
		t.Fatal(err)
	}
	if _, reply, err := c.Read(t.Context()); err != nil || string(reply) != "{}\x1e" {
		t.Errorf("the handshake is answered %q, %v", reply, err)
	}
}

// A client that is told of extended CONNECT would open WebSockets on HTTP/2.
func TestTLS_doesNotOfferWebSocketsOnHTTP2(t *testing.T) {
	s := servesTLS(t)
	c, err := tls.Dial("tcp", s.addr, &tls.Config{RootCAs: s.trust, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"); err != nil {
		t.Fatal(err)
	}
	var head [9]byte
	if _, err := io.ReadFull(c, head[:]); err != nil || head[3] != 4 {
		t.Fatalf("the first frame is of kind %d, %v, and should be 4, the settings", head[3], err)
	}
	settings := make([]byte, int(head[1])<<8|int(head[2]))
	if _, err := io.ReadFull(c, settings); err != nil {
		t.Fatal(err)
	}
	const connectProtocol = 8
	for ; len(settings) >= 6; settings = settings[6:] {
		if binary.BigEndian.Uint16(settings) == connectProtocol {
			t.Error("extended CONNECT is offered")
		}
	}
}

func TestTLS_isOfThisDecade(t *testing.T) {
	s := servesTLS(t)
	old := &tls.Config{RootCAs: s.trust, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if c, err := tls.Dial("tcp", s.addr, old); err == nil {
		_ = c.Close()
		t.Error("TLS 1.1 is spoken")
	}
}

func TestTLS_saysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	aPair(t, cert, key)
	other := filepath.Join(dir, "other.pem")
	aPair(t, filepath.Join(dir, "x.pem"), other)
	for want, o := range map[string]server.Options{
		"go together":                    {TLSCert: cert},
		"--tls-key":                      {TLSKey: key},
		"no such file":                   {TLSCert: cert, TLSKey: filepath.Join(dir, "none")},
		"exchanged":                      {TLSCert: key, TLSKey: cert},
		"does not match":                 {TLSCert: cert, TLSKey: other},
		"exclude each other":             {TLSCert: cert, TLSKey: key, ACMEDomains: []string{"parts.example"}, Data: dir},
		"--acme-domain needs --data":     {ACMEDomains: []string{"parts.example"}},
		"not a name that can be asked":   {ACMEDomains: []string{"*.parts.example"}, Data: dir},
		"\"10.0.0.1\" is not a name":     {ACMEDomains: []string{"10.0.0.1"}, Data: dir},
		"\"https://a.example\" is not a": {ACMEDomains: []string{"https://a.example"}, Data: dir},
	} {
		if _, err := server.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, and should say %q", err, want)
		}
	}
}

// What runs without TLS and is not for this machine only is told of once.
func TestRun_warnsThatPlainHTTPIsNotFramed(t *testing.T) {
	for _, e := range []struct {
		o    server.Options
		want bool
	}{
		{server.Options{Addr: "localhost:0"}, false},
		{server.Options{Addr: "127.0.0.1:0"}, false},
		{server.Options{Addr: "[::1]:0"}, false},
		{server.Options{Addr: ":0"}, true},
		{server.Options{Addr: "0.0.0.0:0"}, true},
		{server.Options{Addr: "0.0.0.0:0", PublicURL: "https://parts.example"}, false},
		{server.Options{Addr: "localhost:0", PublicURL: "http://parts.example/apps"}, true},
		{server.Options{Addr: "0.0.0.0:0", PublicURL: "http://localhost:8080"}, false},
	} {
		log := &logged{}
		e.o.Log = slog.New(slog.NewTextHandler(log, nil))
		s, err := server.New(e.o)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "SharePoint, Teams"); got != e.want {
			t.Errorf("%+v: warned is %v, not %v", e.o, got, e.want)
		}
	}
}

// What strangers get wrong below HTTP would fill the log.
func TestTLS_rubbishIsToldAtDebug(t *testing.T) {
	s := servesTLS(t)
	for name, words := range map[string]string{
		"no preface": "GET / HTTP/1.1\r\n\r\nwith more words",
		"no frame":   "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x01\x04\x00\x00\x00\x00\x00\x00",
	} {
		c, err := tls.Dial("tcp", s.addr, &tls.Config{RootCAs: s.trust, NextProtos: []string{"h2"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, words); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, c) // until the server has closed it
		_ = c.Close()
		if log := s.log.String(); strings.Contains(log, "http2") {
			t.Errorf("%s: %s", name, log)
		}
	}
}
