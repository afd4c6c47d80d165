package keys

import (
	"crypto/rand"
	"encoding/binary"
)

// A token is, in this order, the node that signed it, what it stands for, and
// the first half of an HMAC-SHA256 over both and what it is bound to.
const (
	nodeSize   = 8
	secretSize = 16
	tokenSize  = nodeSize + secretSize + macSize
)

// TokenLength is the length of a token as text.
const TokenLength = 54

// tokenUse is what the keys of tokens are derived for.
const tokenUse = "connection token 1"

// Tokens signs and verifies connection tokens as one node.
type Tokens struct {
	signing signing
	node    uint64
}

// NewTokens returns the tokens of a node that has just begun: it has a number of
// its own, which no earlier run had. Its connections do not outlive it, and
// neither do its tokens.
func NewTokens(ring *Ring) *Tokens {
	var node [nodeSize]byte
	_, _ = rand.Read(node[:]) // never fails
	return &Tokens{signing: signing{ring: ring, use: tokenUse}, node: binary.BigEndian.Uint64(node[:])}
}

// Node is the number of this node.
func (t *Tokens) Node() uint64 { return t.node }

// Sign is the token that stands for secret at this node, for what bound names
// only. It has letters, digits, - and _ only, so a URL takes it as it is.
func (t *Tokens) Sign(secret [16]byte, bound string) string {
	b := make([]byte, 0, tokenSize)
	b = binary.BigEndian.AppendUint64(b, t.node)
	b = append(b, secret[:]...)
	b = append(b, t.signing.sign(b, []byte(bound))...)
	return urlText.EncodeToString(b)
}

// Verify reads a token that any node with the same keys has signed: what it stands
// for, and at which node. It is not ok if nobody has signed it, or with keys before
// the previous one, or for something else than bound names. The time that it takes
// tells nothing of the right signature.
func (t *Tokens) Verify(token, bound string) (secret [16]byte, node uint64, ok bool) {
	if len(token) != TokenLength {
		return secret, 0, false
	}
	b, err := urlText.DecodeString(token)
	if err != nil || len(b) != tokenSize {
		return secret, 0, false
	}
	if !t.signing.verify(b[nodeSize+secretSize:], b[:nodeSize+secretSize], []byte(bound)) {
		return secret, 0, false
	}
	return [secretSize]byte(b[nodeSize:]), binary.BigEndian.Uint64(b), true
}
