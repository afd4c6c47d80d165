package room_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"partline.dev/server/edge/room"
	"partline.dev/server/history"
	"partline.dev/server/hub"
	"partline.dev/shared/contract"
)

// silentCall is a call of a method without arguments that nobody waits for.
func silentCall(method string) string {
	return `{"type":1,"target":"` + method + `","arguments":[]}` + "\x1e"
}

// stillWell checks that m goes on, and hears nothing that it should not.
func stillWell(t *testing.T, m *member) {
	t.Helper()
	m.take()
	if got := m.call("TellAll", `["well?"]`); !slices.Equal(got, []string{toldMessage("well?"), done}) {
		t.Errorf("somebody else heard %q, and is closed: %+v", got, m.object.Closed(m.socket))
	}
}

func TestHostile_aMessageOfManyMiB(t *testing.T) {
	// A Worker passes on messages of 32 MiB, and at home a link reads on only when the
	// calls that it has read have gone somewhere.
	open(t, room.Options{}, func(t *testing.T, p *place) {
		other := p.connect(joining{})
		for name, method := range map[string]string{"that wait": "Later", "that nobody has": "Nope"} {
			m := p.connect(joining{})
			calls := strings.Repeat(silentCall(method), 8<<20/len(silentCall(method)))
			p.room.Message(m.socket, []byte(calls))
			p.settle()
			if method == "Later" {
				if closed := p.object.Closed(m.socket); closed == nil || closed.Code != hub.CodePolicy || closed.Text != "too much at once" {
					t.Errorf("calls %s: the client was closed with %+v", name, closed)
				}
			}
			stillWell(t, other)
		}
		if held := p.room.Held(); held != 0 {
			t.Errorf("%d bytes are held", held)
		}
	})
}

func TestHostile_whoSendsWhileCallsRun(t *testing.T) {
	open(t, room.Options{HoldLimit: 100 << 10}, func(t *testing.T, p *place) {
		other, m := p.connect(joining{}), p.connect(joining{})
		calls := strings.Repeat(silentCall("Later"), 1000)
		for range 10 {
			m.say(calls)
		}
		if closed := p.object.Closed(m.socket); closed == nil || closed.Code != hub.CodePolicy {
			t.Errorf("the client was closed with %+v", closed)
		}
		if held := p.room.Held(); held != 0 {
			t.Errorf("of who is gone are held %d bytes", held)
		}
		stillWell(t, other)
	})
}

func TestHostile_manyWhoSendWhileCallsRun(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		other := p.connect(joining{})
		calls := strings.Repeat(silentCall("Later"), 1<<20/len(silentCall("Later")))
		closed, most := 0, 0
		for i := range 30 {
			m := p.connect(joining{address: fmt.Sprint(i)})
			m.say(calls)
			most = max(most, p.room.Held())
			if p.object.Closed(m.socket) != nil {
				closed++
			}
		}
		if most > 16<<20 || closed < 10 || closed == 30 {
			t.Errorf("%d bytes were held, and %d of 30 closed", most, closed)
		}
		stillWell(t, other)
		for _, socket := range p.object.Sockets() {
			if socket != other.socket {
				p.object.Gone(socket)
				p.room.Closed(socket, 1006, false)
				p.settle()
			}
		}
		if held := p.room.Held(); held != 0 {
			t.Errorf("of who is gone are held %d bytes", held)
		}
		stillWell(t, other)
	})
}

func TestHostile_damagedAttachments(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		groups := func(m *member, n int) {
			for i := range n {
				m.call("Join", fmt.Sprintf(`["%0200d"]`, i))
			}
		}
		damage := map[string]func(state []byte) []byte{
			"empty":           func([]byte) []byte { return nil },
			"cut":             func(s []byte) []byte { return s[:len(s)/2] },
			"one more":        func(s []byte) []byte { return append(s, 0) },
			"of a newer form": func(s []byte) []byte { s[0]++; return s },
			"zeros":           func(s []byte) []byte { return make([]byte, len(s)) },
			"0xff":            func(s []byte) []byte { return slices.Repeat([]byte{0xff}, room.MaxAttachment) },
			"another digest":  func(s []byte) []byte { s[5] ^= 1; return s },
		}
		for _, long := range []bool{false, true} {
			for name, change := range damage {
				if name == "another digest" && !long {
					continue
				}
				good, bad := p.connect(joining{}), p.connect(joining{})
				if groups(good, 1); long {
					groups(bad, 20)
				}
				if err := p.object.Attach(bad.socket, change(p.object.Attachment(bad.socket))); err != nil {
					t.Fatal(err)
				}
				p.begin()
				if closed := p.object.Closed(bad.socket); closed == nil || closed.Code != 1012 || len(bad.take()) != 0 {
					t.Errorf("an attachment %s, long %v: the client was closed with %+v", name, long, closed)
				}
				stillWell(t, good)
				good.call("Tell", fmt.Sprintf(`["%0200d","x"]`, 0))
				p.object.Gone(bad.socket)
			}
		}
		if left := p.object.Stored().Keys("c/"); len(left) > 0 {
			t.Errorf("of those who are gone is left %q", left)
		}
	})
}

func TestHostile_attachmentsOfAnything(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		good, bad := p.connect(joining{}), p.connect(joining{})
		state := p.object.Attachment(bad.socket)
		for i := range len(state) * 8 {
			flipped := slices.Clone(state)
			flipped[i/8] ^= 1 << (i % 8)
			if err := p.object.Attach(bad.socket, flipped); err != nil {
				t.Fatal(err)
			}
			p.begin()
			stillWell(t, good)
			if p.object.Closed(bad.socket) != nil {
				p.object.Open(bad.socket)
			}
			bad.take()
		}
	})
}

func TestHostile_aThousandGroupsOverAnEviction(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		m, other := p.connect(joining{}), p.connect(joining{})
		for i := range 1000 {
			m.call("Join", fmt.Sprintf(`["%0255d"]`, i))
		}
		if got := m.call("Join", `["one more"]`); len(got) != 1 || !strings.Contains(got[0], `"error"`) {
			t.Errorf("one more: %q", got)
		}
		p.begin()
		for _, i := range []int{0, 1, 499, 999} {
			other.call("Tell", fmt.Sprintf(`["%0255d","%d"]`, i, i))
			if got := m.take(); !slices.Equal(got, []string{toldMessage(fmt.Sprint(i))}) {
				t.Errorf("in group %d it heard %q", i, got)
			}
		}
		if n := len(p.object.Attachment(m.socket)); n > room.MaxAttachment {
			t.Errorf("%d bytes are attached", n)
		}
	})
}

func TestHostile_longClaims(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		claims := map[string]string{}
		for i := range 100 {
			claims[fmt.Sprint("claim ", i)] = strings.Repeat("c", 1000)
		}
		other, ann := p.connect(joining{}), p.connect(joining{principal: hub.Principal{ID: "ann", Claims: claims, Roles: slices.Repeat([]string{"role"}, 1000)}})
		p.begin()
		stillWell(t, other)
		if got := ann.take(); len(got) != 1 || !strings.Contains(got[0], "well?") {
			t.Errorf("who has them heard %q", got)
		}
		// More than can be stored is refused, and nobody else hears of it.
		claims["long"] = strings.Repeat("c", 5<<20)
		if _, refusal := p.negotiate(joining{hub: "test", principal: hub.Principal{ID: "bob", Claims: claims}}); refusal == nil || refusal.Status != http.StatusServiceUnavailable {
			t.Errorf("5 MiB of claims: %+v", refusal)
		}
		stillWell(t, other)
	})
}

func TestHostile_alarms(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		soon := p.object.Now() + 60_000
		ann, bob := p.connect(joining{principal: hub.Principal{ID: "ann", Expires: soon}}), p.connect(joining{})
		for range 100 { // nothing is due
			p.room.Alarm()
			p.settle()
		}
		if got := append(ann.take(), bob.take()...); len(got) > 0 || p.object.Alarmed() > soon || p.object.Alarmed() < p.object.Now() {
			t.Errorf("alarms that nobody asked for: %q, the next at %d", got, p.object.Alarmed())
		}
		// It never comes: what is due happens at the next event, whosever.
		p.object.Advance(100 * time.Hour)
		stillWell(t, bob)
		if got := ann.take(); len(got) == 0 || !strings.Contains(got[0], "[expired]") || p.object.Closed(ann.socket) == nil {
			t.Errorf("whose time was over heard %q", got)
		}
		p.room.Alarm()
		p.room.Alarm() // twice, hours late
		p.settle()
		stillWell(t, bob)
	})
}

func TestHostile_socketsThatNobodyKnows(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		one, other := p.connect(joining{}), p.connect(joining{})
		p.object.Gone(one.socket)
		for range 3 {
			p.room.Closed(one.socket, 1006, false)
			p.settle()
		}
		p.room.Message(one.socket, []byte(silentCall("Lives")))
		p.room.Message(-1, []byte("x"))
		p.room.Closed(1<<30, 0, true)
		p.settle()
		if got := p.lives.count("disconnected"); got != 1 {
			t.Errorf("OnDisconnect ran %d times", got)
		}
		stillWell(t, other)
	})
}

func TestHostile_hubsThatFail(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		hubs := p.options.Hubs
		p.options.Hubs = func(h history.Log) []*hub.Mux {
			m := hub.New(contract.NewAPI(contract.NewHub("fails")))
			m.OnReconnect(func(*hub.Context) { panic("the-password") })
			m.OnDisconnect(func(*hub.Context, error) { panic("the-password") })
			return append(hubs(h), m)
		}
		p.begin()
		other := p.connect(joining{})
		bad := p.connect(joining{hub: "fails"})
		for range 3 {
			p.begin()
			if got := strings.Join(bad.take(), ""); strings.Contains(got, "password") {
				t.Errorf("it heard %q", got)
			}
			if p.busy {
				t.Error("nothing runs, and the room may not be evicted")
			}
			stillWell(t, other)
		}
	})
}

func TestHostile_aHandlerThatNeverReturns(t *testing.T) {
	open(t, room.Options{}, func(t *testing.T, p *place) {
		other, m := p.connect(joining{}), p.connect(joining{})
		m.call("Ask", `["who"]`) // and the client never answers
		if !p.busy {
			t.Error("a handler runs, and the room may be evicted")
		}
		stillWell(t, other)
		p.object.Advance(1000 * time.Hour)
		p.room.Alarm()
		p.settle()
		stillWell(t, other)
		p.object.Gone(m.socket)
		p.room.Closed(m.socket, 1006, false)
		p.settle()
		if p.busy {
			t.Error("its client has gone, and the handler still runs")
		}
		stillWell(t, other)
	})
}
