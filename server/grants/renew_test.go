package grants_test

import (
	"errors"
	"testing"
	"time"

	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/server/keys"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
)

// twoTenants are one that has blocked somebody, and another.
const twoTenants = `
tenants:
  contoso: {hosts: [https://contoso.example], blocked: [mallory]}
  fabrikam: {hosts: [https://fabrikam.example]}
`

// renewing is what a room knows of those who are connected.
type renewing struct {
	t      *testing.T
	signer *keys.Signer
	book   *tenants.Book
	now    time.Time
}

func newRenewing(t *testing.T) *renewing {
	book, err := tenants.Read([]byte(twoTenants))
	if err != nil {
		t.Fatal(err)
	}
	return &renewing{t, keys.NewSigner(keys.Random()), book, time.UnixMilli(1_800_000_000_000)}
}

// begin is a session that came of a ticket.
func (r *renewing) begin(ticket grants.Ticket) (hub.Principal, string) {
	r.t.Helper()
	text, err := grants.Mint(r.signer, ticket, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	g, err := grants.ReadTicket(r.signer, text)
	if err != nil {
		r.t.Fatal(err)
	}
	p, token, err := g.Begin(r.signer, g.Tenant, r.now)
	if err != nil || !grants.IsTicket(text) || grants.IsSession(text) || !grants.IsSession(token) {
		r.t.Fatal(text, token, err)
	}
	return p, token
}

func (r *renewing) wantRefused(what string, p hub.Principal, token string, code access.Code) {
	r.t.Helper()
	next, renewed, err := grants.Renew(r.signer, r.book, p, token, r.now)
	if refused, ok := errors.AsType[*access.Refusal](err); !ok || refused.Code != code || renewed != "" || next.Session != "" {
		r.t.Errorf("%s: %+v, %q, %v", what, next, renewed, err)
	}
}

func TestRenew_goesOnAsTheSameUser(t *testing.T) {
	r := newRenewing(t)
	p, token := r.begin(grants.Ticket{Tenant: "contoso", User: "ann", Name: "Ann", Places: []string{"hall"}, Session: time.Hour})
	for range 3 { // past the time of the first
		r.now = r.now.Add(50 * time.Minute)
		next, renewed, err := grants.Renew(r.signer, r.book, p, token, r.now)
		if err != nil || next.ID != "ann" || next.Session != p.Session || next.Issued != p.Issued || len(next.Places) != 1 || next.Expires != r.now.Add(time.Hour).UnixMilli() {
			t.Fatalf("%+v, %v", next, err)
		}
		p, token = next, renewed
	}
}

func TestRenew_leavesAGuestTheNameThatItHas(t *testing.T) {
	r := newRenewing(t)
	p, token := r.begin(grants.Ticket{Tenant: "contoso", Name: "Ann"})
	p.Name = "Bee" // it was renamed
	if next, _, err := grants.Renew(r.signer, r.book, p, token, r.now); err != nil || next.Name != "Bee" {
		t.Errorf("%+v, %v", next, err)
	}
}

func TestRenew_refuses(t *testing.T) {
	r := newRenewing(t)
	p, token := r.begin(grants.Ticket{Tenant: "contoso", User: "ann", Session: time.Hour})
	_, others := r.begin(grants.Ticket{Tenant: "contoso", User: "ann"})
	r.wantRefused("nothing", p, "", access.CodeSession)
	r.wantRefused("rubbish", p, "ps1.rubbish", access.CodeSession)
	r.wantRefused("another session of the same user", p, others, access.CodeSession)
	ticket, err := grants.Mint(r.signer, grants.Ticket{Tenant: "contoso", User: "ann"}, r.now)
	if err != nil {
		t.Fatal(err)
	}
	r.wantRefused("a ticket", p, ticket, access.CodeSession)

	other := p
	other.ID = "bob"
	r.wantRefused("another user", other, token, access.CodeToken)
	other = p
	other.Tenant = "fabrikam"
	r.wantRefused("another tenant", other, token, access.CodeToken)

	blocked, his := r.begin(grants.Ticket{Tenant: "contoso", User: "mallory"})
	r.wantRefused("a blocked user", blocked, his, access.CodeRevoked)
	gone, theirs := r.begin(grants.Ticket{Tenant: "northwind", User: "ann"})
	r.wantRefused("a tenant that is gone", gone, theirs, access.CodeSession)

	r.now = r.now.Add(time.Hour)
	r.wantRefused("an expired session", p, token, access.CodeSession)
}
