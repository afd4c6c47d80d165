package hub_test

import (
	"fmt"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// TestSpeak has a caller who may speak in some scopes publish to every target.
func TestSpeak(t *testing.T) {
	targets := map[string]func(x *hub.Context) hub.Target{
		"All": func(x *hub.Context) hub.Target { return x.All() }, "AllExcept": func(x *hub.Context) hub.Target { return x.AllExcept("x") },
		"Others": (*hub.Context).Others, "Scope": (*hub.Context).Scope, "OthersInScope": (*hub.Context).OthersInScope,
		"page":  func(x *hub.Context) hub.Target { return x.InScope(contract.ScopePage, hubtest.ID("p")) },
		"user":  func(x *hub.Context) hub.Target { return x.InScope(contract.ScopeUser, "ann") },
		"world": func(x *hub.Context) hub.Target { return x.InScope(contract.ScopeWorld, "") },
		"Group": func(x *hub.Context) hub.Target { return x.Group("g") }, "User": func(x *hub.Context) hub.Target { return x.User("ann") },
		"Caller": (*hub.Context).Caller, "Client": func(x *hub.Context) hub.Target { return x.Client("x") },
	}
	always := []string{"Group", "User", "Caller", "Client"}
	for _, row := range []struct {
		name   string
		p      hub.Principal
		scopes string // of the rules
		speaks string
		in     contract.Scope
		may    []string // besides always
	}{
		{"everything", hub.Principal{ID: "ann"}, "page user tenant", "page user tenant", "tenant", []string{"All", "AllExcept", "Others", "Scope", "OthersInScope", "page", "user"}},
		{"a listener", hub.Principal{ID: "ann"}, "page user tenant", "", "tenant", nil},
		{"in its page", hub.Principal{ID: "ann"}, "page tenant", "page", "page", []string{"Scope", "OthersInScope", "page"}},
		{"beside its page", hub.Principal{ID: "ann"}, "page tenant", "page", "tenant", []string{"page"}},
		{"more than its ticket", hub.Principal{ID: "ann", Scopes: scopesOf("page")}, "page user tenant world", "page user tenant world", "page", []string{"Scope", "OthersInScope", "page"}},
		{"a guest", hub.Principal{}, "user tenant", "user tenant", "tenant", []string{"All", "AllExcept", "Others", "Scope", "OthersInScope"}},
		{"a speaker who may not be there", hub.Principal{ID: "ann"}, "page", "page tenant", "page", []string{"Scope", "OthersInScope", "page"}},
	} {
		may := map[string]bool{}
		for _, name := range append(always, row.may...) {
			may[name] = true
		}
		var to func(x *hub.Context) hub.Target
		m := talk(func(x *hub.Context) error {
			if err := hub.Publish(x, to(x), heardEvent, say{}); err != nil {
				return fmt.Errorf("it failed: %w", err)
			}
			return nil
		})
		rules := &hub.Rules{Scopes: scopesOf(row.scopes), Speaks: scopesOf(row.speaks)}
		h := hubtest.NewWith(t, m, hub.Options{Rules: func(hub.Principal, string) *hub.Rules { return rules }})
		w := access.Where{Scope: row.in, Page: hubtest.ID("p")}
		for _, c := range []*hubtest.Client{h.ConnectIn(row.p, w), h.ConnectPageIn(row.p, w)} {
			for name, target := range targets {
				to = target
				_, err := hubtest.Call(t.Context(), c, runMethod, contract.None{})
				if may[name] {
					if err != nil {
						t.Errorf("%s: %s: %v", row.name, name, err)
					}
					continue
				}
				refused(t, row.name+": "+name, err, access.CodeSpeak)
			}
		}
		for name, outside := range map[string]hub.Target{"All": m.All(), "tenant": m.InScope(contract.ScopeTenant, ""), "world": m.InScope(contract.ScopeWorld, "")} {
			if err := hub.Publish(t.Context(), outside, heardEvent, say{}); err != nil {
				t.Errorf("%s: %s from outside: %v", row.name, name, err)
			}
		}
	}
}
