package hubtest_test

import (
	"errors"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/connected"
	"partline.dev/shared/contract"
)

// scoped is a hub whose lines are heard in the speaker's scope.
func scoped() *hub.Mux {
	m := hub.New(connected.API)
	hub.Handle(m, connected.SendMethod, func(x *hub.Context, s connected.Send) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.Scope(), connected.BroadcastMessage, connected.Broadcast(s))
	})
	return m
}

func TestConnectIn_hearsItsScopeAlone(t *testing.T) {
	h := hubtest.New(t, scoped())
	page := access.Where{Scope: contract.ScopePage, Page: hubtest.ID("a page")}
	one, two, page2 := h.ConnectIn(hub.Principal{}, page), h.ConnectIn(hub.Principal{}, page), h.ConnectPageIn(hub.Principal{}, page)
	other, everyone := h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopePage, Page: hubtest.ID("another")}), h.Connect(hub.Principal{})
	say := func() {
		t.Helper()
		if _, err := hubtest.Call(t.Context(), one, connected.SendMethod, connected.Send{Message: "hello"}); err != nil {
			t.Fatal(err)
		}
	}
	say()
	for _, c := range []*hubtest.Client{one, two, page2} {
		hubtest.Await(t, c, connected.BroadcastMessage)
	}
	hubtest.NotHeard(t, other, connected.BroadcastMessage)
	hubtest.NotHeard(t, everyone, connected.BroadcastMessage)

	for _, c := range []*hubtest.Client{one, everyone, page2} {
		if _, err := hubtest.Call(t.Context(), c, access.Enter, access.EnterRequest{Where: access.Where{Scope: contract.ScopePlace, Place: "lobby"}}); err != nil {
			t.Fatal(err)
		}
	}
	say()
	hubtest.Await(t, everyone, connected.BroadcastMessage)
	hubtest.Await(t, page2, connected.BroadcastMessage)
	hubtest.NotHeard(t, two, connected.BroadcastMessage)
}

func TestNewWith_rulesThatRefuse(t *testing.T) {
	h := hubtest.NewWith(t, scoped(), hub.Options{Rules: func(hub.Principal, string) *hub.Rules {
		return &hub.Rules{Scopes: contract.ScopesOf(contract.ScopeTenant)}
	}})
	for _, c := range []*hubtest.Client{h.Connect(hub.Principal{}), h.ConnectPage(hub.Principal{})} {
		refusal := (*access.Refusal)(nil)
		if _, err := hubtest.Call(t.Context(), c, connected.SendMethod, connected.Send{}); !errors.As(err, &refusal) || refusal.Code != access.CodeSpeak {
			t.Errorf("who may only listen hears %v", err)
		}
	}
}

func TestNotHeard_failsForWhatWasHeard(t *testing.T) {
	h := hubtest.New(t, scoped())
	c := h.Connect(hub.Principal{})
	if _, err := hubtest.Call(t.Context(), c, connected.SendMethod, connected.Send{Message: "hello"}); err != nil {
		t.Fatal(err)
	}
	said := new(fakeTest).run(func(t testing.TB) { hubtest.NotHeard(t, c, connected.BroadcastMessage) })
	if want := "heard [{ hello}], and should not have heard broadcastMessage"; said != want {
		t.Errorf("it said %q, want %q", said, want)
	}
}
