package classic_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// gate is an authority that believes what it reads: "ticket USER TENANT HUB..." comes
// in once and hands "session USER TENANT HUB..." over, which comes in any number of
// times, at those hubs, or at all. Who brings nothing is a guest of the address's
// tenant.
type gate struct {
	mu      sync.Mutex // Protects following.
	calls   int
	spent   map[string]bool
	revoked map[string]bool // users
	expires int64           // of principals, in ms; zero: never
	wrong   error           // of every request; nil: none
}

var (
	errSpent   = &access.Refusal{Code: access.CodeTicketSpent, Message: "This ticket was used before."}
	errRevoked = &access.Refusal{Code: access.CodeRevoked, Message: "You were asked to leave."}
	errToken   = &access.Refusal{Code: access.CodeToken, Message: "This token is not taken."}
)

func (g *gate) Negotiate(r *http.Request, at front.At, _ *access.Request) (front.Admission, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	if g.wrong != nil {
		return front.Admission{}, g.wrong
	}
	ticket := front.BearerToken(r)
	of, isTicket := strings.CutPrefix(ticket, "ticket ")
	if !isTicket {
		p, given, err := g.who(r, at)
		if !given && err == nil {
			p.Tenant = at.Tenant
		}
		return front.Admission{Principal: p}, err
	}
	p, err := g.principal(of, at)
	switch {
	case err != nil:
		return front.Admission{}, err
	case g.spent[ticket]:
		return front.Admission{}, errSpent
	}
	if err := at.Admits(p); err != nil {
		return front.Admission{Principal: p}, err
	}
	if g.spent == nil {
		g.spent = map[string]bool{}
	}
	g.spent[ticket] = true
	return front.Admission{Principal: p, SessionToken: "session " + of, Handover: true}, nil
}

func (g *gate) Authenticate(r *http.Request, at front.At) (hub.Principal, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	if g.wrong != nil {
		return hub.Principal{}, true, g.wrong
	}
	return g.who(r, at)
}

// who is who brings a session. The mutex is held.
func (g *gate) who(r *http.Request, at front.At) (p hub.Principal, given bool, err error) {
	token := front.BearerToken(r)
	of, ok := strings.CutPrefix(token, "session ")
	switch {
	case token == "":
		return hub.Principal{Expires: g.expires}, false, nil
	case !ok:
		return hub.Principal{}, true, errToken
	}
	p, err = g.principal(of, at)
	return p, true, err
}

// principal is whom a token names, at a hub. The mutex is held.
func (g *gate) principal(of string, at front.At) (hub.Principal, error) {
	words := append(strings.Fields(of), "", "")
	p := hub.Principal{ID: words[0], Tenant: words[1], Expires: g.expires}
	hubs := slices.DeleteFunc(words[2:], func(word string) bool { return word == "" })
	switch {
	case g.revoked[p.ID]:
		return hub.Principal{}, errRevoked
	case len(hubs) > 0 && !slices.Contains(hubs, at.Hub):
		return hub.Principal{}, errToken
	}
	return p, nil
}

// set changes the gate.
func (g *gate) set(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls
}

// withToken adds a token to the address of every request, as pages of SignalR 2 do.
type withToken struct {
	http.RoundTripper
	token string
}

func (w *withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	query := r.URL.Query()
	query.Set("access_token", w.token)
	r.URL.RawQuery = query.Encode()
	return w.RoundTripper.RoundTrip(r)
}

// by has all requests of a client bring a token, instead of the one before.
func (c *client) by(token string) *client {
	if with, ok := c.http.Transport.(*withToken); ok {
		with.token = token
	} else {
		c.http.Transport = &withToken{c.http.Transport, token}
	}
	return c
}
