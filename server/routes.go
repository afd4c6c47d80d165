package server

import (
	"net/http"
	"net/url"
	"strings"

	"partline.dev/server/classic"
)

// router leads a request to who answers it. Paths of hubs are taken in any case,
// and with a slash at the end, as both generations of SignalR take them.
type router struct {
	prefix string           // of the public address
	doors  map[string]*door // by path in lower case
	noHub  http.Handler     // where a hub could be and is none
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
	t.find(r).ServeHTTP(w, r)
}

// find is who answers r.
func (t *router) find(r *http.Request) http.Handler {
	path := strings.ToLower(strings.TrimSuffix(r.URL.Path, "/"))
	if d := t.doors[path]; d != nil {
		return d.core
	}
	base, last := cutLast(path)
	if d := t.doors[base]; d != nil {
		switch {
		case classic.Serves(asked(r), path):
			return d.classic
		case last == "negotiate":
			return d.core
		}
	} else if hubs, script := cutLast(base); script == "hubs" || script == "js" {
		// Pages of SignalR 2 may connect to the script's address as well.
		if d := t.doors[hubs]; d != nil && classic.Serves(asked(r), path) {
			return d.classic
		}
	}
	if last == "negotiate" || strings.HasPrefix(path, "/hubs/") || strings.HasPrefix(path, allHubs+"/") {
		return t.noHub
	}
	return t.rest
}

// asked is the method of r; of a preflight that of the request that it is for.
func asked(r *http.Request) string {
	if method := r.Header.Get("Access-Control-Request-Method"); r.Method == http.MethodOptions && method != "" {
		return method
	}
	return r.Method
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
