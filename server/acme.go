package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// acmeCertificates asks an authority, by HTTP-01 and TLS-ALPN-01, when somebody
// first asks for a domain, and keeps what it gets in the data folder.
func acmeCertificates(o *Options) (certificates, error) {
	if o.Data == "" {
		return certificates{}, errors.New("--acme-domain needs --data: a certificate that is not kept is asked for at every start, and authorities allow that a few times a week")
	}
	for _, name := range o.ACMEDomains {
		if strings.Trim(name, domainCharacters) != "" || !strings.Contains(name, ".") || net.ParseIP(name) != nil {
			return certificates{}, fmt.Errorf("--acme-domain: %q is not a name that can be asked for, as parts.example is", name)
		}
	}
	m := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(filepath.Join(o.Data, "acme")),
		HostPolicy: acmeNames(o.ACMEDomains),
		Email:      o.ACMEEmail,
	}
	if o.ACMEDirectory != "" {
		m.Client = &acme.Client{DirectoryURL: o.ACMEDirectory}
	}
	config := ownTLS()
	config.GetCertificate = tellFailures(o.Log, m)
	config.NextProtos = append(config.NextProtos, acme.ALPNProto)
	return certificates{config: config, acme: m}, nil
}

// domainCharacters are those of a name in lower case; other alphabets are written
// as xn--.
const domainCharacters = "abcdefghijklmnopqrstuvwxyz0123456789.-"

// acmeNames are the names that somebody may ask for, with whatever port.
func acmeNames(names []string) autocert.HostPolicy {
	among := autocert.HostWhitelist(names...)
	return func(ctx context.Context, host string) error {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		return among(ctx, host)
	}
}

// tellFailures gives m's certificates, and tells once a minute why there is none
// for a name that there should be one for. Others any stranger can ask for.
func tellFailures(log *slog.Logger, m *autocert.Manager) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	var told atomic.Int64 // when, in ms
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		c, err := m.GetCertificate(hello)
		if err == nil || m.HostPolicy(hello.Context(), hello.ServerName) != nil {
			return c, err
		}
		now := time.Now().UnixMilli()
		if last := told.Load(); now-last >= time.Minute.Milliseconds() && told.CompareAndSwap(last, now) {
			log.Error("there is no certificate; the authority must reach this server at port 80 or 443 of the name", "name", hello.ServerName, "error", err)
		}
		return c, err
	}
}

// challenges answers the authority's HTTP-01 questions and leads everybody else to
// the same address with https.
func (c certificates) challenges() http.Handler { return c.acme.HTTPHandler(nil) }
