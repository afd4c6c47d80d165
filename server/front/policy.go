package front

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"partline.dev/server/origin"
)

// Policy says which web pages may reach the hubs. The same list is who may read
// replies (CORS) and, for pages, who may frame them. The zero value allows the
// server's own pages only. A Policy never changes.
type Policy struct {
	own   *origin.Origin // nil: the origin that a request was sent to
	allow map[origin.Origin]bool
}

// NewPolicy returns the policy that allows the origins in allow, each as
// https://host, https://host:port, or https://*.host for everything below host;
// http is for development. Own is the public origin of the server itself; empty
// means the one that a request was sent to, as its Host header says, with https if
// there is TLS or its URL says so. The error names the entry and what is wrong with
// it.
func NewPolicy(own string, allow []string) (*Policy, error) {
	p := &Policy{allow: map[origin.Origin]bool{}}
	if own != "" {
		o, err := origin.Parse(own)
		if err != nil {
			return nil, fmt.Errorf("own origin %q: %w", own, err)
		}
		p.own = &o
	}
	for _, entry := range allow {
		o, err := origin.ParseAllowed(entry)
		if err != nil {
			return nil, fmt.Errorf("allowed origin %q: %w", entry, err)
		}
		p.allow[o] = true
	}
	return p, nil
}

// Allows tells whether a page of that origin, as its browser writes it, may
// reach the server at which r arrived.
func (p *Policy) Allows(r *http.Request, pageOrigin string) bool {
	o, err := origin.Parse(pageOrigin)
	if err != nil {
		return false
	}
	if p.isOwn(r, o) {
		return true
	}
	for entry := range o.Entries() {
		if p.allow[entry] {
			return true
		}
	}
	return false
}

// OwnPage tells whether a page of the server's own has sent r.
func (p *Policy) OwnPage(r *http.Request) bool {
	page, err := origin.Parse(r.Header.Get("Origin"))
	return err == nil && p.isOwn(r, page)
}

func (p *Policy) isOwn(r *http.Request, o origin.Origin) bool {
	if p.own != nil {
		return *p.own == o
	}
	if (r.TLS != nil || r.URL.Scheme == "https") && o.Scheme() != "https" {
		return false
	}
	// Without TLS here a proxy may have taken TLS off: the scheme is the page's.
	own, err := origin.Parse(o.Scheme() + "://" + r.Host)
	return err == nil && own == o
}

// What Check finds. The texts are for the client and the log.
var (
	// ErrOrigin: a page of another site, or one that hides its site.
	ErrOrigin = errors.New("this origin is not allowed")

	// ErrNoOrigin: a browser's request that does not say from which page.
	ErrNoOrigin = errors.New("a browser must say its origin")
)

// Check reports why r must be refused before it has any effect; nil if it may go
// on. A request without Origin that shows no sign of a browser is a program's:
// it has no cookies that a page could make it use, and is who its token says. A
// browser leaves Origin out of its own pages' GETs, which are event streams and
// polls, but never of a WebSocket.
func (p *Policy) Check(r *http.Request) error {
	origins := r.Header.Values("Origin")
	if len(origins) > 0 {
		if len(origins) > 1 || !p.Allows(r, origins[0]) {
			return fmt.Errorf("%w: %.255q", ErrOrigin, strings.Join(origins, ", "))
		}
		return nil
	}
	sites := r.Header.Values("Sec-Fetch-Site")
	for _, site := range sites {
		if site != "same-origin" {
			return ErrNoOrigin
		}
	}
	ownPage := len(sites) > 0 && r.Method == http.MethodGet && !AsksForUpgrade(r)
	// The npm client in Node sends an empty header where it has no cookie.
	if strings.Join(r.Header.Values("Cookie"), "") != "" && !ownPage {
		return ErrNoOrigin
	}
	return nil
}

// RefuseOrigin answers w because of what Check gave.
func RefuseOrigin(w http.ResponseWriter, err error) {
	http.Error(w, "Forbidden: "+err.Error(), http.StatusForbidden)
}

// What a page of another origin may send: what SignalR's clients do, and headers
// of its own that the page gave to its client.
const (
	sharedMethods = "GET, POST, DELETE"
	sharedHeaders = "Authorization, Content-Type, X-Requested-With, X-SignalR-User-Agent"
	sharedSeconds = "600"
)

// ShareWith lets the page that sent r, which Check has let pass, read the reply
// (CORS). If r is a preflight it is answered, and done is true.
func (p *Policy) ShareWith(w http.ResponseWriter, r *http.Request) (done bool) {
	header := w.Header()
	header.Add("Vary", "Origin")
	pageOrigin := r.Header.Get("Origin")
	if pageOrigin == "" {
		return false
	}
	header.Set("Access-Control-Allow-Origin", pageOrigin)
	header.Set("Access-Control-Allow-Credentials", "true")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	header.Set("Access-Control-Allow-Methods", sharedMethods)
	header.Set("Access-Control-Allow-Headers", headersToShare(r.Header.Get("Access-Control-Request-Headers")))
	header.Set("Access-Control-Max-Age", sharedSeconds)
	w.WriteHeader(http.StatusNoContent)
	return true
}

// headersToShare is what a preflight is told that asks for these headers: an
// origin that is allowed may send any, of those that have a name.
func headersToShare(asked string) string {
	shared := strings.Split(sharedHeaders, ", ")
	for name := range strings.SplitSeq(asked, ",") {
		name = strings.TrimSpace(name)
		known := slices.ContainsFunc(shared, func(h string) bool { return strings.EqualFold(h, name) })
		if !known && isHeaderName(name) {
			shared = append(shared, name)
		}
	}
	return strings.Join(shared, ", ")
}

func isHeaderName(name string) bool {
	for _, c := range []byte(name) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return name != ""
}
