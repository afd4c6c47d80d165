package hub_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// scopeTalk is talk whose Run says something in the caller's scope.
func scopeTalk() *hub.Mux {
	return talk(func(x *hub.Context) error { return hub.Publish(x, x.Scope(), heardEvent, say{"psst"}) })
}

func enterTo(t *testing.T, c *hubtest.Client, w access.Where) (access.Access, error) {
	t.Helper()
	return hubtest.Call(t.Context(), c, access.Enter, access.EnterRequest{Where: w})
}

// refused fails the test unless err is a refusal of that code.
func refused(t *testing.T, what string, err error, code access.Code) {
	t.Helper()
	refusal := (*access.Refusal)(nil)
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Errorf("%s: %v, want a refusal %q", what, err, code)
	}
}

// whispers has c speak in its scope.
func whispers(t *testing.T, c *hubtest.Client) {
	t.Helper()
	if _, err := hubtest.Call(t.Context(), c, runMethod, contract.None{}); err != nil {
		t.Fatal(err)
	}
}

func TestHostile_forgedPageIDs(t *testing.T) {
	m := scopeTalk()
	h := hubtest.New(t, m)
	page := access.Where{Scope: contract.ScopePage, Page: hubtest.ID("page")}
	victim, thief := h.ConnectIn(hub.Principal{}, page), h.Connect(hub.Principal{})
	id := page.Page
	standard := strings.Repeat("+/", 11)
	for name, forged := range map[string]string{
		"short": id[:21], "long": id + "A", "padded": id[:20] + "==", "in the other alphabet": standard,
		"with a line break": id[:21] + "\n", "with two": id[:20] + "\r\n", "broken": id + "\n", "with spaces": " " + id[:20] + " ",
		"of another spelling": id[:21] + string(id[21]+1), "in UTF-8": strings.Repeat("é", 11),
		"of bytes": "\x00" + id[1:], "1 MiB": strings.Repeat("A", 1<<20), "the hex of it": fmt.Sprintf("%x", id)[:32],
	} {
		for what, w := range map[string]access.Where{
			"page": {Scope: contract.ScopePage, Page: forged}, "session": {Scope: contract.ScopeSession, Session: forged},
			"beside": {Scope: contract.ScopeTenant, Page: forged}, "unasked": {Session: forged},
		} {
			_, err := h.Core().Access("talk", hub.Principal{}, w)
			refused(t, what+" "+name, err, access.CodeIdentifier)
			if strings.Contains(fmt.Sprint(err), forged) {
				t.Errorf("%s %s: the refusal repeats the id", what, name)
			}
			if len(forged) < 1<<10 {
				_, err = enterTo(t, thief, w)
				refused(t, "$enter "+what+" "+name, err, access.CodeIdentifier)
			}
		}
		refused(t, "publishing to "+name, hub.Publish(t.Context(), m.InScope(contract.ScopePage, forged), heardEvent, say{}), access.CodeIdentifier)
	}
	_, err := enterTo(t, thief, access.Where{Scope: contract.ScopePage})
	refused(t, "no id", err, access.CodeIdentifier)
	if is := standing(t, thief); is.Scope != contract.ScopeTenant {
		t.Errorf("after all that it is in %q", is.Scope)
	}
	whispers(t, victim)
	hubtest.Await(t, victim, heardEvent)
	hubtest.NotHeard(t, thief, heardEvent)
	whispers(t, thief)
	hubtest.Await(t, thief, heardEvent)
	hubtest.NotHeard(t, victim, heardEvent)
}

// standing is what c, a guest, is told of itself when it takes a name.
func standing(t *testing.T, c *hubtest.Client) access.Access {
	t.Helper()
	a, err := hubtest.Call(t.Context(), c, access.Rename, access.RenameRequest{Name: "Nick"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestHostile_guessedSessionIDs(t *testing.T) {
	m := scopeTalk()
	h := hubtest.New(t, m)
	raw, err := base64.RawURLEncoding.DecodeString(hubtest.ID("session"))
	if err != nil {
		t.Fatal(err)
	}
	victim := h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopeSession, Session: hubtest.ID("session"), Page: hubtest.ID("page")})
	var guesses []*hubtest.Client
	for bit := range 128 {
		guess := slices.Clone(raw)
		guess[bit/8] ^= 1 << (bit % 8)
		guesses = append(guesses, h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopeSession, Session: base64.RawURLEncoding.EncodeToString(guess)}))
	}
	// The page of somebody whose session has its own id is not that session.
	guesses = append(guesses, h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopeSession, Page: hubtest.ID("page")}),
		h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopePage, Page: hubtest.ID("session")}),
		h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopePage, Page: hubtest.ID("page")}))
	whispers(t, victim)
	hubtest.Await(t, victim, heardEvent)
	for i, c := range guesses {
		if got := hubtest.Heard(t, c, heardEvent); len(got) > 0 {
			t.Errorf("guess %d hears %v", i, got)
		}
		whispers(t, c)
		hubtest.Await(t, c, heardEvent)
	}
	hubtest.NotHeard(t, victim, heardEvent)
}

func TestHostile_namesThatImitateAnotherKind(t *testing.T) {
	m := scopeTalk()
	key := bytes.Repeat([]byte{7}, 32)
	h := hubtest.NewWith(t, m, hub.Options{RoomKey: key, Rules: func(hub.Principal, string) *hub.Rules { return &all }})
	id := hubtest.ID("page")
	// Whoever knows the key knows the names of rooms; and it helps nothing.
	secret := hub.CapabilityRoom(key, "", contract.ScopePage, id)
	victim := h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopePage, Page: id})
	var others []*hubtest.Client
	for _, name := range []string{id, "page|" + id, "page", secret, base64.RawURLEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret)} {
		if contract.ValidName(name) != nil {
			_, err := h.Core().Access("talk", hub.Principal{}, access.Where{Scope: contract.ScopePlace, Place: name})
			refused(t, "a place called as bytes", err, access.CodePlace)
			continue
		}
		place := h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopePlace, Place: name})
		user := h.ConnectIn(hub.Principal{ID: name}, access.Where{Scope: contract.ScopeUser})
		if err := m.Join(place.ID(), name); err != nil {
			t.Fatal(err)
		}
		others = append(others, place, user)
	}
	others = append(others, h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopeSession, Session: id}),
		h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopeTenant, Page: id}),
		h.ConnectIn(hub.Principal{}, access.Where{Scope: contract.ScopeWorld, Page: id}))
	for _, what := range []string{"all", "group", "connection", "kindPage", "PAGE ", "page\x00", "0", "page|x"} {
		_, err := h.Core().Access("talk", hub.Principal{}, access.Where{Scope: contract.Scope(what), Page: id, Place: id})
		refused(t, fmt.Sprintf("the scope %q", what), err, access.CodeScope)
	}
	whispers(t, victim)
	hubtest.Await(t, victim, heardEvent)
	for i, c := range others {
		if got := hubtest.Heard(t, c, heardEvent); len(got) > 0 {
			t.Errorf("the imitation %d hears %v", i, got)
		}
	}
	for _, c := range others {
		whispers(t, c)
	}
	for _, to := range []hub.Target{m.Group(id), m.User(id), m.InScope(contract.ScopePlace, id), m.InScope(contract.ScopeUser, id), m.InScope(contract.ScopeSession, id)} {
		if err := hub.Publish(t.Context(), to, heardEvent, say{}); err != nil {
			t.Fatal(err)
		}
	}
	hubtest.NotHeard(t, victim, heardEvent)
}

func TestHostile_anotherTenantsNames(t *testing.T) {
	var run func(x *hub.Context) error
	m := talk(func(x *hub.Context) error { return run(x) })
	h := hubtest.New(t, m)
	id := hubtest.ID("page")
	everywhere := []access.Where{
		{Scope: contract.ScopePage, Page: id}, {Scope: contract.ScopeSession, Session: id}, {Scope: contract.ScopeUser},
		{Scope: contract.ScopePlace, Place: "lobby"}, {Scope: contract.ScopeTenant},
	}
	var victims []*hubtest.Client
	for _, w := range everywhere {
		c := h.ConnectIn(hub.Principal{Tenant: "contoso", ID: "ann"}, w)
		if err := m.Join(c.ID(), "staff"); err != nil {
			t.Fatal(err)
		}
		victims = append(victims, c)
	}
	// Tenants whose names, put before others, could give the same text.
	for _, tenant := range []string{"", "contos", "contosoo", "Contoso", "contoso\x00", "contoso|page"} {
		for _, w := range everywhere {
			c := h.ConnectIn(hub.Principal{Tenant: tenant, ID: "ann"}, w)
			if err := m.Join(c.ID(), "staff"); err != nil {
				t.Fatal(err)
			}
			run = func(x *hub.Context) error {
				targets := []hub.Target{
					x.All(), x.Others(), x.AllExcept(), x.Scope(), x.OthersInScope(), x.User("ann"), x.Users("ann"), x.Group("staff"),
					x.Groups("staff"), x.GroupExcept("staff"), x.OthersInGroup("staff"), x.Clients(victims[0].ID(), victims[1].ID()),
				}
				for _, v := range victims {
					targets = append(targets, x.Client(v.ID()))
				}
				for _, s := range contract.AllScopes[:5] {
					targets = append(targets, x.InScope(s, id), x.InScope(s, "lobby"), x.InScope(s, "ann"))
				}
				for _, to := range targets {
					refusal := (*access.Refusal)(nil)
					if err := hub.Publish(x, to, heardEvent, say{tenant}); err != nil && !errors.As(err, &refusal) {
						return err
					}
				}
				return nil
			}
			whispers(t, c)
			if len(hubtest.Heard(t, c, heardEvent)) == 0 {
				t.Errorf("%q in %s does not even hear itself", tenant, w.Scope)
			}
		}
	}
	for i, v := range victims {
		if got := hubtest.Heard(t, v, heardEvent); len(got) > 0 {
			t.Errorf("contoso's %s hears %v", everywhere[i].Scope, got)
		}
	}
	if _, total := m.Connections("contos", nil, 0, ""); total != len(everywhere) {
		t.Errorf("contos counts %d", total)
	}
}

func TestHostile_enterOfAHubWithoutRights(t *testing.T) {
	none := hub.Rules{}
	h := hubtest.NewWith(t, scopeTalk(), hub.Options{Rules: func(hub.Principal, string) *hub.Rules { return &none }})
	c := h.Connect(hub.Principal{ID: "ann", Roles: []string{"editor"}, Places: []string{"lobby"}})
	for _, s := range append(contract.AllScopes[:], "") {
		_, err := enterTo(t, c, access.Where{Scope: s, Page: hubtest.ID("x"), Session: hubtest.ID("y"), Place: "lobby"})
		refused(t, string(s), err, access.CodeScope)
	}
	_, err := hubtest.Call(t.Context(), c, runMethod, contract.None{})
	refused(t, "to speak in no scope", err, access.CodeScope)

	m := scopeTalk()
	m.Authorize(func(hub.Principal) error { return errors.New("nobody") })
	closed := hubtest.New(t, m)
	if _, err := closed.Core().Access("talk", hub.Principal{}, access.Where{}); !errors.Is(err, hub.ErrUnauthorized) {
		t.Errorf("of a hub that allows nobody: %v", err)
	}
	if _, err := closed.Core().Access("none", hub.Principal{}, access.Where{}); !errors.Is(err, hub.ErrUnknownHub) {
		t.Errorf("of no hub: %v", err)
	}
}

// TestHostile_badInputToBuiltins has calls of the methods of every hub that are wrong
// in every way; after each the connection is where it was and answers.
func TestHostile_badInputToBuiltins(t *testing.T) {
	bubble(t, scopeTalk(), nil, func(t *testing.T, open func(string) *peer, _ *hub.Core) {
		p := open("p")
		for _, call := range []string{
			`"target":"$enter","arguments":[]`, `"target":"$enter","arguments":[{},{}]`, `"target":"$enter","arguments":[5]`,
			`"target":"$enter","arguments":[{"scope":5}]`, `"target":"$enter","arguments":[{"scope":"all"}]`,
			`"target":"$enter","arguments":[{"scope":"page","page":"x"}]`, `"target":"$ENTER","arguments":[[]]`,
			`"target":"$refresh","arguments":["x"]`, `"target":"$refresh","arguments":[null]`, `"target":"$refresh","arguments":[{}]`,
			`"target":"$rename","arguments":[""]`, `"target":"$rename","arguments":["a\u202eb"]`, `"target":"$rename","arguments":[7]`,
			`"target":"$rename","arguments":["` + strings.Repeat("n", 256) + `"]`,
			`"target":"$leave","arguments":[]`, `"target":"$","arguments":[]`, `"target":"$$enter","arguments":[{}]`,
			`"target":"$enter","arguments":[{"scope":"page","page":"` + hubtest.ID("x") + `"}],"streamIds":["1"]`,
		} {
			p.say(t, `{"type":1,"invocationId":"1",`+call+`}`)
			if got := p.seen(); !strings.HasPrefix(got, `{"type":3,"invocationId":"1","error":"`) {
				t.Errorf("%s: %q", call, got)
			}
		}
		p.say(t, `{"type":4,"invocationId":"1","target":"$enter","arguments":[{"scope":"user"}]}`)
		if got := p.seen(); !strings.Contains(got, "non-streaming '$enter' method") {
			t.Errorf("as a stream: %q", got)
		}
		if a := p.conn.Access(); a.Scope != contract.ScopeTenant || a.You.Name != "" {
			t.Errorf("after all that it is %+v", a)
		}
		p.say(t, `{"type":1,"invocationId":"2","target":"$Enter","arguments":[{"Scope":"PAGE","page":"`+hubtest.ID("x")+`"}]}`)
		if got := p.seen(); !strings.Contains(got, `"scope":"page"`) {
			t.Errorf("a good one: %q", got)
		}
	})
}

// TestHostile_idsAreNowhere has clients of pages and sessions come, go, fail and be
// thrown out, and looks for their ids in all that the core says.
func TestHostile_idsAreNowhere(t *testing.T) {
	var log bytes.Buffer
	good, bad := hubtest.ID("secret"), "FORGED_FORGED_FORGED_FORGED"
	o := &hub.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	m := scopeTalk()
	m.Use(hub.Filter{Invoke: func(x *hub.Context, next func() (any, error)) (any, error) {
		fmt.Fprintln(&log, x.Method().Name(), x.Request())
		return next()
	}})
	bubble(t, m, o, func(t *testing.T, open func(string) *peer, core *hub.Core) {
		p := open("p")
		var told strings.Builder
		for _, w := range []string{`{"scope":"page","page":"` + good + `"}`, `{"scope":"page","page":"` + bad + `"}`, `{"scope":"session","session":"` + good + `"}`, `{"page":"` + good + `","scope":["x"]}`} {
			p.say(t, `{"type":1,"invocationId":"1","target":"$enter","arguments":[`+w+`]}`)
			told.WriteString(p.seen())
		}
		p.say(t, `{"type":1,"invocationId":"1","target":"Run","arguments":[]}`)
		fmt.Fprintf(&told, "%s %+v %+v", p.seen(), p.conn.Access(), core.Stats())
		list, _ := m.Connections("", nil, 10, "")
		fmt.Fprintf(&told, "%+v", list)
		core.Expel(func(hub.Principal) bool { return true }, &access.Refusal{Code: access.CodeRevoked, Message: "No."})
		told.WriteString(p.seen())
		for _, id := range []string{good, bad} {
			if strings.Contains(told.String(), id) || strings.Contains(log.String(), id) {
				t.Errorf("the id %s was said: %s\n%s", id, told.String(), log.String())
			}
		}
		if !strings.Contains(log.String(), "Run") {
			t.Errorf("nothing was logged: %s", log.String())
		}
	})
}
