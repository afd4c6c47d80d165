package server

import (
	"errors"
	"net/http"
	"sync"

	"partline.dev/server/api"
	"partline.dev/server/auth"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/access"
)

// newAuthority is who says who comes in.
func (s *Server) newAuthority() (*auth.Authority, error) {
	return auth.New(auth.Options{
		Book:   s.tenancy.now,
		Signer: s.signer,
		Data:   s.options.Data,
		Log:    s.log,
		Own:    s.options.Authenticate,
		Expel: func(who func(hub.Principal) bool, why *access.Refusal) {
			s.metrics.expelled.Add(int64(s.core.Expel(who, why)))
		},
	})
}

// newAPI is what customers' back ends ask.
func (s *Server) newAPI() *api.Handler {
	o := api.Options{
		Core:         s.core,
		Signer:       s.signer,
		Revoke:       s.authority.Revoke,
		MessageLimit: s.options.MessageLimit,
		Now:          s.host.Env().Now,
		Log:          s.log,
	}
	if s.tenancy.filed() {
		o.Book = s.tenancy.now
	}
	return api.New(o)
}

// admissions counts who was let in, and who was not and why.
type admissions struct {
	mu       sync.Mutex // Protects following.
	tickets  int64      // that let somebody in
	refusals map[access.Code]int64
}

// otherCode is counted for what has no code of package access.
const otherCode access.Code = "other"

// codes are those that are counted, each for itself.
var codes = []access.Code{
	access.CodeTicketSpent, access.CodeTicketExpired, access.CodeTicket, access.CodeSession, access.CodeToken, access.CodeSignIn,
	access.CodeName, access.CodeKey, access.CodeHost, access.CodeTenant, access.CodeScope, access.CodePlace, access.CodeIdentifier,
	access.CodeRate, access.CodeConnections, access.CodeRooms, access.CodeExpired, access.CodeRevoked, access.CodeRules, otherCode,
}

// now are the counters as they are now: of every code.
func (a *admissions) now() (tickets int64, refusals map[access.Code]int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := map[access.Code]int64{}
	for _, code := range codes {
		all[code] = a.refusals[code]
	}
	return a.tickets, all
}

// refused counts why somebody was not let in.
func (a *admissions) refused(err error) {
	code := otherCode
	if said := (*access.Refusal)(nil); errors.As(err, &said) {
		for _, known := range codes {
			if known == said.Code {
				code = known
			}
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refusals == nil {
		a.refusals = map[access.Code]int64{}
	}
	a.refusals[code]++
}

// counted is an authority whose decisions are counted.
type counted struct {
	transport.Authority
	admissions *admissions
}

// Negotiate is transport.Authority's.
func (c counted) Negotiate(r *http.Request, at transport.At, asked *access.Request) (transport.Admission, error) {
	in, err := c.Authority.Negotiate(r, at, asked)
	switch {
	case err != nil:
		c.admissions.refused(err)
	case in.Handover, asked != nil && asked.Ticket != "":
		c.admissions.mu.Lock()
		c.admissions.tickets++
		c.admissions.mu.Unlock()
	}
	return in, err
}

// Authenticate is transport.Authority's.
func (c counted) Authenticate(r *http.Request, at transport.At) (hub.Principal, bool, error) {
	p, given, err := c.Authority.Authenticate(r, at)
	if err != nil {
		c.admissions.refused(err)
	}
	return p, given, err
}
