package transport_test

import (
	"net/http"
	"strings"
	"sync"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// gate is an authority that believes what it reads: "ticket NAME USER TENANT" comes
// in once and hands "session USER TENANT" over, which comes in any number of times.
// Whoever brings nothing is a guest of the tenant that the address or the key names.
type gate struct {
	mu      sync.Mutex      // Protects following.
	asked   *access.Request // of the latest negotiation
	at      front.At        // likewise
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

func (g *gate) Negotiate(r *http.Request, at front.At, asked *access.Request) (front.Admission, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	g.at, g.asked = at, asked
	if g.wrong != nil {
		return front.Admission{}, g.wrong
	}
	ticket, handover := front.BearerToken(r), asked == nil
	if asked != nil && asked.Ticket != "" {
		ticket = asked.Ticket
	}
	if !strings.HasPrefix(ticket, "ticket ") {
		p, given, err := g.who(r)
		if !given && err == nil {
			p.Tenant = at.Tenant
			if asked != nil {
				p.Name, p.Tenant = asked.Name, asked.Key
			}
		}
		return front.Admission{Principal: p}, err
	}
	if g.spent[ticket] {
		return front.Admission{}, errSpent
	}
	_, of, _ := strings.Cut(strings.TrimPrefix(ticket, "ticket "), " ")
	if err := at.Admits(g.principal(of)); err != nil {
		return front.Admission{Principal: g.principal(of)}, err
	}
	if g.spent == nil {
		g.spent = map[string]bool{}
	}
	g.spent[ticket] = true
	return front.Admission{Principal: g.principal(of), SessionToken: "session " + of, Handover: handover}, nil
}

func (g *gate) Authenticate(r *http.Request, at front.At) (hub.Principal, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls++
	if g.wrong != nil {
		return hub.Principal{}, true, g.wrong
	}
	return g.who(r)
}

// who is who brings a session. The mutex is held.
func (g *gate) who(r *http.Request) (p hub.Principal, given bool, err error) {
	token := front.BearerToken(r)
	of, ok := strings.CutPrefix(token, "session ")
	switch {
	case token == "":
		return hub.Principal{Expires: g.expires}, false, nil
	case !ok:
		return hub.Principal{}, true, errToken
	}
	p = g.principal(of)
	if g.revoked[p.ID] {
		return hub.Principal{}, true, errRevoked
	}
	return p, true, nil
}

func (g *gate) principal(of string) hub.Principal {
	user, tenant, _ := strings.Cut(of, " ")
	return hub.Principal{ID: user, Tenant: tenant, Expires: g.expires}
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

// latest is what the latest negotiation asked for, and where.
func (g *gate) latest() (*access.Request, front.At) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked, g.at
}

// inJSON is the header of a request whose body is JSON.
const inJSON = "Content-Type: application/json"
