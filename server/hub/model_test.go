package hub_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"partline.dev/server/hub"
	"partline.dev/server/hubtest"
	"partline.dev/shared/access"
	"partline.dev/shared/contract"
)

// member is what one connection should be in, in the plainest form.
type member struct {
	tenant, user string
	scope        contract.Scope // empty: none
	room         string         // which one of the scope's
	groups       map[string]bool
}

// model is what the rooms should be.
type model map[string]*member // by connection

// hears are the connections that a target should reach.
func (m model) hears(reaches func(id string, who *member) bool) []string {
	who := []string{}
	for id, one := range m {
		if reaches(id, one) {
			who = append(who, id)
		}
	}
	slices.Sort(who)
	return who
}

// belongs is where somebody who asks for w should be, by design.md section 7 alone; not
// ok: it should be refused.
func belongs(w access.Where, user string) (scope contract.Scope, room string, ok bool) {
	well := func(id string) bool { return id == "" || len(id) == 22 }
	if !well(w.Page) || !well(w.Session) {
		return "", "", false
	}
	switch w.Scope {
	case "":
		return contract.ScopeTenant, "", true
	case contract.ScopePage:
		return w.Scope, w.Page, w.Page != ""
	case contract.ScopeSession:
		return w.Scope, cmp.Or(w.Session, w.Page), w.Session+w.Page != ""
	case contract.ScopeUser:
		return w.Scope, user, user != ""
	case contract.ScopePlace:
		return w.Scope, w.Place, w.Place != ""
	}
	return w.Scope, "", true
}

// all may do everything, in the world too.
var all = hub.Rules{Scopes: contract.ScopesOf(contract.AllScopes[:]...), Speaks: contract.ScopesOf(contract.AllScopes[:]...), AnyPlace: true}

// TestRooms_againstAModel does random things to a hub and to the model and asks
// both who hears what. Users, groups, places, pages and sessions have the same names.
func TestRooms_againstAModel(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { runModel(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

// reach tells whether somebody is to hear what was said.
type reach func(id string, who *member) bool

// aimed is a target, and whom it is to reach.
type aimed[Target any] struct {
	to      Target
	reaches reach
}

// fromOutside are what a program publishes to in a tenant, by their name, scope and
// the id of a connection.
func fromOutside(to hub.Targets, tenant string, scope contract.Scope, name, id string) map[string]aimed[hub.Target] {
	inRoom := func(_ string, who *member) bool {
		one := who.scope == scope && who.tenant == tenant && who.room == name
		return one || who.scope == scope && scope == "tenant" && who.tenant == tenant || who.scope == scope && scope == "world"
	}
	return map[string]aimed[hub.Target]{
		"all":      {to.AllExcept(id), func(other string, who *member) bool { return who.tenant == tenant && other != id }},
		"user":     {to.User(name), func(_ string, who *member) bool { return who.tenant == tenant && who.user == name }},
		"group":    {to.Group(name), func(_ string, who *member) bool { return who.tenant == tenant && who.groups[name] }},
		"client":   {to.Client(id), func(other string, who *member) bool { return who.tenant == tenant && other == id }},
		"in scope": {to.InScope(scope, name), inRoom},
	}
}

// fromACall are what a call of the connection id publishes to.
func fromACall(id string, is member) map[string]aimed[func(x *hub.Context) hub.Target] {
	inScope := func(_ string, who *member) bool {
		return who.scope == is.scope && who.room == is.room && (who.tenant == is.tenant || is.scope == "world")
	}
	return map[string]aimed[func(x *hub.Context) hub.Target]{
		"x.Scope":         {(*hub.Context).Scope, inScope},
		"x.OthersInScope": {(*hub.Context).OthersInScope, func(other string, who *member) bool { return inScope(other, who) && other != id }},
		"x.Others":        {(*hub.Context).Others, func(other string, who *member) bool { return who.tenant == is.tenant && other != id }},
	}
}

func runModel(t *testing.T, random *rand.Rand) {
	var run func(x *hub.Context) error
	m := talk(func(x *hub.Context) error { return run(x) })
	h := hubtest.NewWith(t, m, hub.Options{Rules: func(hub.Principal, string) *hub.Rules { return &all }})
	want, clients := model{}, map[string]*hubtest.Client{}
	names := []string{hubtest.ID("one"), hubtest.ID("two")}
	pick := func(list ...string) string {
		if len(list) == 0 {
			return ""
		}
		return list[random.IntN(len(list))]
	}
	where := func() access.Where {
		return access.Where{
			Scope: contract.Scope(pick("", "page", "session", "user", "place", "tenant", "world")),
			Page:  pick("", names[0], names[1], "short"), Session: pick("", "", names[0], names[1]), Place: pick("", names[0], names[1]),
		}
	}
	// hear says something and compares who heard it.
	hear := func(step int, what string, reaches reach, say func() error) {
		t.Helper()
		if err := say(); err != nil {
			t.Fatalf("step %d, %s: %v", step, what, err)
		}
		got := []string{}
		for id, c := range clients {
			for range hubtest.Heard(t, c, heardEvent) {
				got = append(got, id)
			}
		}
		slices.Sort(got)
		if w := want.hears(reaches); !slices.Equal(got, w) {
			t.Fatalf("step %d, %s: heard by %s, want %s", step, what, strings.Join(got, " "), strings.Join(w, " "))
		}
	}
	for step := range 200 {
		id, name, tenant := pick(slices.Sorted(maps.Keys(clients))...), pick(names...), pick("", "b")
		switch op := random.IntN(12); {
		case op <= 2 || id == "":
			p, w := hub.Principal{Tenant: tenant, ID: pick("", names[0], names[1])}, where()
			scope, room, ok := belongs(w, p.ID)
			if _, err := h.Core().Access(m.Name(), p, w); ok != (err == nil) {
				t.Fatalf("step %d: %+v of user %q is told %v", step, w, p.ID, err)
			}
			if !ok {
				break
			}
			connect := h.ConnectIn
			if random.IntN(2) == 0 {
				connect = h.ConnectPageIn
			}
			c := connect(p, w)
			clients[c.ID()], want[c.ID()] = c, &member{tenant, p.ID, scope, room, map[string]bool{}}
		case op == 3:
			clients[id].Close()
			delete(clients, id)
			delete(want, id)
		case op == 4:
			if err := m.Join(id, name); err != nil {
				t.Fatal(err)
			}
			want[id].groups[name] = true
		case op == 5:
			if err := m.Leave(id, name); err != nil {
				t.Fatal(err)
			}
			delete(want[id].groups, name)
		case op <= 7:
			w := where()
			scope, room, ok := belongs(w, want[id].user)
			is, err := hubtest.Call(t.Context(), clients[id], access.Enter, access.EnterRequest{Where: w})
			if ok != (err == nil) || ok && is.Scope != scope {
				t.Fatalf("step %d: to %+v: %+v, %v", step, w, is, err)
			}
			if ok {
				want[id].scope, want[id].room = scope, room
			}
		case op <= 9:
			scope := contract.Scope(pick("page", "session", "user", "place", "tenant", "world"))
			for what, row := range fromOutside(m.In(tenant), tenant, scope, name, id) {
				hear(step, what+" "+string(scope), row.reaches, func() error { return hub.Publish(t.Context(), row.to, heardEvent, say{what}) })
			}
		default:
			is := *want[id]
			for what, row := range fromACall(id, is) {
				run = func(x *hub.Context) error { return hub.Publish(x, row.to(x), heardEvent, say{what}) }
				hear(step, what, row.reaches, func() error {
					_, err := hubtest.Call(t.Context(), clients[id], runMethod, contract.None{})
					return err
				})
			}
		}
	}
	for _, c := range clients {
		c.Close()
	}
	h.Settle()
	if s := h.Core().Stats(); s.Rooms != 0 || s.Connections != 0 {
		t.Errorf("%+v when all are gone", s)
	}
}

// TestRooms_underManyHands has goroutines join, leave, come and go at once; at
// the end no room is left and nobody missed what came while they stood still.
func TestRooms_underManyHands(t *testing.T) {
	m := talk(nil)
	h := hubtest.New(t, m)
	steady := h.Connect(hub.Principal{})
	if err := m.Join(steady.ID(), "busy"); err != nil {
		t.Fatal(err)
	}
	const hands, rounds = 8, 200
	var work sync.WaitGroup
	for i := range hands {
		work.Go(func() {
			for range rounds {
				c := h.Connect(hub.Principal{ID: fmt.Sprint("u", i%2)})
				for _, group := range []string{"busy", fmt.Sprint("own", i)} {
					if err := m.Join(c.ID(), group); err != nil {
						t.Error(err)
					}
				}
				if err := hub.Publish(t.Context(), m.Group("busy"), heardEvent, say{"x"}); err != nil {
					t.Error(err)
				}
				c.Close()
			}
		})
	}
	work.Wait()
	if got := len(hubtest.Heard(t, steady, heardEvent)); got != hands*rounds {
		t.Errorf("the steady member heard %d of %d", got, hands*rounds)
	}
	steady.Close()
	if n := h.Core().Stats().Rooms; n != 0 {
		t.Errorf("%d rooms are left", n)
	}
}
