package server

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// proxies are the peers that are believed when they say for whom they ask, at
// which address and how that was reached.
type proxies []netip.Prefix

// parseProxies reads networks, as 10.0.0.0/8, or single addresses.
func parseProxies(networks []string) (proxies, error) {
	var p proxies
	for _, s := range networks {
		network, err := netip.ParsePrefix(s)
		if err != nil {
			var single netip.Addr
			if single, err = netip.ParseAddr(s); err == nil {
				network, err = single.Prefix(single.BitLen())
			}
		}
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy %q: it is neither a network, as 10.0.0.0/8 is, nor an address", s)
		}
		p = append(p, network.Masked())
	}
	return p, nil
}

func (p proxies) trust(a netip.Addr) bool {
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// wrap makes every request look as its client made it, before next sees it: its
// RemoteAddr, its Host, and the scheme in its URL. What a peer says that is no
// trusted proxy changes nothing.
func (p proxies) wrap(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, p.clients(r))
	})
}

// clients is r as its client made it.
func (p proxies) clients(r *http.Request) *http.Request {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !p.trust(peer.Addr().Unmap()) {
		return r
	}
	hop := p.hop(r.Header)
	if hop == (forwardedHop{}) {
		return r
	}
	seen := new(http.Request)
	*seen = *r
	if hop.client.IsValid() {
		seen.RemoteAddr = netip.AddrPortFrom(hop.client, 0).String()
	}
	if hop.host != "" {
		seen.Host = hop.host
	}
	if hop.scheme != "" {
		seen.URL = new(url.URL)
		*seen.URL = *r.URL
		seen.URL.Scheme = hop.scheme
	}
	return seen
}

// hop is what trusted proxies say of the client. A proxy sets either Forwarded or
// the headers X-Forwarded-*, and lets the client's other ones through: where both
// name somebody and not the same, nobody is believed.
func (p proxies) hop(h http.Header) forwardedHop {
	older, olderOK := p.client(olderHops(h))
	newer, newerOK := p.client(newerHops(h))
	switch {
	case olderOK && newerOK && older.client != newer.client:
		return forwardedHop{}
	case olderOK:
		return older
	case newerOK:
		return newer
	}
	return olderWords(h)
}

// client is the client's hop of hops, which come in the order in which they were
// added: the last one that is no trusted proxy, or the first of all. What stands
// before a hop that cannot be read is not believed either.
func (p proxies) client(hops []forwardedHop) (client forwardedHop, ok bool) {
	for _, hop := range slices.Backward(hops) {
		if !hop.client.IsValid() {
			break
		}
		client, ok = hop, true
		if !p.trust(client.client) {
			break
		}
	}
	return client, ok
}

// maxForwarded bounds what is read of a header, in bytes from its end.
const maxForwarded = 4096

// forwardedValues are the values of a header that is a list.
func forwardedValues(h http.Header, name string) []string {
	all := strings.Join(h.Values(name), ",")
	if all == "" {
		return nil
	}
	cut := len(all) - maxForwarded
	values := strings.Split(all[max(0, cut):], ",")
	if cut > 0 {
		values = values[1:] // of the first there is only the rest
	}
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	return values
}
