package auth_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"partline.dev/shared/access"
)

func TestBearer_isTaken(t *testing.T) {
	h := newHouse(t, from(standard()))
	claims := annsClaims()
	claims["groups"] = []any{"other", "8c1f", 7}
	claims["role"] = []any{"author", "author", "a\nb", ""}
	claims["mfa"] = "yes"
	claims["picture"] = "https://pictures.example/ann.png"
	claims["name"] = "\u202eAnn\u202c "
	claims["aud"] = []string{"somebody", "partline-test"}
	for what, token := range map[string]string{
		"RS256": signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", claims),
		"RS384": signed(t, jwt.SigningMethodRS384, rsaKey(), "rsa", claims),
		"PS256": signed(t, jwt.SigningMethodPS256, rsaKey(), "rsa", claims),
		"ES256": signed(t, jwt.SigningMethodES256, ecKey(), "ec", claims),
		"ES512": signed(t, jwt.SigningMethodES512, longECKey(), "long", claims),
		"EdDSA": signed(t, jwt.SigningMethodEdDSA, edKey(), "ed", claims),
		"no id": signed(t, jwt.SigningMethodEdDSA, edKey(), "", claims),
	} {
		t.Run(what, func(t *testing.T) {
			p, err := h.bearer(token)
			if err != nil {
				t.Fatal(err)
			}
			if p.Tenant != "contoso" || p.ID != "ann" || p.Name != "Ann" || p.Icon != claims["picture"] || p.Session != "" ||
				!slices.Equal(p.Roles, []string{"editor", "author", "careful"}) ||
				p.Issued != claims["iat"].(int64)*1000 || p.Expires != claims["exp"].(int64)*1000 {
				t.Errorf("the principal is %+v", p)
			}
			again, given, err := h.Authenticate(request(token, ""), atChat)
			if err != nil || !given || again.ID != "ann" {
				t.Errorf("a later request is of %+v, %v, %v", again, given, err)
			}
		})
	}
}

func TestBearer_ofASecondTenantOfTheIssuer(t *testing.T) {
	h := newHouse(t, from(standard()))
	p, err := h.bearer(signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), "aud", "fabrikam")))
	if err != nil || p.Tenant != "fabrikam" {
		t.Errorf("it is %+v, %v", p, err)
	}
	_, err = h.bearer(signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), "aud", []string{"partline", "fabrikam"})))
	wantRefused(t, err, access.CodeToken) // of both it could be either
}

func TestBearer_prefixesItsUsers(t *testing.T) {
	h := newHouse(t, from(standard()))
	claims := with(annsClaims(), "iss", "https://partner.example")
	p, err := h.bearer(signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(claims, "email", "ann@partner.example")))
	if err != nil || p.ID != "partner:ann@partner.example" || p.Tenant != "closed" {
		t.Errorf("it is %+v, %v", p, err)
	}
}

func TestBearer_dropsAnIconThatCannotBeOne(t *testing.T) {
	h := newHouse(t, from(standard()))
	for _, icon := range []any{"http://pictures.example/a.png", "javascript:alert(1)", "data:image/svg+xml,<svg>", "//pictures.example/a.png",
		"https://", "https://user@pictures.example/", "https://pictures.example/\"onerror=alert(1)", "https://pictures.example/a b",
		"https://pictures.example/" + strings.Repeat("a", 2048), "https://pictures.example/\u202e", 7, nil} {
		p, err := h.bearer(signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), "picture", icon)))
		if err != nil || p.Icon != "" {
			t.Errorf("the icon %.60q is shown as %.60q, %v", icon, p.Icon, err)
		}
	}
}

// wantBadToken brings a token, which must be refused without a word why, but to the
// log.
func (h *house) wantBadToken(t *testing.T, token, reason string) {
	t.Helper()
	_, err := h.bearer(token)
	wantRefused(t, err, access.CodeToken, token)
	if err != nil && !strings.Contains(err.Error(), reason) {
		t.Errorf("the log is told %q, and not of %q", err, reason)
	}
	_, _, err = h.Authenticate(request(token, ""), atChat)
	wantRefused(t, err, access.CodeToken, token)
}

func TestHostile_tokenAlgNone(t *testing.T) {
	h := newHouse(t, from(standard()))
	token := signed(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "rsa", annsClaims())
	h.wantBadToken(t, token, "none")
	parts := strings.Split(annsToken(t), ".")
	for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
		header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"` + alg + `","kid":"rsa"}`))
		h.wantBadToken(t, header+"."+parts[1]+".", "signing method")
		h.wantBadToken(t, header+"."+parts[1]+"."+parts[2], "signing method")
	}
}

func TestHostile_tokenHS256WithThePublicKey(t *testing.T) {
	h := newHouse(t, from(standard()))
	der, err := x509.MarshalPKIXPublicKey(rsaKey().Public())
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(jwkOf("rsa", rsaKey().Public()))
	if err != nil {
		t.Fatal(err)
	}
	for what, secret := range map[string][]byte{
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "DER": der,
		"PKCS 1": x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey), "JWK": asJSON, "modulus": rsaKey().N.Bytes(), "nothing": {},
	} {
		t.Run(what, func(t *testing.T) {
			for _, method := range []jwt.SigningMethod{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512} {
				h.wantBadToken(t, signed(t, method, secret, "rsa", annsClaims()), "signing method HS")
			}
		})
	}
}

func TestHostile_tokenOfAnotherKindOfKey(t *testing.T) {
	i := newIssuer(jwkOf("ec", rsaKey().Public()), jwkOf("rsa", ecKey().Public()), map[string]any{"kty": "oct", "kid": "oct", "k": "c2VjcmV0"})
	h := newHouse(t, from(i))
	h.wantBadToken(t, annsToken(t), "no such key") // its kid is a key for another algorithm
	h.wantBadToken(t, signed(t, jwt.SigningMethodHS256, []byte("secret"), "oct", annsClaims()), "signing method HS256")
	// Allowed by the program, and not by this issuer.
	h.wantBadToken(t, signed(t, jwt.SigningMethodRS512, rsaKey(), "ec", annsClaims()), "signing method RS512")
}

func TestHostile_tokenOfAnUnknownKey(t *testing.T) {
	h := newHouse(t, from(standard()))
	h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, otherRSAKey(), "nobody", annsClaims()), "no such key")
	h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, rsaKey(), "../rsa", annsClaims()), "no such key")
	h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, rsaKey(), "", annsClaims(), "kid", 7), "is no text")
	h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, otherRSAKey(), "rsa", annsClaims()), "verification error") // it says to be another's
}

func TestHostile_tokenJKUIsNeverFetched(t *testing.T) {
	var asked atomic.Int64
	content, err := json.Marshal(map[string]any{"keys": []any{jwkOf("evil", otherRSAKey().Public())}})
	if err != nil {
		t.Fatal(err)
	}
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write(content)
	}))
	defer evil.Close()
	i := standard()
	// Whatever is asked for elsewhere reaches the real network.
	h := newHouse(t, from(roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == "login.contoso.example" {
			return i.RoundTrip(r)
		}
		return http.DefaultTransport.RoundTrip(r)
	})))
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	if r, err := http.Get(evil.URL); err != nil || asked.Swap(0) != 1 {
		t.Fatalf("the server that counts is not there: %v", err)
	} else {
		_ = r.Body.Close()
	}
	for _, header := range [][]any{
		{"jku", evil.URL}, {"x5u", evil.URL}, {"jku", evil.URL, "x5u", evil.URL, "kid", "evil"},
		{"jwk", jwkOf("evil", otherRSAKey().Public()), "kid", "evil"}, {"jwk", jwkOf("rsa", otherRSAKey().Public()), "kid", "rsa"},
		{"x5c", []string{"MIIB"}, "kid", "rsa"}, {"kid", evil.URL},
	} {
		h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, otherRSAKey(), "", annsClaims(), header...), "")
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the address in a token was asked %d times", n)
	}
	if _, err := h.bearer(signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", annsClaims(), "jku", evil.URL)); err != nil || asked.Load() != 0 {
		t.Errorf("a good token with an address in it: %v, asked %d times", err, asked.Load())
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestHostile_tokenTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, from(standard()))
		sign := func(name string, at time.Duration) string {
			return signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), name, time.Now().Add(at).Unix()))
		}
		for _, c := range []struct {
			claim  string
			at     time.Duration
			reason string // empty: it is taken
		}{
			{"exp", -61 * time.Second, "expired"},
			{"exp", -60 * time.Second, "expired"},
			{"exp", -59 * time.Second, ""},
			{"nbf", 61 * time.Second, "not valid yet"},
			{"nbf", 60 * time.Second, ""},
			{"iat", 61 * time.Second, "used before issued"},
			{"iat", 60 * time.Second, ""},
			{"iat", -365*24*time.Hour - time.Second, "over a year ago"},
			{"iat", -365 * 24 * time.Hour, ""},
		} {
			if c.reason != "" {
				h.wantBadToken(t, sign(c.claim, c.at), c.reason)
				continue
			}
			p, err := h.bearer(sign(c.claim, c.at))
			if err != nil || p.Expires <= time.Now().UnixMilli() {
				t.Errorf("%s at %v: it is refused with %v, or expires at once: %+v", c.claim, c.at, err, p)
			}
		}
		for what, claims := range map[string]jwt.MapClaims{
			"exp claim is required": with(annsClaims(), "exp", nil),
			"exp is invalid":        with(annsClaims(), "exp", "tomorrow"),
			"expired":               with(annsClaims(), "exp", -1e300),
			"nbf is invalid":        with(annsClaims(), "nbf", []int{1}),
			"iat is invalid":        with(annsClaims(), "iat", true),
			"no text":               with(annsClaims(), "sub", 7),
			"is missing":            with(annsClaims(), "sub", nil),
			"cannot be one":         with(annsClaims(), "sub", "a\nb"),
			"1 to 255 bytes":        with(annsClaims(), "sub", strings.Repeat("a", 256)),
			"used before":           with(annsClaims(), "iat", 1e15),
			"time cannot be":        with(annsClaims(), "exp", 1e15),
			"over a year ago":       with(annsClaims(), "iat", -5),
			"for this audience":     with(annsClaims(), "aud", "somebody"),
		} {
			token := signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", claims)
			if _, err := h.bearer(token); err == nil || !strings.Contains(err.Error(), what) {
				t.Errorf("%s: it is refused with %v", what, err)
			}
		}
	})
}

func TestHostile_tokenExpired(t *testing.T) {
	h := newHouse(t, from(standard()))
	h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), "exp", time.Now().Add(-2*time.Minute).Unix())), "expired")
}

func TestHostile_tokenNotYetValid(t *testing.T) {
	h := newHouse(t, from(standard()))
	h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), "nbf", time.Now().Add(2*time.Minute).Unix())), "not valid yet")
}

func TestHostile_tokenForAnotherAudience(t *testing.T) {
	h := newHouse(t, from(standard()))
	for _, aud := range []any{"somebody", []string{"a", "b"}, []string{}, "", "Partline", nil, 7} {
		h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), "aud", aud)), "aud")
	}
}

func TestHostile_tokenOfAnotherIssuer(t *testing.T) {
	h := newHouse(t, from(standard()))
	for _, iss := range []any{"https://evil.example", "https://login.contoso.example/", "https://LOGIN.contoso.example", "", nil, 7, []string{"https://login.contoso.example"}} {
		h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), "iss", iss)), "iss")
	}
}

func TestHostile_tokenOf64KiB(t *testing.T) {
	i := standard()
	h := newHouse(t, from(i))
	long := with(annsClaims(), "padding", strings.Repeat("a", 48<<10))
	h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", long), "bytes, and 16384 are the most")
	if i.times() != 0 {
		t.Error("the issuer was asked because of it")
	}
	_, err := h.bearer(signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", with(annsClaims(), "padding", strings.Repeat("a", 10<<10))))
	wantIn(t, err)
}

func TestHostile_tokenMalformed(t *testing.T) {
	h := newHouse(t, from(standard()))
	good := annsToken(t)
	parts := strings.Split(good, ".")
	for _, token := range []string{"x", "..", "a.b.c", "a.b", good + ".x", good + "=", parts[0] + "." + parts[1] + ".", "." + parts[1] + "." + parts[2],
		strings.Repeat(".", 1000), "eyJhbGciOiJSUzI1NiJ9.bnVsbA." + parts[2], "bnVsbA." + parts[1] + "." + parts[2],
		base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte("["), 9000)) + "." + parts[1] + "." + parts[2]} {
		h.wantBadToken(t, token, "")
	}
	h.wantBadToken(t, signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", annsClaims(), "crit", []string{"exp"}), "demands")
}

func TestHostile_tokenOfAnotherTenant(t *testing.T) {
	h := newHouse(t, from(standard()))
	token := annsToken(t)
	at := atChat
	at.Tenant = "fabrikam"
	_, err := h.Negotiate(request(token, ""), at, nil)
	wantRefused(t, err, access.CodeToken, token)
	_, err = h.Negotiate(request(token, ""), atChat, &access.Request{Key: "ek_closed__________"})
	wantRefused(t, err, access.CodeToken, token)
	_, err = h.Negotiate(request(token, "https://both.example"), atChat, nil)
	wantRefused(t, err, access.CodeHost, token)
	_, err = h.Negotiate(request(token, "https://contoso.example"), atChat, &access.Request{Key: "ek_contoso__________", Name: "Somebody"})
	wantIn(t, err)
}
