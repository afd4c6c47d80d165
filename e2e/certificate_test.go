package e2e_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"path/filepath"
	"testing"

	cert "partline.dev/internal/testkit/certificate"
)

// certificate is a pair of PEM files for localhost that vouches for itself.
type certificate struct {
	file, key string
	spki      string // as chromium.Options.TrustKeys takes it
	pool      *x509.CertPool
}

func newCertificate(t *testing.T) *certificate {
	t.Helper()
	dir := t.TempDir()
	c := &certificate{file: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	c.renew(t)
	return c
}

// renew replaces the pair in its files.
func (c *certificate) renew(t *testing.T) {
	t.Helper()
	made := cert.Write(t, c.file, c.key)
	sum := sha256.Sum256(made.RawSubjectPublicKeyInfo)
	c.spki = base64.StdEncoding.EncodeToString(sum[:])
	c.pool = x509.NewCertPool()
	c.pool.AddCert(made)
}
