package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
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
func (i *issuer) line() string { return i.lineFor("partline") }

// lineFor is the same for an audience, with more members.
func (i *issuer) lineFor(audience string, more ...string) string {
	members := []string{"issuer: " + i.name, "jwks: " + i.keys, "audience: " + audience, "algorithms: ES256"}
	return "{" + strings.Join(append(members, more...), ", ") + "}"
}

// token is a user's, good for so long.
func (i *issuer) token(user, name string, good time.Duration) string {
	i.t.Helper()
	text, err := i.sign("partline", map[string]any{"sub": user, "name": name}, good)
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// sign is a token with the claims for an audience, good for so long.
func (i *issuer) sign(audience string, claims map[string]any, good time.Duration) (string, error) {
	now := time.Now()
	all := jwt.MapClaims{"iss": i.name, "aud": audience, "iat": now.Unix(), "exp": now.Add(good).Unix()}
	maps.Copy(all, claims)
	token := jwt.NewWithClaims(jwt.SigningMethodES256, all)
	token.Header["kid"] = "one"
	text, err := token.SignedString(i.key)
	if err != nil {
		return "", err
	}
	return secret(text), nil
}
