package front

import (
	"net/http"
	"net/netip"
)

// RemoteAddress is the other end of the request's socket, as limits count it.
func RemoteAddress(r *http.Request) string {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return Counted(addr.Addr())
}

// Counted is a client's address as limits count it: of an IPv6 address the network,
// since one subscriber has all of a /64.
func Counted(addr netip.Addr) string {
	ip := addr.Unmap().WithZone("")
	if ip.Is6() {
		if network, err := ip.Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}
