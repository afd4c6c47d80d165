package hub_test

import (
	"fmt"
	"sync"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// TestScopes_underManyHands has clients move between places, speak, come and go, while
// rules are reconsidered and others are expelled. Nobody hears what was said in a place
// after leaving it, each speaker is heard once by who stays, and nothing is left.
func TestScopes_underManyHands(t *testing.T) {
	m := talk(func(x *hub.Context) error {
		_, place := x.Where()
		return hub.Publish(x, x.Scope(), heardEvent, say{place})
	})
	h := hubtest.New(t, m)
	in := func(place string) access.Where { return access.Where{Scope: contract.ScopePlace, Place: place} }
	steady := map[string]*hubtest.Client{"a": h.ConnectIn(hub.Principal{ID: "steady"}, in("a")), "b": h.ConnectPageIn(hub.Principal{ID: "steady"}, in("b"))}
	const hands, rounds = 6, 100
	var work sync.WaitGroup
	for i := range hands {
		work.Go(func() {
			for round := range rounds {
				c := h.ConnectIn(hub.Principal{ID: fmt.Sprint("u", i)}, in("a"))
				if round%2 == 0 {
					c = h.ConnectPageIn(hub.Principal{ID: fmt.Sprint("u", i)}, in("a"))
				}
				for _, place := range []string{"a", "b", "a", "b"} {
					if _, err := hubtest.Call(t.Context(), c, access.Enter, access.EnterRequest{Where: in(place)}); err != nil {
						t.Error(err)
					}
					if _, err := hubtest.Call(t.Context(), c, runMethod, contract.None{}); err != nil {
						t.Error(err)
					}
				}
				if round%4 < 2 {
					c.Close()
					continue
				}
				h.Core().Reconsider()
				h.Core().Expel(func(p hub.Principal) bool { return p.ID == fmt.Sprint("u", i) }, &access.Refusal{Code: access.CodeRevoked, Message: "Go."})
			}
		})
	}
	work.Wait()
	h.Settle()
	for place, c := range steady {
		got := hubtest.Heard(t, c, heardEvent)
		for _, s := range got {
			if s.Text != place {
				t.Fatalf("in %s it heard what was said in %s", place, s.Text)
			}
		}
		if want := hands * rounds * 2; len(got) != want {
			t.Errorf("in %s it heard %d of %d", place, len(got), want)
		}
		c.Close()
	}
	h.Settle()
	if s := h.Core().Stats(); s.Connections != 0 || s.Rooms != 0 {
		t.Errorf("left: %+v", s)
	}
}
