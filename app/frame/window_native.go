//go:build !js

package frame

import (
	"crypto/rand"
	"encoding/base64"
	"time"
)

// window is where there is no page.
type window struct{}

func (*window) open(*Page) {}

func (*window) close() {}

func (*window) newIDs() (own claim, spare string) {
	return claim{newID(), time.Now().UnixMilli()}, newID()
}

func (*window) say(string, message, any) {}

func newID() string {
	bits := make([]byte, 16)
	_, _ = rand.Read(bits) // never fails
	return base64.RawURLEncoding.EncodeToString(bits)
}

// Refused tells whether the browser keeps nothing for the part. There is none.
func (s Store) Refused() bool { return true }

// Get is the text under key: none.
func (s Store) Get(key string) string { return "" }

// Set keeps nothing.
func (s Store) Set(key, text string) {}

// Rewrite does nothing: there is no address.
func Rewrite(address, mark string) {}

// Mark is none.
func Mark() string { return "" }
