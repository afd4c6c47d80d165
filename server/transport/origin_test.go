package transport_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/front"
	"partline.dev/server/transport"
)

// allowed is the allow-list of these tests; the server is https://hub.example.
var allowed = []string{"https://good.example", "https://*.contoso.example", "http://localhost:8081", "https://ported.example:8443"}

func newPolicy(t testing.TB, own string, allow []string) *front.Policy {
	t.Helper()
	p, err := front.NewPolicy(own, allow)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// originRows is the rule of who may connect, row by row.
var originRows = []struct {
	name    string
	headers []string
	want    error
}{
	{"its own origin", []string{"Origin: https://hub.example"}, nil},
	{"its own origin with the port written out", []string{"Origin: https://hub.example:443"}, nil},
	{"its own host on another port", []string{"Origin: https://hub.example:8443"}, front.ErrOrigin},
	{"a listed origin", []string{"Origin: https://good.example"}, nil},
	{"a listed origin with a cookie", []string{"Origin: https://good.example", "Cookie: a=b"}, nil},
	{"a listed origin, cross-site as its browser says", []string{"Origin: https://good.example", "Sec-Fetch-Site: cross-site"}, nil},
	{"a listed origin with a port", []string{"Origin: https://ported.example:8443"}, nil},
	{"a listed origin without its port", []string{"Origin: https://ported.example"}, front.ErrOrigin},
	{"a listed origin with another scheme", []string{"Origin: http://good.example"}, front.ErrOrigin},
	{"a listed http origin", []string{"Origin: http://localhost:8081"}, nil},
	{"below a wildcard", []string{"Origin: https://a.contoso.example"}, nil},
	{"deep below a wildcard", []string{"Origin: https://a.b.contoso.example"}, nil},
	{"the wildcard's own domain", []string{"Origin: https://contoso.example"}, front.ErrOrigin},
	{"below a wildcard with another scheme", []string{"Origin: http://a.contoso.example"}, front.ErrOrigin},
	{"a look-alike of a wildcard", []string{"Origin: https://evilcontoso.example"}, front.ErrOrigin},
	{"a look-alike with the name before", []string{"Origin: https://good.example.evil"}, front.ErrOrigin},
	{"a look-alike with the name behind", []string{"Origin: https://evil-good.example"}, front.ErrOrigin},
	{"a look-alike below", []string{"Origin: https://good.example.evil.example"}, front.ErrOrigin},
	{"a look-alike with a user name", []string{"Origin: https://good.example@evil.example"}, front.ErrOrigin},
	{"a look-alike with a path", []string{"Origin: https://evil.example/https://good.example"}, front.ErrOrigin},
	{"a look-alike with a final dot", []string{"Origin: https://good.example."}, front.ErrOrigin},
	{"a look-alike in another alphabet", []string{"Origin: https://g\u043e\u043ed.example"}, front.ErrOrigin},
	{"a foreign origin", []string{"Origin: https://evil.example"}, front.ErrOrigin},
	{"null", []string{"Origin: null"}, front.ErrOrigin},
	{"an empty origin", []string{"Origin: "}, front.ErrOrigin},
	{"an extension's origin", []string{"Origin: chrome-extension://abcdef"}, front.ErrOrigin},
	{"two origins in one header", []string{"Origin: https://good.example https://evil.example"}, front.ErrOrigin},
	{"two origin headers", []string{"Origin: https://good.example", "Origin: https://evil.example"}, front.ErrOrigin},
	{"no origin, cookie", []string{"Cookie: a=b"}, front.ErrNoOrigin},
	{"no origin, an empty cookie", []string{"Cookie: "}, nil},
	{"no origin, same-origin with cookie", []string{"Sec-Fetch-Site: same-origin", "Cookie: a=b"}, front.ErrNoOrigin},
	{"no origin, cross-site", []string{"Sec-Fetch-Site: cross-site"}, front.ErrNoOrigin},
	{"no origin, same-site", []string{"Sec-Fetch-Site: same-site"}, front.ErrNoOrigin},
	{"no origin, typed into the address bar", []string{"Sec-Fetch-Site: none"}, front.ErrNoOrigin},
	{"no origin, same-origin", []string{"Sec-Fetch-Site: same-origin"}, nil},
	{"no origin, nothing of a browser", nil, nil},
	{"no origin, fetch of Node", []string{"Sec-Fetch-Mode: cors"}, nil},
}

func TestPolicy_rowByRow(t *testing.T) {
	for _, own := range []string{"https://hub.example", ""} {
		policy := newPolicy(t, own, allowed)
		for _, row := range originRows {
			t.Run(row.name+map[bool]string{true: " by Host"}[own == ""], func(t *testing.T) {
				r := httptest.NewRequest("POST", "https://hub.example/talk", nil)
				for _, h := range row.headers {
					name, value, _ := strings.Cut(h, ": ")
					r.Header.Add(name, value)
				}
				if got := policy.Check(r); !errors.Is(got, row.want) {
					t.Errorf("%v: %v, want %v", row.headers, got, row.want)
				}
			})
		}
	}
}

// TestPolicy_ownPagesGET: a browser leaves Origin out of a GET of the server's own
// pages. Then what it says of the site counts, but not for a WebSocket.
func TestPolicy_ownPagesGET(t *testing.T) {
	policy := newPolicy(t, "https://hub.example", allowed)
	for _, row := range []struct {
		method, site string
		headers      http.Header
		want         error
	}{
		{"GET", "same-origin", nil, nil},
		{"GET", "same-origin", http.Header{"Accept": {"text/event-stream"}}, nil},
		{"GET", "same-origin", http.Header{"Upgrade": {"websocket"}}, front.ErrNoOrigin},
		{"GET", "same-origin", http.Header{"Origin": {"https://evil.example"}}, front.ErrOrigin},
		{"GET", "cross-site", nil, front.ErrNoOrigin},
		{"GET", "same-site", nil, front.ErrNoOrigin},
		{"GET", "none", nil, front.ErrNoOrigin},
		{"GET", "", nil, front.ErrNoOrigin},
		{"POST", "same-origin", nil, front.ErrNoOrigin},
		{"DELETE", "same-origin", nil, front.ErrNoOrigin},
	} {
		r := httptest.NewRequest(row.method, "https://hub.example/talk", nil)
		maps.Copy(r.Header, row.headers)
		r.Header.Set("Cookie", "a=b")
		if row.site != "" {
			r.Header.Set("Sec-Fetch-Site", row.site)
		}
		if got := policy.Check(r); !errors.Is(got, row.want) {
			t.Errorf("%s of %q with %v: %v, want %v", row.method, row.site, row.headers, got, row.want)
		}
	}
}

// TestPolicy_beforeUpgrade asks a real server: what the policy refuses never
// becomes a WebSocket, nor a negotiation, nor an answer to a preflight.
func TestPolicy_beforeUpgrade(t *testing.T) {
	s := serve(t, &transport.Options{Policy: newPolicy(t, "https://hub.example", allowed)})
	for _, row := range originRows {
		t.Run(row.name, func(t *testing.T) {
			want := map[bool]int{true: http.StatusSwitchingProtocols, false: http.StatusForbidden}[row.want == nil]
			res := s.doNoRead("GET", "/talk", slices.Concat(upgradeHeaders, row.headers)...)
			if res.StatusCode != want {
				t.Errorf("upgrade with %v: status %d, want %d", row.headers, res.StatusCode, want)
			}
			res, body := s.do("POST", "/talk/negotiate?negotiateVersion=1", row.headers...)
			if row.want == nil && res.StatusCode != http.StatusOK || row.want != nil && res.StatusCode != http.StatusForbidden {
				t.Errorf("negotiate with %v: status %d, %s", row.headers, res.StatusCode, body)
			}
		})
	}
}

func TestPolicy_ownOriginByHost(t *testing.T) {
	p := &front.Policy{}
	for _, row := range []struct {
		url, origin string
		want        bool
	}{
		{"http://localhost:8080/talk", "http://localhost:8080", true},
		{"http://localhost:8080/talk", "http://127.0.0.1:8080", false},
		{"http://localhost:8080/talk", "http://localhost:8081", false},
		{"http://hub.example/talk", "https://hub.example", true}, // TLS ended in a proxy
		{"https://hub.example/talk", "http://hub.example", false},
		{"https://[::1]:8443/talk", "https://[::1]:8443", true},
	} {
		if got := p.Allows(httptest.NewRequest("GET", row.url, nil), row.origin); got != row.want {
			t.Errorf("%s at %s: %v, want %v", row.origin, row.url, got, row.want)
		}
	}
}

func TestNewPolicy_saysWhatIsWrong(t *testing.T) {
	for entry, want := range map[string]string{
		"good.example":                   "does not begin with https://",
		"*":                              "every site cannot be allowed",
		"https://":                       "has no host",
		"https://good.example/":          "something follows the host",
		"https://good.example/path":      "something follows the host",
		"https://good.example?x":         "something follows the host",
		"https://me@good.example":        "has a user name",
		"https://good.example:0":         "port",
		"https://good.example:99999":     "port",
		"https://good.example:":          "port",
		"ftp://good.example":             "scheme",
		"https://*":                      "a star stands only",
		"https://*.com":                  "top-level domain",
		"http://*.good.example":          "a star stands only",
		"https://a.*.good.example":       "a star stands only",
		"https://good..example":          "empty label",
		"https://g\u043e\u043ed.example": "xn--",
		"https://[::1":                   "IPv6 address in brackets",
		"https://good .example":          "character",
	} {
		_, err := front.NewPolicy("", []string{"https://fine.example", entry})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "allowed origin") {
			t.Errorf("%q: %v, want the entry and %q", entry, err, want)
		}
	}
	if _, err := front.NewPolicy("hub.example", nil); err == nil || !strings.Contains(err.Error(), "own origin") {
		t.Errorf("own origin without a scheme: %v", err)
	}
}

func TestCORS_preflight(t *testing.T) {
	s := serve(t, &transport.Options{Policy: newPolicy(t, "https://hub.example", allowed)})
	for _, method := range []string{"GET", "POST", "DELETE"} {
		res, body := s.do("OPTIONS", "/talk", "Origin: https://good.example", "Access-Control-Request-Method: "+method,
			"Access-Control-Request-Headers: authorization,content-type,x-requested-with,x-signalr-user-agent")
		if res.StatusCode != http.StatusNoContent || body != "" {
			t.Errorf("%s: status %d, body %q", method, res.StatusCode, body)
		}
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin":      "https://good.example",
			"Access-Control-Allow-Credentials": "true",
			"Access-Control-Allow-Methods":     "GET, POST, DELETE",
			"Access-Control-Allow-Headers":     "Authorization, Content-Type, X-Requested-With, X-SignalR-User-Agent",
			"Vary":                             "Origin",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", method, name, got, want)
			}
		}
	}
	res, _ := s.do("OPTIONS", "/talk", "Origin: https://good.example", "Access-Control-Request-Method: POST",
		"Access-Control-Request-Headers: authorization,x-own , content-type,, no name,x/y")
	if got, want := res.Header.Get("Access-Control-Allow-Headers"), "Authorization, Content-Type, X-Requested-With, X-SignalR-User-Agent, x-own"; got != want {
		t.Errorf("a page with a header of its own may send %q, want %q", got, want)
	}
	res, _ = s.do("OPTIONS", "/talk", "Origin: https://evil.example", "Access-Control-Request-Method: POST")
	if res.StatusCode != http.StatusForbidden || res.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a foreign preflight: status %d, %v", res.StatusCode, res.Header)
	}
}

func TestCORS_reply(t *testing.T) {
	s := serve(t, &transport.Options{Policy: newPolicy(t, "https://hub.example", allowed)})
	res, _ := s.do("POST", "/talk/negotiate", "Origin: https://a.contoso.example")
	if got := res.Header.Get("Access-Control-Allow-Origin"); got != "https://a.contoso.example" {
		t.Errorf("the origin allowed is %q, not the page's own", got)
	}
	if res.Header.Get("Access-Control-Allow-Credentials") != "true" || res.Header.Get("Vary") != "Origin" {
		t.Errorf("headers %v", res.Header)
	}
	res, _ = s.do("POST", "/talk/negotiate")
	if got := res.Header.Get("Access-Control-Allow-Origin"); got != "" || res.Header.Get("Vary") != "Origin" {
		t.Errorf("without an origin: allowed %q, headers %v", got, res.Header)
	}
}
