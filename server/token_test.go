package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server"
	"partline.dev/server/connected"
	"partline.dev/server/hub"
)

// userHeader names the user in the tests of tokens.
const userHeader = "X-User"

// tokenNode is a server with the keys of a file, and two addresses.
func tokenNode(t *testing.T, keys string) http.Handler {
	t.Helper()
	return serve(t, func(o *server.Options) {
		o.Keys = keys
		m := connected.New()
		o.Mounts = []server.Mount{{Path: "/one", Hubs: []*hub.Mux{m}}, {Path: "/other", Hubs: []*hub.Mux{m}}}
		o.Authenticate = func(r *http.Request) (hub.Principal, error) {
			return hub.Principal{ID: r.Header.Get(userHeader)}, nil
		}
	})
}

// negotiated is a connection token for user.
func negotiated(t *testing.T, h http.Handler, path, user string) string {
	t.Helper()
	got := ask(t, h, http.MethodPost, path+"/negotiate?negotiateVersion=1", userHeader, user)
	var reply struct{ ConnectionToken, ConnectionID string }
	if err := json.Unmarshal(got.Body.Bytes(), &reply); err != nil || reply.ConnectionToken == "" || reply.ConnectionToken == reply.ConnectionID {
		t.Fatalf("%s: %d %s", path, got.Code, got.Body)
	}
	return reply.ConnectionToken
}

// poll opens or goes on with the connection of token.
func poll(t *testing.T, h http.Handler, path, token, user string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, h, http.MethodGet, path+"?id="+token, userHeader, user)
}

func wantPoll(t *testing.T, got *httptest.ResponseRecorder, status int, text string) {
	t.Helper()
	if got.Code != status || strings.TrimSpace(got.Body.String()) != text {
		t.Errorf("the answer is %d %q, not %d %q", got.Code, got.Body, status, text)
	}
}

const (
	unknownText   = "No Connection with that ID"
	elsewhereText = "No Connection with that ID: it is at another node, or at one that has ended."
)

func TestTokens_openTheirOwnConnectionOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := filepath.Join(t.TempDir(), "keys")
		h := tokenNode(t, keys)
		token := negotiated(t, h, "/one", "ann")
		other := byte('A')
		if token[20] == 'A' {
			other = 'B'
		}
		wantPoll(t, poll(t, h, "/one", token[:20]+string(other)+token[21:], "ann"), http.StatusNotFound, unknownText) // forged
		wantPoll(t, poll(t, h, "/one", token, "bob"), http.StatusNotFound, unknownText)
		wantPoll(t, poll(t, h, "/other", token, "ann"), http.StatusNotFound, unknownText)
		// Who has logged out is nobody, and a program is asked about every request.
		wantPoll(t, poll(t, h, "/one", token, ""), http.StatusNotFound, unknownText)
		wantPoll(t, poll(t, h, "/one", token, "ann"), http.StatusOK, "")
	})
}

func TestTokens_ofAnotherNodeAndOfAnotherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		a, b := tokenNode(t, filepath.Join(dir, "shared")), tokenNode(t, filepath.Join(dir, "shared"))
		foreign := tokenNode(t, filepath.Join(dir, "own"))
		token := negotiated(t, a, "/one", "ann")
		wantPoll(t, poll(t, b, "/one", token, "ann"), http.StatusNotFound, elsewhereText)
		wantPoll(t, poll(t, b, "/one", token, "bob"), http.StatusNotFound, elsewhereText)
		wantPoll(t, poll(t, foreign, "/one", token, "ann"), http.StatusNotFound, unknownText)
		got := ask(t, b, http.MethodPost, "/one?id="+token, userHeader, "ann")
		wantPoll(t, got, http.StatusNotFound, elsewhereText)
		got = ask(t, b, http.MethodDelete, "/one?id="+token, userHeader, "ann")
		wantPoll(t, got, http.StatusNotFound, elsewhereText)
		wantPoll(t, poll(t, a, "/one", token, "ann"), http.StatusOK, "")
	})
}

func TestTokens_areLateAfterTheHandshakeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := tokenNode(t, filepath.Join(t.TempDir(), "keys"))
		early, late := negotiated(t, h, "/one", "ann"), negotiated(t, h, "/one", "ann")
		time.Sleep(14 * time.Second)
		wantPoll(t, poll(t, h, "/one", early, "ann"), http.StatusOK, "")
		time.Sleep(time.Second)
		wantPoll(t, poll(t, h, "/one", late, "ann"), http.StatusNotFound, unknownText)
	})
}

// An open connection goes on while the key that signed its token is one of the
// file's two.
func TestTokens_outliveARotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := filepath.Join(t.TempDir(), "keys")
		h := tokenNode(t, keys)
		token := negotiated(t, h, "/one", "ann")
		wantPoll(t, poll(t, h, "/one", token, "ann"), http.StatusOK, "")
		if err := server.RotateKeys("", keys); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		if got := ask(t, h, http.MethodPost, "/one?id="+token, userHeader, "ann"); got.Code != http.StatusOK {
			t.Errorf("after a rotation: %d %s", got.Code, got.Body)
		}
		wantPoll(t, poll(t, h, "/one", negotiated(t, h, "/one", "ann"), "ann"), http.StatusOK, "")
	})
}
