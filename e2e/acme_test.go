package e2e_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/letsencrypt/challtestsrv"

	"partline.dev/internal/process"
	"partline.dev/internal/testkit/partline"
)

// acmeName is the name for which a certificate is asked. Its addresses are those
// of this machine, for the authority.
const acmeName = "parts.example"

// authority is pebble, Let's Encrypt's own test authority, and a name server that
// it asks.
type authority struct {
	directory string
	trusts    string         // the file of the certificate of its own API
	roots     *x509.CertPool // those of the certificates that it signs
	stop      func()
}

// startAuthority starts an authority that asks its questions at the ports of addr
// and of acmeAddr.
func startAuthority(t *testing.T, addr, acmeAddr string) *authority {
	t.Helper()
	own := newCertificate(t)
	names, listen, management := partline.FreeAddr(t, "127.0.0.1"), partline.FreeAddr(t, "localhost"), partline.FreeAddr(t, "localhost")

	dns, err := challtestsrv.New(challtestsrv.Config{DNSAddrs: []string{names}, Log: log.New(io.Discard, "", 0)})
	if err != nil {
		t.Fatal(err)
	}
	dns.SetDefaultDNSIPv6("")
	go dns.Run() // until Shutdown
	t.Cleanup(dns.Shutdown)
	awaitListener(t, names)

	dir := t.TempDir()
	program, err := partline.Build(dir, "github.com/letsencrypt/pebble/v2/cmd/pebble")
	if err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": management,
		"certificate": own.file, "privateKey": own.key,
		"httpPort": port(t, acmeAddr), "tlsPort": port(t, addr),
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := process.Command(ctx, 10*time.Second, program, "-config", file, "-dnsserver", names)
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	a := &authority{directory: "https://" + listen + "/dir", trusts: own.file}
	a.stop = func() {
		cancel()
		_ = cmd.Wait() // it was told to end
		a.stop = func() {}
	}
	t.Cleanup(func() { a.stop() })
	awaitListener(t, listen)
	awaitListener(t, management)

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: own.pool}, DisableKeepAlives: true}}
	r, err := client.Get("https://" + management + "/roots/0")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	root, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	a.roots = x509.NewCertPool()
	if !a.roots.AppendCertsFromPEM(root) {
		t.Fatalf("no root in %s", root)
	}
	return a
}

func port(t *testing.T, addr string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// certified asks addr for acmeName, as a browser that trusts roots does.
func certified(addr string, roots *x509.CertPool) (protocol string, err error) {
	dialer := &tls.Dialer{
		NetDialer: &net.Dialer{Timeout: time.Minute},
		Config:    &tls.Config{ServerName: acmeName, RootCAs: roots, NextProtos: []string{"h2"}},
	}
	c, err := dialer.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().NegotiatedProtocol, nil
}

func TestACME_getsACertificateAndKeepsIt(t *testing.T) {
	for _, way := range []struct {
		name          string
		alpn, answers bool // whether the authority reaches the server's TLS, and its HTTP
	}{{"by TLS-ALPN-01", true, false}, {"by HTTP-01", false, true}} {
		t.Run(way.name, func(t *testing.T) {
			acmeAddr := partline.FreeAddr(t, "localhost")
			addr := partline.FreeAddr(t, "localhost")
			asksTLS, asksHTTP := partline.FreeAddr(t, "localhost"), partline.FreeAddr(t, "localhost") // nobody is there
			if way.alpn {
				asksTLS = addr
			}
			if way.answers {
				asksHTTP = acmeAddr
			}
			a := startAuthority(t, asksTLS, asksHTTP)
			t.Setenv("SSL_CERT_FILE", a.trusts)
			s := partline.Start(t, binary, "--addr", addr, "--data", t.TempDir(),
				"--acme-domain", acmeName, "--acme-email", "ann@example.org",
				"--acme-directory", a.directory, "--acme-addr", acmeAddr)
			if protocol, err := certified(addr, a.roots); err != nil || protocol != "h2" {
				t.Fatalf("speaks %q, %v", protocol, err)
			}
			if _, err := tls.Dial("tcp", addr, &tls.Config{ServerName: "other.example", RootCAs: a.roots}); err == nil {
				t.Error("there is a certificate for a name that nobody set")
			}
			wantRedirect(t, acmeAddr)

			if err := s.Stop(); err != nil {
				t.Error(err)
			}
			a.stop()
			s.Restart()
			if _, err := certified(addr, a.roots); err != nil {
				t.Errorf("after a start without the authority: %v", err)
			}
		})
	}
}

// wantRedirect expects that plain HTTP leads to https.
func wantRedirect(t *testing.T, addr string) {
	t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/parts/one?name=Ann", nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.Host = acmeName
	r, err := client.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if to := r.Header.Get("Location"); r.StatusCode != http.StatusFound || !strings.HasPrefix(to, "https://"+acmeName+"/parts/one") {
		t.Errorf("plain HTTP is answered %s to %s", r.Status, to)
	}
}
