package server

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"

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
