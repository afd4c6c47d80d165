package front

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"partline.dev/server/origin"
)

// publicOrigin is the origin at which the client of r reaches the server, as in
// https://hub.example: the policy's own, or where r was sent to.
func (p *Policy) publicOrigin(r *http.Request) string {
	if p.own != nil {
		return p.own.String()
	}
	if r.TLS != nil || r.URL.Scheme == "https" {
		return "https://" + r.Host
	}
	// A proxy may have taken TLS off, and then a page of the server's own says so.
	if page, err := origin.Parse(r.Header.Get("Origin")); err == nil && p.isOwn(r, page) {
		return page.String()
	}
	return "http://" + r.Host
}

// PublicAddress is the address whose client negotiates by r, as the client was
// given it, and the parameters that were given with it, as they were sent: without
// access_token, and without those that the client has added, whose names are own.
// Prefix is what stands before r's path where people reach the server. A client
// that is sent there negotiates at the same address again.
func (p *Policy) PublicAddress(r *http.Request, prefix string, own ...string) (address, query string) {
	path := strings.TrimSuffix(r.URL.EscapedPath(), "/")
	path = path[:max(strings.LastIndexByte(path, '/'), 0)] // before /negotiate
	var kept []string
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, _, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		isOwn := slices.ContainsFunc(own, func(other string) bool { return strings.EqualFold(name, other) })
		if err == nil && name != "" && !strings.EqualFold(name, "access_token") && !isOwn {
			kept = append(kept, part)
		}
	}
	return p.publicOrigin(r) + prefix + path, strings.Join(kept, "&")
}

// Handover is what sends the client that negotiates by r once more to the address at
// which it does, with another token. Prefix is as of [Policy.PublicAddress].
func (p *Policy) Handover(r *http.Request, prefix, accessToken string) Redirection {
	address, query := p.PublicAddress(r, prefix, "negotiateVersion", "useStatefulReconnect")
	if query != "" {
		address += "?" + query
	}
	return Redirection{URL: address, AccessToken: accessToken}
}
