package e2e_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"strings"
	"testing"
	"time"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// Over https, where everything but WebSockets is HTTP/2, in a frame of an https
// page, too.
func TestTLS_partsOverEachTransport(t *testing.T) {
	t.Parallel()
	for _, transport := range transportNames {
		t.Run(transport, func(t *testing.T) {
			cert := newCertificate(t)
			s := partline.Start(t, binary, "--tls-cert", cert.file, "--tls-key", cert.key, "--transports", transport)
			b := chromium.Start(t, &chromium.Options{TrustKeys: []string{cert.spki}})
			one, two := b.Open(s.URL+"/parts/one"+forEveryone), b.Open(s.URL+"/parts/two"+forEveryone)
			first, second := top(t, one), top(t, two)
			first.say("over " + transport)
			second.expect(speaksOne + ": over " + transport)
			protocols := chromium.Eval[[]string](one.Frame, `[...new Set(performance.getEntries()
				.filter(e => e.nextHopProtocol && e.name.startsWith("https:")).map(e => e.nextHopProtocol))]`)
			if strings.Join(protocols, " ") != "h2" {
				t.Errorf("the browser speaks %q", protocols)
			}
			for _, c := range append(one.Complaints(), two.Complaints()...) {
				t.Errorf("the browser complains: %s", c)
			}
		})
	}
}

// A certificate is renewed while parts are connected.
func TestTLS_certificateIsRenewed(t *testing.T) {
	t.Parallel()
	cert := newCertificate(t)
	s := partline.Start(t, binary, "--tls-cert", cert.file, "--tls-key", cert.key)
	serves := func(pool *x509.CertPool) bool {
		at, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		c, err := tls.Dial("tcp", at.Host, &tls.Config{RootCAs: pool})
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	if !serves(cert.pool) {
		t.Fatal("the certificate is not served")
	}
	old := cert.pool
	cert.renew(t)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(time.Minute); !serves(cert.pool); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("after a minute the renewed certificate is not served")
		}
	}
	if serves(old) {
		t.Error("the old certificate is served, too")
	}
}
