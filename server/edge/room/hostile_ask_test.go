package room_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"partline.dev/server/edge/inside"
	"partline.dev/server/edge/room"
	"partline.dev/server/hub"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

func TestHostile_negotiations(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		other := p.connect(joining{})
		good := inside.Negotiation{Version: inside.Version, Hub: "test"}
		change := func(f func(n *inside.Negotiation)) []byte {
			n := good
			f(&n)
			body, err := json.Marshal(n)
			if err != nil {
				t.Fatal(err)
			}
			return body
		}
		stored := p.object.Stored().Size()
		for name, body := range map[string][]byte{
			"deep":                                []byte(strings.Repeat("[", 1<<20)),
			"another version":                     change(func(n *inside.Negotiation) { n.Version = 2 }),
			"no hub":                              change(func(n *inside.Negotiation) { n.Hub = "../test" }),
			"a forged page":                       change(func(n *inside.Negotiation) { n.Where = access.Where{Scope: contract.ScopePage, Page: "x"} }),
			"an unknown tenant":                   change(func(n *inside.Negotiation) { n.Principal.Tenant = "contoso" }),
			"a user's name of control characters": change(func(n *inside.Negotiation) { n.Principal.ID = "a\x00b" }),
			"a foreign place":                     change(func(n *inside.Negotiation) { n.Where = access.Where{Scope: contract.ScopePlace, Place: "other"} }),
			"the world":                           change(func(n *inside.Negotiation) { n.Where = access.Where{Scope: contract.ScopeWorld} }),
			"no scope":                            change(func(n *inside.Negotiation) { n.Where = access.Where{Scope: "all"} }),
		} {
			status, reply := p.room.Ask(inside.PathNegotiate, body)
			if p.settle(); status == http.StatusOK {
				t.Errorf("%s: %s", name, reply)
			}
		}
		for _, path := range []string{"", "/", "negotiate", "/negotiate/", "//negotiate", "/hubs/../negotiate", "/%6eegotiate", "/NEGOTIATE", "/spend/", "/ask"} {
			if status, _ := p.room.Ask(path, change(func(*inside.Negotiation) {})); status != http.StatusNotFound {
				t.Errorf("%q: %d", path, status)
			}
		}
		for _, ticket := range []string{"", "x", strings.Repeat("A", 23), strings.Repeat("A", 21) + "B", strings.Repeat("A", 21) + "\n", "../" + strings.Repeat("A", 19)} {
			body, _ := json.Marshal(inside.Spend{Version: inside.Version, Ticket: ticket, Until: p.object.Now() + 1000})
			if status, _ := p.room.Ask(inside.PathSpend, body); status != http.StatusUnauthorized {
				t.Errorf("a ticket %q: %d", ticket, status)
			}
		}
		if got := p.object.Stored().Size(); got != stored {
			t.Errorf("%d bytes are stored, before it were %d", got, stored)
		}
		stillWell(t, other)
	})
}

func TestHostile_negotiateFlood(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		other, taken := p.connect(joining{}), 0
		for i := range 5000 {
			if _, refusal := p.negotiate(joining{hub: "test", address: fmt.Sprint(i % 40)}); refusal == nil {
				taken++
			} else if refusal.Retry == 0 {
				t.Fatalf("%+v", refusal)
			}
		}
		if taken != 1024 {
			t.Errorf("%d of 5,000 were taken", taken)
		}
		if n := len(p.object.Stored().Keys("p/")); n != taken {
			t.Errorf("%d are stored", n)
		}
		stillWell(t, other)
		p.object.Advance(16 * time.Second)
		p.connect(joining{})
		if n := len(p.object.Stored().Keys("p/")); n > 0 {
			t.Errorf("when their time is over, %d are stored", n)
		}
	})
}

// TestHostile_nothingIsKeptOfWhoIsGone has clients come from everywhere, do something,
// and go in every way.
func TestHostile_nothingIsKeptOfWhoIsGone(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		p.connect(joining{})
		p.connect(joining{principal: hub.Principal{ID: "ann"}})
		before := p.room.Sizes()
		for i := range 300 {
			m := p.connect(joining{address: fmt.Sprint("address ", i), principal: hub.Principal{ID: fmt.Sprint("user ", i)}})
			m.call("Join", fmt.Sprintf(`["group %d"]`, i))
			m.say(silentCall("$enter") + `{"type":1,"invoc`)
			switch i % 4 {
			case 0:
				m.say("\x1e")
			case 1:
				m.say(strings.Repeat("x", 40<<10))
			}
			if p.object.Closed(m.socket) == nil {
				p.room.Closed(m.socket, []int{1000, 1001, 1005, 1006}[i%4], i%2 == 0)
				p.settle()
			}
			p.object.Gone(m.socket)
		}
		if after := p.room.Sizes(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("there is %v, and was %v", after, before)
		}
		if p.busy {
			t.Error("nothing runs, and the room may not be evicted")
		}
	})
}
