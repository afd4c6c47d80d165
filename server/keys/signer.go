package keys

import "encoding/binary"

// signedUse is what the keys of signed texts are derived for.
const signedUse = "signed text 1"

// Signer signs what a client keeps for the server and gives back: anybody can
// read it, and nobody without the keys can make it or change it.
type Signer struct{ signing signing }

// NewSigner returns a signer with the keys of ring. What it has signed any signer
// with the same keys verifies, also after this program has ended.
func NewSigner(ring *Ring) *Signer {
	return &Signer{signing{ring: ring, use: signedUse}}
}

// Sign is a text that holds payload and is good for use only. It has letters,
// digits, - and _ only, so a URL takes it as it is; it is a third longer than the
// payload and 22 characters more. Use may have anything that the text shall be
// bound to in it; it is not in the text.
func (s *Signer) Sign(use string, payload []byte) string {
	b := make([]byte, 0, len(payload)+macSize)
	b = append(b, payload...)
	return urlText.EncodeToString(append(b, s.signing.sign(prefix(use), payload)...))
}

// Verify reads a text that was signed for use. It is not ok if nobody has signed
// it, or with keys before the previous one, or for another use. The payload is
// the caller's. What it costs grows with the text, so whoever takes texts of
// strangers bounds their length.
func (s *Signer) Verify(use, text string) (payload []byte, ok bool) {
	b, err := urlText.DecodeString(text)
	if err != nil || len(b) < macSize || urlText.EncodedLen(len(b)) != len(text) {
		return nil, false // the decoder skips line ends
	}
	payload, sum := b[:len(b)-macSize:len(b)-macSize], b[len(b)-macSize:]
	if !s.signing.verify(sum, prefix(use), payload) {
		return nil, false
	}
	return payload, true
}

// prefix is use with its length before it, so that nothing of a payload can pass
// for a part of it.
func prefix(use string) []byte {
	b := make([]byte, 8, 8+len(use))
	binary.BigEndian.PutUint64(b, uint64(len(use)))
	return append(b, use...)
}
