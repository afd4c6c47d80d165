package classic_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"partline.dev/server/classic"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

// answer is what h says to a request for target, below its address.
func answer(h http.Handler, method, target string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/signalr/"+target, nil)
	maps.Copy(r.Header, header)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// byBearer takes the bearer token for the user's id; "" is nobody, and "gone" is
// refused.
func byBearer(r *http.Request) (hub.Principal, error) {
	if name := front.BearerToken(r); name != "gone" {
		return hub.Principal{ID: name}, nil
	}
	return hub.Principal{}, errors.New("unknown token")
}

func as(name string) http.Header { return http.Header{"Authorization": {"Bearer " + name}} }

const negotiation = `^\{"Url":"URL","ConnectionToken":"[A-Za-z0-9_-]{64}","ConnectionId":"[0-9a-f-]{36}",` +
	`"KeepAliveTimeout":20\.0,"DisconnectTimeout":30\.0,"ConnectionTimeout":110\.0,"TryWebSockets":true,` +
	`"ProtocolVersion":"VERSION","TransportConnectTimeout":5\.0,"LongPollDelay":0\.0\}$`

func wantNegotiation(t *testing.T, w *httptest.ResponseRecorder, address, version string) {
	t.Helper()
	want := strings.NewReplacer("URL", regexp.QuoteMeta(address), "VERSION", version).Replace(negotiation)
	if w.Code != http.StatusOK || !regexp.MustCompile(want).MatchString(w.Body.String()) {
		t.Errorf("%d %s\nwant %s", w.Code, w.Body, want)
	}
}

func TestNegotiate(t *testing.T) {
	h := newHandler(t, classic.Options{})
	w := answer(h, http.MethodGet, "negotiate?clientProtocol=2.1&connectionData=%5B%7B%22name%22%3A%22chathub%22%7D%5D&_=1", nil)
	wantNegotiation(t, w, "/signalr", "2.0")
	for name, want := range map[string]string{
		"Content-Type":           "application/json; charset=UTF-8",
		"X-Content-Type-Options": "nosniff",
		"Cache-Control":          "no-cache, no-store",
		"Pragma":                 "no-cache",
		"Expires":                "-1",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if w.Header().Get("Set-Cookie") != "" {
		t.Error("it sets a cookie")
	}
}

// The client gets the version that it speaks, as far as we do.
func TestNegotiate_answersInKind(t *testing.T) {
	h := newHandler(t, classic.Options{})
	for asked, want := range map[string]string{
		"1.2": "1.2", "1.3": "1.3", "1.4": "1.4", "1.5": "1.5", "2.0": "2.0", "2.1": "2.0", "9.9": "2.0",
		"1.0": "1.2", "1337": "1.2", "": "1.2", "x": "1.2",
	} {
		wantNegotiation(t, answer(h, http.MethodGet, "negotiate?clientProtocol="+asked, nil), "/signalr", want)
		wantNegotiation(t, answer(h, http.MethodGet, "negotiate?CLIENTPROTOCOL="+asked, nil), "/signalr", want)
	}
	wantNegotiation(t, answer(h, http.MethodGet, "negotiate", nil), "/signalr", "1.2")
}

// Url is the path that the client knows, so that it works behind a proxy too.
func TestNegotiate_url(t *testing.T) {
	for _, c := range []struct{ prefix, path, want string }{
		{"", "/signalr/negotiate", "/signalr"},
		{"", "/SignalR/Negotiate", "/SignalR"},
		{"", "/signalr/negotiate/", "/signalr"},
		{"/apps", "/signalr/negotiate", "/apps/signalr"},
		{"", "/negotiate", ""},
		{"", "/a%20b/%22%3Cscript%3E/negotiate", "/a%20b/%22%3Cscript%3E"},
	} {
		h := newHandler(t, classic.Options{Prefix: c.prefix})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://example.org"+c.path+"?clientProtocol=1.5", nil))
		wantNegotiation(t, w, c.want, "1.5")
	}
}

func TestNegotiate_timesAndTransports(t *testing.T) {
	h := newHandler(t, classic.Options{
		Transports: front.LongPolling | front.ServerSentEvents, KeepAlive: 2500 * time.Millisecond, DisconnectTimeout: 7 * time.Second,
		PollTimeout: 8 * time.Second, ConnectTimeout: 9 * time.Second, PollDelay: 500 * time.Millisecond,
	})
	w := answer(h, http.MethodGet, "negotiate?clientProtocol=2.1", nil)
	const want = `"KeepAliveTimeout":5.0,"DisconnectTimeout":7.0,"ConnectionTimeout":8.0,"TryWebSockets":false,` +
		`"ProtocolVersion":"2.0","TransportConnectTimeout":9.0,"LongPollDelay":0.5}`
	if !strings.HasSuffix(w.Body.String(), want) {
		t.Errorf("%s", w.Body)
	}
}

func TestNegotiate_redirect(t *testing.T) {
	h := newHandler(t, classic.Options{Redirect: func(r *http.Request, _ hub.Principal) (string, string, bool) {
		token := ""
		if r.URL.Query().Has("token") {
			token = `to"ken`
		}
		return "https://other.example/signalr?a=b&c=<d>", token, !r.URL.Query().Has("stay")
	}})
	for query, want := range map[string]string{
		"clientProtocol=2.1":         `{"ProtocolVersion":"2.0","RedirectUrl":"https://other.example/signalr?a=b\u0026c=\u003cd\u003e"}`,
		"clientProtocol=2.0&token=1": `{"ProtocolVersion":"2.0","RedirectUrl":"https://other.example/signalr?a=b\u0026c=\u003cd\u003e","AccessToken":"to\"ken"}`,
	} {
		if w := answer(h, http.MethodGet, "negotiate?"+query, nil); w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	// An older client does not know what that means.
	wantNegotiation(t, answer(h, http.MethodGet, "negotiate?clientProtocol=1.5", nil), "/signalr", "1.5")
	wantNegotiation(t, answer(h, http.MethodGet, "negotiate?clientProtocol=2.1&stay=1", nil), "/signalr", "2.0")
}

func TestPing(t *testing.T) {
	h := serve(t, classic.Options{}, &transport.Options{Authority: front.AuthorityFunc(byBearer)}, newChat()).handler
	if w := answer(h, http.MethodGet, "ping?_=1", nil); w.Code != http.StatusOK || w.Body.String() != `{ "Response": "pong" }` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := answer(h, http.MethodGet, "ping", as("gone")); w.Code != http.StatusUnauthorized {
		t.Errorf("with a token that is none: %d %s", w.Code, w.Body)
	}
}

// Who may not hear a hub may not connect to it, and may to others.
func TestNegotiate_unauthorized(t *testing.T) {
	h := serve(t, classic.Options{}, &transport.Options{Authority: front.AuthorityFunc(byBearer)}, newChat(), newVIP()).handler
	for _, c := range []struct {
		hubs, user string
		want       int
	}{
		{`[{"name":"vip"}]`, "vip", http.StatusOK},
		{`[{"name":"vip"}]`, "ann", http.StatusForbidden},
		{`[{"name":"vip"}]`, "", http.StatusUnauthorized},
		{`[{"name":"vip"},{"name":"chathub"}]`, "ann", http.StatusOK},
		{`[{"name":"vip"},{"name":"chathub"}]`, "gone", http.StatusUnauthorized},
		{``, "gone", http.StatusUnauthorized},
		{``, "", http.StatusOK},
	} {
		header := http.Header{}
		if c.user != "" {
			header = as(c.user)
		}
		w := answer(h, http.MethodGet, "negotiate?clientProtocol=2.1&connectionData="+url.QueryEscape(c.hubs), header)
		if w.Code != c.want || w.Code != http.StatusOK && w.Body.Len() > 0 {
			t.Errorf("%s by %q: %d %s", c.hubs, c.user, w.Code, w.Body)
		}
	}
}

func TestNegotiate_unknownAndDuplicateHubs(t *testing.T) {
	h := newHandler(t, classic.Options{})
	for hubs, want := range map[string]string{
		`[{"name":"nope"}]`:                       "'nope' Hub could not be resolved.",
		`[{"name":"chathub"},{"name":"chathub"}]`: "Duplicate hub names found.",
	} {
		for _, action := range []string{"negotiate", "connect", "start", "reconnect"} {
			w := answer(h, http.MethodGet, action+"?transport=webSockets&clientProtocol=2.1&connectionData="+url.QueryEscape(hubs), nil)
			if w.Code != http.StatusInternalServerError || w.Body.String() != want {
				t.Errorf("%s: %d %s", action, w.Code, w.Body)
			}
		}
	}
}
