package auth_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"partline.dev/server/auth"
	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
)

// threeTenants are one with everything, one whose guests need no name, and one
// without guests.
const threeTenants = `
tenants:
  contoso:
    hosts: [https://contoso.example]
    guests: named
    embed-keys: [ek_contoso__________]
    blocked: [mallory]
    issuers:
      - issuer: https://login.contoso.example
        jwks: https://login.contoso.example/keys
        audience: [partline, partline-test]
        algorithms: [RS256, RS384, PS256, ES256, ES512, EdDSA]
        roles: [{claim: groups, is: 8c1f, role: editor}, {claim: role, is: any}, {claim: mfa, is: any, role: careful}]
  fabrikam:
    hosts: [https://fabrikam.example, https://both.example]
    guests: anybody
    embed-keys: [ek_fabrikam__________]
    issuers:
      - {issuer: https://login.contoso.example, jwks: https://login.contoso.example/keys, audience: [fabrikam], algorithms: [RS256]}
  closed:
    hosts: ["https://*.closed.example", https://closed.example, https://both.example]
    guests: nobody
    embed-keys: [ek_closed__________]
    issuers:
      - {issuer: https://partner.example, jwks: https://partner.example/keys, audience: [partline], algorithms: [RS256], user: email, prefix: "partner:"}
`

// house is an Authority and what is around it.
type house struct {
	*auth.Authority
	t       testing.TB
	signer  *keys.Signer
	book    atomic.Pointer[tenants.Book]
	options auth.Options
	log     bytes.Buffer

	mu       sync.Mutex // Protects following.
	people   []hub.Principal
	expelled []expulsion
}

type expulsion struct {
	who hub.Principal
	why access.Code
}

// newHouse opens one over threeTenants.
func newHouse(t testing.TB, options ...func(*auth.Options)) *house {
	h := &house{t: t, signer: keys.NewSigner(keys.Random())}
	h.configure(threeTenants)
	h.options = auth.Options{Book: h.book.Load, Signer: h.signer, Fetch: auth.FetchHTTP(nil), Log: slog.New(slog.NewTextHandler(&h.log, nil)), Expel: h.expel}
	for _, set := range options {
		set(&h.options)
	}
	h.open()
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *house) open() {
	h.t.Helper()
	var err error
	if h.Authority, err = auth.New(h.options); err != nil {
		h.t.Fatal(err)
	}
}

// restart closes the house and opens it again.
func (h *house) restart() {
	h.t.Helper()
	if err := h.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

func (h *house) configure(yaml string) {
	h.t.Helper()
	book, err := tenants.Read([]byte(yaml))
	if err != nil {
		h.t.Fatal(err)
	}
	h.book.Store(book)
}

// expel is Options.Expel over the people who are there.
func (h *house) expel(who func(hub.Principal) bool, why *access.Refusal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var stay []hub.Principal
	for _, p := range h.people {
		if who(p) {
			h.expelled = append(h.expelled, expulsion{p, why.Code})
		} else {
			stay = append(stay, p)
		}
	}
	h.people = stay
}

func (h *house) come(people ...hub.Principal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.people = append(h.people, people...)
}

// gone are those who were expelled since it was last asked.
func (h *house) gone() (list []expulsion) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list, h.expelled = h.expelled, nil
	return list
}

func (h *house) mint(ticket grants.Ticket) string {
	h.t.Helper()
	text, err := grants.Mint(h.signer, ticket, time.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	return text
}

// ann is the ticket of a user.
var ann = grants.Ticket{Tenant: "contoso", User: "ann", Name: "Ann"}

var atChat = front.At{Hub: "chat"}

// request is one with a bearer token, unless that is empty, of a page at origin,
// unless that is empty.
func request(bearer, origin string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hubs/chat/negotiate", nil)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	return r
}

// redeem brings a ticket as our own client does.
func (h *house) redeem(ticket string, at front.At) (front.Admission, error) {
	return h.Negotiate(request("", ""), at, &access.Request{Ticket: ticket})
}

// session is the session token that came of a new ticket.
func (h *house) session(ticket grants.Ticket) (token string, p hub.Principal) {
	h.t.Helper()
	admission, err := h.redeem(h.mint(ticket), atChat)
	if err != nil {
		h.t.Fatal(err)
	}
	return admission.SessionToken, admission.Principal
}

// bearer comes with a bearer token.
func (h *house) bearer(token string) (hub.Principal, error) {
	admission, err := h.Negotiate(request(token, ""), atChat, nil)
	return admission.Principal, err
}

// wantRefused says that err must refuse for that reason, and none of secrets stand
// in what the log is told.
func wantRefused(t testing.TB, err error, code access.Code, secrets ...string) {
	t.Helper()
	if !refusedWith(err, code) {
		t.Errorf("it is refused with %v, not %q", err, code)
		return
	}
	for _, secret := range secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the log is told the secret: %v", err)
		}
	}
}

func refusedWith(err error, code access.Code) bool {
	refusal, ok := errors.AsType[*access.Refusal](err)
	return ok && refusal.Code == code
}

// wantIn says that nobody was refused.
func wantIn(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("it is refused: %v", err)
	}
}

// Keys of an issuer, which take long to make.
var (
	rsaKey      = sync.OnceValue(newRSA)
	otherRSAKey = sync.OnceValue(newRSA)
	ecKey       = sync.OnceValue(func() *ecdsa.PrivateKey { return newEC(elliptic.P256()) })
	longECKey   = sync.OnceValue(func() *ecdsa.PrivateKey { return newEC(elliptic.P521()) })
	edKey       = sync.OnceValue(func() ed25519.PrivateKey {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			panic(err)
		}
		return key
	})
)

func newRSA() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func newEC(curve elliptic.Curve) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

// jwkOf is a public key as a JWK set has it.
func jwkOf(id string, key crypto.PublicKey) map[string]any {
	text := base64.RawURLEncoding.EncodeToString
	k := map[string]any{"kid": id, "use": "sig"}
	switch key := key.(type) {
	case *rsa.PublicKey:
		maps.Copy(k, map[string]any{"kty": "RSA", "n": text(key.N.Bytes()), "e": text(big.NewInt(int64(key.E)).Bytes())})
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			panic(err)
		}
		half := len(point) / 2
		maps.Copy(k, map[string]any{"kty": "EC", "crv": key.Params().Name, "x": text(point[1 : 1+half]), "y": text(point[1+half:])})
	case ed25519.PublicKey:
		maps.Copy(k, map[string]any{"kty": "OKP", "crv": "Ed25519", "x": text(key)})
	}
	return k
}

// issuer answers for every address of keys, and counts how often it is asked.
type issuer struct {
	mu    sync.Mutex // Protects following.
	keys  []map[string]any
	down  bool
	asked int
	wait  chan struct{} // an answer waits until it is closed; nil: none does
}

func newIssuer(keys ...map[string]any) *issuer { return &issuer{keys: keys} }

// standard is an issuer with a key for each algorithm.
func standard() *issuer {
	return newIssuer(jwkOf("rsa", rsaKey().Public()), jwkOf("ec", ecKey().Public()), jwkOf("long", longECKey().Public()), jwkOf("ed", edKey().Public()))
}

func (i *issuer) set(keys ...map[string]any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = keys
}

func (i *issuer) times() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

// RoundTrip answers in the place of the network.
func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	i.asked++
	down, wait := i.down, i.wait
	content, err := json.Marshal(map[string]any{"keys": i.keys})
	i.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if down {
		return nil, errors.New("nobody is there")
	}
	return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(content)), Header: http.Header{}}, err
}

// from is the option that has keys fetched from that issuer.
func from(i http.RoundTripper) func(*auth.Options) {
	return func(o *auth.Options) { o.Fetch = auth.FetchHTTP(&http.Client{Transport: i}) }
}

// in is the option of a folder.
func in(dir string) func(*auth.Options) { return func(o *auth.Options) { o.Data = dir } }

// annsClaims are those of a good token.
func annsClaims() jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "https://login.contoso.example", "aud": "partline", "sub": "ann", "name": "Ann",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
}

// with are claims with others in their place; nil: without it.
func with(claims jwt.MapClaims, name string, value any) jwt.MapClaims {
	if claims[name] = value; value == nil {
		delete(claims, name)
	}
	return claims
}

// signed is a JWT.
func signed(t testing.TB, method jwt.SigningMethod, key any, id string, claims jwt.Claims, header ...any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	if id != "" {
		token.Header["kid"] = id
	}
	for i := 0; i < len(header); i += 2 {
		token.Header[header[i].(string)] = header[i+1]
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// annsToken is a good token.
func annsToken(t testing.TB) string {
	return signed(t, jwt.SigningMethodRS256, rsaKey(), "rsa", annsClaims())
}
