package server_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"partline.dev/server"
)

var pagePaths = []string{"/", "/parts/one", "/parts/two", "/offline", "/no/such/page"}

func TestPages_headers(t *testing.T) {
	h := serve(t, func(o *server.Options) {
		o.AllowHosts = []string{"https://contoso.sharepoint.com", "https://*.teams.example"}
	})
	want := map[string]string{
		"Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
			"connect-src 'self' ws://parts.example; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; " +
			"frame-ancestors 'self' https://contoso.sharepoint.com https://*.teams.example",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cache-Control":                "no-cache",
		"Cross-Origin-Resource-Policy": "cross-origin",
		"Cross-Origin-Opener-Policy":   "same-origin-allow-popups",
		"X-Frame-Options":              "",
		"Etag":                         "",
		"Set-Cookie":                   "",
		"Access-Control-Allow-Origin":  "",
	}
	for _, path := range pagePaths {
		head := open(t, h, path).Header()
		for name, value := range want {
			if got := head.Get(name); got != value {
				t.Errorf("%s: %s is\n%q, not\n%q", path, name, got, value)
			}
		}
		if !strings.Contains(head.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: Permissions-Policy is %q", path, head.Get("Permissions-Policy"))
		}
	}
	for _, path := range []string{"/parts/one", "/parts/two"} {
		if got := open(t, h, path).Header().Get("X-Robots-Tag"); got != "noindex" {
			t.Errorf("%s: X-Robots-Tag is %q", path, got)
		}
	}
}

func TestFiles_headers(t *testing.T) {
	h := serve(t, nil)
	for _, path := range []string{wasmPath, "/manifest.webmanifest"} {
		head := open(t, h, path).Header()
		for name, value := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin",
			"X-Frame-Options":              "",
			"Access-Control-Allow-Origin":  "",
		} {
			if got := head.Get(name); got != value {
				t.Errorf("%s: %s is %q, not %q", path, name, got, value)
			}
		}
	}
}

func TestPages_connectToTheirOwnHostOnly(t *testing.T) {
	h := serve(t, nil)
	for _, e := range []struct {
		host   string
		secure bool
		want   string
	}{
		{"parts.example", false, "connect-src 'self' ws://parts.example;"},
		{"parts.example:8443", true, "connect-src 'self' wss://parts.example:8443;"},
		{"[::1]:8080", false, "connect-src 'self' ws://[::1]:8080;"},
		{"evil.example; script-src *", false, "connect-src 'self';"},
		{"evil.example https://x", false, "connect-src 'self';"},
		{"evil.example,x", false, "connect-src 'self';"},
		{"", false, "connect-src 'self';"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/parts/one", nil)
		r.Host = e.host
		if e.secure {
			r.TLS = &tls.ConnectionState{}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, e.want) || strings.Contains(policy, "evil") {
			t.Errorf("%q gets %s", e.host, policy)
		}
	}
}
