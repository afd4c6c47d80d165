package server

import (
	"net/http"
	"net/url"
	"strings"
)

// router leads a request to who answers it. Paths of hubs are taken in any case,
// and with a slash at the end, as ASP.NET Core takes them.
type router struct {
	prefix string                  // of the public address
	hubs   map[string]http.Handler // by path in lower case
	noHub  http.Handler            // where a hub could be and is none
	rest   http.Handler
}

// ServeHTTP answers at the paths of the public address, and at the same paths
// without their prefix, which a proxy may have taken off.
func (t *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if t.prefix != "" {
		if r.URL.Path == t.prefix {
			http.Redirect(w, r, t.prefix+"/", http.StatusPermanentRedirect)
			return
		}
		r = withoutPrefix(r, t.prefix)
	}
	t.find(r.URL.Path).ServeHTTP(w, r)
}

// find is who answers at path.
func (t *router) find(path string) http.Handler {
	path = strings.ToLower(strings.TrimSuffix(path, "/"))
	base, negotiates := strings.CutSuffix(path, "/negotiate")
	if h := t.hubs[base]; h != nil {
		return h
	}
	if negotiates || strings.HasPrefix(path, "/hubs/") {
		return t.noHub
	}
	return t.rest
}

// withoutPrefix is r as if it were sent to what follows prefix, if it was sent
// below it.
func withoutPrefix(r *http.Request, prefix string) *http.Request {
	path, ok := strings.CutPrefix(r.URL.Path, prefix)
	if !ok || !strings.HasPrefix(path, "/") {
		return r
	}
	short := new(http.Request)
	*short = *r
	short.URL = new(url.URL)
	*short.URL = *r.URL
	short.URL.Path = path
	short.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, prefix)
	return short
}
