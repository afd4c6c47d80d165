package transport

import (
	"crypto/rand"
	"encoding/base64"

	"partline.dev/server/front"
)

// Tokens makes connection tokens and reads them. A token is what a client opens
// its connection with, and then names it with in every request. Its methods may be
// called from any goroutine, and do not block for long.
type Tokens interface {
	// Node is the number of this host among all that have the same keys.
	Node() uint64

	// Sign is a token that stands for secret at this host, for what bound names
	// only. A URL takes it as it is.
	Sign(secret [16]byte, bound string) string

	// Verify reads a token that any host with the same keys has signed for
	// bound. It is not ok if none has.
	Verify(token, bound string) (secret [16]byte, node uint64, ok bool)
}

// plainTokens are those of a host that is the only one: nobody can guess them,
// so nothing is signed.
type plainTokens struct{}

func (plainTokens) Node() uint64 { return 0 }

func (plainTokens) Sign(secret [16]byte, _ string) string { return token(secret).String() }

func (plainTokens) Verify(text, _ string) (secret [16]byte, node uint64, ok bool) {
	secret, ok = parseToken(text)
	return secret, 0, ok
}

// sign is the token of secret at this address's hub. Whose it is the host knows for
// as long as the token is good for anything.
func (h *Handler) sign(secret token) string {
	return h.host.options.Tokens.Sign(secret, h.name)
}

// verify is the secret that the token text stands for, if it was signed for this
// address's hub.
func (h *Handler) verify(text string) (token, *front.Refusal) {
	secret, node, ok := h.host.options.Tokens.Verify(text, h.name)
	switch {
	case !ok:
		return token{}, front.ErrUnknownID
	case node != h.host.options.Tokens.Node():
		return token{}, h.elsewhere(node)
	}
	return secret, nil
}

// elsewhere is the answer to who asks here for a connection of another node. This
// is where the request would go on to that node; nodes do not reach each other, so
// it is refused.
func (h *Handler) elsewhere(node uint64) *front.Refusal {
	h.host.options.Log.Debug("refused a request for a connection of another node", "hub", h.name, "node", node)
	return errElsewhere
}

// token is 128 random bits: the secret of a connection, or its public id.
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
