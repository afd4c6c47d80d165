package page

import (
	"net/http"
	"strconv"
	"strings"
)

// Headers set what pages and their files are sent with. The zero value is for a
// server that is reached where each request was sent to.
type Headers struct {
	// Scheme, http or https, and Host, with its port, are of the public address.
	// Empty: those of each request.
	Scheme, Host string
}

// Page sets the headers of a page that a browser asked for with r, and that is the
// tenant's.
//
// There is no X-Frame-Options: it knows no list, and where both are sent
// frame-ancestors holds.
func (s *Headers) Page(w http.ResponseWriter, r *http.Request, of Whose) {
	h := w.Header()
	Common(h)
	h.Set("Content-Security-Policy", s.ContentPolicy(r, of))
	h.Set("Cache-Control", "no-cache")
	// Pages of other sites show this one in a frame, which is what it is for;
	// who may is the policy's to say.
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	// A window that a part opens, to sign in, can answer the part.
	h.Set("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
	h.Set("Permissions-Policy", permissions)
}

// Part is Page for a page that shows one part, or says how: no search finds it.
func (s *Headers) Part(w http.ResponseWriter, r *http.Request, of Whose) {
	s.Page(w, r, of)
	w.Header().Set("X-Robots-Tag", "noindex")
}

// permissions switches off what no part uses.
const permissions = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), serial=(), usb=()"

// ContentPolicy is the Content-Security-Policy of the tenant's page at the host that
// r was sent to: the tenant's sites may show it, and pictures of its users come from
// where it says.
func (s *Headers) ContentPolicy(r *http.Request, of Whose) string {
	return strings.Join([]string{
		"default-src 'self'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self'",
		strings.TrimSpace("connect-src 'self' " + s.socketSource(r)),
		strings.Join(append([]string{"img-src 'self' data:"}, of.Icons()...), " "),
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		strings.Join(append([]string{"frame-ancestors 'self'"}, of.Hosts()...), " "),
	}, "; ")
}

// socketSource is where the hubs' WebSockets are. Browsers of some years ago do
// not count them as 'self'. ws:// allows wss:// too, which it is behind a proxy
// that takes TLS off.
func (s *Headers) socketSource(r *http.Request) string {
	host, secure := r.Host, r.TLS != nil || r.URL.Scheme == "https"
	if s.Host != "" {
		host, secure = s.Host, s.Scheme == "https"
	}
	// The header Host is whatever a client sent.
	if !PlainHost(host) {
		return ""
	}
	if secure {
		return "wss://" + host
	}
	return "ws://" + host
}

// PlainHost tells whether host, which a client sent, is a host or an address, with or
// without a port, as far as its letters say it.
func PlainHost(host string) bool {
	return host != "" && strings.Trim(host, hostCharacters) == ""
}

const hostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]"

// File sets the headers of a file that pages of this server need, and
// nobody else.
func File(h http.Header) {
	Common(h)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", FilePolicy)
}

// FilePolicy is for files that are no pages: a picture that is opened as one
// runs nothing.
const FilePolicy = "default-src 'none'; frame-ancestors 'none'"

// Refused sets the headers of a page that holds nothing but why the site may not show
// another one, and that this one site may show.
func Refused(h http.Header, site string) {
	Common(h)
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "+site)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "no-store")
}

// Rendered sets the headers of a page in HTML that is length bytes long and speaks the
// reader's language.
func Rendered(h http.Header, length int) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(length))
	h.Add("Vary", "Accept-Language")
}

// Manifest sets the headers of the manifest of the app that can be installed.
func Manifest(h http.Header) {
	File(h)
	h.Set("Content-Type", "application/manifest+json")
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Language")
}

// Script sets the headers of a script under that Content-Security-Policy that may be
// another one when it is asked for again.
func Script(h http.Header, policy string) {
	File(h)
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
}

// WorkerPolicy is the Content-Security-Policy of the service worker, which is bound by
// that of its own script.
const WorkerPolicy = "default-src 'self'"

// Common sets the headers of whatever a browser may be sent.
func Common(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}
