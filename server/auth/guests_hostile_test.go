package auth_test

import (
	"strings"
	"testing"

	"partline.dev/server/grants"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
)

// TestHostile_guestsWhoStayAsATenantHasNone has guests connected while their tenant
// wants to know their names, and then has no guests any more: credentials of guests
// never expire, so nothing else would end them.
func TestHostile_guestsWhoStayAsATenantHasNone(t *testing.T) {
	h := newHouse(t)
	_, invited := h.session(grants.Ticket{Tenant: "fabrikam", Name: "Visitor"})
	nameless, named := hub.Principal{Tenant: "fabrikam"}, hub.Principal{Tenant: "fabrikam", Name: "Eve"}
	h.come(nameless, named, invited, hub.Principal{Tenant: "fabrikam", ID: "ann"}, hub.Principal{Tenant: "contoso", Name: "Eve"})
	h.Reconsidered()
	if gone := h.gone(); len(gone) != 0 {
		t.Fatalf("expelled were %+v", gone)
	}
	for _, row := range []struct {
		guests string
		who    string // of the one who is gone then
		why    access.Code
	}{{"named", "", access.CodeName}, {"nobody", "Eve", access.CodeSignIn}} {
		h.configure(strings.Replace(threeTenants, "guests: anybody", "guests: "+row.guests, 1))
		h.Reconsidered()
		if gone := h.gone(); len(gone) != 1 || gone[0].who.Tenant != "fabrikam" || gone[0].who.Name != row.who || gone[0].who.ID != "" || gone[0].why != row.why {
			t.Errorf("guests: %s: expelled were %+v", row.guests, gone)
		}
	}
}
