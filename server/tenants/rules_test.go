package tenants_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/hub"
)

// In full: who may be where, and who may speak there.
func TestRules_byScope(t *testing.T) {
	b := read(t, full)
	for _, c := range []struct {
		tenant, hub string
		p           hub.Principal
		want        string
	}{
		{"contoso", "chat", hub.Principal{}, "page+ session- tenant-"},
		{"contoso", "chat", hub.Principal{Name: "Ann"}, "page+ session- tenant-"},
		{"contoso", "chat", hub.Principal{ID: "ann"}, "page+ session- user+ tenant- world-"},
		{"contoso", "CHAT", hub.Principal{ID: "ann"}, "page+ session- user+ tenant- world-"},
		{"contoso", "quiz", hub.Principal{ID: "ann"}, "page+ session- user+ tenant-"},
		{"contoso", "chat", hub.Principal{ID: "ann", Roles: []string{"editor"}}, "page+ session- user+ place+ tenant+ world+"},
		{"contoso", "chat", hub.Principal{ID: "ann", Roles: []string{"visitor"}}, "page+ session- user+ place+ tenant- world-"},
		{"contoso", "chat", hub.Principal{ID: "ann", Roles: []string{"x", "chief"}}, "page+ session- user+ tenant- world+"},
		{"contoso", "chat", hub.Principal{ID: "ann", Roles: []string{"EDITOR", "users", "everybody"}}, "page+ session- user+ tenant- world-"},
		{"contoso", "chat", hub.Principal{Roles: []string{"editor", "users"}}, "page+ session- place+ tenant+"},
		{"fabrikam", "chat", hub.Principal{ID: "ann"}, "page+ session+ user+ place+ tenant+"},
		{"fabrikam", "chat", hub.Principal{}, "page+ session+ place+ tenant+"},
		{"closed", "chat", hub.Principal{ID: "ann"}, "page+ session+ user+ place+ tenant+"},
	} {
		rules := b.Tenant(c.tenant).Rules(c.p, c.hub)
		var got []string
		for _, s := range rules.Scopes.List() {
			got = append(got, string(s)+map[bool]string{true: "+", false: "-"}[rules.Speaks.Has(s)])
		}
		if strings.Join(got, " ") != c.want || rules.Speaks&^rules.Scopes != 0 {
			t.Errorf("%s at %s of %s: %s\nwant %s", c.p.Roles, c.hub, c.tenant, got, c.want)
		}
	}
}

// A guest is nobody's user, whatever its roles are called.
func TestRules_guestsAreNobodysUser(t *testing.T) {
	b := read(t, "tenants: {a: {scopes: {user: [editor]}}}")
	for id, want := range map[string]bool{"": false, "ann": true} {
		if got := b.Only().Rules(hub.Principal{ID: id, Roles: []string{"editor"}}, "chat").Scopes.Has("user"); got != want {
			t.Errorf("the user %q: %v", id, got)
		}
	}
}

func TestRules_limits(t *testing.T) {
	b := read(t, full)
	got := *b.Tenant("contoso").Rules(hub.Principal{ID: "ann"}, "chat")
	got.Scopes, got.Speaks = 0, 0
	want := hub.Rules{
		AnyPlace: true, Rooms: 100, Connections: 50, TenantConnections: 20000,
		Rate: hub.Rate{Messages: 20, Bytes: 65536}, TenantRate: hub.Rate{Messages: 5000, Bytes: 10000000}, RoomRate: hub.Rate{Messages: 500, Bytes: 1000000},
	}
	if got != want {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	got = *b.Tenant("fabrikam").Rules(hub.Principal{ID: "ann"}, "chat")
	got.Scopes, got.Speaks = 0, 0
	if got != (hub.Rules{}) {
		t.Errorf("without limits: %+v", got)
	}
}

// Connections for whom the rules are the same share them, and strangers' roles do
// not make more of them.
func TestRules_areShared(t *testing.T) {
	contoso := read(t, full).Tenant("contoso")
	first := contoso.Rules(hub.Principal{ID: "ann", Roles: []string{"editor"}}, "chat")
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 1000 {
				p := hub.Principal{ID: fmt.Sprint(i, j), Roles: []string{fmt.Sprint("role", i, j), "editor"}}
				if contoso.Rules(p, "chat") != first {
					t.Error("another editor has other rules")
					return
				}
			}
		})
	}
	all.Wait()
	if other := contoso.Rules(hub.Principal{ID: "ann"}, "chat"); other == first {
		t.Error("a user has an editor's rules")
	}
}

// What others have called so that it cannot be seen is written by its number, and
// shown by it.
func TestRead_namesThatCannotBeSeen(t *testing.T) {
	b := read(t, `tenants: {a: {blocked: ["eve\u200b"], scopes: {tenant: ["\u202erole"]}}}`)
	if a := b.Only(); !a.Blocks("eve\u200b") || a.Blocks("eve") || !a.Rules(hub.Principal{Roles: []string{"\u202erole"}}, "chat").Scopes.Has("tenant") {
		t.Errorf("it says\n%v", b)
	}
	if said := b.String(); !strings.Contains(said, `"eve\u200b"`) || !strings.Contains(said, `"\u202erole"`) || strings.ContainsAny(said, "\u200b\u202e") {
		t.Errorf("it says\n%s", said)
	}
}
