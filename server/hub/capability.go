package hub

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"partline.dev/shared/contract"
)

// capability is the id of a page or session: to know it is to be one of them.
type capability [16]byte

// capabilityText is how an id is written. Strict: no id has two spellings.
var capabilityText = base64.RawURLEncoding.Strict()

// readCapability reads an id; the error is an [*access.Refusal] and does not tell
// the id.
func readCapability(text string) (id capability, err error) {
	if len(text) != capabilityText.EncodedLen(len(id)) {
		return id, errIdentifier
	}
	if n, err := capabilityText.Decode(id[:], []byte(text)); err != nil || n != len(id) {
		return capability{}, errIdentifier
	}
	return id, nil
}

// capabilities turn ids into names of rooms. Nobody who sees such a name, in a log,
// a dump or a metric, can tell the id.
type capabilities struct{ key []byte }

// newCapabilities takes a key of any length; empty: a random one. It keeps a copy.
func newCapabilities(key []byte) *capabilities {
	if len(key) == 0 {
		key = make([]byte, sha256.Size)
		_, _ = rand.Read(key) // it never fails
	}
	return &capabilities{append([]byte(nil), key...)}
}

// room is the name of the room that an id stands for in a tenant and scope.
func (c *capabilities) room(tenant string, s contract.Scope, text string) (name string, err error) {
	id, err := readCapability(text)
	if err != nil {
		return "", err
	}
	var said []byte
	for _, part := range []string{tenant, string(s), string(id[:])} {
		said = binary.BigEndian.AppendUint64(said, uint64(len(part)))
		said = append(said, part...)
	}
	mac := hmac.New(sha256.New, c.key)
	mac.Write(said)
	return string(mac.Sum(nil)[:len(id)]), nil
}
