package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// issuer is somebody's identity provider, on this machine: its tokens say who a user
// is.
type issuer struct {
	t    *testing.T
	name string
	keys string // their address
	key  *ecdsa.PrivateKey
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey.Bytes() // 4, and the two coordinates
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []map[string]string{{
			"kid": "one", "kty": "EC", "crv": "P-256", "x": text(public[1:33]), "y": text(public[33:]),
		}}}) // who asks reads it to the end
	}))
	t.Cleanup(s.Close)
	return &issuer{t: t, name: "https://login.contoso.example", keys: s.URL + "/keys", key: key}
}

// line is the issuer's in a file of tenants.
func (i *issuer) line() string {
	return "{issuer: " + i.name + ", jwks: " + i.keys + ", audience: partline, algorithms: ES256}"
}

// token is a user's, good for so long.
func (i *issuer) token(user, name string, good time.Duration) string {
	i.t.Helper()
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": i.name, "aud": "partline", "sub": user, "name": name, "iat": now.Unix(), "exp": now.Add(good).Unix(),
	})
	token.Header["kid"] = "one"
	text, err := token.SignedString(i.key)
	if err != nil {
		i.t.Fatal(err)
	}
	return secret(text)
}
