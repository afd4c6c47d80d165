package testserver

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// hopClaim is which redirect of a chain gave the token.
const hopClaim = "hop"

// errToken refuses a request.
var errToken = errors.New("this token is forged or late")

// ticket is what a bearer token of this server says.
type ticket struct {
	User    string
	Role    string
	Expires int64 // ms since 1970
	Hop     int   // which redirect of a chain gave it
}

// issuer signs tickets with a key of its own.
type issuer struct{ key []byte }

func newIssuer() *issuer {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	return &issuer{key}
}

func (i *issuer) issue(t ticket) string {
	claims, err := json.Marshal(t)
	if err != nil {
		panic(err) // a ticket is plain text and numbers
	}
	text := base64.RawURLEncoding.EncodeToString(claims)
	return text + "." + i.sign(text)
}

func (i *issuer) sign(text string) string {
	mac := hmac.New(sha256.New, i.key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (i *issuer) read(token string) (t ticket, err error) {
	text, signature, ok := strings.Cut(token, ".")
	if !ok || !hmac.Equal([]byte(signature), []byte(i.sign(text))) {
		return t, errToken
	}
	claims, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(claims, &t); err != nil {
		return t, err
	}
	if t.Expires <= time.Now().UnixMilli() {
		return t, errToken
	}
	return t, nil
}

// authenticate makes a principal of the token of a request, if it has one.
func (i *issuer) authenticate(r *http.Request) (hub.Principal, error) {
	token := front.BearerToken(r)
	if token == "" {
		return hub.Principal{}, nil
	}
	t, err := i.read(token)
	if err != nil {
		return hub.Principal{}, err
	}
	return hub.Principal{
		ID: t.User, Name: t.User, Roles: []string{t.Role}, Expires: t.Expires,
		Claims: map[string]string{"user": t.User, hopClaim: strconv.Itoa(t.Hop)},
	}, nil
}

// serveToken gives a token to everybody: ?user=NAME&role=ROLE&seconds=N.
func (i *issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	seconds := 3600
	if text := q.Get("seconds"); text != "" {
		var err error
		if seconds, err = strconv.Atoi(text); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(i.issue(ticket{ // a client that is gone needs none
		User: q.Get("user"), Role: q.Get("role"),
		Expires: time.Now().Add(time.Duration(seconds) * time.Second).UnixMilli(),
	})))
}
