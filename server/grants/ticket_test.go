package grants_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/server/grants"
	"partline.dev/server/keys"
	"partline.dev/shared/contract"
)

func TestMint_refusesWhatCannotBe(t *testing.T) {
	signer := keys.NewSigner(keys.Random())
	long := strings.Repeat("a", 256)
	for what, ticket := range map[string]grants.Ticket{
		"an hour":                  {For: time.Hour},
		"no time":                  {For: -time.Second},
		"a session of years":       {Session: 1000 * time.Hour},
		"a long tenant":            {Tenant: long},
		"a long user":              {User: long},
		"a control in the user":    {User: "a\nb"},
		"a name nobody can read":   {Name: "a\u202eb"},
		"an empty role":            {Roles: []string{""}},
		"a long hub":               {Hubs: []string{long}},
		"a place with a control":   {Places: []string{"a\x00"}},
		"an icon by http":          {Icon: "http://pictures.example/ann.png"},
		"a script as icon":         {Icon: "javascript:alert(1)"},
		"a long icon":              {Icon: "https://pictures.example/" + strings.Repeat("a", 2048)},
		"an unknown scope":         {Scope: "galaxy"},
		"a scope that is not its":  {Scope: contract.ScopeUser, Scopes: contract.ScopesOf(contract.ScopePage)},
		"unknown scopes":           {Scopes: 1 << 7},
		"a place without a name":   {Scope: contract.ScopePlace},
		"more roles than fit":      {Roles: slices.Repeat([]string{strings.Repeat("r", 200)}, 30)},
		"names that are not UTF-8": {User: "\xff"},
	} {
		if text, err := grants.Mint(signer, ticket, time.Now()); err == nil || text != "" {
			t.Errorf("%s: a ticket was made: %q", what, text)
		}
	}
}
