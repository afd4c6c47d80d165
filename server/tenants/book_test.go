package tenants_test

import (
	"slices"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/tenants"
	"partline.dev/shared/contract"
)

func TestRead_everyMember(t *testing.T) {
	b := read(t, full)
	all := b.All()
	if len(all) != 3 || all[0] != b.Tenant("contoso") || all[1] != b.Tenant("fabrikam") || all[2] != b.Tenant("closed") || b.Only() != nil || b.Tenant("") != nil {
		t.Fatalf("%v", all)
	}
	contoso, fabrikam, closed := all[0], all[1], all[2]
	for _, c := range []struct{ name, got, want string }{
		{"name", contoso.Name, "contoso"},
		{"guests", contoso.Guests.String() + fabrikam.Guests.String() + closed.Guests.String(), "anybodynamednobody"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q", c.name, c.got)
		}
	}
	if !contoso.AnyPlace || fabrikam.AnyPlace || !closed.AnyPlace {
		t.Error("places are not as the file says")
	}
	for name, lists := range map[string][2][]string{
		"hosts":      {contoso.Hosts, {"https://contoso.sharepoint.com", "https://*.contoso.example", "http://localhost:8081"}},
		"icons":      {contoso.Icons, {"https://pictures.contoso.example"}},
		"embed keys": {contoso.EmbedKeys, {"ek_3fA9contosocontoso", "ek_second-key_of-contoso"}},
		"blocked":    {contoso.Blocked, {"mallory", "staff:eve"}},
		"all hosts":  {b.Hosts(), {"https://contoso.sharepoint.com", "https://*.contoso.example", "http://localhost:8081", "https://fabrikam.example", "https://deep.contoso.example"}},
		"algorithms": {contoso.Issuers[0].Algorithms, {"RS256", "EdDSA"}},
		"audience":   {contoso.Issuers[1].Audience, {"partline"}},
	} {
		if !slices.Equal(lists[0], lists[1]) {
			t.Errorf("%s: %q, not %q", name, lists[0], lists[1])
		}
	}
	if !slices.Equal(contoso.APIKeys, []tenants.APIKey{{"intranet", "6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090"}}) {
		t.Errorf("%+v", contoso.APIKeys)
	}
	if !contoso.Blocks("mallory") || contoso.Blocks("Mallory") || contoso.Blocks("") || fabrikam.Blocks("mallory") {
		t.Error("the wrong users are blocked")
	}
}

func TestRead_issuers(t *testing.T) {
	contoso := read(t, full).Tenant("contoso")
	one, two := contoso.Issuers[0], contoso.Issuers[1]
	if one.Name != "https://login.contoso.example" || one.JWKS != "https://login.contoso.example/keys" ||
		one.User != "oid" || one.DisplayName != "nick" || one.Icon != "photo" || one.Prefix != "staff:" ||
		!slices.Equal(one.Roles, []tenants.RoleRule{{Claim: "groups", Is: "8c1f", Role: "editor"}, {Claim: "role", Any: true}, {Claim: "admin", Any: true, Role: "chief"}}) {
		t.Errorf("%+v", one)
	}
	if two.JWKS != "http://127.0.0.1:9/keys" || two.User != "sub" || two.DisplayName != "name" || two.Icon != "picture" || two.Prefix != "partner:" || two.Roles != nil {
		t.Errorf("%+v", two)
	}
}

func TestBook_byOrigin(t *testing.T) {
	b := read(t, full)
	for from, want := range map[string]string{
		"https://contoso.sharepoint.com":     "contoso",
		"https://contoso.sharepoint.com:443": "contoso",
		"https://a.contoso.example":          "contoso",
		"https://a.b.contoso.example":        "contoso",
		"https://fabrikam.example":           "fabrikam",
		"http://localhost:8081":              "contoso",
		"https://deep.contoso.example":       "", // of both
		"https://x.deep.contoso.example":     "contoso",
		"https://contoso.example":            "",
		"http://fabrikam.example":            "",
		"https://evil.example":               "",
		"https://fabrikam.example.evil.com":  "",
		"null":                               "",
		"":                                   "",
		"https://*.contoso.example":          "",
	} {
		got := b.ByOrigin(from)
		if name := nameOf(got); name != want {
			t.Errorf("%s is of %q, not %q", from, name, want)
		}
		for _, one := range b.All() {
			both := from == "https://deep.contoso.example" && one.Name != "closed"
			if allows := one.AllowsOrigin(from); allows != (one == got || both) {
				t.Errorf("%s allows %s: %v", one.Name, from, allows)
			}
		}
	}
}

func nameOf(t *tenants.Tenant) string {
	if t == nil {
		return ""
	}
	return t.Name
}

func TestBook_issuer(t *testing.T) {
	b := read(t, full)
	contoso, fabrikam := b.Tenant("contoso"), b.Tenant("fabrikam")
	const login = "https://login.contoso.example"
	for _, c := range []struct {
		name   string
		iss    string
		aud    []string
		tenant *tenants.Tenant
		issuer *tenants.Issuer
	}{
		{"one audience", login, []string{"parts"}, contoso, &contoso.Issuers[0]},
		{"two of one issuer", login, []string{"parts", "partline"}, contoso, &contoso.Issuers[0]},
		{"one of several", login, []string{"x", "fabrikam"}, fabrikam, &fabrikam.Issuers[0]},
		{"the other issuer", "https://partners.example", []string{"partline"}, contoso, &contoso.Issuers[1]},
		{"of two tenants", login, []string{"fabrikam", "partline"}, nil, nil},
		{"an unknown audience", login, []string{"x"}, nil, nil},
		{"no audience", login, nil, nil, nil},
		{"another's audience", "https://partners.example", []string{"parts"}, nil, nil},
		{"with a slash", login + "/", []string{"partline"}, nil, nil},
		{"in another case", "https://LOGIN.contoso.example", []string{"partline"}, nil, nil},
		{"none", "", []string{"partline"}, nil, nil},
	} {
		if tenant, issuer := b.Issuer(c.iss, c.aud); tenant != c.tenant || issuer != c.issuer {
			t.Errorf("%s: %s, %+v", c.name, nameOf(tenant), issuer)
		}
	}
}

// A server without a file has one tenant, with what servers did before there were
// any.
func TestSingle(t *testing.T) {
	b := tenants.Single([]string{"https://good.example", "https://*.contoso.example"})
	only := b.Only()
	if only == nil || only.Name != "" || b.Tenant("") != only || len(b.All()) != 1 || only.Guests != tenants.Anybody || !only.AnyPlace {
		t.Fatalf("%+v", only)
	}
	if b.ByOrigin("https://good.example") != only || b.ByOrigin("https://a.contoso.example") != only || b.ByOrigin("https://evil.example") != nil {
		t.Error("its hosts are others")
	}
	if !slices.Equal(b.Hosts(), []string{"https://good.example", "https://*.contoso.example"}) || !slices.Equal(only.Hosts, b.Hosts()) {
		t.Errorf("%q and %q", b.Hosts(), only.Hosts)
	}
	all := contract.ScopesOf(contract.ScopePage, contract.ScopeSession, contract.ScopePlace, contract.ScopeTenant)
	guest, user := only.Rules(hub.Principal{}, "chat"), only.Rules(hub.Principal{ID: "ann"}, "chat")
	if *guest != (hub.Rules{Scopes: all, Speaks: all, AnyPlace: true}) {
		t.Errorf("a guest: %+v", guest)
	}
	all |= contract.ScopesOf(contract.ScopeUser)
	if *user != (hub.Rules{Scopes: all, Speaks: all, AnyPlace: true}) {
		t.Errorf("a user: %+v", user)
	}
	if b.World("chat") {
		t.Error("there is a world")
	}
	if only.AllowsOrigin("https://evil.example") || !only.AllowsOrigin("https://good.example") {
		t.Error("the wrong sites are allowed")
	}
	if tenants.Single(nil).Only().AllowsOrigin("https://good.example") {
		t.Error("without hosts a foreign page is allowed")
	}
}
