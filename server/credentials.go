package server

import (
	"net/http"
	"sync/atomic"

	"partline.dev/server/api"
	"partline.dev/server/auth"
	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// newAuthority is who says who comes in.
func (s *Server) newAuthority() (*auth.Authority, error) {
	return auth.New(auth.Options{
		Book:   s.tenancy.now,
		Signer: s.signer,
		Data:   s.options.Data,
		Log:    s.log,
		Fetch:  auth.FetchHTTP(nil),
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

// redeeming is an authority whose tickets are counted that let somebody in.
type redeeming struct {
	front.Authority
	tickets *atomic.Int64
}

// Negotiate is front.Authority's.
func (a redeeming) Negotiate(r *http.Request, at front.At, asked *access.Request) (front.Admission, error) {
	in, err := a.Authority.Negotiate(r, at, asked)
	if err == nil && (in.Handover || asked != nil && asked.Ticket != "") {
		a.tickets.Add(1)
	}
	return in, err
}
