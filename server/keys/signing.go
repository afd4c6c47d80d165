package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"sync"
)

// macSize is how much of an HMAC-SHA256 stands in what is signed: 128 bits, as
// many as what it guards has at most.
const macSize = 16

// urlText is how signed bytes stand in a URL, which takes them as they are.
var urlText = base64.RawURLEncoding.Strict()

// signing signs and verifies bytes for one use, with the keys that a ring has for
// it.
type signing struct {
	ring *Ring
	use  string

	mu   sync.Mutex // Protects following.
	from pair       // what keys was derived from
	keys [][]byte
}

// sign is the MAC of what and bound. All of what that one use signs has the same
// length, or says how long it is, so that no two inputs are the same.
func (s *signing) sign(what, bound []byte) []byte {
	return mac(s.derived(s.ring.now())[0], what, bound)
}

// verify tells whether one of the ring's keys has given sum. The time that it
// takes tells nothing of the right one.
func (s *signing) verify(sum, what, bound []byte) bool {
	return s.signed(s.ring.now(), sum, what, bound) || s.signed(s.ring.look(), sum, what, bound)
}

// signed is verify with the keys of p.
func (s *signing) signed(p pair, sum, what, bound []byte) bool {
	ok := false
	for _, key := range s.derived(p) {
		if hmac.Equal(mac(key, what, bound), sum) {
			ok = true
		}
	}
	return ok
}

// derived are the keys of the use for p, the current one first.
func (s *signing) derived(p pair) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil || !slices.Equal(s.from.all(), p.all()) {
		s.from, s.keys = p, nil
		for _, k := range p.all() {
			s.keys = append(s.keys, k.of(s.use))
		}
	}
	return s.keys
}

func mac(key, what, bound []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(what)
	h.Write(bound)
	return h.Sum(nil)[:macSize]
}
