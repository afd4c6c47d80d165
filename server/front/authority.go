package front

import (
	"errors"
	"net/http"

	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// Authority says who makes a request, and who may come in. Its methods may be
// called from any goroutine, and take as long as the request may. Every request is
// asked about before it has any effect.
//
// An error refuses the request: an [access.Refusal] with its code and its words,
// [ErrLater] with 503, [ErrForbidden] with 403, and any other with 401. The text of others than refusals
// goes to the log only. None of them may have a token in it.
type Authority interface {
	// Negotiate says who comes in by r, a negotiation or a WebSocket that was not
	// negotiated. It uses up what can be used once. Asked is what a client of ours
	// asks for; nil: it is another, or asks for nothing.
	Negotiate(r *http.Request, at At, asked *access.Request) (Admission, error)

	// Authenticate says who makes r, a request of a connection that was
	// negotiated. Given is false if r brings no credentials: then it is whoever
	// the connection is, and p means nothing.
	Authenticate(r *http.Request, at At) (p hub.Principal, given bool, err error)
}

// At is where a request arrives.
type At struct {
	Hub    string // as [hub.Mux.Name] has it
	Tenant string // whose address it is; empty: that of every tenant

	// OwnPage: a page of the server's own has sent it, as parts are, and its Origin is
	// no tenant's site, whatever tenants allow. [Policy.OwnPage] says it.
	OwnPage bool

	// Admits gives the error for which p would not come in though the Authority
	// lets it: it is asked before anything is used up. Nil: nobody is refused then.
	Admits func(p hub.Principal) error
}

// Admission is who was let in.
type Admission struct {
	Principal hub.Principal

	// SessionToken is the bearer token for the client to go on with. Empty: it
	// goes on with what it has.
	SessionToken string

	// Handover sends the client once more to the address that it asked at, with
	// SessionToken as its bearer token: what it brought is used up.
	Handover bool
}

// AuthorityFunc is a program's own log-in: it says who makes a request, whatever
// that is for, by what the request brings along. So every request is authenticated,
// and one of another user than its connection's finds no connection.
type AuthorityFunc func(*http.Request) (hub.Principal, error)

// Negotiate is Authority's.
func (f AuthorityFunc) Negotiate(r *http.Request, _ At, _ *access.Request) (Admission, error) {
	p, err := f(r)
	return Admission{Principal: p}, err
}

// Authenticate is Authority's.
func (f AuthorityFunc) Authenticate(r *http.Request, _ At) (p hub.Principal, given bool, err error) {
	p, err = f(r)
	return p, true, err
}

// ErrForbidden is what an [Authority] gives, wrapped or not, for a client that is
// known and may not come in: it gets 403 instead of 401.
var ErrForbidden = errors.New("the client may not connect here")
