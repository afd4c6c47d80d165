package hub_test

import (
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

func TestMethodOptions_restrict(t *testing.T) {
	calls := 0
	add1 := func(o ...hub.MethodOption) *hub.Mux {
		m := hub.New(talkAPI)
		hub.Handle(m, sayMethod, func(*hub.Context, say) (contract.None, error) { return contract.None{}, nil })
		hub.Handle(m, runMethod, func(*hub.Context, contract.None) (contract.None, error) { return contract.None{}, nil })
		hub.Handle(m, addMethod, func(_ *hub.Context, a add) (sum, error) { calls++; return sum{a.A + a.B}, nil }, o...)
		hub.Handle(m, add3Method, func(_ *hub.Context, a add3) (sum, error) { return sum{}, nil })
		return m
	}
	for _, row := range []struct {
		name    string
		options []hub.MethodOption
		roles   []string
		scope   contract.Scope
		code    access.Code // empty: it may
	}{
		{"a scope", []hub.MethodOption{hub.InScopes(contract.ScopePlace, contract.ScopeTenant)}, nil, "tenant", ""},
		{"another scope", []hub.MethodOption{hub.InScopes(contract.ScopePlace)}, nil, "tenant", access.CodeScope},
		{"no scope at all", []hub.MethodOption{hub.InScopes()}, nil, "tenant", access.CodeScope},
		{"a role", []hub.MethodOption{hub.ForRoles("editor", "owner")}, []string{"reader", "owner"}, "tenant", ""},
		{"another role", []hub.MethodOption{hub.ForRoles("editor")}, []string{"Editor", ""}, "tenant", access.CodeSpeak},
		{"no role", []hub.MethodOption{hub.ForRoles()}, []string{"editor"}, "tenant", access.CodeSpeak},
		{"both", []hub.MethodOption{hub.ForRoles("editor"), hub.InScopes(contract.ScopePlace)}, []string{"editor"}, "place", ""},
		{"one of both", []hub.MethodOption{hub.ForRoles("editor"), hub.InScopes(contract.ScopePlace)}, []string{"editor"}, "tenant", access.CodeScope},
	} {
		h := hubtest.New(t, add1(row.options...))
		p, w := hub.Principal{Roles: row.roles}, access.Where{Scope: row.scope, Place: "lobby"}
		for _, c := range []*hubtest.Client{h.ConnectIn(p, w), h.ConnectPageIn(p, w)} {
			calls = 0
			_, err := hubtest.Call(t.Context(), c, addMethod, add{1, 2})
			if row.code == "" && (err != nil || calls != 1) {
				t.Errorf("%s: %v", row.name, err)
			}
			if row.code != "" {
				refused(t, row.name, err, row.code)
				if calls != 0 {
					t.Errorf("%s: it ran", row.name)
				}
			}
		}
	}
}
