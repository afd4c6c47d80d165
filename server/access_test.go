package server_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"partline.dev/server"
	"partline.dev/server/front"
	"partline.dev/server/hub"
)

// generations are the first requests of the clients of both, of which the same
// must hold.
var generations = []struct{ name, method, below string }{
	{"Core", http.MethodPost, "/negotiate?negotiateVersion=1"},
	{"classic", http.MethodGet, "/negotiate?clientProtocol=2.1&connectionData=" + listed("open")},
}

// listed is connectionData that lists hubs.
func listed(hubs ...string) string {
	var list []map[string]string
	for _, name := range hubs {
		list = append(list, map[string]string{"name": strings.ToLower(name)})
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // it is made of strings
	}
	return url.QueryEscape(string(b))
}

const (
	partner = "https://intranet.example" // is allowed
	foreign = "https://evil.example"
)

// access is a server whose users are those that userHeader names: ann, who may
// everything, bob, who may not use the hub secret, and mallory, who may nothing.
func access(t *testing.T, change func(*server.Options)) http.Handler {
	t.Helper()
	open, secret := named("open", ""), named("secret", "")
	secret.Authorize(func(p hub.Principal) error {
		if p.ID != "ann" {
			return errors.New("it is ann's")
		}
		return nil
	})
	return serve(t, func(o *server.Options) {
		o.AllowHosts = []string{partner}
		o.Hubs = []*hub.Mux{open, secret}
		o.Authenticate = func(r *http.Request) (hub.Principal, error) {
			switch user := r.Header.Get(userHeader); user {
			case "":
				return hub.Principal{}, errors.New("nobody")
			case "mallory":
				return hub.Principal{}, front.ErrForbidden
			default:
				return hub.Principal{ID: user}, nil
			}
		}
		if change != nil {
			change(o)
		}
	})
}

func TestAccess_byOrigin(t *testing.T) {
	h := access(t, nil)
	for _, g := range generations {
		path := "/hubs/open" + g.below
		for _, c := range []struct {
			name    string
			headers []string
			status  int
			origin  string // that may read the reply
		}{
			{"a partner's page, with credentials", []string{"Origin", partner, "Cookie", "a=b", "Sec-Fetch-Site", "cross-site"}, 200, partner},
			{"a foreign page", []string{"Origin", foreign}, 403, ""},
			{"a page that hides its site", []string{"Origin", "null"}, 403, ""},
			{"a page that looks alike", []string{"Origin", partner + ".evil.example"}, 403, ""},
			{"an own page", []string{"Origin", "http://parts.example"}, 200, "http://parts.example"},
			{"a browser that does not say", []string{"Sec-Fetch-Site", "cross-site"}, 403, ""},
			{"a cookie of who knows", []string{"Cookie", "a=b"}, 403, ""},
			{"a program", nil, 200, ""},
		} {
			got := ask(t, h, g.method, path, append(c.headers, userHeader, "ann")...)
			credentials := map[bool]string{true: "true"}[c.origin != ""]
			if got.Code != c.status || got.Header().Get("Access-Control-Allow-Origin") != c.origin || got.Header().Get("Access-Control-Allow-Credentials") != credentials {
				t.Errorf("%s, %s: %d %s, %v", g.name, c.name, got.Code, got.Body, got.Header())
			}
			if got.Header().Get("Access-Control-Allow-Origin") == "*" {
				t.Errorf("%s, %s: everybody may read the reply", g.name, c.name)
			}
		}
	}
}

// A bearer token needs a preflight, of whatever the client asks for.
func TestAccess_preflights(t *testing.T) {
	h := access(t, nil)
	for path, methods := range map[string][]string{
		"/hubs/open": {"GET", "POST", "DELETE"}, "/hubs/open/negotiate": {"GET", "POST"}, "/signalr/negotiate": {"GET", "POST"},
		"/signalr/connect": {"GET", "POST"}, "/signalr/start": {"GET"}, "/signalr/reconnect": {"GET", "POST"}, "/signalr/poll": {"POST"},
		"/signalr/send": {"POST"}, "/signalr/abort": {"POST"}, "/signalr/ping": {"GET"},
	} {
		for _, method := range methods {
			for origin, status := range map[string]int{partner: http.StatusNoContent, foreign: http.StatusForbidden} {
				got := ask(t, h, http.MethodOptions, path, "Origin", origin,
					"Access-Control-Request-Method", method, "Access-Control-Request-Headers", "authorization,x-requested-with")
				if got.Code != status {
					t.Errorf("%s of %s by %s: %d", path, origin, method, got.Code)
				}
				header := got.Header()
				if origin == partner && (header.Get("Access-Control-Allow-Origin") != partner || header.Get("Access-Control-Allow-Credentials") != "true" ||
					!strings.Contains(header.Get("Access-Control-Allow-Methods"), method) || !strings.Contains(header.Get("Access-Control-Allow-Headers"), "Authorization")) {
					t.Errorf("%s by %s: %v", path, method, header)
				}
			}
		}
	}
}

func TestAccess_byPrincipal(t *testing.T) {
	h := access(t, nil)
	for _, c := range []struct {
		hub, user string
		status    int
	}{
		{"open", "", 401}, {"open", "mallory", 403}, {"open", "bob", 200}, {"open", "ann", 200},
		{"secret", "", 401}, {"secret", "mallory", 403}, {"secret", "bob", 403}, {"secret", "ann", 200},
	} {
		for _, path := range []string{"/hubs/" + c.hub, "/signalr"} {
			for _, g := range generations {
				if path == "/signalr" && g.name == "Core" {
					continue // it has several hubs
				}
				below := strings.Replace(g.below, listed("open"), listed(c.hub), 1)
				got := ask(t, h, g.method, path+below, "Origin", partner, userHeader, c.user)
				if got.Code != c.status || got.Header().Get("Access-Control-Allow-Origin") != partner {
					t.Errorf("%s, %s, user %q: %d %s", g.name, path, c.user, got.Code, got.Body)
				}
				if challenge := got.Header().Get("WWW-Authenticate"); (challenge == "Bearer") != (c.status == 401) {
					t.Errorf("%s, %s, user %q: the challenge is %q", g.name, path, c.user, challenge)
				}
			}
		}
	}
}

// classicNegotiated is a connection token of a classic client, and the address that
// it is told.
func classicNegotiated(t *testing.T, h http.Handler, path, user string, hubs ...string) (token, address string) {
	t.Helper()
	got := ask(t, h, http.MethodGet, path+"/negotiate?clientProtocol=2.1&connectionData="+listed(hubs...), userHeader, user)
	var reply struct {
		ConnectionToken, URL, ProtocolVersion string
	}
	if err := json.Unmarshal(got.Body.Bytes(), &reply); err != nil || reply.ConnectionToken == "" {
		t.Fatalf("%s: %d %s", path, got.Code, got.Body)
	}
	return reply.ConnectionToken, reply.URL
}

// below asks for what a classic client with a connection token asks for.
func askBelow(t *testing.T, h http.Handler, method, path, action, token, user string, hubs ...string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, h, method, path+"/"+action+"?clientProtocol=2.1&transport=longPolling&connectionToken="+url.QueryEscape(token)+
		"&connectionData="+listed(hubs...), userHeader, user)
}

// Every request of a classic client is somebody's, and a connection its own user's.
func TestAccess_everyRequestOfAClassicClient(t *testing.T) {
	h := access(t, nil)
	token, _ := classicNegotiated(t, h, "/signalr", "bob", "open")
	elsewhere, _ := classicNegotiated(t, h, "/hubs/open", "bob", "open")
	for action, method := range map[string]string{"connect": "POST", "reconnect": "POST", "poll": "POST", "start": "GET", "send": "POST", "abort": "POST"} {
		for _, c := range []struct {
			name, token, user string
			status            int
		}{
			{"nobody", token, "", 401},
			{"who may nothing", token, "mallory", 403},
			{"another user", token, "ann", 403},
			{"a token of another address", elsewhere, "bob", 400},
			{"a token that is none", "xyz", "bob", 400},
		} {
			if got := askBelow(t, h, method, "/signalr", action, c.token, c.user, "open"); got.Code != c.status {
				t.Errorf("%s by %s: %d %s, not %d", action, c.name, got.Code, got.Body, c.status)
			}
		}
	}
	got := askBelow(t, h, "POST", "/signalr", "connect", token, "bob", "open")
	if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"S":1`) || !strings.Contains(got.Body.String(), `"M":[]`) {
		t.Errorf("connect: %d %s", got.Code, got.Body)
	}
	if got := askBelow(t, h, "GET", "/signalr", "start", token, "bob", "open"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "started") {
		t.Errorf("start: %d %s", got.Code, got.Body)
	}
	if got := askBelow(t, h, "POST", "/signalr", "abort", token, "bob", "open"); got.Code != http.StatusOK {
		t.Errorf("abort: %d %s", got.Code, got.Body)
	}
	for user, status := range map[string]int{"": 401, "mallory": 403, "bob": 200} {
		if got := ask(t, h, http.MethodGet, "/signalr/ping", userHeader, user); got.Code != status {
			t.Errorf("ping by %q: %d %s", user, got.Code, got.Body)
		}
	}
}

// A proxy takes the prefix off, or not: the client is told the address as it reaches
// it, and its token is good at both.
func TestAccess_behindAPrefix(t *testing.T) {
	h := access(t, func(o *server.Options) { o.PublicURL = "https://parts.example/apps" })
	for _, path := range []string{"/signalr", "/apps/signalr", "/apps/SignalR"} {
		token, address := classicNegotiated(t, h, path, "bob", "open")
		if !strings.EqualFold(address, "/apps/signalr") {
			t.Errorf("%s: the address is %q", path, address)
		}
		for _, other := range []string{"/signalr", "/apps/signalr"} {
			if got := askBelow(t, h, "POST", other, "connect", token, "bob", "open"); got.Code != http.StatusOK {
				t.Errorf("negotiated at %s, connected at %s: %d %s", path, other, got.Code, got.Body)
			}
			if got := askBelow(t, h, "POST", other, "abort", token, "bob", "open"); got.Code != http.StatusOK {
				t.Errorf("abort at %s: %d %s", other, got.Code, got.Body)
			}
			token, _ = classicNegotiated(t, h, path, "bob", "open")
		}
	}
	for _, g := range generations {
		for origin, status := range map[string]int{"https://parts.example": 200, partner: 200, "http://parts.example": 403, foreign: 403} {
			for _, prefix := range []string{"", "/apps"} {
				if got := ask(t, h, g.method, prefix+"/hubs/open"+g.below, "Origin", origin, userHeader, "ann"); got.Code != status {
					t.Errorf("%s, %q: a page of %s: %d", g.name, prefix, origin, got.Code)
				}
			}
		}
	}
}
