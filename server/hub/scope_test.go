package hub_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
	"partline.dev/shared/wire"
)

// scopesOf reads a set written as words.
func scopesOf(words string) contract.Scopes {
	var list []contract.Scope
	for w := range strings.FieldsSeq(words) {
		list = append(list, contract.Scope(w))
	}
	return contract.ScopesOf(list...)
}

// TestAccess has who asks for what under which rules, and what that becomes.
func TestAccess(t *testing.T) {
	page, session := hubtest.ID("page"), hubtest.ID("session")
	const most = "page session user place tenant"
	for _, row := range []struct {
		name   string
		p      hub.Principal
		rules  string // scopes, but for AnyPlace, which is "any"
		speaks string
		w      access.Where
		want   string // "scope place: scopes; speaks", or the code
	}{
		{"an unmodified client", hub.Principal{}, most + " any", most, access.Where{}, "tenant: page session place tenant; page session place tenant"},
		{"with a ticket for a place", hub.Principal{Scope: "place", Places: []string{"lobby", "bar"}}, most, "place", access.Where{}, "place lobby: page session place tenant; place"},
		{"a ticket for a scope that the rules do not allow", hub.Principal{Scope: "place", Places: []string{"lobby"}}, "tenant", "tenant", access.Where{}, "tenant: tenant; tenant"},
		{"a ticket for a page, without one", hub.Principal{ID: "ann", Scope: "page", Scopes: scopesOf("page user")}, most + " any", most, access.Where{}, "user: page user; page user"},
		{"below the tenant", hub.Principal{ID: "ann"}, "page session user", "", access.Where{Page: page}, "user: page session user; "},
		{"a guest below the tenant", hub.Principal{}, "page session user", "", access.Where{Page: page}, "session: page session; "},
		{"a guest with a page alone", hub.Principal{}, "page user", "page user", access.Where{Page: page}, "page: page; page"},
		{"the world is for who asks", hub.Principal{}, "world", "world", access.Where{}, ": world; world"},
		{"who asks for the world", hub.Principal{Tenant: "contoso"}, "world", "", access.Where{Scope: "world"}, "world: world; "},
		{"nothing allowed", hub.Principal{ID: "ann"}, "", "tenant", access.Where{}, ": ; "},
		{"a place of one's own will", hub.Principal{}, "tenant place any", "", access.Where{Scope: "place", Place: "x"}, "place x: place tenant; "},
		{"a place that is not verified", hub.Principal{Places: []string{"lobby"}}, "place", "", access.Where{Scope: "place", Place: "x"}, "place"},
		{"a place unasked that is not verified", hub.Principal{Places: []string{"lobby"}}, "place", "", access.Where{Place: "x"}, ": place; "},
		{"no place", hub.Principal{}, "place any", "", access.Where{Scope: "place"}, "place"},
		{"a place for who has none", hub.Principal{}, "place", "", access.Where{Scope: "place", Place: "x"}, "scope"},
		{"a place with a control character", hub.Principal{}, "place tenant any", "", access.Where{Place: "a\nb"}, "place"},
		{"a place of 256 bytes", hub.Principal{}, "place any", "", access.Where{Scope: "place", Place: strings.Repeat("p", 256)}, "place"},
		{"user, for a guest", hub.Principal{Name: "Ann"}, most, "", access.Where{Scope: "user"}, "scope"},
		{"not of the ticket", hub.Principal{ID: "ann", Scopes: scopesOf("page")}, most, "", access.Where{Scope: "tenant"}, "scope"},
		{"not of the rules", hub.Principal{ID: "ann", Scopes: scopesOf("world")}, most, "", access.Where{Scope: "world"}, "scope"},
		{"no scope", hub.Principal{}, most, "", access.Where{Scope: "everybody"}, "scope"},
		{"in capitals", hub.Principal{}, "session", "", access.Where{Scope: "Session", Session: session}, "session: session; "},
		{"a page without an id", hub.Principal{}, "page", "", access.Where{Scope: "page", Session: session}, "identifier"},
		{"a session by its page", hub.Principal{}, "session", "", access.Where{Scope: "session", Page: page}, "session: session; "},
	} {
		t.Run(row.name, func(t *testing.T) {
			rules := &hub.Rules{Scopes: scopesOf(row.rules), Speaks: scopesOf(row.speaks), AnyPlace: strings.Contains(row.rules, "any")}
			h := hubtest.NewWith(t, scopeTalk(), hub.Options{Rules: func(hub.Principal, string) *hub.Rules { return rules }})
			a, err := h.Core().Access("TALK", row.p, row.w)
			if err != nil {
				refused(t, "it", err, access.Code(row.want))
				return
			}
			words := func(list []contract.Scope) string {
				var all []string
				for _, s := range list {
					all = append(all, string(s))
				}
				return strings.Join(all, " ")
			}
			got := strings.TrimSpace(string(a.Scope)+" "+a.Place) + ": " + words(a.Scopes) + "; " + words(a.Speaks)
			if got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
			if c := h.ConnectIn(row.p, row.w); a.Scope != "" {
				if again, err := enterTo(t, c, row.w); err != nil || again.Scope != a.Scope || again.Place != a.Place {
					t.Errorf("connected it is told %+v, %v", again, err)
				}
			}
		})
	}
}

func TestAccess_saysWhoItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hubtest.New(t, scopeTalk())
		p := hub.Principal{ID: "ann", Name: "Ann", Icon: "https://x.example/a.png", Roles: []string{"r"}, Expires: in(60e9)}
		a, err := h.Core().Access("talk", p, access.Where{})
		if want := (access.Person{ID: "ann", Name: "Ann", Icon: "https://x.example/a.png"}); err != nil || a.You != want || a.Expires != p.Expires || a.ExpiresIn != 60_000 {
			t.Errorf("%+v, %v", a, err)
		}
		a, _ = h.Core().Access("talk", hub.Principal{Expires: -5}, access.Where{})
		if !a.You.Guest || a.ExpiresIn != 0 || a.Expires != -5 {
			t.Errorf("a guest of long ago: %+v", a)
		}
		if _, err := h.Core().Access("talk", hub.Principal{ID: "a\nb"}, access.Where{}); !errors.Is(err, contract.ErrName) {
			t.Errorf("a user who cannot be: %v", err)
		}
	})
}

func TestEnter_isDoneInTurn(t *testing.T) {
	bubble(t, scopeTalk(), nil, func(t *testing.T, open func(string) *peer, core *hub.Core) {
		p := open("p")
		run := `{"type":1,"target":"Run","arguments":[]}`
		to := func(id, place string) string {
			return `{"type":1,"invocationId":"` + id + `","target":"$enter","arguments":[{"scope":"place","place":"` + place + `"}]}`
		}
		watch := map[string]*peer{}
		for _, place := range []string{"a", "b"} {
			watch[place] = open(place)
			watch[place].say(t, to("0", place))
			watch[place].seen()
		}
		p.say(t, run, to("1", "a"), run, to("2", "b"), run, run)
		if got := strings.Count(watch["a"].seen(), "psst"); got != 1 {
			t.Errorf("a hears %d", got)
		}
		if got := strings.Count(watch["b"].seen(), "psst"); got != 2 {
			t.Errorf("b hears %d", got)
		}
		if got := strings.Count(p.seen(), "psst"); got != 4 {
			t.Errorf("it hears itself %d times", got)
		}
		if s := core.Stats(); s.Rooms != 3 { // the hub's and two places
			t.Errorf("%+v", s)
		}
	})
}

func TestEnter_ofAFollower(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	c, sink := f.open("c", "ann", hub.OpenOptions{})
	call := func(w string) {
		t.Helper()
		answers := make(chan hub.Answer, 1)
		if _, err := c.Call(hub.Call{Method: "$enter", Arguments: []byte("[" + w + "]"), Count: 1, Answer: func(a hub.Answer) { answers <- a }}); err != nil {
			t.Fatal(err)
		}
		if a := <-answers; a.Err != nil {
			t.Fatal(a.Err)
		}
		f.tasks.Wait()
	}
	said := func(text string) {
		for _, to := range []hub.Target{f.mux.InScope(contract.ScopeTenant, ""), f.mux.InScope(contract.ScopePlace, "a"), f.mux.InScope(contract.ScopeUser, "ann")} {
			f.say(to, text)
			text += "'"
		}
	}
	said("1")
	call(`{"Scope":"place","Place":"a"}`)
	said("2")
	wakes := sink.wakes
	call(`{"Scope":"user"}`)
	if sink.wakes == wakes {
		t.Error("nothing told it to look")
	}
	said("3")
	call(`{"Scope":"place","Place":"a"}`)
	call(`{"Scope":"place","Place":"a"}`)
	said("4")
	f.expect(c, 0, "1", "2'", "3''", "4'")
	f.lose(c)
	f.wait(100_000)
	if s := f.core.Stats(); s.Rooms != 0 || s.Rings != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

func TestScope_whenItsCallerIsGone(t *testing.T) {
	m := scopeTalk()
	m.OnConnect(func(x *hub.Context) error { return hub.Publish(x, x.OthersInScope(), heardEvent, say{"came"}) })
	m.OnDisconnect(func(x *hub.Context, _ error) {
		scope, place := x.Where()
		_ = hub.Publish(x, x.Scope(), heardEvent, say{"left " + string(scope) + " " + place}) // not when the test ends
	})
	// Who may only listen is announced as anybody.
	rules := &hub.Rules{Scopes: scopesOf("place tenant"), AnyPlace: true}
	h := hubtest.NewWith(t, m, hub.Options{Rules: func(hub.Principal, string) *hub.Rules { return rules }})
	lobby := access.Where{Scope: contract.ScopePlace, Place: "lobby"}
	stays, elsewhere := h.ConnectIn(hub.Principal{}, lobby), h.Connect(hub.Principal{})
	h.Settle()
	goes := h.ConnectIn(hub.Principal{}, lobby)
	h.Settle()
	goes.Close()
	h.Settle()
	got := hubtest.Heard(t, stays, heardEvent)
	if want := []say{{"came"}, {"left place lobby"}}; !slices.Equal(got, want) {
		t.Errorf("who stays hears %v", got)
	}
	hubtest.NotHeard(t, elsewhere, heardEvent)
}

func TestOpen_goesOnInTheScopeThatItsClientWasIn(t *testing.T) {
	f := newFollowers(t, hub.RecentOptions{})
	lobby := access.Where{Scope: contract.ScopePlace, Place: "lobby"}
	first, _ := f.open("c", "ann", hub.OpenOptions{Where: lobby})
	f.say(f.mux.InScope(contract.ScopePlace, "lobby"), "one")
	f.lose(first)
	f.say(f.mux.InScope(contract.ScopePlace, "lobby"), "two")
	again, _ := f.open("c", "ann", hub.OpenOptions{Continues: first})
	f.expect(again, 0, "one", "two")
	for name, other := range map[string]struct {
		user string
		o    hub.OpenOptions
	}{
		"another user":   {"bob", hub.OpenOptions{Continues: first}},
		"another wish":   {"ann", hub.OpenOptions{Continues: first, Where: access.Where{Scope: contract.ScopeTenant}}},
		"no such before": {"ann", hub.OpenOptions{}},
	} {
		if c, _ := f.open(name, other.user, other.o); c.Access().Scope != contract.ScopeTenant {
			t.Errorf("%s is in %+v", name, c.Access())
		}
	}
}

func TestEnter_inMessagePack(t *testing.T) {
	bubble(t, scopeTalk(), nil, func(t *testing.T, _ func(string) *peer, core *hub.Core) {
		p := &peer{}
		conn, err := core.Open(hub.OpenOptions{Hub: "talk", ID: "p", Codec: wire.MessagePack, Sink: p})
		if err != nil {
			t.Fatal(err)
		}
		p.conn = conn
		plan, err := wire.ArgumentsOf(access.Enter.Descriptor())
		if err != nil {
			t.Fatal(err)
		}
		request := access.EnterRequest{Where: access.Where{Scope: contract.ScopePlace, Place: "lobby"}}
		args, err := wire.MessagePack.AppendArguments(nil, plan, reflect.ValueOf(&request).Elem())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Receive(wire.MessagePack.Append(nil, &wire.Message{Kind: wire.Invocation, Target: []byte("$enter"), Arguments: args})); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if a := conn.Access(); a.Scope != contract.ScopePlace || a.Place != "lobby" {
			t.Errorf("it is in %+v", a)
		}
	})
}
