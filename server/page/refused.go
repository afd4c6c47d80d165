package page

import (
	"net/http"
	"net/url"

	"partline.dev/server/front"
	"partline.dev/server/origin"
)

// RefusedSite tells whether r asks for a page to be shown by a site that is not
// allowed, and which. Own allows the server's own site. The browser would refuse to
// show the page, and nobody would know why. Only browsers that say both where the page
// goes and where it is asked from can be told; for the others frame-ancestors holds.
func RefusedSite(own *front.Policy, of Whose, r *http.Request) (site string, refused bool) {
	if !Framing(r) {
		return "", false
	}
	site, ok := RefererSite(r.Referer())
	if !ok || own.Allows(r, site) || of.Allows(site) {
		return "", false
	}
	return site, true
}

// Framing tells whether r asks for a page that another page will show.
func Framing(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "iframe", "frame", "embed", "object", "fencedframe":
		return true
	}
	return false
}

// RefererSite is the origin in the header Referer, which anybody can have
// written. Nothing gets through that could not stand in an allow-list.
func RefererSite(referer string) (string, bool) {
	if len(referer) > 4096 {
		return "", false
	}
	u, err := url.Parse(referer)
	if err != nil || u.User != nil {
		return "", false
	}
	o, err := origin.Parse(u.Scheme + "://" + u.Host)
	if err != nil {
		return "", false
	}
	return o.String(), true
}
