package server

import "net"

// site is the address of the parts, without a slash at its end, as a browser sees
// it: the public one, else that on this machine.
func (s *Server) site() string {
	if origin := s.public.origin(); origin != "" {
		return origin + s.public.prefix
	}
	scheme := "http://"
	if s.certs.config != nil {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(s.options.Addr)
	if err != nil || host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	return scheme + net.JoinHostPort(host, port)
}

// notFramed says that pages with https cannot show the parts, if that is so; empty:
// they can, or only this machine reaches the server.
func (s *Server) notFramed() string {
	switch {
	case s.certs.config != nil || s.public.scheme == "https":
		return ""
	case s.public.scheme == "http" && !local(s.public.host):
		return "SharePoint, Teams and every other page with https cannot show parts from an http:// address; serve https with --tls-cert and --tls-key or --acme-domain, or put a proxy with TLS before it and name its address with --public-url https://..."
	case s.public.scheme == "" && !local(s.options.Addr):
		return "this serves plain HTTP to other machines: SharePoint, Teams and every other page with https cannot show parts from an http:// address; serve https with --tls-cert and --tls-key or --acme-domain, or name the address of the proxy with TLS before it with --public-url https://..."
	}
	return ""
}

// local tells whether hostport is on this machine, where browsers trust plain HTTP.
func local(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
