package server

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"partline.dev/server/fresh"
)

// certificates are what Run proves with who it is. The zero value is plain HTTP.
type certificates struct {
	config *tls.Config       // nil: plain HTTP
	acme   *autocert.Manager // nil: nobody is asked for certificates
}

// newCertificates reads or prepares what o asks for.
func newCertificates(o *Options) (certificates, error) {
	files := o.TLSCert != "" || o.TLSKey != ""
	switch {
	case files && len(o.ACMEDomains) > 0:
		return certificates{}, errors.New("--tls-cert and --acme-domain exclude each other")
	case files:
		return fileCertificates(o.Log, o.TLSCert, o.TLSKey)
	case len(o.ACMEDomains) > 0:
		return acmeCertificates(o)
	}
	return certificates{}, nil
}

// ownTLS is how we speak TLS: HTTP/2 for whoever can; a WebSocket asks for
// HTTP/1.1 by itself.
func ownTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

// fileCertificates follows a pair of files.
func fileCertificates(log *slog.Logger, cert, key string) (certificates, error) {
	if cert == "" || key == "" {
		return certificates{}, errors.New("--tls-cert and --tls-key go together: the one has the certificate and those that vouch for it, the other its private key, both in PEM")
	}
	pair, err := fresh.Read(log, parsePair, cert, key)
	if err != nil {
		return certificates{}, fmt.Errorf("--tls-cert %s, --tls-key %s: %w", cert, key, err)
	}
	config := ownTLS()
	config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return pair.Get(), nil }
	return certificates{config: config}, nil
}

// parsePair reads a certificate and its key.
func parsePair(contents [][]byte) (*tls.Certificate, error) {
	if bytes.Contains(contents[0], []byte("PRIVATE KEY")) && !bytes.Contains(contents[0], []byte("CERTIFICATE")) {
		return nil, errors.New("the file of the certificate holds a key: the two are exchanged")
	}
	pair, err := tls.X509KeyPair(contents[0], contents[1])
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

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
		HostPolicy: autocert.HostWhitelist(o.ACMEDomains...),
		Email:      o.ACMEEmail,
	}
	if o.ACMEDirectory != "" {
		m.Client = &acme.Client{DirectoryURL: o.ACMEDirectory}
	}
	config := ownTLS()
	config.GetCertificate = m.GetCertificate
	config.NextProtos = append(config.NextProtos, acme.ALPNProto)
	return certificates{config: config, acme: m}, nil
}

// domainCharacters are those of a name in lower case; other alphabets are written
// as xn--.
const domainCharacters = "abcdefghijklmnopqrstuvwxyz0123456789.-"

// challenges answers the authority's HTTP-01 questions and leads everybody else to
// the same address with https.
func (c certificates) challenges() http.Handler { return c.acme.HTTPHandler(nil) }
