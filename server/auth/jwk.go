package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

const (
	maxKeys    = 100 // keys of one issuer
	minRSABits = 2048
	maxRSABits = 8192 // a longer key costs who verifies more than who signs
)

// publicKey is a key with which an issuer signs.
type publicKey struct {
	id  string // kid; empty: it has none
	alg string // the one algorithm that it is for; empty: every one that it fits
	key crypto.PublicKey
}

// fits tells whether k can have signed with alg. A key is never taken for one of
// another kind: that of an HMAC is none of these.
func (k *publicKey) fits(alg string) bool {
	if k.alg != "" && k.alg != alg {
		return false
	}
	switch key := k.key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		return alg == map[string]string{"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[key.Params().Name]
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}

// jwk is one key as RFC 7517 writes it.
type jwk struct {
	Kty, Use, Kid, Alg, Crv, N, E, X, Y string
	KeyOps                              []string `json:"key_ops"`
}

// parseKeys reads a JWK set. Keys that do not verify, or that nobody here
// understands, are left out, as RFC 7517 has it.
func parseKeys(content []byte) ([]publicKey, error) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(content, &set); err != nil {
		return nil, fmt.Errorf("it is no JWK set: %w", err)
	}
	if set.Keys == nil {
		return nil, errors.New("it is no JWK set: it has no keys")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("it has %d keys, and %d are the most", len(set.Keys), maxKeys)
	}
	var list []publicKey
	for _, raw := range set.Keys {
		var k jwk
		if json.Unmarshal(raw, &k) != nil || k.Use != "" && k.Use != "sig" ||
			k.KeyOps != nil && !slices.Contains(k.KeyOps, "verify") {
			continue
		}
		if key, ok := k.public(); ok {
			list = append(list, publicKey{k.Kid, k.Alg, key})
		}
	}
	return list, nil
}

// public is the key itself.
func (k *jwk) public() (crypto.PublicKey, bool) {
	switch k.Kty {
	case "RSA":
		return rsaKey(number(k.N), number(k.E))
	case "EC":
		return ecdsaKey(k.Crv, number(k.X), number(k.Y))
	case "OKP":
		x := number(k.X)
		return ed25519.PublicKey(x), k.Crv == "Ed25519" && len(x) == ed25519.PublicKeySize
	}
	return nil, false
}

// number are the bytes of a number or a coordinate, at most those of the longest
// key; nil: it is none.
func number(text string) []byte {
	if len(text) > maxRSABits/8*4/3+4 {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

func rsaKey(n, e []byte) (crypto.PublicKey, bool) {
	modulus, exponent := new(big.Int).SetBytes(n), new(big.Int).SetBytes(e)
	if bits := modulus.BitLen(); bits < minRSABits || bits > maxRSABits || modulus.Bit(0) == 0 ||
		exponent.BitLen() > 31 || exponent.Int64() < 3 || exponent.Bit(0) == 0 {
		return nil, false
	}
	return &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}, true
}

func ecdsaKey(name string, x, y []byte) (crypto.PublicKey, bool) {
	var curve elliptic.Curve
	switch name {
	case "P-256":
		curve = elliptic.P256()
	case "P-384":
		curve = elliptic.P384()
	case "P-521":
		curve = elliptic.P521()
	default:
		return nil, false
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(x) != size || len(y) != size {
		return nil, false
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y)) // it is on the curve
	return key, err == nil
}
