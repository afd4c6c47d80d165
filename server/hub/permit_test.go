package hub_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// What Publish would refuse, Permit refuses, and there is nothing to publish to.
func TestPermit_refusesAsPublishDoes(t *testing.T) {
	targets := map[string]func(x *hub.Context) hub.Target{
		"a scope to which one may only listen": (*hub.Context).Scope,
		"another place":                        func(x *hub.Context) hub.Target { return x.InScope(contract.ScopePlace, "cellar") },
		"a page that cannot be":                func(x *hub.Context) hub.Target { return x.InScope(contract.ScopePage, "x") },
		"a group that cannot be":               func(x *hub.Context) hub.Target { return x.Group("") },
	}
	for name, target := range targets {
		var permitted, published error
		h := hubtest.NewWith(t, talk(func(x *hub.Context) error {
			_, permitted = target(x).Permit()
			published = hub.Publish(x, target(x), heardEvent, say{})
			return nil
		}), hub.Options{Rules: func(hub.Principal, string) *hub.Rules {
			all := contract.ScopesOf(contract.ScopePage, contract.ScopePlace, contract.ScopeTenant)
			return &hub.Rules{Scopes: all, Speaks: contract.ScopesOf(contract.ScopePage, contract.ScopePlace)}
		}})
		c := h.Connect(hub.Principal{Places: []string{"hall"}})
		if _, err := hubtest.Call(t.Context(), c, runMethod, contract.None{}); err != nil {
			t.Fatal(err)
		}
		if permitted == nil || published == nil || permitted.Error() != published.Error() {
			t.Errorf("%s: Permit says %v, Publish %v", name, permitted, published)
		}
		hubtest.NotHeard(t, c, heardEvent)
	}
	if _, err := hub.New(talkAPI).All().Permit(); !errors.Is(err, hub.ErrNotMounted) {
		t.Errorf("of a hub that is not mounted: %v", err)
	}
}

// Who was permitted is not asked again, whatever has changed, and is counted once: one
// message, and the bytes of what was published.
func TestPermit_holdsAndCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules := &hub.Rules{Scopes: inTenant, Speaks: inTenant, RoomRate: hub.Rate{Messages: 2, Bytes: 10_000}}
		var h *hubtest.Hub
		h = hubtest.NewWith(t, talk(func(x *hub.Context) error {
			to, err := x.Scope().Permit()
			if err != nil {
				return err
			}
			rules = &hub.Rules{Scopes: inTenant, RoomRate: rules.RoomRate}
			h.Core().Reconsider()
			return hub.Publish(x, to, heardEvent, say{strings.Repeat("x", 20_000)})
		}), hub.Options{Rules: func(hub.Principal, string) *hub.Rules { return rules }})
		ann, bob := h.Connect(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{ID: "bob"})
		says(t, ann, runMethod, contract.None{}, "")
		hubtest.Await(t, bob, heardEvent)
		says(t, ann, runMethod, contract.None{}, access.CodeSpeak)

		rules = &hub.Rules{Scopes: inTenant, Speaks: inTenant, RoomRate: rules.RoomRate}
		h.Core().Reconsider()
		says(t, ann, runMethod, contract.None{}, access.CodeRate) // its bytes are used up
		hubtest.NotHeard(t, bob, heardEvent)
	})
}

var inTenant = contract.ScopesOf(contract.ScopeTenant)
