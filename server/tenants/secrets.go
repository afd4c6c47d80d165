package tenants

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

const (
	embedPrefix  = "ek_"
	secretPrefix = "ak_"
)

// NewEmbedKey makes an embed key that nobody has yet: a name, and no secret.
func NewEmbedKey() string { return embedPrefix + random(16) }

// NewAPIKey makes the secret of an API key, and the digest of it that stands in
// the file.
func NewAPIKey() (secret, digest string) {
	secret = secretPrefix + random(32)
	sum := sha256.Sum256([]byte(secret))
	return secret, hex.EncodeToString(sum[:])
}

// random is that many random bytes, as a URL takes them.
func random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
