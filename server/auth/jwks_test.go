package auth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"partline.dev/server/auth"
	"partline.dev/shared/access"
)

func TestKeys_rotate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(jwkOf("one", rsaKey().Public()))
		h := newHouse(t, from(i))
		old := signed(t, jwt.SigningMethodRS256, rsaKey(), "one", annsClaims())
		_, err := h.bearer(old)
		wantIn(t, err)

		i.set(jwkOf("one", rsaKey().Public()), jwkOf("two", otherRSAKey().Public()))
		time.Sleep(10 * time.Second)
		_, err = h.bearer(signed(t, jwt.SigningMethodRS256, otherRSAKey(), "two", annsClaims()))
		wantIn(t, err) // a new key is found when it is met
		_, err = h.bearer(old)
		wantIn(t, err)

		i.set(jwkOf("two", otherRSAKey().Public()))
		time.Sleep(15 * time.Minute)
		_, err = h.bearer(old)
		wantIn(t, err) // it is known, and is looked for again meanwhile
		synctest.Wait()
		h.wantBadToken(t, old, "no such key")
		_, err = h.bearer(signed(t, jwt.SigningMethodRS256, otherRSAKey(), "two", annsClaims()))
		wantIn(t, err)
		if n := i.times(); n != 3 {
			t.Errorf("the issuer was asked %d times, not 3", n)
		}
	})
}

func TestKeys_ofAnIssuerThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := standard()
		h := newHouse(t, from(i))
		token := func() string {
			return signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", annsClaims())
		}
		_, err := h.bearer(token())
		wantIn(t, err)
		i.down = true
		for range 23 {
			time.Sleep(time.Hour)
			_, err = h.bearer(token())
			wantIn(t, err)
			synctest.Wait()
		}
		if n := strings.Count(h.log.String(), "cannot be had"); n != 1 {
			t.Errorf("the log is told %d times that the issuer is down", n)
		}
		time.Sleep(time.Hour)
		h.wantBadToken(t, token(), "no such key")
		i.down = false
		time.Sleep(10 * time.Second)
		_, err = h.bearer(token())
		wantIn(t, err)
		synctest.Wait()
		if !strings.Contains(h.log.String(), "can be had again") {
			t.Error("the log is not told that the issuer is back")
		}
	})
}

func TestHostile_floodOfUnknownKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := standard()
		h := newHouse(t, from(i))
		_, err := h.bearer(annsToken(t))
		wantIn(t, err)
		time.Sleep(time.Minute)
		i.wait = make(chan struct{})
		var flood sync.WaitGroup
		for n := range 1000 {
			token := signed(t, jwt.SigningMethodEdDSA, edKey(), fmt.Sprint("unknown ", n), annsClaims())
			flood.Go(func() {
				_, err := h.bearer(token)
				wantRefused(t, err, access.CodeToken)
			})
		}
		synctest.Wait() // all of them wait for one answer
		if n := i.times(); n != 2 {
			t.Errorf("1,000 unknown keys at once made %d fetches", n-1)
		}
		before := time.Now()
		_, err = h.bearer(annsToken(t))
		wantIn(t, err)
		if time.Since(before) != 0 {
			t.Error("a known key waited for the unknown ones")
		}
		close(i.wait)
		flood.Wait()
		for range 1000 { // over a minute and a half
			time.Sleep(90 * time.Millisecond)
			_, err := h.bearer(signed(t, jwt.SigningMethodEdDSA, edKey(), "unknown", annsClaims()))
			wantRefused(t, err, access.CodeToken)
		}
		if n := i.times() - 2; n > 9 {
			t.Errorf("1,000 unknown keys over 90 s made %d fetches", n)
		}
	})
}

func TestKeys_whoGoesDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := standard()
		i.wait = make(chan struct{})
		h := newHouse(t, from(i))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := h.Negotiate(request(annsToken(t), "").WithContext(ctx), atChat, nil)
		wantRefused(t, err, access.CodeToken)
		begun := time.Now()
		_, err = h.bearer(annsToken(t))
		wantRefused(t, err, access.CodeToken)
		if waited := time.Since(begun); waited != 4*time.Second {
			t.Errorf("an issuer that does not answer was waited for %v after a second", waited)
		}
	})
}

func TestClose_endsAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := standard()
		i.wait = make(chan struct{})
		h := newHouse(t, from(i))
		var waits sync.WaitGroup
		waits.Go(func() {
			_, err := h.bearer(annsToken(t))
			wantRefused(t, err, access.CodeToken)
		})
		synctest.Wait()
		begun := time.Now()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		waits.Wait()
		if time.Since(begun) != 0 {
			t.Error("it went on")
		}
		h.wantBadToken(t, annsToken(t), "no such key")
		if n := i.times(); n != 1 {
			t.Errorf("the issuer was asked %d times", n)
		}
	})
}

// TestHostile_issuer is about what is at the address of keys: a real server.
func TestHostile_issuer(t *testing.T) {
	set := func(keys ...any) string {
		content, err := json.Marshal(map[string]any{"keys": keys})
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	good := set(jwkOf("rsa", rsaKey().Public()))
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		_, _ = io.WriteString(w, good)
	}))
	defer other.Close()
	weak := jwkOf("rsa", rsaKey().Public())
	weak["n"] = "AQAB"
	even := jwkOf("rsa", rsaKey().Public())
	even["e"] = "Ag"
	encrypts := jwkOf("rsa", rsaKey().Public())
	encrypts["use"] = "enc"
	otherAlg := jwkOf("rsa", rsaKey().Public())
	otherAlg["alg"] = "RS512"
	signsOnly := jwkOf("rsa", rsaKey().Public())
	signsOnly["key_ops"] = []string{"sign"}
	many := make([]any, 101)
	for i := range many {
		many[i] = jwkOf("rsa", rsaKey().Public())
	}
	for what, answer := range map[string]http.HandlerFunc{
		"a redirect":          func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) },
		"an error":            func(w http.ResponseWriter, _ *http.Request) { http.Error(w, good, http.StatusInternalServerError) },
		"not JSON":            func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"no set":              func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"error":"x"}`) },
		"another type":        func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"keys":{"rsa":1}}`) },
		"something behind it": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, good+good) },
		"300 KiB": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(" ", 300<<10)+good)
		},
		"a key of 24 bits":          func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, set(weak)) },
		"an even exponent":          func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, set(even)) },
		"a key that encrypts":       func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, set(encrypts)) },
		"a key for another alg":     func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, set(otherAlg)) },
		"a key that does not check": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, set(signsOnly)) },
		"101 keys":                  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, set(many...)) },
		"two keys of one id": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, set(jwkOf("rsa", rsaKey().Public()), jwkOf("rsa", otherRSAKey().Public())))
		},
	} {
		t.Run(what, func(t *testing.T) {
			at := httptest.NewServer(answer)
			defer at.Close()
			h := newHouse(t, jwksAt(at.URL))
			h.wantBadToken(t, annsToken(t), "no such key")
			if what == "300 KiB" && !strings.Contains(h.log.String(), "longer than 262144 bytes") {
				t.Errorf("the log is told %s", h.log.String())
			}
		})
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("a redirect was followed %d times", n)
	}
	t.Run("beside keys that nobody understands", func(t *testing.T) {
		content := set(7, map[string]any{"kty": "future", "kid": "rsa"}, map[string]any{"kty": "EC", "crv": "secp256k1", "kid": "rsa", "x": "AA", "y": "AA"},
			map[string]any{"kty": "EC", "crv": "P-256", "kid": "rsa", "x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)}, jwkOf("rsa", rsaKey().Public()))
		at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, content) }))
		defer at.Close()
		_, err := newHouse(t, jwksAt(at.URL)).bearer(annsToken(t))
		wantIn(t, err)
	})
}

// jwksAt is the option that contoso's keys are at that address, fetched by a client
// of the Authority's own.
func jwksAt(address string) func(*auth.Options) {
	return func(o *auth.Options) {
		o.Book().Tenant("contoso").Issuers[0].JWKS = address // nobody else has this book yet
	}
}

func TestKeys_areNotFetchedInTheClear(t *testing.T) {
	for _, address := range []string{"http://login.contoso.example/keys", "ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1.example/", "//127.0.0.1/", ":"} {
		i := standard()
		h := newHouse(t, from(i), jwksAt(address))
		h.wantBadToken(t, annsToken(t), "no such key")
		if i.times() != 0 {
			t.Errorf("%s was asked", address)
		}
	}
}
