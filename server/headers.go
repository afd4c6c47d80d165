package server

import (
	"net/http"
	"strings"
)

// headers are what every page is sent with.
type headers struct{ public public }

// page sets the headers of a page that a browser asked for with r, and that is the
// tenant's.
//
// There is no X-Frame-Options: it knows no list, and where both are sent
// frame-ancestors holds.
func (s *headers) page(w http.ResponseWriter, r *http.Request, of tenantOf) {
	h := w.Header()
	commonHeaders(h)
	h.Set("Content-Security-Policy", s.contentPolicy(r, of))
	h.Set("Cache-Control", "no-cache")
	// Pages of other sites show this one in a frame, which is what it is for;
	// who may is the policy's to say.
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	// A window that a part opens, to sign in, can answer the part.
	h.Set("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
	h.Set("Permissions-Policy", permissions)
}

// permissions switches off what no part uses.
const permissions = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()"

// contentPolicy is the Content-Security-Policy of the tenant's page at the host that
// r was sent to: the tenant's sites may show it, and pictures of its users come from
// where it says.
func (s *headers) contentPolicy(r *http.Request, of tenantOf) string {
	return strings.Join([]string{
		"default-src 'self'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self'",
		strings.TrimSpace("connect-src 'self' " + s.socketSource(r)),
		strings.Join(append([]string{"img-src 'self' data:"}, of.icons()...), " "),
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		strings.Join(append([]string{"frame-ancestors 'self'"}, of.hosts()...), " "),
	}, "; ")
}

// socketSource is where the hubs' WebSockets are. Browsers of some years ago do
// not count them as 'self'. ws:// allows wss:// too, which it is behind a proxy
// that takes TLS off.
func (s *headers) socketSource(r *http.Request) string {
	host, secure := r.Host, r.TLS != nil || r.URL.Scheme == "https"
	if s.public.host != "" {
		host, secure = s.public.host, s.public.scheme == "https"
	}
	// The header Host is whatever a client sent.
	if host == "" || strings.Trim(host, hostCharacters) != "" {
		return ""
	}
	if secure {
		return "wss://" + host
	}
	return "ws://" + host
}

const hostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]"

// fileHeaders sets the headers of a file that pages of this server need, and
// nobody else.
func fileHeaders(h http.Header) {
	commonHeaders(h)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", filePolicy)
}

// filePolicy is for files that are no pages: a picture that is opened as one
// runs nothing.
const filePolicy = "default-src 'none'; frame-ancestors 'none'"

func commonHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}
