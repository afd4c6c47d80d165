package server

import (
	"net/http"
	"net/netip"
)

// ForwardedHop is what is believed of a proxy's headers.
func ForwardedHop(h http.Header, trusted ...string) (client netip.Addr, host, scheme string) {
	p, err := parseProxies(trusted)
	if err != nil {
		panic(err)
	}
	hop := p.hop(h)
	return hop.client, hop.host, hop.scheme
}

// Traced tells whether s makes spans.
func Traced(s *Server) bool { return s.tracer != nil }

// ParsePublicURL is the origin and the prefix in an Options.PublicURL.
func ParsePublicURL(s string) (origin, prefix string, err error) {
	p, err := parsePublicURL(s)
	return p.origin(), p.prefix, err
}
