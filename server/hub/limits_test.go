package hub_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// The hub of these tests: Hear tells everybody, Group those of a group, and Join
// puts the caller into one; Pour counts what is uploaded.
var (
	limitsHub = contract.NewHub("limits")
	hear      = contract.NewMethod[line, contract.None](limitsHub, "Hear")
	tell      = contract.NewMethod[line, contract.None](limitsHub, "Group")
	join      = contract.NewMethod[line, contract.None](limitsHub, "Join")
	pour      = contract.NewMethod[poured, int](limitsHub, "Pour")
	heardLine = contract.NewEvent[line](limitsHub, "heard")
	limitsAPI = contract.NewAPI(limitsHub, hear, tell, join, pour, heardLine)
)

type (
	line   struct{ Text string }
	poured struct{ Lines contract.Upload[string] }
)

func limited(t *testing.T, rules func(p hub.Principal) *hub.Rules) *hubtest.Hub {
	m := hub.New(limitsAPI)
	hub.Handle(m, hear, func(x *hub.Context, l line) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.Scope(), heardLine, l)
	})
	hub.Handle(m, tell, func(x *hub.Context, l line) (contract.None, error) {
		return contract.None{}, hub.Publish(x, x.Group(l.Text), heardLine, l)
	})
	hub.Handle(m, join, func(x *hub.Context, l line) (contract.None, error) { return contract.None{}, x.Join(l.Text) })
	hub.Handle(m, pour, func(_ *hub.Context, p poured) (n int, err error) {
		for _, err = range p.Lines.Values {
			if err != nil {
				return 0, err
			}
			n++
		}
		return n, nil
	})
	return hubtest.NewWith(t, m, hub.Options{Rules: func(p hub.Principal, _ string) *hub.Rules { return rules(p) }})
}

// everywhere are rules without limits.
func everywhere() *hub.Rules {
	all := contract.ScopesOf(contract.AllScopes[:]...)
	return &hub.Rules{Scopes: all, Speaks: all, AnyPlace: true}
}

// with are rules for everybody, changed by f.
func with(f func(r *hub.Rules)) func(hub.Principal) *hub.Rules {
	r := everywhere()
	f(r)
	return func(hub.Principal) *hub.Rules { return r }
}

// says calls m and wants it to be refused with that code; empty: not refused.
func says[Req any](t *testing.T, c *hubtest.Client, m contract.Method[Req, contract.None], request Req, want access.Code) {
	t.Helper()
	_, err := hubtest.Call(t.Context(), c, m, request)
	wantCode(t, err, want)
}

func wantCode(t *testing.T, err error, want access.Code) {
	t.Helper()
	if refusal := (*access.Refusal)(nil); errors.As(err, &refusal) != (want != "") || want != "" && refusal.Code != want || want == "" && err != nil {
		t.Errorf("the error is %v, and should have the code %q", err, want)
	}
}

func TestLimits_messagesOfAUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, with(func(r *hub.Rules) { r.Rate.Messages = 3 }))
		ann, annToo, bob := h.Connect(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{ID: "bob"})
		guest, another := h.Connect(hub.Principal{}), h.Connect(hub.Principal{})
		sameName := h.Connect(hub.Principal{Tenant: "other", ID: "ann"})
		says(t, ann, hear, line{"1"}, "")
		says(t, annToo, hear, line{"2"}, "")
		says(t, ann, hear, line{"3"}, "")
		says(t, ann, hear, line{"4"}, access.CodeRate)
		says(t, annToo, hear, line{"5"}, access.CodeRate)
		for range 3 {
			for _, c := range []*hubtest.Client{bob, guest, another, sameName} {
				says(t, c, hear, line{"x"}, "")
			}
		}
		says(t, guest, hear, line{"y"}, access.CodeRate)
		time.Sleep(334 * time.Millisecond)
		says(t, ann, hear, line{"6"}, "")
		says(t, ann, hear, line{"7"}, access.CodeRate)
		time.Sleep(time.Hour)
		for range 3 {
			says(t, ann, hear, line{"8"}, "")
		}
		says(t, ann, hear, line{"9"}, access.CodeRate)
		if n := h.Core().Stats().TooMany; n != 5 {
			t.Errorf("%d refusals are counted", n)
		}
	})
}

// A refused call is answered and has no effect, and nobody is asked for one that
// wants no answer.
func TestLimits_aRefusedCallDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, with(func(r *hub.Rules) { r.Rate.Messages = 1 }))
		ann, bob := h.Connect(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{ID: "bob"})
		says(t, ann, hear, line{"first"}, "")
		says(t, ann, hear, line{"refused"}, access.CodeRate)
		if err := hubtest.Send(ann, hear, line{"dropped"}); err != nil {
			t.Fatal(err)
		}
		h.Settle()
		says(t, bob, hear, line{"last"}, "")
		if got := []string{hubtest.Await(t, bob, heardLine).Text, hubtest.Await(t, bob, heardLine).Text}; got[0] != "first" || got[1] != "last" {
			t.Errorf("bob heard %q", got)
		}
	})
}

func TestLimits_bytesOfAUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, with(func(r *hub.Rules) { r.Rate.Bytes = 1000 }))
		ann := h.Connect(hub.Principal{ID: "ann"})
		long := strings.Repeat("a", 5000-len(`[""]`))
		says(t, ann, hear, line{long}, "") // longer than a second's worth: slow, not impossible
		says(t, ann, hear, line{"x"}, access.CodeRate)
		time.Sleep(3999 * time.Millisecond)
		says(t, ann, hear, line{"x"}, access.CodeRate)
		time.Sleep(time.Millisecond)
		says(t, ann, hear, line{"x"}, access.CodeRate) // just even
		time.Sleep(time.Millisecond)
		says(t, ann, hear, line{"x"}, "")
	})
}

func TestLimits_messagesOfATenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, with(func(r *hub.Rules) { r.TenantRate.Messages = 4 }))
		for i := range 4 {
			says(t, h.Connect(hub.Principal{ID: fmt.Sprint(i)}), hear, line{"x"}, "")
		}
		says(t, h.Connect(hub.Principal{}), hear, line{"x"}, access.CodeRate)
		says(t, h.Connect(hub.Principal{Tenant: "other"}), hear, line{"x"}, "")
	})
}

func TestLimits_messagesIntoARoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, with(func(r *hub.Rules) { r.RoomRate = hub.Rate{Messages: 2, Bytes: 10_000} }))
		ann, bob := h.Connect(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{ID: "bob"})
		says(t, ann, join, line{"g"}, "")
		says(t, bob, join, line{"k"}, "")
		says(t, ann, tell, line{"g"}, "")
		says(t, bob, tell, line{"g"}, "")
		says(t, bob, tell, line{"g"}, access.CodeRate)
		says(t, bob, tell, line{"k"}, "")
		says(t, bob, hear, line{"the tenant's is another room"}, "")
		for range 5 {
			says(t, ann, tell, line{"nobody is there"}, "")
		}
		time.Sleep(time.Second)
		says(t, ann, hear, line{strings.Repeat("a", 15_000)}, "")
		says(t, ann, hear, line{"x"}, access.CodeRate)
		time.Sleep(time.Second)
		says(t, ann, hear, line{"x"}, "")
	})
}

func TestLimits_itemsOfAnUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, with(func(r *hub.Rules) { r.Rate.Messages = 10 }))
		ann := h.Connect(hub.Principal{ID: "ann"})
		pours := func(n int) (int, error) {
			return hubtest.Call(t.Context(), ann, pour, poured{hubtest.Values(strings.Split(strings.Repeat("x", n), "")...)})
		}
		if n, err := pours(9); n != 9 || err != nil {
			t.Errorf("nine items: %d, %v", n, err)
		}
		time.Sleep(time.Second)
		_, err := pours(10)
		wantCode(t, err, access.CodeRate)
		time.Sleep(time.Second)
		says(t, ann, hear, line{"the connection goes on"}, "")
	})
}

func TestLimits_groupsOfAConnection(t *testing.T) {
	h := limited(t, with(func(r *hub.Rules) { r.Rooms = 2 }))
	ann, annToo := h.Connect(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{ID: "ann"})
	says(t, ann, join, line{"a"}, "")
	says(t, ann, join, line{"b"}, "")
	says(t, ann, join, line{"b"}, "")
	says(t, ann, join, line{"c"}, access.CodeRooms)
	says(t, annToo, join, line{"c"}, "")
}

func TestLimits_connections(t *testing.T) {
	h := limited(t, with(func(r *hub.Rules) { r.Connections, r.TenantConnections = 2, 3 }))
	opens := func(p hub.Principal, want access.Code) {
		t.Helper()
		_, err := h.Core().Access("limits", p, access.Where{})
		if refusal := (*access.Refusal)(nil); want == "" && err != nil || want != "" && (!errors.As(err, &refusal) || refusal.Code != want) {
			t.Errorf("the error is %v, and should have the code %q", err, want)
		}
	}
	ann, bob := hub.Principal{ID: "ann"}, hub.Principal{ID: "bob"}
	first := h.Connect(ann)
	opens(ann, "")
	h.Connect(ann)
	opens(ann, access.CodeConnections)
	opens(bob, "")
	opens(hub.Principal{Tenant: "other", ID: "ann"}, "")
	guest := h.Connect(hub.Principal{})
	opens(bob, access.CodeConnections)
	opens(hub.Principal{}, access.CodeConnections)
	opens(hub.Principal{Tenant: "other"}, "")
	guest.Close()
	opens(bob, "")
	opens(ann, access.CodeConnections)
	first.Close()
	opens(ann, "")
}

// Limits that come later hold for who is there, and those that go are gone.
func TestLimits_changeWithTheRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := everywhere()
		h := limited(t, func(hub.Principal) *hub.Rules { return now })
		ann, bob := h.Connect(hub.Principal{ID: "ann"}), h.Connect(hub.Principal{ID: "bob"})
		for range 100 {
			says(t, ann, hear, line{"x"}, "")
		}
		now = everywhere()
		now.Rate.Messages, now.TenantConnections = 1, 1
		h.Core().Reconsider()
		says(t, ann, hear, line{"x"}, "")
		says(t, ann, hear, line{"x"}, access.CodeRate)
		says(t, bob, hear, line{"whoever is in stays in"}, "")
		now = everywhere()
		h.Core().Reconsider()
		says(t, ann, hear, line{"x"}, "")
	})
}

func TestLimits_leaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, with(func(r *hub.Rules) {
			r.Rate, r.TenantRate, r.RoomRate, r.Connections = hub.Rate{Messages: 10}, hub.Rate{Messages: 1e6}, hub.Rate{Messages: 1e6}, 5
		}))
		for i := range 100 {
			c := h.Connect(hub.Principal{Tenant: fmt.Sprint(i % 7), ID: fmt.Sprint(i)})
			says(t, c, hear, line{"x"}, "")
			c.Close()
		}
		h.Settle()
		time.Sleep(time.Second)
		synctest.Wait()
		if n := hub.Usages(h.Core()); n != 0 {
			t.Errorf("%d users and tenants are remembered", n)
		}
	})
}

// To come back is no way round a limit, for a user alone in its tenant, too.
func TestHostile_reconnectingResetsNoLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := limited(t, with(func(r *hub.Rules) { r.Rate, r.TenantRate = hub.Rate{Messages: 3, Bytes: 100}, hub.Rate{Messages: 5} }))
		ann, bob := hub.Principal{Tenant: "x", ID: "ann"}, hub.Principal{Tenant: "x", ID: "bob"}
		say := func(p hub.Principal, text string, want access.Code) {
			t.Helper()
			c := h.Connect(p)
			says(t, c, hear, line{text}, want)
			c.Close()
			h.Settle()
		}
		for range 3 {
			say(ann, "x", "")
		}
		for range 3 {
			say(ann, "x", access.CodeRate)
		}
		say(bob, "x", "")
		say(bob, "x", "")
		say(bob, "the tenant's", access.CodeRate)
		time.Sleep(334 * time.Millisecond)
		say(ann, "x", "")
		say(ann, "x", access.CodeRate)
		time.Sleep(time.Second)
		say(ann, strings.Repeat("a", 1000-len(`[""]`)), "") // nine seconds' worth of debt
		time.Sleep(8900 * time.Millisecond)
		say(ann, "x", access.CodeRate)
		time.Sleep(200 * time.Millisecond)
		say(ann, "x", "")
		time.Sleep(time.Second)
		synctest.Wait()
		if n := hub.Usages(h.Core()); n != 0 {
			t.Errorf("%d users and tenants are remembered", n)
		}
	})
}

// BenchmarkLimits is what a call costs more that is counted for its user, its
// tenant and its room.
func BenchmarkLimits(b *testing.B) {
	for name, rate := range map[string]hub.Rate{"none": {}, "all": {Messages: 1e9, Bytes: 1e12}} {
		b.Run(name, func(b *testing.B) {
			m := hub.New(limitsAPI)
			hub.Handle(m, hear, func(x *hub.Context, l line) (contract.None, error) {
				return contract.None{}, hub.Publish(x, x.Group("nobody"), heardLine, l)
			})
			none := func(*hub.Context, line) (contract.None, error) { return contract.None{}, nil }
			hub.Handle(m, tell, none)
			hub.Handle(m, join, none)
			hub.Handle(m, pour, func(*hub.Context, poured) (int, error) { return 0, nil })
			rules := everywhere()
			rules.Rate, rules.TenantRate, rules.RoomRate = rate, rate, rate
			h := hubtest.NewWith(b, m, hub.Options{Rules: func(hub.Principal, string) *hub.Rules { return rules }})
			c := h.Connect(hub.Principal{ID: "ann"})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := hubtest.Call(context.Background(), c, hear, line{"x"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
