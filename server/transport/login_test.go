package transport_test

import (
	"net/http"
	"testing"

	"partline.dev/server/front"
	"partline.dev/server/hub"
	"partline.dev/server/transport"
	"partline.dev/shared/access"
)

// loggedIn is the authority of a program with a log-in, beside which there are
// sessions and guests: who comes in is arrives, and later requests are of the user in
// X-User, or of nobody whom the program knows.
type loggedIn struct{ arrives hub.Principal }

func (l loggedIn) Negotiate(*http.Request, front.At, *access.Request) (front.Admission, error) {
	return front.Admission{Principal: l.arrives}, nil
}

func (l loggedIn) Authenticate(r *http.Request, _ front.At) (hub.Principal, bool, error) {
	return hub.Principal{ID: r.Header.Get("X-User")}, true, nil
}

func TestLogIn_laterRequests(t *testing.T) {
	const found, lost = 200, 404
	for name, c := range map[string]struct {
		arrives hub.Principal
		nobody  int // for a request of nobody whom the program knows
		ann     int // for one of ann
	}{
		"a user who logs out":        {hub.Principal{ID: "ann"}, lost, found},
		"a user of a session":        {hub.Principal{ID: "ann", Session: "s1"}, found, found},
		"another user's session":     {hub.Principal{ID: "bob", Session: "s2"}, found, lost},
		"a guest":                    {hub.Principal{}, found, lost},
		"a guest of a tenant":        {hub.Principal{Tenant: "contoso"}, found, lost},
		"a user of another's tenant": {hub.Principal{Tenant: "contoso", ID: "ann"}, lost, lost},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, &transport.Options{Authority: loggedIn{c.arrives}})
			q := s.requester("/talk")
			for who, want := range map[string]int{"": c.nobody, "ann": c.ann} {
				id := "?id=" + q.negotiate()
				res := q.do(t.Context(), "GET", id, "", "X-User: "+who)
				if res.status != want {
					t.Errorf("a request of %q: %v, want %d", who, res, want)
				}
				if want == found {
					q.do(t.Context(), "DELETE", id, "", "X-User: "+who)
				}
			}
		})
	}
}
