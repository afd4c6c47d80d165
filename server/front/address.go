package front

import (
	"net/http"
	"net/netip"
)

// RemoteAddress is the other end of the request's socket, as limits count it. Of an
// IPv6 address it is the network, since one subscriber has all of a /64.
func RemoteAddress(r *http.Request) string {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := addr.Addr().Unmap().WithZone("")
	if ip.Is6() {
		if network, err := ip.Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}
