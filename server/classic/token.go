package classic

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"

	"partline.dev/server/hub"
)

// A connection token is, signed for one address, the id of the connection and half
// a SHA-256 of that and of whose it is.
const (
	userSize    = 16
	tokenSize   = len(guid{}) + userSize
	tokenUse    = "classic connection token 2\x00"
	tokenLength = 64 // as text, with its signature
)

// signToken is the token of a new connection of principal.
func (h *Handler) signToken(id guid, principal hub.Principal) string {
	user := hashedUser(id, principal)
	return h.options.Signer.Sign(tokenUse+h.options.Path, append(id[:], user[:]...))
}

// verifyToken is the connection that a token is for, if it was signed for this
// address and principal.
func (h *Handler) verifyToken(text string, principal hub.Principal) (id guid, refused *refusal) {
	if text == "" {
		return guid{}, errNoToken
	}
	if len(text) != tokenLength {
		return guid{}, errToken
	}
	payload, ok := h.options.Signer.Verify(tokenUse+h.options.Path, text)
	if !ok || len(payload) != tokenSize {
		return guid{}, errToken
	}
	id = guid(payload[:len(id)])
	user := hashedUser(id, principal)
	if subtle.ConstantTimeCompare(payload[len(id):], user[:]) != 1 {
		return guid{}, errUser
	}
	return id, nil
}

// hashedUser stands for a principal, of one tenant, in a token, which whoever has it can read. It
// is another in each token, so that two tokens do not tell that they are of one
// user.
func hashedUser(id guid, principal hub.Principal) [userSize]byte {
	said := binary.BigEndian.AppendUint64(id[:], uint64(len(principal.Tenant)))
	said = append(append(said, principal.Tenant...), principal.ID...)
	sum := sha256.Sum256(said)
	return [userSize]byte(sum[:userSize])
}
