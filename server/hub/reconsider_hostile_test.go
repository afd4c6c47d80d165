package hub_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// TestHostile_rulesThatChangeWhileSomebodyComes has the rules change just after they
// were read for somebody who comes, or is renewed: they hold for that one, too.
func TestHostile_rulesThatChangeWhileSomebodyComes(t *testing.T) {
	before := &hub.Rules{Scopes: scopesOf("tenant page"), Speaks: scopesOf("tenant page")}
	for name, after := range map[string]*hub.Rules{
		"may not be there": {Scopes: scopesOf("page"), Speaks: scopesOf("page")},
		"may only listen":  {Scopes: scopesOf("tenant page")},
	} {
		check := func(what string, c *hubtest.Client) {
			t.Helper()
			if name == "may not be there" {
				closedFor(t, what, c, access.CodeRules, true)
				return
			}
			_, err := hubtest.Call(t.Context(), c, runMethod, contract.None{})
			refused(t, what, err, access.CodeSpeak)
		}
		h, _ := changing(t, before, after)
		c := h.Connect(hub.Principal{ID: "ann", Expires: in(time.Hour)})
		_, _ = hubtest.Call(t.Context(), c, access.Refresh, access.RefreshRequest{Token: "x"})
		check(name+": who is renewed", c)

		h, change := changing(t, before, after) // another hub: nobody there asks for the rules late
		change()
		if _, err := h.Core().Access("talk", hub.Principal{}, access.Where{}); err != nil { // uses it up
			t.Fatal(err)
		}
		change()
		check(name+": who comes", h.Connect(hub.Principal{ID: "bob"}))
	}
}

// changing is a hub whose rules are before, until a refresh or change: who asks for them
// next still gets before, and while they ask the rules become after.
func changing(t *testing.T, before, after *hub.Rules) (h *hubtest.Hub, change func()) {
	var mu sync.Mutex // Protects following.
	rules, next := before, (*hub.Rules)(nil)
	change = func() {
		mu.Lock()
		defer mu.Unlock()
		rules, next = before, after
	}
	h = hubtest.NewWith(t, scopeTalk(), hub.Options{
		Rules: func(hub.Principal, string) *hub.Rules {
			mu.Lock()
			is, changes := rules, next != nil
			if changes {
				rules, next = next, nil
			}
			mu.Unlock()
			if changes {
				h.Core().Reconsider()
			}
			return is
		},
		Refresh: func(_ context.Context, p hub.Principal, _ string) (hub.Principal, string, error) {
			p.Expires = in(2 * time.Hour)
			change()
			return p, "", nil
		},
	})
	return h, change
}

// TestHostile_placesNamedByTheCaller has a handler publish to the place that its
// caller names.
func TestHostile_placesNamedByTheCaller(t *testing.T) {
	place := ""
	m := talk(func(x *hub.Context) error {
		return hub.Publish(x, x.InScope(contract.ScopePlace, place), heardEvent, say{"psst"})
	})
	places := scopesOf("place tenant")
	rules := &hub.Rules{Scopes: places, Speaks: places}
	h := hubtest.NewWith(t, m, hub.Options{Rules: func(hub.Principal, string) *hub.Rules { return rules }})
	at := func(p hub.Principal) *hubtest.Client { return h.ConnectIn(p, access.Where{Scope: "place"}) }
	board, lobby := at(hub.Principal{Places: []string{"board"}}), at(hub.Principal{Places: []string{"lobby"}})
	speaks := func(name string) error {
		place = name
		_, err := hubtest.Call(t.Context(), lobby, runMethod, contract.None{})
		return err
	}
	refused(t, "another's place", speaks("board"), access.CodePlace)
	hubtest.NotHeard(t, board, heardEvent)
	if err := speaks("lobby"); err != nil {
		t.Error(err)
	}
	hubtest.Await(t, lobby, heardEvent)
	if err := hub.Publish(t.Context(), m.InScope(contract.ScopePlace, "board"), heardEvent, say{}); err != nil {
		t.Errorf("from outside: %v", err)
	}
	hubtest.Await(t, board, heardEvent)
}
