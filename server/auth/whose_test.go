package auth_test

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"testing"

	"partline.dev/server/auth"
	"partline.dev/server/front"
	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
)

func TestWhose_tenantAGuestIsOf(t *testing.T) {
	h := newHouse(t)
	at := func(tenant string) front.At { return front.At{Hub: "chat", Tenant: tenant} }
	const own = "https://hub.closed.example" // where parts connect from: below a tenant's site
	for what, c := range map[string]struct {
		at          front.At
		key, origin string
		want        string // empty: refused with code
		code        access.Code
	}{
		"the address's":                        {at("fabrikam"), "", "", "fabrikam", ""},
		"the key's":                            {at(""), "ek_fabrikam__________", own, "fabrikam", ""},
		"the site's":                           {at(""), "", "https://fabrikam.example", "fabrikam", ""},
		"all agree":                            {at("fabrikam"), "ek_fabrikam__________", "https://fabrikam.example", "fabrikam", ""},
		"the key's, at a site of two":          {at(""), "ek_fabrikam__________", "https://both.example", "fabrikam", ""},
		"nobody's":                             {at(""), "", own, "", access.CodeTenant},
		"nobody's, of a program":               {at(""), "", "", "", access.CodeTenant},
		"either's":                             {at(""), "", "https://both.example", "", access.CodeTenant},
		"an unknown key's":                     {at(""), "ek_nobody__________", own, "", access.CodeKey},
		"an unknown key's, at a known address": {at("fabrikam"), "ek_nobody__________", own, "", access.CodeKey},
		"another key's than the address's":     {at("fabrikam"), "ek_contoso__________", own, "", access.CodeKey},
		"another site's than the address's":    {at("fabrikam"), "", "https://contoso.example", "", access.CodeHost},
		"another site's than the key's":        {at(""), "ek_fabrikam__________", "https://contoso.example", "", access.CodeHost},
		"an unknown address's":                 {at("gone"), "", "", "", access.CodeTenant},
		"no tenant's site any more":            {at("fabrikam"), "", "https://gone.example", "", access.CodeHost},
		"nor with a key":                       {at(""), "ek_fabrikam__________", "https://gone.example", "", access.CodeHost},
	} {
		t.Run(what, func(t *testing.T) {
			c.at.OwnPage = c.origin == own
			admission, err := h.Negotiate(request("", c.origin), c.at, &access.Request{Key: c.key, Name: "Ann"})
			if c.want == "" {
				wantRefused(t, err, c.code, cmp.Or(c.key, "ek_")) // somebody may have put a secret there
				return
			}
			if p := admission.Principal; err != nil || p.Tenant != c.want || p.ID != "" || p.Name != "Ann" {
				t.Errorf("it is %+v, %v", p, err)
			}
		})
	}
}

func TestWhose_aSingleTenantsEverybody(t *testing.T) {
	h := newHouse(t, func(o *auth.Options) {
		o.Book = func() *tenants.Book { return tenants.Single([]string{"https://intranet.example"}) }
	})
	_, err := h.Negotiate(request("", "https://gone.example"), atChat, nil)
	wantRefused(t, err, access.CodeHost)
	for _, origin := range []string{"", "https://intranet.example", "https://hub.example"} {
		at := front.At{Hub: "chat", OwnPage: origin == "https://hub.example"}
		admission, err := h.Negotiate(request("", origin), at, nil)
		if p := admission.Principal; err != nil || p.Tenant != "" || p.ID != "" || p.Name != "" || admission.SessionToken != "" || admission.Handover {
			t.Errorf("%q is let in as %+v, %v", origin, admission, err)
		}
	}
	admission, err := h.redeem(h.mint(grants.Ticket{User: "ann"}), atChat)
	if err != nil || admission.Principal.ID != "ann" || admission.Principal.Tenant != "" {
		t.Errorf("a ticket of it lets in %+v, %v", admission.Principal, err)
	}
	h.configureOne()
	h.options.Book = h.book.Load
	h.restart()
	admission, err = h.Negotiate(request("", ""), atChat, nil)
	if err != nil || admission.Principal.Tenant != "only" {
		t.Errorf("of a file with one tenant it is %+v, %v", admission.Principal, err)
	}
	ticket := h.mint(grants.Ticket{User: "ann"})
	admission, err = h.redeem(ticket, atChat)
	if err != nil || admission.Principal.Tenant != "only" {
		t.Errorf("a ticket without a tenant lets in %+v, %v", admission.Principal, err)
	}
	p, err := h.bearer(admission.SessionToken)
	if err != nil || p.Tenant != "only" {
		t.Errorf("what came of it is %+v, %v", p, err)
	}
	h.configure("tenants: {only: {guests: anybody}, other: {guests: anybody}}")
	_, err = h.redeem(h.mint(grants.Ticket{User: "ann"}), atChat)
	wantRefused(t, err, access.CodeTicket) // whose it is nobody can say
	h.configure("tenants: {renamed: {guests: anybody}}")
	_, err = h.redeem(ticket, atChat)
	wantRefused(t, err, access.CodeTicketSpent)
}

func (h *house) configureOne() { h.configure("tenants: {only: {guests: anybody}}") }

func TestGuests(t *testing.T) {
	h := newHouse(t)
	for what, c := range map[string]struct {
		key, name string
		asked     bool
		want      string
		code      access.Code // empty: let in
	}{
		"nobody, with a name":      {"ek_closed__________", "Ann", true, "", access.CodeSignIn},
		"nobody":                   {"ek_closed__________", "", true, "", access.CodeSignIn},
		"named, with a name":       {"ek_contoso__________", "  Ann ", true, "Ann", ""},
		"named, without one":       {"ek_contoso__________", "", true, "", access.CodeName},
		"named, with spaces":       {"ek_contoso__________", "  ", true, "", access.CodeName},
		"named, with an override":  {"ek_contoso__________", "\u202ennA", true, "", access.CodeName},
		"named, with 256 bytes":    {"ek_contoso__________", strings.Repeat("a", 256), true, "", access.CodeName},
		"anybody, with a name":     {"ek_fabrikam__________", "Ann", true, "Ann", ""},
		"anybody, without one":     {"ek_fabrikam__________", "", true, "", ""},
		"anybody, with zero width": {"ek_fabrikam__________", "A\u200bnn", true, "", access.CodeName},
	} {
		t.Run(what, func(t *testing.T) {
			admission, err := h.Negotiate(request("", ""), atChat, &access.Request{Key: c.key, Name: c.name})
			if c.code != "" {
				wantRefused(t, err, c.code)
				return
			}
			if p := admission.Principal; err != nil || p.Name != c.want || !p.Guest() || p.Expires != 0 {
				t.Errorf("it is %+v, %v", p, err)
			}
		})
	}
	named := front.At{Hub: "chat", Tenant: "contoso"}
	_, err := h.Negotiate(request("", ""), named, nil)
	wantRefused(t, err, access.CodeName) // another client cannot say one
	_, given, err := h.Authenticate(request("", ""), named)
	if given || err != nil {
		t.Errorf("a later request without credentials is given=%v, %v", given, err)
	}
}

func TestGuests_withTickets(t *testing.T) {
	h := newHouse(t)
	admission, err := h.redeem(h.mint(grants.Ticket{Tenant: "closed", Name: "Visitor 7"}), atChat)
	if err != nil || !admission.Principal.Guest() || admission.Principal.Name != "Visitor 7" {
		t.Errorf("a guest with a ticket is %+v, %v", admission.Principal, err)
	}
	nameless := h.mint(grants.Ticket{Tenant: "contoso"})
	_, err = h.redeem(nameless, atChat)
	wantRefused(t, err, access.CodeName)
	admission, err = h.Negotiate(request("", ""), atChat, &access.Request{Ticket: nameless, Name: "Ann"})
	if err != nil || admission.Principal.Name != "Ann" {
		t.Errorf("a guest that says its name the second time is %+v, %v", admission.Principal, err)
	}
	named := h.mint(grants.Ticket{Tenant: "contoso", User: "ann"})
	admission, err = h.Negotiate(request("", ""), atChat, &access.Request{Ticket: named, Name: "The Director"})
	if err != nil || admission.Principal.Name != "" {
		t.Errorf("a user calls itself %+v, %v", admission.Principal, err)
	}
}

func TestOwn_takesThePlaceOfBearerTokens(t *testing.T) {
	errOwn := errors.New("no such cookie")
	i := standard()
	h := newHouse(t, from(i), func(o *auth.Options) {
		o.Own = func(r *http.Request) (hub.Principal, error) {
			switch r.Header.Get("X-User") {
			case "":
				return hub.Principal{}, nil
			case "elsewhere":
				return hub.Principal{Tenant: "gone", ID: "ann"}, nil
			case "bad":
				return hub.Principal{}, errOwn
			case "forbidden":
				return hub.Principal{}, front.ErrForbidden
			}
			return hub.Principal{Tenant: "contoso", ID: r.Header.Get("X-User")}, nil
		}
	})
	as := func(user, bearer string) *http.Request {
		r := request(bearer, "")
		r.Header.Set("X-User", user)
		return r
	}
	admission, err := h.Negotiate(as("ann", annsToken(t)), atChat, nil)
	if err != nil || admission.Principal.ID != "ann" || admission.Principal.Tenant != "contoso" || i.times() != 0 {
		t.Errorf("who is logged in is %+v, %v", admission.Principal, err)
	}
	_, err = h.Negotiate(as("ann", ""), front.At{Hub: "chat", Tenant: "fabrikam"}, nil)
	wantRefused(t, err, access.CodeToken)
	_, err = h.Negotiate(as("elsewhere", ""), atChat, nil)
	wantRefused(t, err, access.CodeTenant)
	_, err = h.Negotiate(as("mallory", ""), atChat, nil)
	wantRefused(t, err, access.CodeRevoked)
	for user, want := range map[string]error{"bad": errOwn, "forbidden": front.ErrForbidden} {
		if _, err := h.Negotiate(as(user, ""), atChat, nil); !errors.Is(err, want) {
			t.Errorf("%s is refused with %v", user, err)
		}
	}
	admission, err = h.Negotiate(as("", ""), atChat, &access.Request{Key: "ek_contoso__________", Name: "Guest"})
	if err != nil || admission.Principal.Name != "Guest" || admission.Principal.Tenant != "contoso" {
		t.Errorf("who is not logged in is %+v, %v", admission.Principal, err)
	}
	// Who has logged out is nobody, and no longer whose the connection is.
	if p, given, err := h.Authenticate(as("", ""), atChat); !given || err != nil || !p.Guest() {
		t.Errorf("a later request of nobody is of %+v, given=%v, %v", p, given, err)
	}
	token, p := h.session(ann)
	got, given, err := h.Authenticate(as("bad", token), atChat)
	if err != nil || !given || got.ID != "ann" {
		t.Errorf("with a session token it is %+v, %v", got, err)
	}
	_, _, err = h.Refresh(t.Context(), p, annsToken(t))
	wantRefused(t, err, access.CodeToken)
}

func TestOwn_hasTenantsWithoutAFile(t *testing.T) {
	h := newHouse(t, func(o *auth.Options) {
		o.Book = func() *tenants.Book { return tenants.Single(nil) }
		o.Own = func(*http.Request) (hub.Principal, error) { return hub.Principal{Tenant: "north", ID: "ann"}, nil }
	})
	admission, err := h.Negotiate(request("", ""), atChat, nil)
	if err != nil || admission.Principal.Tenant != "north" {
		t.Errorf("it is %+v, %v", admission.Principal, err)
	}
	h.come(admission.Principal, hub.Principal{Tenant: "south", ID: "ann"})
	h.Reconsidered()
	wantIn(t, h.Revoke("north", "ann", ""))
	if gone := h.gone(); len(gone) != 1 || gone[0].who.Tenant != "north" || gone[0].why != access.CodeRevoked {
		t.Errorf("expelled were %+v", gone)
	}
}
