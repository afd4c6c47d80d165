// Package keys holds what the server signs with, so that what one node has signed
// another can verify.
//
//	ring, err := keys.Open(log, "partline-data/keys")
//	tokens := keys.NewTokens(ring)
//	token := tokens.Sign(secret, "connected\x00ann")
//
// [Tokens] are of one node and of one length; a [Signer] signs any bytes, for
// any node.
//
// The file holds the current key and the one before it, which is still good for
// what it has signed. [Rotate] makes a new current key; whoever has the file open
// follows within seconds, so every node that shares the file, or is given a copy of
// it in time, goes on.
//
// Concurrency: everything may be used from any goroutine. Nothing is started.
//
// What blocks: [Open] and [Rotate] read and write the file; signing and verifying
// read it now and then, see package fresh.
package keys

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"

	"partline.dev/server/fresh"
)

// keySize is the length of a key in bytes.
const keySize = 32

// key is one key as the file holds it. It signs nothing itself: each use has a
// key of its own, derived from it.
type key [keySize]byte

func newKey() key {
	var k key
	_, _ = rand.Read(k[:]) // never fails
	return k
}

// of is the key of one use.
func (k key) of(use string) []byte {
	derived, err := hkdf.Key(sha256.New, k[:], nil, "partline "+use, keySize)
	if err != nil {
		panic(err) // only of a length that cannot be
	}
	return derived
}

// pair is what the file holds.
type pair struct {
	current  key
	previous *key // nil: there was no rotation yet
}

// all are the keys, the current one first.
func (p pair) all() []key {
	if p.previous == nil {
		return []key{p.current}
	}
	return []key{p.current, *p.previous}
}

// Ring is the current and the previous key.
type Ring struct {
	fixed pair
	file  *fresh.Value[pair] // nil: fixed, which nobody shares
}

// Random is a ring of this process alone: what it signs nobody else verifies, and
// neither does this program once it is started again.
func Random() *Ring { return &Ring{fixed: pair{current: newKey()}} }

// Open is the ring of the file at path. If there is none it makes one, and the
// folder that it is in; of several processes that do so at once, all get the same
// keys. The error says what is wrong with the file and never what it holds. Log is
// told of rotations.
func Open(log *slog.Logger, path string) (*Ring, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	file, err := fresh.Read(log, func(contents [][]byte) (pair, error) { return read(path, contents[0]) }, path)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return &Ring{file: file}, nil
}

// Parse is the ring of a file that holds content, for who keeps it elsewhere, as in a
// secret of a platform: no rotation is followed. Line ends at its end do not matter.
// The error is [ErrContent] or [ErrVersion], and never says what content is.
func Parse(content []byte) (*Ring, error) {
	p, err := parse(append(bytes.TrimRight(bytes.Clone(content), "\r\n"), '\n'))
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return &Ring{fixed: p}, nil
}

// now is what to sign and verify with.
func (r *Ring) now() pair {
	if r.file == nil {
		return r.fixed
	}
	return r.file.Get()
}

// look is what to verify with what now does not verify: another node may know of
// a rotation a moment earlier.
func (r *Ring) look() pair {
	if r.file == nil {
		return r.fixed
	}
	return r.file.Look()
}
