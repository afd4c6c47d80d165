package classic

import (
	"crypto/rand"
	"encoding/hex"
)

// guid is the id of a connection: random, and to clients a GUID as .NET writes it.
type guid [16]byte

// newGUID returns one that nobody can guess, of version 4 (RFC 9562).
func newGUID() guid {
	var g guid
	_, _ = rand.Read(g[:]) // never fails
	g[6] = g[6]&0x0f | 0x40
	g[8] = g[8]&0x3f | 0x80
	return g
}

func (g guid) String() string {
	var b [36]byte
	hex.Encode(b[:8], g[:4])
	b[8] = '-'
	hex.Encode(b[9:13], g[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], g[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], g[8:10])
	b[23] = '-'
	hex.Encode(b[24:], g[10:])
	return string(b[:])
}
