package room_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"partline.dev/server/edge/inside"
	"partline.dev/server/edge/room"
	"partline.dev/server/hub"
	"partline.dev/server/tenants"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

const done = `{"type":3,"invocationId":"1","result":null}` + "\x1e"

func toldMessage(text string) string {
	return `{"type":1,"target":"told","arguments":["` + text + `"]}` + "\x1e"
}

func TestRoom_evictedWithMembersOfGroupsAndUsers(t *testing.T) {
	// Every second one speaks MessagePack; every third is in a group of its own
	// kind; ten users have ten connections each.
	open(t, room.Options{}, func(t *testing.T, p *place) {
		const members = 100
		var all []*member
		for i := range members {
			m := p.connect(joining{principal: hub.Principal{ID: fmt.Sprint("user", i%10)}, address: fmt.Sprint(i)})
			m.call("Join", fmt.Sprintf(`["group %d"]`, i%3))
			all = append(all, m)
		}
		if p.busy {
			t.Fatal("the room is busy, and nothing runs")
		}
		for round := range 3 {
			p.begin()
			if got := p.lives.count("reconnected"); got != members*(round+1) {
				t.Errorf("OnReconnect ran %d times after %d evictions of %d", got, round+1, members)
			}
			for i, m := range all {
				if got := m.take(); len(got) != 0 {
					t.Errorf("member %d heard %q of the eviction", i, got)
				}
			}
			check := func(what, method, arguments, text string, hears func(i int) bool) {
				t.Helper()
				answers := all[0].call(method, arguments)
				for i, m := range all {
					got := m.take()
					if i == 0 {
						got = slices.DeleteFunc(answers, func(s string) bool { return s == done })
						if len(answers)-len(got) > 1 {
							t.Errorf("%s: the caller was answered %q", what, answers)
						}
					}
					want := []string(nil)
					if hears(i) {
						want = []string{toldMessage(text)}
					}
					if !slices.EqualFunc(got, want, func(a, b string) bool { return strings.Contains(a, strings.TrimSuffix(b, "}\x1e")[30:]) }) {
						t.Errorf("%s, round %d: member %d heard %q, want %q", what, round, i, got, want)
					}
				}
			}
			check("everybody", "TellAll", `["all"]`, "all", func(int) bool { return true })
			check("a group", "Tell", `["group 1","one"]`, "one", func(i int) bool { return i%3 == 1 })
			check("a user", "TellUser", `["user7","seven"]`, "seven", func(i int) bool { return i%10 == 7 })
		}
		if got := p.lives.count("connected"); got != members {
			t.Errorf("OnConnect ran %d times for %d members", got, members)
		}
	})
}

func TestRoom_bothCodecsHearTheSameOnce(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		var all []*member
		for range 4 {
			all = append(all, p.connect(joining{}), p.connect(joining{codec: "messagepack"}))
		}
		all[0].call("TellAll", `["hello"]`)
		for i, m := range all[1:] {
			got := m.take()
			if len(got) != 1 || !strings.Contains(got[0], "hello") {
				t.Errorf("member %d heard %q", i+1, got)
			}
		}
		// A ping in MessagePack is answered by one, and is nothing to the core.
		ping := wire.MessagePack.Append(nil, &wire.Message{Kind: wire.Ping})
		all[1].say(string(ping))
		if got := all[1].take(); len(got) != 1 || got[0] != string(ping) {
			t.Errorf("a ping was answered by %q", got)
		}
	})
}

func TestRoom_scopeIsRememberedAndChangedByEnter(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		page := func(letter string) string { return strings.Repeat(letter, 21) + "A" }
		where := func(letter string) access.Where {
			return access.Where{Scope: contract.ScopePage, Page: page(letter)}
		}
		one := p.connect(joining{hub: "connected", where: where("a")})
		two := p.connect(joining{hub: "connected", where: where("b")})
		three := p.connect(joining{hub: "connected", where: where("a")})
		hears := func(what string, want ...*member) {
			t.Helper()
			for _, m := range []*member{one, two, three} {
				m.take()
			}
			one.say(`{"type":1,"target":"Send","arguments":["","said"]}` + "\x1e")
			for i, m := range []*member{one, two, three} {
				if got := len(m.take()) == 1; got != slices.Contains(want, m) {
					t.Errorf("%s: member %d hears: %v", what, i+1, got)
				}
			}
		}
		hears("at first", one, three)
		p.begin()
		hears("after an eviction", one, three)
		if got := two.call("$enter", `[{"scope":"page","page":"`+page("a")+`"}]`); len(got) != 1 || strings.Contains(got[0], "error") {
			t.Fatalf("$enter gave %q", got)
		}
		if got := three.call("$enter", `[{"scope":"place","place":"elsewhere"}]`); len(got) != 1 || !strings.Contains(got[0], "[") {
			t.Fatalf("$enter of another place gave %q", got)
		}
		hears("after one has entered", one, two, three)
		p.begin()
		hears("after another eviction", one, two, three)
	})
}

func TestRoom_renamedGuestKeepsTheName(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		m := p.connect(joining{hub: "connected"})
		m.call("$rename", `["Ann"]`)
		p.begin()
		got := m.call("Send", `["Part One","hello"]`)
		if len(got) != 2 || !strings.Contains(got[0], "Ann (guest)") {
			t.Errorf("heard %q", got)
		}
	})
}

func TestRoom_staysWhileSomethingRuns(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		m := p.connect(joining{})
		got := m.call("Ask", `["who"]`)
		if len(got) != 1 || !strings.Contains(got[0], `"target":"question"`) || !p.busy {
			t.Fatalf("was asked %q, busy %v", got, p.busy)
		}
		id := got[0][strings.Index(got[0], `"invocationId":"`)+len(`"invocationId":"`):]
		id = id[:strings.Index(id, `"`)]
		m.say(`{"type":3,"invocationId":"` + id + `","result":"me"}` + "\x1e")
		if got := m.take(); len(got) != 1 || !strings.Contains(got[0], `"result":"me"`) || p.busy {
			t.Errorf("was answered %q, busy %v", got, p.busy)
		}
		m.say(`{"type":1,"invocationId":"1","tar`)
		if !p.busy {
			t.Error("half a message has come, and the room may be evicted")
		}
		m.say(`get":"TellAll","arguments":["x"]}` + "\x1e")
		if got := m.take(); len(got) != 2 || p.busy {
			t.Errorf("heard %q, busy %v", got, p.busy)
		}
		pack := p.connect(joining{codec: "messagepack"})
		pack.say("\x03\x91")
		if !p.busy {
			t.Error("half a message in MessagePack has come, and the room may be evicted")
		}
		pack.say("\x06\x40\x02\x91\x06")
		if p.object.Closed(pack.socket) == nil && p.busy {
			t.Error("all has come, and the room is busy")
		}
	})
}

// What a handler does that a timer has woken leaves without another event.
func TestRoom_sendsWhatHappensBetweenEvents(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		m := p.connect(joining{})
		if got := m.call("Later", `[]`); len(got) != 0 || !p.busy {
			t.Fatalf("heard %q at once, busy %v", got, p.busy)
		}
		<-time.After(time.Second) // of the bubble
		synctest.Wait()
		if !p.object.Asked() {
			t.Fatal("the room asks for no turn")
		}
		p.room.Resume()
		p.settle()
		if got := m.take(); len(got) != 1 || !strings.Contains(got[0], `"result":"now"`) || p.busy {
			t.Errorf("heard %q, busy %v", got, p.busy)
		}
	})
}

func TestRoom_streamOfMoreThanTheQueue(t *testing.T) {
	open(t, room.Options{QueueLimit: 64 << 10}, func(t *testing.T, p *place) {
		const items = 1000
		m := p.connect(joining{})
		m.say(fmt.Sprintf(`{"type":4,"invocationId":"1","target":"Count","arguments":[1000,%d]}`+"\x1e", items))
		got := m.take()
		if len(got) != items+1 || !strings.Contains(got[items], `"type":3`) {
			t.Fatalf("%d messages came, want %d items and the end", len(got), items)
		}
		for i, one := range got[:items] {
			if !strings.Contains(one, fmt.Sprintf(`"item":"%d.`, i)) {
				t.Fatalf("item %d is %.80q", i, one)
			}
		}
	})
}

func TestRoom_floodEndsWhomItIsTooMuchFor(t *testing.T) {
	// Who has called may hear no more of it before it is written down what the call has
	// changed, so that is bounded; for others what is queued leaves meanwhile.
	open(t, room.Options{QueueLimit: 8 << 20}, func(t *testing.T, p *place) {
		caller, other := p.connect(joining{}), p.connect(joining{})
		if got := caller.call("Flood", `[20000,200]`); len(got) != 201 {
			t.Errorf("the caller heard %d messages", len(got))
		}
		if got := other.take(); len(got) != 200 {
			t.Errorf("the other heard %d messages", len(got))
		}
		if got := caller.call("Flood", `[20000,1000]`); len(got) == 0 || !strings.Contains(got[len(got)-1], `"allowReconnect":true`) {
			t.Errorf("the caller heard %d messages, the last of them %.100q", len(got), got[max(len(got)-1, 0):])
		}
		if closed := p.object.Closed(caller.socket); closed == nil || closed.Code != hub.CodeTryAgainLater {
			t.Errorf("the caller was closed with %+v", closed)
		}
		if got := other.take(); len(got) < 400 || p.object.Closed(other.socket) != nil {
			t.Errorf("the other heard %d messages, and was closed: %+v", len(got), p.object.Closed(other.socket))
		}
	})
}

func TestRoom_tokenOpensOnceAndForItsPage(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		made, refusal := p.negotiate(joining{hub: "test", origin: "https://a.example"})
		if refusal != nil {
			t.Fatal(refusal)
		}
		connect := func(hubName, token, origin string) *inside.Refusal {
			p.sockets++
			p.object.Open(p.sockets)
			refusal := p.room.Connect(p.sockets, room.Connecting{Hub: hubName, Token: token, Origin: origin})
			p.settle()
			if refusal != nil {
				p.object.Gone(p.sockets)
			}
			return refusal
		}
		for name, c := range map[string]struct{ hub, token, origin, text string }{
			"another page":   {"test", made.Token, "https://b.example", "this origin is not allowed"},
			"no page":        {"test", made.Token, "", "this origin is not allowed"},
			"another hub":    {"connected", made.Token, "https://a.example", "No Connection"},
			"another secret": {"test", made.Token[:len(made.Token)-2] + "xx", "https://a.example", "No Connection"},
			"another object": {"test", "1" + made.Token[1:], "https://a.example", "No Connection"},
			"nothing":        {"test", "", "https://a.example", "No Connection"},
			"a path":         {"test", "../../" + made.Token, "https://a.example", "No Connection"},
		} {
			if refusal := connect(c.hub, c.token, c.origin); refusal == nil || !strings.Contains(refusal.Text, c.text) {
				t.Errorf("%s: %+v", name, refusal)
			}
		}
		p.begin() // what was negotiated is remembered
		if refusal := connect("TEST", made.Token, "https://a.example"); refusal != nil {
			t.Fatalf("the client itself: %+v", refusal)
		}
		if refusal := connect("test", made.Token, "https://a.example"); refusal == nil {
			t.Error("the token was taken twice")
		}
		late, refusal := p.negotiate(joining{hub: "test"})
		if refusal != nil {
			t.Fatal(refusal)
		}
		p.object.Advance(16 * time.Second)
		if refusal := connect("test", late.Token, ""); refusal == nil {
			t.Error("the token was taken after its time")
		}
	})
}

func TestRoom_refusesWhatIsTooMuch(t *testing.T) {
	open(t, room.Options{MaxConnections: 3, MaxPerAddress: 2, HandshakesPerAddress: 2}, func(t *testing.T, p *place) {
		one := p.connect(joining{address: "a"})
		p.connect(joining{address: "a"})
		if _, refusal := p.negotiate(joining{hub: "test", address: "a"}); refusal == nil || refusal.Status != 429 {
			t.Errorf("a third of one address: %+v", refusal)
		}
		p.connect(joining{address: "b"})
		if _, refusal := p.negotiate(joining{hub: "test", address: "c"}); refusal == nil || refusal.Status != 503 || refusal.Retry == 0 {
			t.Errorf("a fourth: %+v", refusal)
		}
		p.begin()
		if _, refusal := p.negotiate(joining{hub: "test", address: "c"}); refusal == nil {
			t.Error("a fourth was let in after an eviction")
		}
		p.object.Gone(one.socket)
		p.room.Closed(one.socket, 1006, false)
		p.settle()
		for range 2 {
			if _, refusal := p.negotiate(joining{hub: "test", address: "c"}); refusal != nil {
				t.Errorf("after one has left: %+v", refusal)
			}
		}
		if _, refusal := p.negotiate(joining{hub: "test", address: "c"}); refusal == nil || refusal.Status != 429 {
			t.Errorf("a third that is not opened: %+v", refusal)
		}
	})
}

func TestRoom_refusesOtherVersionsAndNonsense(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		stored := p.object.Stored().Size()
		for body, want := range map[string]int{
			"":                                     400,
			"[]":                                   400,
			`{"version":2,"hub":"test"}`:           503,
			`{"hub":"test"}`:                       503,
			`{"version":1,"hub":"none"}`:           404,
			`{"version":1,"hub":"test","where":3}`: 400,
		} {
			if status, reply := p.room.Ask(inside.PathNegotiate, []byte(body)); status != want {
				t.Errorf("%s: %d %s, want %d", body, status, reply, want)
			}
		}
		if status, _ := p.room.Ask("/other", nil); status != 404 {
			t.Errorf("another path: %d", status)
		}
		p.settle()
		if got := p.object.Stored().Size(); got != stored {
			t.Errorf("%d bytes are stored, before it were %d", got, stored)
		}
	})
}

func TestRoom_whoIsBlockedSinceDoesNotGoOn(t *testing.T) {
	read := func(text string) *tenants.Book {
		book, err := tenants.Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return book
	}
	before := read("tenants: {contoso: {hosts: [https://a.example]}, other: {hosts: [https://b.example]}}")
	after := read("tenants: {contoso: {hosts: [https://a.example], blocked: [bob]}}")
	open(t, room.Options{Book: before}, func(t *testing.T, p *place) {
		ann := p.connect(joining{principal: hub.Principal{Tenant: "contoso", ID: "ann"}})
		bob := p.connect(joining{principal: hub.Principal{Tenant: "contoso", ID: "bob"}})
		eve := p.connect(joining{principal: hub.Principal{Tenant: "other", ID: "eve"}})
		p.options.Book = after
		p.begin()
		if got := bob.take(); len(got) != 1 || !strings.Contains(got[0], "[revoked]") || p.object.Closed(bob.socket) == nil {
			t.Errorf("who is blocked heard %q", got)
		}
		if got := eve.take(); len(got) != 1 || !strings.Contains(got[0], "[tenant]") || p.object.Closed(eve.socket) == nil {
			t.Errorf("whose tenant is gone heard %q", got)
		}
		if got := ann.call("TellAll", `["x"]`); len(got) != 2 {
			t.Errorf("who stays heard %q", got)
		}
	})
}
