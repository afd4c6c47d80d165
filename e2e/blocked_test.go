package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"partline.dev/e2e/chromium"
	"partline.dev/internal/testkit/partline"
)

// Where WebSockets are blocked, and then server-sent events too, the parts still
// exchange lines, and say in words which way they do.
func TestParts_transportsBlocked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, says string
		blocked    func(*http.Request) bool
	}{
		{"none", "over WebSockets", func(*http.Request) bool { return false }},
		{"WebSockets", "over server-sent events", isUpgrade},
		{"WebSockets and server-sent events", "over long polling", func(r *http.Request) bool {
			return isUpgrade(r) || r.Header.Get("Accept") == "text/event-stream"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := partline.Start(t, binary)
			url := blockingProxy(t, s.URL, c.blocked)
			b := chromium.Start(t, nil)
			one, two := top(t, b.Open(url+"/parts/one"+forEveryone)), top(t, b.Open(url+"/parts/two"+forEveryone))
			one.waitWay(c.says)
			two.waitWay(c.says)
			one.say("can you hear me?")
			two.expect(speaksOne + ": can you hear me?")
			two.say("yes")
			one.expect(speaksOne+": can you hear me?", speaksTwo+": yes")
		})
	}
}

func isUpgrade(r *http.Request) bool { return r.Header.Get("Upgrade") != "" }

// blockingProxy passes on what is not blocked, and answers the rest as the proxies
// of companies do.
func blockingProxy(t *testing.T, target string, blocked func(*http.Request) bool) (base string) {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if blocked(r) {
			http.Error(w, "Blocked by the rules of this network.", http.StatusForbidden)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}
