package classic_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"partline.dev/server/classic"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
)

func wantRefusal(t *testing.T, w *httptest.ResponseRecorder, status int, text string) {
	t.Helper()
	if w.Code != status || w.Body.String() != text {
		t.Errorf("%d %q, want %d %q", w.Code, w.Body, status, text)
	}
	if kind := w.Header().Get("Content-Type"); text != "" && !strings.HasPrefix(kind, "text/plain") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the refusal is %q", kind)
	}
}

// The order of the checks is SignalR's: the transport, then the token.
func TestProtocolErrors(t *testing.T) {
	h := serve(t, classic.Options{}, &transport.Options{Authority: front.AuthorityFunc(byBearer)}, newChat()).handler
	_, anns := h.NewToken(hub.Principal{ID: "ann"})
	for _, action := range []string{"connect", "reconnect", "poll", "start", "send", "abort"} {
		method := http.MethodPost
		if action == "start" {
			method = http.MethodGet
		}
		for query, want := range map[string]struct {
			status int
			text   string
		}{
			"":                                  {400, "Protocol error: Unknown transport."},
			"?transport=":                       {400, "Protocol error: Unknown transport."},
			"?transport=foreverFrame&frameId=1": {400, "Protocol error: Unknown transport."},
			"?transport=carrierPigeon":          {400, "Protocol error: Unknown transport."},
			"?transport=longPolling":            {400, textNoToken},
			"?transport=LONGPOLLING&connectionToken=":                                 {400, textNoToken},
			"?transport=longPolling&connectionToken=nope":                             {400, textToken},
			"?transport=longPolling&connectionToken=" + strings.Repeat("A", 64):       {400, textToken},
			"?transport=longPolling&connectionToken=" + anns:                          {403, textUser},
			"?Transport=longPolling&ConnectionToken=" + url.QueryEscape(anns+"%"):     {400, textToken},
			"?transport=longPolling&callback=alert(1)&connectionToken=" + anns:        {403, "Forbidden: JSONP is disabled."},
			"?transport=longPolling&connectionData=undefined&connectionToken=" + anns: {400, textData},
		} {
			wantRefusal(t, answer(h, method, action+query, nil), want.status, want.text)
		}
		if got := h.Connections(); got != 0 {
			t.Fatalf("%s made %d connections", action, got)
		}
	}
}

func TestTransports_thatAreOff(t *testing.T) {
	h := newHandler(t, classic.Options{Transports: front.LongPolling})
	_, token := h.NewToken(hub.Principal{})
	for _, name := range []string{"webSockets", "serverSentEvents"} {
		w := answer(h, http.MethodGet, "connect?transport="+name+"&connectionToken="+token, nil)
		wantRefusal(t, w, http.StatusBadRequest, "Protocol error: Unknown transport.")
	}
}

func TestRoutes(t *testing.T) {
	h := newHandler(t, classic.Options{})
	const nowhere = "There is nothing of SignalR 2 at this address."
	for _, path := range []string{"", "nope", "negotiate2", "negotiate/x", "connect/", "..", "hubs/x", "hubs.js"} {
		want := nowhere
		if path == "connect/" {
			want = "Protocol error: Unknown transport."
		}
		if w := answer(h, http.MethodGet, path, nil); w.Body.String() != want {
			t.Errorf("%q: %d %s", path, w.Code, w.Body)
		}
	}
	for action, allow := range map[string]string{
		"negotiate": "GET", "ping": "GET", "start": "GET", "abort": "POST", "send": "POST",
		"connect": "GET, POST", "reconnect": "GET, POST", "poll": "GET, POST",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "ET", "G"} {
			w := answer(h, method, action, nil)
			refused := w.Code == http.StatusMethodNotAllowed
			allowed := method == "GET" && strings.Contains(allow, "GET") || method == "POST" && strings.Contains(allow, "POST")
			if refused == allowed || refused && w.Header().Get("Allow") != allow {
				t.Errorf("%s %s: %d %s, Allow %q", method, action, w.Code, w.Body, w.Header().Get("Allow"))
			}
		}
	}
	// What JSONP clients send by GET.
	wantRefusal(t, answer(h, http.MethodGet, "send?callback=f&data=%7B%7D", nil), http.StatusForbidden, "Forbidden: JSONP is disabled.")
	for _, action := range []string{"negotiate", "ping"} {
		wantRefusal(t, answer(h, http.MethodGet, action+"?callback=f", nil), http.StatusForbidden, "Forbidden: JSONP is disabled.")
	}
}

func TestServes(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         bool
	}{
		{"GET", "/signalr/negotiate", true}, {"POST", "/signalr/negotiate", false}, {"OPTIONS", "/signalr/negotiate", true},
		{"GET", "/chat/CONNECT", true}, {"POST", "/chat/poll/", true}, {"GET", "/chat/hubs", true}, {"GET", "/chat/js", true},
		{"GET", "/chat", false}, {"GET", "/", false}, {"GET", "", false}, {"POST", "/connect/x", false},
	} {
		if got := classic.Serves(c.method, c.path); got != c.want {
			t.Errorf("%s %s: %v", c.method, c.path, got)
		}
	}
}

func TestOrigins(t *testing.T) {
	policy, err := front.NewPolicy("", []string{"https://intranet.example"})
	if err != nil {
		t.Fatal(err)
	}
	h := serve(t, classic.Options{}, &transport.Options{Policy: policy}, newChat()).handler
	for _, origin := range []string{"https://evil.example", "null", "https://intranet.example.evil.example", "http://intranet.example"} {
		for _, action := range []string{"negotiate", "ping", "connect", "send", "abort"} {
			for _, method := range []string{"GET", "POST", "OPTIONS"} {
				w := answer(h, method, action, http.Header{"Origin": {origin}})
				if w.Code != http.StatusForbidden || w.Header().Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s %s from %s: %d", method, action, origin, w.Code)
				}
			}
		}
	}
	good := http.Header{"Origin": {"https://intranet.example"}, "Cookie": {"a=b"}}
	w := answer(h, http.MethodGet, "negotiate?clientProtocol=1.5", good)
	wantNegotiation(t, w, "/signalr", "1.5")
	preflight := good.Clone()
	preflight.Set("Access-Control-Request-Method", "POST")
	preflight.Set("Access-Control-Request-Headers", "authorization,content-type")
	p := answer(h, http.MethodOptions, "send", preflight)
	if p.Code != http.StatusNoContent || !strings.Contains(p.Header().Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("preflight: %d %v", p.Code, p.Header())
	}
	for _, w := range []*httptest.ResponseRecorder{w, p} {
		if w.Header().Get("Access-Control-Allow-Origin") != "https://intranet.example" || w.Header().Get("Access-Control-Allow-Credentials") != "true" {
			t.Errorf("%v", w.Header())
		}
	}
}

// A page of any site may load the script, by a tag that says no origin.
func TestScript(t *testing.T) {
	h := newHandler(t, classic.Options{Prefix: "/apps"})
	for _, path := range []string{"hubs", "js", "HUBS", "hubs/"} {
		w := answer(h, http.MethodGet, path, http.Header{"Sec-Fetch-Site": {"cross-site"}, "Cookie": {"a=b"}})
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/javascript; charset=UTF-8" || !strings.Contains(w.Body.String(), "chatHub") || !strings.Contains(w.Body.String(), "apps") {
			t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
		}
	}
}
