package transport

import (
	"crypto/rand"
	"encoding/base64"
)

// token is 128 random bits: the secret that opens a connection, or its public id.
type token [16]byte

// tokenLength is a token as text.
const tokenLength = 22

var tokenText = base64.RawURLEncoding.Strict()

func newToken() token {
	var t token
	_, _ = rand.Read(t[:]) // never fails
	return t
}

// String is the token as it stands in a URL: the JavaScript client does not
// escape it, so it needs no escaping.
func (t token) String() string { return tokenText.EncodeToString(t[:]) }

// parseToken reads what String wrote.
func parseToken(s string) (t token, ok bool) {
	if len(s) != tokenLength {
		return token{}, false
	}
	n, err := tokenText.Decode(t[:], []byte(s))
	return t, err == nil && n == len(t)
}
